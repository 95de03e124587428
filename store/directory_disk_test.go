package store

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// disk is a folder in memory. It writes down all that is done to it, so that a test can build what a loss of power may
// leave of it, and it fails where a test wants it to.
type disk struct {
	mu     sync.Mutex
	names  map[string]*inode
	trace  []step
	broken func(op string) error // asked before each operation; nil is none
	bad    string                // the name of a file of which every operation fails
}

// inode is a file's content, whatever its name. It is what survives a rename.
type inode struct {
	data  []byte
	mtime time.Time
}

// step is one thing that was done. What an operation does to a file's content is told as it was after it.
type step struct {
	op       string // "write", "sync", "time", "rename", "remove", "flush" or "note"
	inode    *inode
	data     []byte    // of a write: all that the file has then
	mtime    time.Time // of a time
	from, to string    // of a rename; of a remove it is from
	note     any       // what a test puts in between
}

// rawTime is what the system's clock says while nobody sets a file's time.
var rawTime = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newDisk() *disk {
	return &disk{names: map[string]*inode{lockName: {}}}
}

func (d *disk) did(s step) { d.trace = append(d.trace, s) }

func (d *disk) note(note any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.did(step{op: "note", note: note})
}

func (d *disk) refuses(op, name string) error {
	if d.bad != "" && name == d.bad {
		return &fs.PathError{Op: op, Path: "/secret/" + name, Err: syscall.EIO}
	}
	if d.broken == nil {
		return nil
	}
	if err := d.broken(op); err != nil {
		return &fs.PathError{Op: op, Path: "/secret/" + name, Err: err}
	}
	return nil
}

// find is asked with the mutex held.
func (d *disk) find(op, name string) (*inode, error) {
	if err := d.refuses(op, name); err != nil {
		return nil, err
	}
	n, ok := d.names[name]
	if !ok {
		return nil, &fs.PathError{Op: op, Path: name, Err: syscall.ENOENT}
	}
	return n, nil
}

func (d *disk) open(name string) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("open", name)
	if err != nil {
		return nil, err
	}
	return &diskFile{disk: d, inode: n, name: name}, nil
}

func (d *disk) create(name string) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.refuses("create", name); err != nil {
		return nil, err
	}
	if d.names[name] != nil {
		return nil, fs.ErrExist
	}
	n := &inode{mtime: rawTime}
	d.names[name] = n
	return &diskFile{disk: d, inode: n, name: name}, nil
}

func (d *disk) rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("rename", from)
	if err != nil {
		return err
	}
	d.names[to] = n
	delete(d.names, from)
	d.did(step{op: "rename", inode: n, from: from, to: to})
	return nil
}

func (d *disk) remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.find("remove", name); err != nil {
		return err
	}
	delete(d.names, name)
	d.did(step{op: "remove", from: name})
	return nil
}

func (d *disk) setTime(name string, mtime time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("time", name)
	if err != nil {
		return err
	}
	n.mtime = mtime
	d.did(step{op: "time", inode: n, mtime: mtime})
	return nil
}

func (d *disk) stat(name string) (fs.FileInfo, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("stat", name)
	if err != nil {
		return nil, err
	}
	return diskStat{name, int64(len(n.data)), n.mtime}, nil
}

func (d *disk) list() (lister, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.refuses("list", "."); err != nil {
		return nil, err
	}
	var l diskList
	for name := range d.names {
		l.left = append(l.left, name)
	}
	return &l, nil
}

func (d *disk) flush() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.refuses("flush", "."); err != nil {
		return err
	}
	d.did(step{op: "flush"})
	return nil
}

func (d *disk) close() error { return nil }

type diskFile struct {
	*inode
	disk *disk
	name string
	pos  int
}

func (f *diskFile) Read(p []byte) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.refuses("read", f.name); err != nil {
		return 0, err
	}
	n := copy(p, f.data[f.pos:])
	f.pos += n
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Write writes half of it before it fails, as a disk does that is full.
func (f *diskFile) Write(p []byte) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	err := f.disk.refuses("write", f.name)
	if err != nil {
		p = p[:len(p)/2]
	}
	f.data = append(f.data, p...)
	f.disk.did(step{op: "write", inode: f.inode, data: slices.Clone(f.data)})
	return len(p), err
}

func (f *diskFile) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.refuses("sync", f.name); err != nil {
		return err
	}
	f.disk.did(step{op: "sync", inode: f.inode})
	return nil
}

func (f *diskFile) Stat() (fs.FileInfo, error) { return f.disk.statOf(f) }

func (d *disk) statOf(f *diskFile) (fs.FileInfo, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.refuses("fstat", f.name); err != nil {
		return nil, err
	}
	return diskStat{f.name, int64(len(f.data)), f.mtime}, nil
}

func (f *diskFile) Close() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return f.disk.refuses("close", f.name)
}

type diskStat struct {
	name  string
	size  int64
	mtime time.Time
}

func (s diskStat) Name() string       { return s.name }
func (s diskStat) Size() int64        { return s.size }
func (s diskStat) Mode() fs.FileMode  { return 0o600 }
func (s diskStat) ModTime() time.Time { return s.mtime }
func (s diskStat) IsDir() bool        { return false }
func (s diskStat) Sys() any           { return nil }

type diskList struct{ left []string }

func (l *diskList) Readdirnames(n int) ([]string, error) {
	if len(l.left) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(l.left))
	names := l.left[:n]
	l.left = l.left[n:]
	return names, nil
}

func (l *diskList) Close() error { return nil }

// onDisk returns a Directory whose every drawer is the one disk. Only the lock is a real file.
func onDisk(t testing.TB, on *disk, mode Sync) *Directory {
	t.Helper()
	lock, err := os.OpenFile(filepath.Join(t.TempDir(), lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lock.Close() })
	return withLock(on, mode, lock)
}

func withLock(on *disk, mode Sync, lock *os.File) *Directory {
	d := newDirectory(mode)
	d.timeLimit = 1 << 42
	turn := make(chan struct{}, 1)
	for i := range d.drawers {
		d.drawers[i].folder, d.drawers[i].lock, d.drawers[i].turn = on, lock, turn
	}
	return d
}

// failFrom makes so many operations fail, from the nth on that is asked for from now, and says whether it came to that.
func (d *disk) failFrom(n, times int, err error) (reached *bool) {
	reached = new(bool)
	d.broken = func(string) error {
		if n--; n > 0 || n <= -times {
			return nil
		}
		*reached = true
		return err
	}
	return reached
}

func wantNo(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
