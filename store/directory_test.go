package store_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/storetest"
)

func openDirectory(t testing.TB, c store.DirectoryConfig) *store.Directory {
	t.Helper()
	if c.Path == "" {
		c.Path = t.TempDir()
	}
	d, err := c.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func TestDirectoryRules(t *testing.T) {
	rounds := map[store.Sync]int{store.SyncNone: 10, store.SyncFile: 3, store.SyncFolder: 3} // a disk's flush takes milliseconds
	for name, config := range map[string]store.DirectoryConfig{
		"none":           {Sync: store.SyncNone},
		"file and swept": {Sync: store.SyncFile, SweepEvery: time.Millisecond},
		"folder":         {Sync: store.SyncFolder},
	} {
		t.Run(name, func(t *testing.T) {
			var paths sync.Map // by store
			open := func(t testing.TB) store.Store {
				config := config
				config.Path = filepath.Join(t.TempDir(), "sessions")
				d := openDirectory(t, config)
				paths.Store(d, config.Path)
				return d
			}
			pathOf := func(s store.Store) string {
				path, _ := paths.Load(s)
				return path.(string)
			}
			storetest.Config{
				Rounds: rounds[config.Sync], Sweeping: sweepsItself(config.Sync), Batch: 256, Stalled: held(config.Sync), Unstalled: readers,
				Garble: func(t testing.TB, s store.Store, key core.Key, revision uint64) bool {
					want(t, s.Create(ctx, key, core.Record{Revision: max(revision, 1), Deadline: core.MaxInstant, Body: "body"}), nil) // no sweep takes it
					at := 47                                                                                                           // the head's sum, without which no number of it can be believed
					if revision > 0 {
						at = 48 // the body
					}
					damage(t, pathOf(s), store.Name(key), at)
					return true
				},
				Peer: func(t testing.TB, s store.Store) store.Store {
					return openDirectory(t, store.DirectoryConfig{Path: pathOf(s), Sync: config.Sync})
				},
				Down: func(t testing.TB) store.Store {
					d := openDirectory(t, config)
					if err := d.Close(); err != nil {
						t.Fatal(err)
					}
					return d
				},
			}.Run(t, open)
		})
	}
}

// damage changes one byte of the file of that name.
func damage(t testing.TB, path, name string, at int) {
	t.Helper()
	for _, file := range filesIn(t, path) {
		if filepath.Base(file) != name {
			continue
		}
		stat, err := os.Stat(file)
		want(t, err, nil)
		text, err := os.ReadFile(file)
		want(t, err, nil)
		text[at] ^= 1
		want(t, os.WriteFile(file, text, 0o600), nil)
		want(t, os.Chtimes(file, stat.ModTime(), stat.ModTime()), nil)
		return
	}
	t.Fatal("no such file")
}

// filesIn lists what lies under a path, but for the locks.
func filesIn(t testing.TB, path string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() != ".lock" && entry.Name() != "FORMAT" {
			files = append(files, path)
		}
		return err
	})
	want(t, err, nil)
	return files
}

// onlyFile returns the path of the one record.
func onlyFile(t testing.TB, path string) string {
	t.Helper()
	files := filesIn(t, path)
	if len(files) != 1 {
		t.Fatalf("there are %d files: %v", len(files), files)
	}
	return files[0]
}

func TestDirectoryKeepsRecordsWhenItIsOpenedAgain(t *testing.T) {
	path := t.TempDir()
	d, err := store.NewDirectory(path)
	want(t, err, nil)
	want(t, d.Create(ctx, key(1), record(1, 9, "body")), nil)
	want(t, d.Touch(ctx, key(1), 1, 2, 10), nil)
	want(t, d.Close(), nil)
	again := openDirectory(t, store.DirectoryConfig{Path: path, Sync: store.SyncNone})
	rec, err := again.Load(ctx, key(1))
	want(t, err, nil)
	if wanted := record(2, 10, "body"); rec != wanted {
		t.Errorf("there is %+v, want %+v", rec, wanted)
	}
}

func TestDirectoryGuarantees(t *testing.T) {
	for mode, durability := range map[store.Sync]store.Durability{
		store.SyncFolder: store.Machine, store.SyncFile: store.Process, store.SyncNone: store.Process,
	} {
		if runtime.GOOS == "windows" {
			durability = store.Process
		}
		wanted := store.Guarantees{CompareAndSwap: true, Durability: durability, Shared: true}
		if got := openDirectory(t, store.DirectoryConfig{Sync: mode}).Guarantees(); got != wanted {
			t.Errorf("mode %d: %+v, want %+v", mode, got, wanted)
		}
	}
}

