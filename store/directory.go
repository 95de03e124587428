package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/folders"
)

// Sync is how far a [Directory] goes to make a write last before it acknowledges it.
type Sync uint8

// The three modes. In each of them a process may be killed at any instant without a record being lost or torn; they differ
// in what a loss of power can do.
const (
	// SyncFolder flushes the file and then the folder that names it: an acknowledged write stays. It is the default.
	SyncFolder Sync = iota

	// SyncFile flushes the file only. A loss of power can undo the last seconds' writes, so that a record is as it was, is
	// absent, or is back after its deletion; but what is there is whole.
	SyncFile

	// SyncNone flushes nothing. A loss of power can undo the last seconds' writes and also tear a record, which Load
	// then answers with [ErrGarbled].
	SyncNone
)

// DirectoryConfig is what a Directory may be told. Only Path has to be set.
type DirectoryConfig struct {
	// Path is the directory's own folder, for nothing else. It is made if it is not there; the folder above it must be, so that a
	// path that was mistyped fills no home with folders (os.MkdirAll makes it, with 0700).
	Path string

	// Sync is when a write is acknowledged. The zero value is the safe one, SyncFolder.
	Sync Sync

	// SweepEvery is the pause between sweeps by a goroutine that runs until Close, less up to a quarter at random, so that not all nodes
	// sweep at once. 0 starts none: then a record past its deadline goes when Sweep is called. No request ever sweeps.
	SweepEvery time.Duration

	// SweepFailed is told of each sweep of that goroutine that failed. The next one comes in its time. nil is free.
	SweepFailed func(error)

	// Now is the clock of that goroutine, and of nothing else; nil is time.Now.
	Now func() time.Time
}

// Directory is a [Store] of one file a record, in a folder of the local disk. It outlives the process, needs no server,
// and several processes on one machine may use the same folder at once. Its limit is the disk; when that is full, a
// write fails as any other outage and leaves what was there.
//
// A file is written beside the others, then renamed, so that a reader sees the old or the new and never a part. Writers
// take turns by a lock of the operating system, one for each of 64 folders. Readers take none. A read makes no
// file and no folder.
//
// Folders have mode 0700 and files 0600. The names of files are hashes, so a listing tells no key; but bodies lie there
// as they were handed in, so whoever may read the folder may read what the codec and the chain left readable.
//
// A Touch mostly sets the file's time, and is not flushed in any mode: a loss of power may leave a record with the times from
// before its last touches, and so end its session sooner, never later. A copy or a backup that does not preserve files'
// times has the same effect.
//
// A call leaves with its context where it waits for another process or for its turn. Where it waits for the disk itself it does not, because no
// system call on a file can be called off.
//
// A network file system may lie about locks and flushing, so none is promised.
type Directory struct {
	drawers   [drawerCount]drawer
	sync      Sync
	timeLimit int64         // a file's time can be an instant before it; 0 if the disk keeps none exactly
	sweeping  chan struct{} // holds one token while a Sweep runs
	pass      pass          // guarded by sweeping
	ending    chan struct{} // closed when Close begins
	stop      func()        // ends the sweeping goroutine and waits for it
	closing   sync.Once
	closeErr  error
}

var (
	_ Store   = (*Directory)(nil)
	_ Sweeper = (*Directory)(nil)
)

// drawerCount is the number of folders: few enough to hold all open, enough that a million records are 16,000 in each and
// that writers seldom meet.
const drawerCount = 64

// NewDirectory opens the directory at path, or makes it, with every default: each write is flushed to the disk, and no
// goroutine is started. So nothing sweeps: the files of sessions that are over stay for ever, unless somebody calls Sweep, as [Sweeping]
// does; [DirectoryConfig] with SweepEvery sweeps by itself. The folder above path must be there.
func NewDirectory(path string) (*Directory, error) {
	return DirectoryConfig{Path: path}.New()
}

// Close ends the sweeping goroutine, if there is one, waits for the changes that are being made, and closes all files. It
// may be called again. Every other call then fails as in an outage.
func (d *Directory) Close() error {
	d.closing.Do(func() {
		close(d.ending)
		d.stop()
		d.sweeping <- struct{}{}
		d.pass.end()
		<-d.sweeping
		for i := range d.drawers {
			d.closeErr = errors.Join(d.closeErr, d.drawers[i].shut())
		}
	})
	return d.closeErr
}

// Guarantees declares compare-and-swap between all processes of this machine, and that with SyncFolder an acknowledged
// write outlasts a loss of power, where the operating system can flush a folder (Windows cannot).
func (d *Directory) Guarantees() Guarantees {
	g := Guarantees{CompareAndSwap: true, Durability: Process, Shared: true}
	if d.sync == SyncFolder && folders.CanFlush {
		g.Durability = Machine
	}
	return g
}

// Load implements [Store].
func (d *Directory) Load(ctx context.Context, key core.Key) (core.Record, error) {
	in, name := d.find(key)
	return d.load(ctx, in, name)
}

