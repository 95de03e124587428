package folders

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// CanFlush says that the operating system can flush a folder.
const CanFlush = runtime.GOOS == "linux" || runtime.GOOS == "darwin" || runtime.GOOS == "freebsd" || runtime.GOOS == "netbsd" ||
	runtime.GOOS == "openbsd" || runtime.GOOS == "dragonfly"

// Flush makes the names in a folder outlast a loss of power.
func Flush(path string) error {
	if !CanFlush {
		return nil
	}
	f, err := os.Open(path)
	return flushed(f, err)
}

// FlushRoot is Flush for a folder that is open.
func FlushRoot(root *os.Root) error {
	if !CanFlush {
		return nil
	}
	f, err := root.Open(".")
	return flushed(f, err)
}

func flushed(f *os.File, err error) error {
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// MakeAll makes a folder, with those around it that are not there, as os.MkdirAll does. They outlast a loss of power.
func MakeAll(path string, mode fs.FileMode) error { return makeAll(path, mode, Flush) }

func makeAll(path string, mode fs.FileMode, flush func(string) error) error {
	var made []string
	for at := filepath.Clean(path); ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at) {
			break
		}
		made = append(made, at)
	}
	if err := os.MkdirAll(path, mode); err != nil {
		return err
	}
	for _, at := range made {
		if err := flush(filepath.Dir(at)); err != nil {
			return err
		}
	}
	return nil
}

// Create makes a file that must not exist, for its owner alone, in a folder that does. It has its name only once it is whole, and outlasts a
// loss of power. The error is fs.ErrExist where somebody else was first: then that file outlasts one as well.
func Create(path, text string) error { return create(path, text, Flush) }

func create(path, text string, flush func(string) error) error {
	whole, err := WriteBeside(path, text)
	if err != nil {
		return err
	}
	// A link, unlike a rename, replaces nothing.
	linked := os.Link(whole, path)
	if err := os.Remove(whole); err != nil && linked == nil {
		linked = err
	}
	if linked != nil && !errors.Is(linked, fs.ErrExist) {
		return linked
	}
	if err := flush(filepath.Dir(path)); err != nil { // who was first may not have come to that
		return err
	}
	return linked
}

// WriteBeside writes a new file in the folder of path, for its owner alone, and returns its name. It is flushed, and its name is not.
func WriteBeside(path, text string) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".keys-*") // 0600
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}