func TestDirectoryConfigIsCheckedAsAWhole(t *testing.T) {
	d, err := store.DirectoryConfig{Sync: 3, SweepEvery: -1}.New()
	if d != nil || err == nil {
		t.Fatalf("got %v, %v", d, err)
	}
	for _, word := range []string{"Path is empty", "Sync is 3", "SweepEvery is -1ns"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
}

// A path that was mistyped must not fill a home with folders.
func TestDirectoryRefusesForeignFolders(t *testing.T) {
	path := t.TempDir()
	want(t, os.WriteFile(filepath.Join(path, "thesis.tex"), []byte("words"), 0o600), nil)
	if _, err := store.NewDirectory(path); err == nil || !strings.Contains(err.Error(), "holds other files") {
		t.Errorf("got %v", err)
	}
	if names, err := os.ReadDir(path); err != nil || len(names) != 1 {
		t.Errorf("the folder has %v, %v", names, err)
	}
	if _, err := store.NewDirectory(filepath.Join(path, "missing", "deep")); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "make the folders above it first") {
		t.Errorf("a folder in a missing one: %v", err)
	}
	if _, err := store.NewDirectory(filepath.Join(path, "thesis.tex")); err == nil {
		t.Error("a file was opened as a directory")
	}
	other := t.TempDir()
	want(t, os.WriteFile(filepath.Join(other, "FORMAT"), []byte("satchel directory, format 2\n"), 0o600), nil)
	if _, err := store.NewDirectory(other); err == nil || !strings.Contains(err.Error(), "another format") {
		t.Errorf("got %v", err)
	}
	linked := t.TempDir()
	want(t, os.WriteFile(filepath.Join(linked, "FORMAT"), []byte("satchel directory, format 1\n"), 0o600), nil)
	want(t, os.Symlink(t.TempDir(), filepath.Join(linked, "07")), nil)
	if _, err := store.NewDirectory(linked); err == nil || !strings.Contains(err.Error(), "is no folder") {
		t.Errorf("got %v", err)
	}
}

// A crash may leave any part of what New makes, and a new volume has files of its own.
func TestDirectoryFinishesWhatACrashBegan(t *testing.T) {
	path := t.TempDir()
	want(t, os.Mkdir(filepath.Join(path, "lost+found"), 0o700), nil)
	for _, name := range []string{".tmp-begun", ".gitignore"} {
		want(t, os.WriteFile(filepath.Join(path, name), nil, 0o600), nil)
	}
	want(t, openDirectory(t, store.DirectoryConfig{Path: path}).Close(), nil)
	want(t, os.RemoveAll(filepath.Join(path, "3f")), nil)
	want(t, os.Remove(filepath.Join(path, "20", ".lock")), nil)
	d := openDirectory(t, store.DirectoryConfig{Path: path})
	for i := range 500 {
		want(t, d.Create(ctx, key(i), record(1, 9, "body")), nil)
	}
}

// Whoever asks for sessions that do not exist leaves nothing behind, and no call but a write does.
func TestDirectoryReadsMakeNothing(t *testing.T) {
	path := t.TempDir()
	d := openDirectory(t, store.DirectoryConfig{Path: path})
	for i := range 100 {
		_, err := d.Load(ctx, key(i))
		want(t, err, store.ErrNotFound)
		want(t, d.Touch(ctx, key(i), 1, 1, 9), store.ErrNotFound)
		want(t, d.Delete(ctx, key(i), 1), store.ErrNotFound)
		want(t, d.Replace(ctx, key(i), 1, record(1, 9, "body")), store.ErrNotFound)
	}
	if files := filesIn(t, path); len(files) != 0 {
		t.Errorf("there are %v", files)
	}
	if entries, err := os.ReadDir(path); err != nil || len(entries) != 65 {
		t.Errorf("there are %d entries, want 65", len(entries))
	}
}

// The names of files, and the texts of errors, tell no key: a bare policy's key is what its client sends.
func TestDirectoryTellsNoKeys(t *testing.T) {
	path := t.TempDir()
	d := openDirectory(t, store.DirectoryConfig{Path: path})
	secret := core.Key("0123456789abcdef0123456789abcdef")
	want(t, d.Create(ctx, secret, record(1, 9, "body")), nil)
	file := onlyFile(t, path)
	sum := sha256.Sum256([]byte(secret))
	name := hex.EncodeToString(sum[:])
	if filepath.Base(file) != name || filepath.Base(filepath.Dir(file)) != fmt.Sprintf("%02x", sum[0]%64) {
		t.Errorf("the file is %s", file)
	}
	for _, form := range []string{string(secret), hex.EncodeToString([]byte(secret))} {
		if strings.Contains(file, form) {
			t.Errorf("%s has the key", file)
		}
	}
	want(t, os.RemoveAll(filepath.Dir(file)), nil)
	for method, err := range map[string]error{
		"Create": d.Create(ctx, secret, record(1, 9, "body")), "Delete": d.Delete(ctx, secret, 1),
	} {
		if err == nil || strings.Contains(err.Error(), name[:8]) || strings.Contains(err.Error(), path) {
			t.Errorf("%s returned %v", method, err)
		}
	}
}

