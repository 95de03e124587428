package store_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/satchel-go/satchel/store"
)

func TestDirectoryIsItsOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // access is inherited there
	}
	path := filepath.Join(t.TempDir(), "sessions")
	want(t, openDirectory(t, store.DirectoryConfig{Path: path}).Close(), nil)
	want(t, os.Chmod(path, 0o755), nil) // as a volume's owner may do when it is mounted
	want(t, os.Chmod(filepath.Join(path, "05"), 0o777), nil)
	d := openDirectory(t, store.DirectoryConfig{Path: path})
	for i := range 200 {
		want(t, d.Create(ctx, key(i), record(1, 9, "body")), nil)
		want(t, d.Touch(ctx, key(i), 1, 3, 99), nil) // by a new file
	}
	count := 0
	want(t, filepath.WalkDir(path, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		stat, err := entry.Info()
		if err != nil {
			return err
		}
		wanted := fs.FileMode(0o600)
		if entry.IsDir() {
			wanted = 0o700
		}
		if got := stat.Mode().Perm(); got != wanted {
			t.Errorf("%s has mode %o, want %o", entry.Name(), got, wanted)
		}
		count++
		return nil
	}), nil)
	if count != 1+64+64+1+200 {
		t.Errorf("there are %d files and folders", count)
	}
}

// A folder in which everybody has files is left to everybody, as is one that holds other files.
func TestDirectoryTightensOnlyItsOwn(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // access is inherited there
	}
	shared, other := t.TempDir(), t.TempDir()
	want(t, os.Chmod(shared, 0o777|fs.ModeSticky), nil)
	want(t, os.Chmod(other, 0o755), nil)
	want(t, os.WriteFile(filepath.Join(other, "thesis.tex"), nil, 0o600), nil)
	for path, mode := range map[string]fs.FileMode{shared: 0o777 | fs.ModeSticky, other: 0o755} {
		if _, err := store.NewDirectory(path); err == nil {
			t.Errorf("%v is opened", mode)
		}
		if stat, err := os.Stat(path); err != nil || stat.Mode() != mode|fs.ModeDir {
			t.Errorf("%v became %v, %v", mode, stat.Mode(), err)
		}
	}
	if names, err := os.ReadDir(shared); err != nil || len(names) != 0 {
		t.Errorf("the shared folder has %v, %v", names, err)
	}
	want(t, os.Chmod(shared, 0o700|fs.ModeSticky), nil)
	want(t, openDirectory(t, store.DirectoryConfig{Path: shared}).Close(), nil)
}