func (d *Directory) load(ctx context.Context, in *drawer, name string) (core.Record, error) {
	if err := ctx.Err(); err != nil {
		return core.Record{}, ended("load", err)
	}
	r, err := in.read(name)
	defer r.done()
	if err != nil {
		return core.Record{Revision: r.head.revision}, answer("load", err)
	}
	return r.record(), nil
}

// Create implements [Store].
func (d *Directory) Create(ctx context.Context, key core.Key, rec core.Record) error {
	return d.write(ctx, "create", key, rec, func(in *drawer, name string) error {
		_, err := in.stat(name)
		switch {
		case err == nil:
			return ErrExists
		case errors.Is(err, fs.ErrNotExist):
			return nil
		}
		return err
	})
}

// Replace implements [Store].
func (d *Directory) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	return d.write(ctx, "replace", key, rec, func(in *drawer, name string) error {
		r, err := in.read(name)
		defer r.done()
		if err == nil && r.head.revision != at {
			err = ErrConflict
		}
		return err
	})
}

// write keeps rec if may says so. The file is written and flushed before the lock is taken, and the folder is flushed
// after it is released: so the lock is held for a look and a rename only.
func (d *Directory) write(ctx context.Context, method string, key core.Key, rec core.Record, may func(*drawer, string) error) error {
	if err := ctx.Err(); err != nil {
		return ended(method, err)
	}
	if len(rec.Body) > maxBody {
		return ErrFull
	}
	in, name := d.find(key)
	temp, head, err := d.stage(in, name, rec)
	if err != nil {
		return answer(method, err)
	}
	if err := in.acquire(ctx); err != nil {
		_ = in.remove(temp)
		return answer(method, err)
	}
	err = may(in, name)
	if err == nil {
		err = d.publish(in, temp, name, head, rec)
	}
	if err != nil {
		_ = in.remove(temp) // a sweep removes what cannot be removed now
	}
	in.release()
	if err == nil {
		err = d.settle(in)
	}
	return answer(method, err)
}

// Touch implements [Store].
func (d *Directory) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	if err := ctx.Err(); err != nil {
		return ended("touch", err)
	}
	in, name := d.find(key)
	if err := in.acquire(ctx); err != nil {
		return answer("touch", err)
	}
	err := d.touch(in, name, at, seen, deadline)
	in.release()
	return answer("touch", err)
}

// touch moves the times of a record, under the lock. It writes a new file where the file's time cannot express them; that
// one is flushed, because nothing may be torn, but the folder is not.
func (d *Directory) touch(in *drawer, name string, at uint64, seen, deadline int64) error {
	r, err := in.read(name)
	defer r.done()
	if err != nil {
		return err
	}
	keptSeen, keptDeadline := r.head.times(r.mtime)
	switch {
	case seen >= keptDeadline:
		return ErrNotFound
	case r.head.revision != at:
		return ErrConflict
	}
	seen, deadline = max(seen, keptSeen), max(deadline, keptDeadline)
	if seen == keptSeen && deadline == keptDeadline {
		return nil
	}
	if t, ok := r.head.mtime(seen, deadline, d.timeLimit); ok {
		return in.setTime(name, t)
	}
	rec := r.record()
	rec.Seen, rec.Deadline = seen, deadline
	temp, head, err := d.stage(in, name, rec)
	if err != nil {
		return err
	}
	if err := d.publish(in, temp, name, head, rec); err != nil {
		_ = in.remove(temp)
		return err
	}
	return nil
}

// Delete implements [Store]. That there is no record is an answer which outlasts a loss of power too: the caller may be a
// logout, and who removed the file may not have come to flush the folder.
func (d *Directory) Delete(ctx context.Context, key core.Key, at uint64) error {
	in, name := d.find(key)
	return d.delete(ctx, in, name, at)
}

func (d *Directory) delete(ctx context.Context, in *drawer, name string, at uint64) error {
	if err := ctx.Err(); err != nil {
		return ended("delete", err)
	}
	if err := in.acquire(ctx); err != nil {
		return answer("delete", err)
	}
	r, err := in.readHead(name)
	switch {
	case err == nil && r.head.revision != at:
		err = ErrConflict
	case err == nil:
		err = in.remove(name)
	}
	in.release()
	if err == nil || errors.Is(err, ErrNotFound) {
		if failed := d.settle(in); failed != nil {
			err = failed
		}
	}
	return answer("delete", err)
}

func (d *Directory) find(key core.Key) (*drawer, string) {
	i, name := fileName(key)
	return &d.drawers[i], name
}

// answer wraps an outage with the operation, and tells no file's name.
func answer(method string, err error) error {
	switch {
	case err == nil, errors.Is(err, ErrNotFound), errors.Is(err, ErrExists), errors.Is(err, ErrConflict),
		errors.Is(err, ErrFull), errors.Is(err, ErrGarbled):
		return err
	case errors.Is(err, os.ErrClosed):
		err = errClosed // by a call that was beside Close
	}
	return fmt.Errorf("store: directory: %s: %w", method, without(err))
}
