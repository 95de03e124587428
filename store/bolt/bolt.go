package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/folders"
	"github.com/satchel-go/satchel/store"
)

// Config is what a Store may be told. Only Path has to be set.
type Config struct {
	// Path is the file. It is made if it is not there; its folder must be.
	Path string

	// MaxBytes is the size beyond which the file does not grow, and at least 64 KiB; 0 is the disk's. The last sixteenth of it is closed to
	// Create, so that a flood of new sessions does not keep the live ones from changing and ending. The file grows in steps of up to 16
	// MiB, and a step that would lead beyond MaxBytes is not made.
	MaxBytes int64

	// Wait is how long to wait while another process has the file open; 0 is 10 s.
	Wait time.Duration
}

const (
	minBytes    = 64 << 10
	defaultWait = 10 * time.Second
)

// Store is a [store.Store] and [store.Sweeper] in one file.
type Store struct {
	db     *bbolt.DB
	writer writer
	place  atomic.Pointer[[]byte] // where a sweep goes on; to be wrong about it costs time and nothing else
}

var (
	_ store.Store   = (*Store)(nil)
	_ store.Sweeper = (*Store)(nil)
)

// bucket is where the records are.
var bucket = []byte("satchel records")

// Open opens the file at path, or makes it, with every default.
func Open(path string) (*Store, error) { return Config{Path: path}.Open() }

// Open opens the file, or makes it. One error lists everything wrong with the configuration.
func (c Config) Open() (*Store, error) {
	var wrong []error
	if c.Path == "" {
		wrong = append(wrong, errors.New("store/bolt: no Path"))
	}
	if c.MaxBytes != 0 && (c.MaxBytes < minBytes || c.MaxBytes > math.MaxInt) {
		wrong = append(wrong, fmt.Errorf("store/bolt: MaxBytes is %d, outside %d to %d", c.MaxBytes, minBytes, math.MaxInt))
	}
	if c.Wait < 0 {
		wrong = append(wrong, fmt.Errorf("store/bolt: Wait is %v, less than 0", c.Wait))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	if c.Wait == 0 {
		c.Wait = defaultWait
	}
	db, err := open(c)
	if err != nil {
		return nil, fmt.Errorf("store/bolt: open: %w", err)
	}
	s := &Store{db: db}
	s.writer = writer{db: db, limit: int(c.MaxBytes)}
	return s, nil
}

func open(c Config) (db *bbolt.DB, err error) {
	if err := guarded(func() error { return inspect(c) }); err != nil {
		return nil, err
	}
	err = guarded(func() (err error) {
		db, err = begin(c)
		return err
	})
	return db, err
}

// inspect reads a file that is there. bbolt does so as well when it opens one for writing, to find its free pages, but on a goroutine of its
// own, on which a damaged page would end the program.
func inspect(c Config) error {
	stat, err := os.Stat(c.Path)
	if errors.Is(err, os.ErrNotExist) || err == nil && stat.Size() == 0 {
		return nil // it is to be made
	}
	if err != nil {
		return err
	}
	db, err := bbolt.Open(c.Path, 0o600, &bbolt.Options{Timeout: c.Wait, ReadOnly: true})
	if err != nil {
		return err
	}
	defer db.Close() // it was only read
	return db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucket)
		if b == nil {
			return nil
		}
		var last []byte
		return b.ForEach(func(name, _ []byte) error {
			if last != nil && bytes.Compare(last, name) >= 0 {
				return errOrder
			}
			last = name
			return nil
		})
	})
}

var errOrder = errors.New("the file is damaged: its keys are not in order")

func begin(c Config) (*bbolt.DB, error) {
	db, err := bbolt.Open(c.Path, 0o600, &bbolt.Options{
		Timeout:        c.Wait,
		MaxSize:        int(c.MaxBytes),
		NoFreelistSync: true, // it is found again on opening, so no write need keep it
		FreelistType:   bbolt.FreelistMapType,
		NoStatistics:   true,
	})
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(bucket)
		return err
	})
	if err == nil {
		err = folders.Flush(filepath.Dir(c.Path)) // so that the file's name lasts as well
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Close waits for the writes that have begun, refuses all others, and closes the file. It may be called again. Every other call
// then fails as in an outage.
func (s *Store) Close() error {
	s.writer.end()
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("store/bolt: close: %w", err)
	}
	return nil
}