// An operator who empties the folder below a running program has not ended the sessions: the program cannot tell.
func TestDirectoryThatWasEmptiedIsAnOutage(t *testing.T) {
	path := t.TempDir()
	d := openDirectory(t, store.DirectoryConfig{Path: path})
	want(t, d.Create(ctx, key(1), record(1, 9, "body")), nil)
	want(t, os.Remove(filepath.Join(filepath.Dir(onlyFile(t, path)), ".lock")), nil)
	want(t, os.Remove(onlyFile(t, path)), nil)
	_, err := d.Load(ctx, key(1))
	outage(t, "Load", err)
	outage(t, "Create", d.Create(ctx, key(1), record(1, 9, "body")))
	outage(t, "Replace", d.Replace(ctx, key(1), 1, record(1, 9, "body")))
	outage(t, "Touch", d.Touch(ctx, key(1), 1, 1, 9))
	outage(t, "Delete", d.Delete(ctx, key(1), 1))
	_, _, err = d.Sweep(ctx, 1, 1)
	outage(t, "Sweep", err)
	if files := filesIn(t, path); len(files) != 0 {
		t.Errorf("there are %v", files)
	}
}

func outage(t *testing.T, method string, err error) {
	t.Helper()
	for _, sentinel := range []error{nil, store.ErrNotFound, store.ErrExists, store.ErrConflict, store.ErrFull, store.ErrGarbled} {
		if errors.Is(err, sentinel) {
			t.Errorf("%s returned %v", method, err)
		}
	}
}

func TestDirectoryWaitsForALockNoLongerThanItsContext(t *testing.T) {
	path := t.TempDir()
	holder, d := openDirectory(t, store.DirectoryConfig{Path: path}), openDirectory(t, store.DirectoryConfig{Path: path})
	want(t, d.Create(ctx, key(1), record(1, 9, "body")), nil)
	free := store.HoldLock(t, holder, key(1))
	for method, call := range map[string]func(ctx context.Context) error{
		"Create":  func(ctx context.Context) error { return d.Create(ctx, key(1), record(1, 9, "body")) },
		"Replace": func(ctx context.Context) error { return d.Replace(ctx, key(1), 1, record(1, 9, "body")) },
		"Touch":   func(ctx context.Context) error { return d.Touch(ctx, key(1), 1, 2, 9) },
		"Delete":  func(ctx context.Context) error { return d.Delete(ctx, key(1), 1) },
		"Sweep": func(ctx context.Context) error {
			_, more, err := d.Sweep(ctx, 9, 1)
			if !more {
				t.Error("Sweep says that there is no more")
			}
			return err
		},
	} {
		short, cancel := context.WithTimeout(ctx, 3*time.Millisecond)
		if err := call(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s returned %v", method, err)
		}
		// A second call waits for the first one's turn in this process, and not for the lock.
		if err := call(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s after its deadline returned %v", method, err)
		}
		cancel()
	}
	if rec, err := d.Load(ctx, key(1)); err != nil || rec != record(1, 9, "body") {
		t.Errorf("a reader waits for no lock, and has %+v, %v", rec, err)
	}
	onlyFile(t, path) // nothing was left by those who gave up
	free()
	want(t, d.Delete(ctx, key(1), 1), nil)
}

// Close does not wait for a lock that another process never frees.
func TestDirectoryClosesUnderALock(t *testing.T) {
	path := t.TempDir()
	holder := openDirectory(t, store.DirectoryConfig{Path: path})
	d, err := store.NewDirectory(path)
	want(t, err, nil)
	want(t, d.Create(ctx, key(1), record(1, 9, "body")), nil)
	defer store.HoldLock(t, holder, key(1))()
	waiting := make(chan error)
	for range 2 {
		go func() { waiting <- d.Delete(ctx, key(1), 1) }()
	}
	store.AwaitWaiter(d, key(1))
	want(t, d.Close(), nil)
	for range 2 {
		outage(t, "Delete", <-waiting)
	}
}

func withRevision(revision uint64) core.Record {
	return core.Record{Revision: revision, Seen: 1, Deadline: 1 << 40, Body: fmt.Sprint("of revision ", revision)}
}
