package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// oddFiles are what may lie where a file is expected: each puts one at a path. target is a file of 100 bytes beside it, which
// nobody may touch.
var oddFiles = map[string]func(path, target string) error{
	"a pipe":           func(path, _ string) error { return syscall.Mkfifo(path, 0o600) },
	"a socket":         func(path, _ string) error { return syscall.Mknod(path, syscall.S_IFSOCK|0o600, 0) },
	"a device":         device,
	"a folder":         func(path, _ string) error { return os.Mkdir(path, 0o700) },
	"a full folder":    func(path, _ string) error { return os.MkdirAll(filepath.Join(path, "inner"), 0o700) },
	"a link to a file": func(path, target string) error { return os.Symlink(filepath.Base(target), path) },
	"a link elsewhere": func(path, _ string) error { return os.Symlink("/etc/hostname", path) },
	"a link to a pipe": func(path, _ string) error {
		return linkTo(path, "pipe", func(p string) error { return syscall.Mkfifo(p, 0o600) })
	},
	"a link to nothing": func(path, _ string) error { return os.Symlink("nothing", path) },
	"a link to itself":  func(path, _ string) error { return os.Symlink(filepath.Base(path), path) },
	"a link to a folder": func(path, _ string) error {
		return linkTo(path, "folder", func(p string) error { return os.Mkdir(p, 0o700) })
	},
	"another name of a file": func(path, target string) error { return os.Link(target, path) },
}

// device makes one that never ends, or where that is not allowed a pipe, which never begins.
func device(path, _ string) error {
	err := syscall.Mknod(path, syscall.S_IFCHR|0o600, 1<<8|5) // the numbers of /dev/zero
	if errors.Is(err, syscall.EPERM) {
		return syscall.Mkfifo(path, 0o600)
	}
	return err
}

func linkTo(path, name string, create func(path string) error) error {
	return errors.Join(create(filepath.Join(filepath.Dir(path), name)), os.Symlink(name, path))
}

// lookAt returns what there is at a path, without following it.
func lookAt(t *testing.T, path string) (mode fs.FileMode, content string) {
	t.Helper()
	stat, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if stat.Mode().IsRegular() {
		bytes, err := os.ReadFile(path)
		wantNo(t, err)
		content = string(bytes)
	}
	return stat.Mode(), content
}

// odd puts an odd file in place of what is at a path, calls f, looks whether it and its target are as they were, and puts
// back what was there.
func odd(t *testing.T, path string, put func(path, target string) error, f func()) {
	t.Helper()
	folder := filepath.Dir(path)
	target := filepath.Join(folder, "target")
	wantNo(t, os.WriteFile(target, []byte(strings.Repeat("precious. ", 10)), 0o600))
	kept := os.Rename(path, path+".kept")
	wantNo(t, put(path, target))
	mode, _ := lookAt(t, path)
	f()
	if now, _ := lookAt(t, path); now != mode {
		t.Errorf("it had the mode %v, and has %v", mode, now)
	}
	if _, content := lookAt(t, target); content != strings.Repeat("precious. ", 10) {
		t.Errorf("its target is %q", content)
	}
	for _, made := range []string{path, target, filepath.Join(folder, "pipe"), filepath.Join(folder, "folder")} {
		wantNo(t, os.RemoveAll(made))
	}
	if kept == nil {
		wantNo(t, os.Rename(path+".kept", path))
	}
}

func openOdd(t *testing.T) (d *Directory, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "sessions")
	d, err := DirectoryConfig{Path: path, Sync: SyncNone}.New()
	wantNo(t, err)
	t.Cleanup(func() { wantNo(t, d.Close()) })
	return d, path
}

// Whatever lies where a record's file would be is a record that cannot be read: no call waits for it, follows it or changes
// it, and it holds up neither a sweep nor a listing.
func TestDirectoryOddRecords(t *testing.T) {
	ctx := context.Background()
	d, _ := openOdd(t)
	for name, put := range oddFiles {
		t.Run(name, func(t *testing.T) {
			rec := core.Record{Revision: 1, Seen: 1, Deadline: 9}
			_, file := fileName("key")
			in, _ := d.find("key")
			odd(t, filepath.Join(in.folder.(rootFolder).Name(), file), put, func() {
				got, err := d.Load(ctx, "key")
				isErr(t, "Load", err, ErrGarbled)
				if got != (core.Record{}) {
					t.Errorf("Load returned %+v", got)
				}
				isErr(t, "Create", d.Create(ctx, "key", rec), ErrExists)
				isErr(t, "Replace", d.Replace(ctx, "key", 1, rec), ErrGarbled)
				isErr(t, "Touch", d.Touch(ctx, "key", 1, 2, 10), ErrGarbled)
				isErr(t, "Delete", d.Delete(ctx, "key", 1), ErrGarbled)
				for more := true; more; {
					_, more, err = d.Sweep(ctx, 1<<41, 10)
					wantNo(t, err)
				}
				listed := 0
				for l, err := range d.List(ctx) {
					wantNo(t, err)
					if listed++; !l.Garbled {
						t.Errorf("it is listed as %+v", l)
					}
				}
				if listed != 1 {
					t.Errorf("%d records are listed", listed)
				}
			})
		})
	}
}

func isErr(t *testing.T, method string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s returned %v, want %v", method, err, want)
	}
}

// New opens no directory of which the lock, the file FORMAT, a drawer, or the path is something else. It waits for none and
// writes to none. Links are none of them either, whatever they lead to, but that the path may be one.
func TestDirectoryOddParts(t *testing.T) {
	d, path := openOdd(t)
	wantNo(t, d.Close())
	for _, part := range []string{"FORMAT", "00", "00/.lock", ""} {
		refused := func(name string, put func(path, target string) error) {
			t.Run(name+" as "+part, func(t *testing.T) {
				odd(t, filepath.Join(path, part), put, func() {
					if d, err := NewDirectory(path); err == nil {
						t.Errorf("it is opened, and closed with %v", d.Close())
					}
				})
			})
		}
		for name, put := range oddFiles {
			if folder := strings.HasSuffix(name, "folder"); folder && (part == "" || part == "00" && name[:6] != "a link") {
				continue // it may be one
			}
			refused(name, put)
		}
		if part != "" {
			refused("a link to the right one", func(path, _ string) error { return os.Symlink(filepath.Base(path)+".kept", path) })
		}
	}
	again, err := NewDirectory(path)
	wantNo(t, err)
	wantNo(t, again.Close())
}

// A temporary file is one too: what lies under such a name and is none goes, or stays, and nothing is followed.
func TestDirectoryOddLeftovers(t *testing.T) {
	d, path := openOdd(t)
	for name, put := range oddFiles {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(path, "07")
			target, leftover := filepath.Join(folder, "target"), filepath.Join(folder, ".tmp-odd")
			wantNo(t, os.WriteFile(target, []byte("precious"), 0o600))
			wantNo(t, put(leftover, target))
			for more := true; more; { // a folder that is not empty is told of, and stays
				_, more, _ = d.Sweep(context.Background(), 1<<41, 10)
			}
			if _, content := lookAt(t, target); content != "precious" {
				t.Errorf("its target is %q", content)
			}
			if _, err := os.Lstat(filepath.Join(leftover, "inner")); name == "a full folder" && err != nil {
				t.Errorf("what was in it: %v", err)
			}
			for _, made := range []string{leftover, target, filepath.Join(folder, "pipe"), filepath.Join(folder, "folder")} {
				wantNo(t, os.RemoveAll(made))
			}
		})
	}
}
