package kv

import (
	"context"
	"errors"
	"fmt"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Store keeps sessions in an Engine, in the layout that store.AppendRecord writes. Revisions are in the value, so the engine's versions
// are nobody's concern: they only make each change one atomic step.
type Store struct{ Engine Engine }

var _ store.Store = Store{}

// Load implements store.Store.
func (s Store) Load(ctx context.Context, key core.Key) (core.Record, error) {
	rec, _, err := s.load(ctx, key)
	return rec, failed("load", err)
}

func (s Store) load(ctx context.Context, key core.Key) (rec core.Record, version uint64, err error) {
	value, version, err := s.Engine.Get(ctx, string(key))
	switch {
	case err != nil:
		return core.Record{}, 0, err
	case version == 0:
		return core.Record{}, 0, store.ErrNotFound
	}
	rec, err = store.ReadRecord(value)
	return rec, version, err
}

// Create implements store.Store.
func (s Store) Create(ctx context.Context, key core.Key, rec core.Record) error {
	value, err := store.AppendRecord(nil, rec)
	if err != nil {
		return failed("create", err)
	}
	ok, err := s.Engine.Put(ctx, string(key), string(value), 0)
	if err == nil && !ok {
		return store.ErrExists
	}
	return failed("create", err)
}

// Replace implements store.Store.
func (s Store) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	return s.change(ctx, "replace", key, func(kept core.Record) (core.Record, error) {
		if kept.Revision != at {
			return kept, store.ErrConflict
		}
		return rec, nil
	})
}

// Touch implements store.Store.
func (s Store) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	return s.change(ctx, "touch", key, func(kept core.Record) (core.Record, error) {
		return store.Touched(kept, at, seen, deadline)
	})
}

// change reads, computes and writes until nobody came between.
func (s Store) change(ctx context.Context, method string, key core.Key, f func(core.Record) (core.Record, error)) error {
	for {
		kept, version, err := s.load(ctx, key)
		if err != nil {
			return failed(method, err)
		}
		rec, err := f(kept)
		if err != nil {
			return failed(method, err)
		}
		value, err := store.AppendRecord(nil, rec)
		if err != nil {
			return failed(method, err)
		}
		if ok, err := s.Engine.Put(ctx, string(key), string(value), version); ok || err != nil {
			return failed(method, err)
		}
	}
}

// Delete implements store.Store. What cannot be read goes as well, if at least its revision can.
func (s Store) Delete(ctx context.Context, key core.Key, at uint64) error {
	for {
		kept, version, err := s.load(ctx, key)
		if err != nil && (!errors.Is(err, store.ErrGarbled) || kept.Revision == 0) {
			return failed("delete", err)
		}
		if kept.Revision != at {
			return store.ErrConflict
		}
		if ok, err := s.Engine.Delete(ctx, string(key), version); ok || err != nil {
			return failed("delete", err)
		}
	}
}

// Guarantees says what the engine in memory promises. That of a real one promises more.
func (Store) Guarantees() store.Guarantees {
	return store.Guarantees{CompareAndSwap: true, Durability: store.Volatile}
}

// failed wraps an outage once, with what was tried, and leaves answers about a record as they are.
func failed(method string, err error) error {
	for _, answer := range []error{nil, store.ErrNotFound, store.ErrExists, store.ErrConflict, store.ErrFull, store.ErrGarbled} {
		if errors.Is(err, answer) {
			return err
		}
	}
	return fmt.Errorf("kv: %s: %w", method, err)
}
