package store_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// The storage begins.
type inMap struct{ sync.Map }

func (m *inMap) Write(_ context.Context, id, text string) error { m.Store(id, text); return nil }

func (m *inMap) Invalidate(_ context.Context, id string) error { m.Delete(id); return nil }

func (m *inMap) Read(_ context.Context, id string) (string, error) {
	text, _ := m.Load(id)
	return cmp.Or[any](text, "").(string), nil
}

// The storage ends.

// A storage of one's own has three methods. That of two changes at once the last one wins is said where the store is made, and once more, by
// the option LostUpdates, where a kind is placed in it.
func ExampleLastWriteWins() {
	records := store.LastWriteWins(new(inMap))
	ctx := context.Background()
	fmt.Println(records.Create(ctx, "key", core.Record{Revision: 1, Seen: 1_000, Deadline: 61_000, Body: "body"}))
	rec, err := records.Load(ctx, "key")
	fmt.Println(rec.Body, err)
	fmt.Println(records.Delete(ctx, "key", 1), records.Guarantees().CompareAndSwap)
	// Output:
	// <nil>
	// body <nil>
	// <nil> false
}

// inFiles keeps each text in a file.
type inFiles string

func (folder inFiles) Write(_ context.Context, id string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(string(folder), "new-")
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), filepath.Join(string(folder), id))
}

func (folder inFiles) Read(_ context.Context, id string, read func(io.Reader) error) error {
	f, err := os.Open(filepath.Join(string(folder), id))
	if errors.Is(err, fs.ErrNotExist) {
		return store.ErrNotFound
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return read(f)
}

func (folder inFiles) Invalidate(_ context.Context, id string) error {
	return os.Remove(filepath.Join(string(folder), id))
}

// A storage may as well write to a Writer and read from a Reader.
func ExampleStreamed() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	records := store.LastWriteWins(store.Streamed(inFiles(folder)))
	ctx := context.Background()
	fmt.Println(records.Create(ctx, "key", core.Record{Revision: 1, Seen: 1_000, Deadline: 61_000, Body: "body"}))
	rec, err := records.Load(ctx, "key")
	fmt.Println(rec.Body, err)
	// Output:
	// <nil>
	// body <nil>
}
