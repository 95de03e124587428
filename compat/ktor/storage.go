package ktor

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// SessionStorage returns a store of bare records over what Ktor's own SessionStorage of a service keeps: in Redis, in a table, wherever.
// storage has the same three calls, and is handed what Ktor hands to its own, the ID and the serialized session, so each side
// reads, changes and ends what the other wrote. ([store.LastWriteWins] frames the text, so Ktor cannot read that.) For storages
// of Ktor 1, which stream, there is [store.Streamed].
//
// Such a storage has neither revisions nor conditions. It is asked first and written to then, and a kind accepts by LostUpdates that
// of two changes at once one is lost, and that a session which Ktor ends meanwhile may come back. Calls of this one process for one
// ID take turns.
//
// A record has no time either: Write is called and never WriteUntil, and gives its entry the time to live that Ktor's side gives
// it; Read may prolong that. An ID is what a client sent, so a storage that makes paths or statements of IDs escapes them. An empty
// session is not written, because it reads as none.
func SessionStorage(storage store.Storage) store.Store {
	if storage == nil {
		panic("ktor: SessionStorage of no Storage")
	}
	s := &sessionStorage{storage: storage, seed: maphash.MakeSeed()}
	for i := range s.turns {
		s.turns[i] = make(chan struct{}, 1)
	}
	return s
}

type sessionStorage struct {
	storage store.Storage
	seed    maphash.Seed
	turns   [64]chan struct{} // by ID; whoever has put something in has the turn
}

// Guarantees declares nothing, because it knows nothing of the storage.
func (*sessionStorage) Guarantees() store.Guarantees { return store.Guarantees{} }

// Load returns the session of an ID as revision 1, without a deadline.
func (s *sessionStorage) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if err := ctx.Err(); err != nil {
		return core.Record{}, storageFailed(err)
	}
	text, err := s.storage.Read(ctx, string(key))
	switch {
	case err != nil:
		return core.Record{}, storageFailed(err)
	case text == "":
		return core.Record{}, store.ErrNotFound
	}
	return core.Record{Revision: 1, Deadline: core.MaxInstant, Body: text}, nil
}

// Create keeps a session under an ID that has none.
func (s *sessionStorage) Create(ctx context.Context, key core.Key, rec core.Record) error {
	return s.inTurn(ctx, key, func() error {
		switch _, err := s.Load(ctx, key); {
		case err == nil:
			return store.ErrExists
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		return s.write(ctx, key, rec.Body)
	})
}

// Replace keeps a session in place of the one that the ID has. It looks at no revision.
func (s *sessionStorage) Replace(ctx context.Context, key core.Key, _ uint64, rec core.Record) error {
	return s.inTurn(ctx, key, func() error {
		if _, err := s.Load(ctx, key); err != nil {
			return err
		}
		return s.write(ctx, key, rec.Body)
	})
}

// Touch does nothing to a session that there is.
func (s *sessionStorage) Touch(ctx context.Context, key core.Key, _ uint64, _, _ int64) error {
	_, err := s.Load(ctx, key)
	return err
}

// Delete removes a session. It looks at no revision.
func (s *sessionStorage) Delete(ctx context.Context, key core.Key, _ uint64) error {
	return s.inTurn(ctx, key, func() error {
		if _, err := s.Load(ctx, key); err != nil {
			return err
		}
		err := s.storage.Invalidate(ctx, string(key))
		if errors.Is(err, store.ErrNotFound) {
			return nil // it went by itself meanwhile
		}
		return storageFailed(err)
	})
}

var errEmpty = errors.New("ktor: an empty session, which reads as none")

func (s *sessionStorage) write(ctx context.Context, key core.Key, text string) error {
	if text == "" {
		return errEmpty
	}
	err := s.storage.Write(ctx, string(key), text)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrConflict) {
		err = fmt.Errorf("it cannot write: %v", err) //nolint:errorlint // it is no answer about the session
	}
	return storageFailed(err)
}

// inTurn does what no other call of this process does at the same time for the ID.
func (s *sessionStorage) inTurn(ctx context.Context, key core.Key, do func() error) error {
	if err := ctx.Err(); err != nil {
		return storageFailed(err)
	}
	turn := s.turns[maphash.String(s.seed, string(key))%uint64(len(s.turns))]
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
		return do()
	case <-ctx.Done():
		return storageFailed(ctx.Err())
	}
}

// storageFailed gives an outage the store's name.
func storageFailed(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrNotFound):
		return store.ErrNotFound
	case errors.Is(err, store.ErrGarbled):
		return store.ErrGarbled
	}
	return fmt.Errorf("ktor: session storage: %w", err)
}
