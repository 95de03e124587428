package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/satchel-go/satchel/internal/folders"
)

// folder is one folder of files, by the few operations that a Directory is made of. It is a seam: tests record what is
// done through it, and rebuild what a loss of power could have left.
type folder interface {
	open(name string) (file, error)             // for reading
	create(name string) (file, error)           // a file of mode 0600 that must not exist, for writing
	rename(from, to string) error               // atomic; it replaces
	remove(name string) error                   // of a file
	setTime(name string, mtime time.Time) error // atomic
	stat(name string) (fs.FileInfo, error)      // follows no link
	list() (lister, error)
	flush() error // makes what was created, renamed and removed outlast a loss of power
	close() error
}

type file interface {
	io.ReadWriteCloser
	Stat() (fs.FileInfo, error)
	Sync() error // makes what was written outlast a loss of power
}

// lister gives the names in a folder little by little, each that is there all the time exactly once.
type lister interface {
	Readdirnames(n int) ([]string, error)
	Close() error
}

// rootFolder is a folder on a disk. A root never follows a name or link out of it.
type rootFolder struct{ *os.Root }

func (r rootFolder) open(name string) (file, error) {
	return opened(r.OpenFile(name, os.O_RDONLY|openQuietly, 0))
}

func (r rootFolder) create(name string) (file, error) {
	return opened(r.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL|openQuietly, 0o600))
}

// openRegular opens a file that has to be a regular one, and no link to one: a root follows links inside itself.
func openRegular(in *os.Root, name string, flag int) (*os.File, error) {
	odd := fmt.Errorf("%s/%s is no regular file", in.Name(), name)
	stat, err := in.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !stat.Mode().IsRegular() { // to open a device may do something
		return nil, odd
	}
	f, err := in.OpenFile(name, flag|openQuietly, 0)
	if err != nil {
		return nil, err
	}
	stat, err = f.Stat()
	if err == nil && !stat.Mode().IsRegular() {
		err = odd
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// opened keeps a nil *os.File from becoming an interface that is not nil.
func opened(f *os.File, err error) (file, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (r rootFolder) rename(from, to string) error { return renameIn(r.Root, from, to) }

func (r rootFolder) remove(name string) error { return r.Remove(name) }

func (r rootFolder) setTime(name string, mtime time.Time) error {
	return r.Chtimes(name, time.Time{}, mtime) // the zero time leaves the access time
}

func (r rootFolder) stat(name string) (fs.FileInfo, error) { return r.Lstat(name) }

func (r rootFolder) list() (lister, error) { return r.Open(".") }

func (r rootFolder) flush() error { return folders.FlushRoot(r.Root) }

func (r rootFolder) close() error { return r.Close() }

// without returns an error without the names of files that it may carry: only the operation and the reason.
func without(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return &os.SyscallError{Syscall: path.Op, Err: path.Err}
	case errors.As(err, &link):
		return &os.SyscallError{Syscall: link.Op, Err: link.Err}
	}
	return err
}

// buffers are for files as they are read and written. Nothing that a caller gets shares memory with them.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// buffer returns one of so many bytes, to be given back.
func buffer(size int) *[]byte {
	b := buffers.Get().(*[]byte)
	if cap(*b) < size {
		*b = make([]byte, size, max(size, 1024))
	}
	*b = (*b)[:size]
	return b
}

func giveBack(b *[]byte) {
	if cap(*b) <= 64<<10 { // a large one would be kept for the sake of small ones
		buffers.Put(b)
	}
}
