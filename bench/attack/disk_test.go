//go:build linux

package attack

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/fleet"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/bolt"
)

// On a disk that is full, or that has become read-only, a store of files refuses what it cannot keep, as an outage; nothing is lost or
// torn, and it goes on when there is room, or when it is opened on the disk that was repaired.
func TestDisk(t *testing.T) { disks(t, time.Second/2) }

func TestLongDisk(t *testing.T) {
	need.Long(t)
	disks(t, 20*time.Second)
}

// apart tells this program that it sees mounts of its own.
const apart = "SATCHEL_ATTACK_APART"

// onFiles are the engines on a disk, as they come: each write is flushed.
var onFiles = map[string]func(folder string) (store.Store, func() error, error){
	"directory": func(folder string) (store.Store, func() error, error) {
		d, err := store.NewDirectory(filepath.Join(folder, "sessions"))
		return d, d.Close, err
	},
	"bolt": func(folder string) (store.Store, func() error, error) {
		s, err := bolt.Open(filepath.Join(folder, "sessions"))
		return s, s.Close, err
	},
}

func disks(t *testing.T, lasts time.Duration) {
	if os.Getenv(apart) == "" {
		disksApart(t)
		return
	}
	for _, name := range []string{"directory", "bolt"} {
		t.Run(name+", full disk", func(t *testing.T) { fullDisk(t, name, lasts) })
		t.Run(name+", read-only disk", func(t *testing.T) { readOnlyDisk(t, name, lasts) })
	}
}

// refused is what a process says that may not mount.
const refused = "refused: "

// disksApart runs the test once more, as a process with mounts of its own. Where it may not have them a line says so.
func disksApart(t *testing.T) {
	cmd := fleet.Again(t, apart, "1")
	cmd.Args = append(cmd.Args, "-test.v", "-test.timeout=0", "-test.run=^"+t.Name()+"$")
	servers.Apart(cmd)
	cmd.Stderr = nil
	said, err := cmd.CombinedOutput()
	t.Logf("%s", said)
	if errors.Is(err, syscall.EPERM) || strings.Contains(string(said), refused) {
		t.Log("no disk can be mounted here:", err)
		need.Long(t) // which a run for hours has to have
		t.Fail()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// reopened is a store that can be closed and opened again under those who use it.
type reopened struct{ now atomic.Pointer[store.Store] }

func (r *reopened) set(s store.Store)            { r.now.Store(&s) }
func (r *reopened) store() store.Store           { return *r.now.Load() }
func (r *reopened) Guarantees() store.Guarantees { return r.store().Guarantees() }

func (r *reopened) Load(ctx context.Context, key core.Key) (core.Record, error) {
	return r.store().Load(ctx, key)
}

func (r *reopened) Create(ctx context.Context, key core.Key, rec core.Record) error {
	return r.store().Create(ctx, key, rec)
}

func (r *reopened) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	return r.store().Replace(ctx, key, at, rec)
}

func (r *reopened) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	return r.store().Touch(ctx, key, at, seen, deadline)
}

func (r *reopened) Delete(ctx context.Context, key core.Key, at uint64) error {
	return r.store().Delete(ctx, key, at)
}

// shelf is a store of files on a disk of its own.
type shelf struct {
	*reopened

	t      *testing.T
	name   string
	folder string // where the disk is mounted
	shut   func() error
}

func newShelf(t *testing.T, name string) *shelf {
	s := &shelf{reopened: &reopened{}, t: t, name: name, folder: filepath.Join(t.TempDir(), "disk")}
	s.do(os.Mkdir(s.folder, 0o700))
	return s
}

func (s *shelf) do(err error) {
	s.t.Helper()
	if errors.Is(err, syscall.EPERM) {
		s.t.Fatal(refused, err)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// run runs a program of the system, and returns what it says.
func (s *shelf) run(name string, args ...string) (said string, err error) {
	s.t.Helper()
	out, err := exec.CommandContext(s.t.Context(), need.Binary(s.t, name), args...).CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// must runs a program of the system that has to succeed.
func (s *shelf) must(name string, args ...string) (said string) {
	s.t.Helper()
	said, err := s.run(name, args...)
	if err != nil {
		s.t.Fatalf("%s: %v: %s", name, err, said)
	}
	return said
}

func (s *shelf) open() {
	opened, shut, err := onFiles[s.name](s.folder)
	s.do(err)
	s.set(opened)
	s.shut = shut
}

// whole sees that what is on the disk is what a trial left: so many records, all of which can be read by whoever opens it.
func (s *shelf) whole(sessions int) {
	s.do(s.shut())
	s.open()
	kept := 0
	for one, err := range store.AbilitiesOf(s.store()).Lister.List(s.t.Context()) {
		if err == nil {
			_, err = one.Load(s.t.Context())
		}
		s.do(err)
		kept++
	}
	if kept < sessions {
		s.t.Errorf("%d records are there, of %d sessions", kept, sessions)
	}
	s.do(s.shut())
}

// fullDisk lets something else fill the disk, and take its files away again.
func fullDisk(t *testing.T, name string, lasts time.Duration) {
	s := newShelf(t, name)
	s.do(syscall.Mount("tmpfs", s.folder, "tmpfs", 0, "size=32m,mode=700"))
	defer func() { s.do(syscall.Unmount(s.folder, 0)) }()
	s.open()
	other := filepath.Join(s.folder, "other")
	sessions := trial{
		records: s, lasts: lasts, load: 2 * time.Second, commit: 5 * time.Second, newcomers: true, refuses: true,
		away: func() {
			f, err := os.Create(other)
			s.do(err)
			if _, err := io.Copy(f, zeros{}); !errors.Is(err, syscall.ENOSPC) {
				t.Error("the disk is not full:", err)
			}
			s.do(f.Close())
		},
		back: func() { s.do(os.Remove(other)) },
	}.run(t)
	s.whole(sessions)
}

// zeros has no end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// readOnlyDisk lets the disk have an error, after which the system allows no more writing, and repairs it as an operator would.
func readOnlyDisk(t *testing.T, name string, lasts time.Duration) {
	s := newShelf(t, name)
	image := filepath.Join(t.TempDir(), "image")
	s.do(os.WriteFile(image, nil, 0o600))
	s.do(os.Truncate(image, 64<<20))
	s.must("mkfs.ext4", "-q", "-F", image)
	if said, err := s.run("mount", "-o", onError, image, s.folder); err != nil {
		t.Log(refused, err, said)
		return
	}
	defer func() { s.must("umount", s.folder) }()
	trigger := "/sys/fs/ext4/" + filepath.Base(s.must("findmnt", "-n", "-o", "SOURCE", s.folder)) + "/trigger_fs_error"
	if err := os.WriteFile(trigger, nil, 0); err != nil {
		t.Log(refused, err)
		return
	}
	s.open()
	sessions := trial{
		records: s, lasts: lasts, load: 2 * time.Second, commit: 5 * time.Second, newcomers: true, refuses: true,
		away: func() { s.do(os.WriteFile(trigger, []byte("planted"), 0)) },
		back: func() {
			s.do(s.shut())
			s.must("umount", s.folder)
			if said, err := s.run("e2fsck", "-f", "-y", image); !strings.Contains(said, image) {
				t.Fatal(err, said) // else it says by an error what it has mended
			}
			s.must("mount", "-o", onError, image, s.folder)
			s.open()
		},
	}.run(t)
	s.whole(sessions)
}

const onError = "loop,errors=remount-ro"
