package ktor

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"strconv"
	"sync"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Directory is Ktor's directorySessionStorage: one file for each session, named after its ID, which holds the serialized session
// and nothing else. Satchel and Ktor may use it at the same time; Ktor then takes cached = false, because its cache neither
// sees what others write nor, for a minute, what they end.
//
// It is a store of bare records: a file has neither revision nor times, so a record reads as revision 1 without a deadline, and
// Touch has nowhere to write. It has no compare-and-swap, and a kind accepts that by LostUpdates: of two changes at once one is
// lost, and a session that Ktor ends while Satchel changes it may come back. Calls of one process exclude each other for each ID.
//
// A write is seen whole or not at all, also after a crash: the file is written beside the others, flushed, and put in place by
// rename. Ktor's own writes are not: a file that is empty while Ktor writes it is read again for a while, and is [store.ErrGarbled]
// if it stays empty. Reading makes no directories. An ID that Ktor refuses is unknown (ErrNotFound) where it is read, and an
// error where it is written.
//
// Files and directories get the permissions of the root directory, so whoever may use that may read sessions, and nobody else.
// They are their owner's; Ktor runs under the same user, or in the group of a root directory with the set-group-ID bit.
type Directory struct {
	root  *os.Root
	mode  fs.FileMode
	locks [64]sync.Mutex // by ID
	seed  maphash.Seed
}

// OpenDirectory opens the directory, which exists. Close closes it.
func OpenDirectory(dir string) (*Directory, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("ktor: %w", err)
	}
	at, err := root.Stat(".")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("ktor: %w", err), root.Close())
	}
	return &Directory{root: root, mode: at.Mode().Perm(), seed: maphash.MakeSeed()}, nil
}

// Close closes the directory. What is called afterwards fails.
func (d *Directory) Close() error { return d.root.Close() }

// Guarantees says that files survive the process, that several share them, and that nothing holds a revision.
func (d *Directory) Guarantees() store.Guarantees {
	return store.Guarantees{Durability: store.Process, Shared: true}
}

// at returns the path of a key's file and locks its ID.
func (d *Directory) at(ctx context.Context, key core.Key) (name string, unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return "", nil, fmt.Errorf("ktor: directory: %w", err)
	}
	name, ok := recordPath(string(key))
	if !ok {
		return "", nil, store.ErrNotFound
	}
	mu := &d.locks[maphash.String(d.seed, name)%uint64(len(d.locks))]
	mu.Lock()
	return name, mu.Unlock, nil
}

const (
	emptyTries = 20               // how often a file that is empty is read
	emptyPause = time.Millisecond // and what lies between, in which Ktor has written it
)

// Load returns the session of an ID as revision 1, without a deadline.
func (d *Directory) Load(ctx context.Context, key core.Key) (core.Record, error) {
	name, unlock, err := d.at(ctx, key)
	if err != nil {
		return core.Record{}, err
	}
	unlock() // a file in place is whole
	rec := core.Record{Revision: 1, Deadline: core.MaxInstant}
	for range emptyTries {
		text, err := d.root.ReadFile(name)
		if err != nil {
			return core.Record{}, failed(err)
		}
		if len(text) > 0 {
			rec.Body = string(text)
			return rec, nil
		}
		pause := time.NewTimer(emptyPause)
		select {
		case <-ctx.Done():
			pause.Stop()
			return core.Record{}, fmt.Errorf("ktor: directory: %w", ctx.Err())
		case <-pause.C:
		}
	}
	return core.Record{Revision: 1}, store.ErrGarbled
}

var errID = errors.New("ktor: directory: an ID that Ktor's directory storage refuses")

// Create keeps a session under an ID that has none.
func (d *Directory) Create(ctx context.Context, key core.Key, rec core.Record) error {
	name, unlock, err := d.at(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return errID
	}
	if err != nil {
		return err
	}
	defer unlock()
	return d.write(rec.Body, name, d.root.Link)
}

// Replace keeps a session in place of the one that the ID has. It looks at no revision.
func (d *Directory) Replace(ctx context.Context, key core.Key, _ uint64, rec core.Record) error {
	name, unlock, err := d.at(ctx, key)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err = d.root.Stat(name); err != nil {
		return failed(err)
	}
	return d.write(rec.Body, name, d.root.Rename)
}

// Touch does nothing to a session that there is.
func (d *Directory) Touch(ctx context.Context, key core.Key, _ uint64, _, _ int64) error {
	name, unlock, err := d.at(ctx, key)
	if err != nil {
		return err
	}
	defer unlock()
	_, err = d.root.Stat(name)
	return failed(err)
}

// Delete removes a session and, as Ktor, the directories that are empty without it. It looks at no revision.
func (d *Directory) Delete(ctx context.Context, key core.Key, _ uint64) error {
	name, unlock, err := d.at(ctx, key)
	if err != nil {
		return err
	}
	defer unlock()
	if err = d.root.Remove(name); err != nil {
		return failed(err)
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if d.root.Remove(dir) != nil {
			break // most often it is not empty
		}
	}
	return nil
}

// write puts a session in place by link, which takes no other's place, or by rename.
func (d *Directory) write(text, name string, place func(from, to string) error) error {
	if text == "" {
		return errors.New("ktor: directory: an empty session, which Ktor cannot read back")
	}
	aside := ".satchel-" + strconv.FormatUint(rand.Uint64(), 36) //nolint:gosec // a name that nobody else has is enough
	err := d.writeAside(aside, text)
	if err == nil {
		err = d.put(aside, name, place)
	}
	_ = d.root.Remove(aside) // after a rename it is gone
	return failed(err)
}

// writeAside writes a file whose name no ID has: those begin with two characters or end in ".dat".
func (d *Directory) writeAside(aside, text string) error {
	f, err := d.root.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, d.mode&0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}

var errBusy = errors.New("ktor: directory: others take the directories away as fast as they are made")

// put makes the directories and moves the file there. Who ends the last other session in one of them takes it away meanwhile,
// and then it is made again.
func (d *Directory) put(aside, name string, place func(from, to string) error) error {
	for range emptyTries {
		if dir := path.Dir(name); dir != "." {
			err := d.root.MkdirAll(dir, d.mode)
			if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
				continue // one that it found has gone before it could look
			}
			if err != nil {
				return err
			}
		}
		if err := place(aside, name); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return errBusy
}

// failed gives an error the store's name, without the path: it holds the ID.
func failed(err error) error {
	var at *fs.PathError
	var link *os.LinkError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return store.ErrNotFound
	case errors.Is(err, fs.ErrExist):
		return store.ErrExists
	case errors.As(err, &at):
		err = at.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return fmt.Errorf("ktor: directory: %w", err)
}

var _ store.Store = (*Directory)(nil)