// Guarantees declares compare-and-swap for this one process, and that an acknowledged write outlasts a loss of power. There is no
// machine to fail over to.
func (*Store) Guarantees() store.Guarantees {
	return store.Guarantees{CompareAndSwap: true, Durability: store.Machine}
}

// Load implements [store.Store].
func (s *Store) Load(ctx context.Context, key core.Key) (rec core.Record, err error) {
	if err := ctx.Err(); err != nil {
		return core.Record{}, failed("load", err)
	}
	name := spell(key)
	err = s.view(func(b *bbolt.Bucket) error {
		value := b.Get(name)
		if value == nil {
			return store.ErrNotFound
		}
		rec, err = store.ReadRecord(string(value))
		return err
	})
	return rec, failed("load", err)
}

// Create implements [store.Store].
func (s *Store) Create(ctx context.Context, key core.Key, rec core.Record) error {
	return s.put(ctx, "create", key, rec, true, func(kept []byte) error {
		if kept != nil {
			return store.ErrExists
		}
		return nil
	})
}

// Replace implements [store.Store].
func (s *Store) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	return s.put(ctx, "replace", key, rec, false, func(kept []byte) error {
		old, err := read(kept)
		if err == nil && old.Revision != at {
			err = store.ErrConflict
		}
		return err
	})
}

// put writes a record if may says so of what is kept, which is nil for nothing.
func (s *Store) put(ctx context.Context, method string, key core.Key, rec core.Record, grows bool, may func(kept []byte) error) error {
	name := spell(key)
	value, err := store.AppendRecord(nil, rec)
	if err != nil {
		return failed(method, err)
	}
	return failed(method, s.writer.do(ctx, change{grows: grows, apply: func(b *bbolt.Bucket) (bool, error) {
		if err := may(b.Get(name)); err != nil {
			return false, err
		}
		return true, b.Put(name, value)
	}}))
}

// Touch implements [store.Store]. A touch that moves nothing writes nothing.
func (s *Store) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	if err := store.CheckInstants(seen, deadline); err != nil {
		return failed("touch", err)
	}
	name := spell(key)
	return failed("touch", s.writer.do(ctx, change{apply: func(b *bbolt.Bucket) (bool, error) {
		old, err := read(b.Get(name))
		if err != nil {
			return false, err
		}
		rec, err := store.Touched(old, at, seen, deadline)
		if err != nil || rec == old {
			return false, err
		}
		value, err := store.AppendRecord(nil, rec)
		if err != nil {
			return false, err
		}
		return true, b.Put(name, value)
	}}))
}

// Delete implements [store.Store].
func (s *Store) Delete(ctx context.Context, key core.Key, at uint64) error {
	name := spell(key)
	err := s.writer.do(ctx, change{apply: func(b *bbolt.Bucket) (bool, error) {
		old, err := read(b.Get(name))
		switch {
		case errors.Is(err, store.ErrGarbled) && old.Revision == 0, errors.Is(err, store.ErrNotFound):
			return false, err
		case old.Revision != at:
			return false, store.ErrConflict
		}
		return true, b.Delete(name)
	}})
	if errors.Is(err, store.ErrFull) {
		err = errNoRoom // an end that did not happen may not look like an answer
	}
	return failed("delete", err)
}

var errNoRoom = errors.New("the file has no room to note it")

// read reads a value, or says that there is none.
func read(kept []byte) (core.Record, error) {
	if kept == nil {
		return core.Record{}, store.ErrNotFound
	}
	return store.ReadRecord(string(kept))
}

// spell returns the key in the file, in memory of its own.
func spell(key core.Key) []byte { return append([]byte{'k'}, key...) }

// view reads in one view of the file.
func (s *Store) view(f func(b *bbolt.Bucket) error) error {
	return guarded(func() error {
		return s.db.View(func(tx *bbolt.Tx) error { return f(tx.Bucket(bucket)) })
	})
}

// failed wraps an outage once, with what was tried.
func failed(method string, err error) error {
	switch {
	case err == nil, errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrExists), errors.Is(err, store.ErrConflict),
		errors.Is(err, store.ErrFull), errors.Is(err, store.ErrGarbled):
		return err
	}
	return fmt.Errorf("store/bolt: %s: %w", method, err)
}
