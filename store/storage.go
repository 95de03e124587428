package store

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/maphash"
	"time"

	"github.com/satchel-go/satchel/core"
)

// Storage is something simpler than a [Store]: it keeps a text under an id, and knows neither revisions nor conditions.
// [LastWriteWins] makes a Store of one, with the weakness that its name says. Its methods may be called by many goroutines at once, and return
// soon after their context ends.
//
// An id has lowercase letters and digits only, 64 of them for the keys that this library makes. A text is binary.
type Storage interface {
	// Write keeps text under id, in place of what was there.
	Write(ctx context.Context, id, text string) error

	// Read returns what is kept under id. Where there is nothing it returns "" or ErrNotFound.
	Read(ctx context.Context, id string) (text string, err error)

	// Invalidate removes what is kept under id. If there is nothing it does nothing.
	Invalidate(ctx context.Context, id string) error
}

// Expirer is a [Storage] that can drop a text by itself. WriteUntil is then called in place of Write.
type Expirer interface {
	// WriteUntil does what Write does. From until on the text may be dropped, and not before: a storage whose clock may be ahead
	// drops it so much later. The zero Time is never.
	WriteUntil(ctx context.Context, id, text string, until time.Time) error
}

// LastWriteWins returns a [Store] over a Storage. It asks the Storage first and writes then, and between the two another
// process may have written: of two changes at once the last one wins and the other is lost, and a session that was ended meanwhile may come
// back. So it declares no compare-and-swap, and whoever places a kind in it accepts that there by the option LostUpdates.
//
// Calls of this one process for one key take turns. It declares nothing else either, because it knows nothing of the Storage.
// A text that was cut short or changed is [ErrGarbled]. A Storage that is no [Expirer] keeps the texts of sessions that nobody ends until
// somebody clears them away.
func LastWriteWins(storage Storage) Store {
	if storage == nil {
		panic("store: LastWriteWins of no Storage")
	}
	s := &lastWriteWins{storage: storage, seed: maphash.MakeSeed()}
	for i := range s.turns {
		s.turns[i] = make(chan struct{}, 1)
	}
	return s
}

type lastWriteWins struct {
	storage Storage
	seed    maphash.Seed
	turns   [64]chan struct{} // by id; whoever has put something in has the turn
}

// Guarantees declares nothing.
func (*lastWriteWins) Guarantees() Guarantees { return Guarantees{} }

// Load implements [Store].
func (s *lastWriteWins) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if err := ctx.Err(); err != nil {
		return core.Record{}, fmt.Errorf("store: load: %w", err)
	}
	rec, err := s.read(ctx, storageID(key))
	return rec, plainly(ctx, "load", err)
}

// Create implements [Store].
func (s *lastWriteWins) Create(ctx context.Context, key core.Key, rec core.Record) error {
	return s.change(ctx, "create", key, func(_ core.Record, err error) (core.Record, error) {
		switch {
		case err == nil, errors.Is(err, ErrGarbled):
			return rec, ErrExists
		case errors.Is(err, ErrNotFound):
			return rec, nil
		}
		return rec, err
	})
}

// Replace implements [Store].
func (s *lastWriteWins) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	return s.change(ctx, "replace", key, func(kept core.Record, err error) (core.Record, error) {
		if err == nil && kept.Revision != at {
			err = ErrConflict
		}
		return rec, err
	})
}

// Touch implements [Store].
func (s *lastWriteWins) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	return s.change(ctx, "touch", key, func(kept core.Record, err error) (core.Record, error) {
		if err != nil {
			return kept, err
		}
		return Touched(kept, at, seen, deadline)
	})
}

// Delete implements [Store].
func (s *lastWriteWins) Delete(ctx context.Context, key core.Key, at uint64) error {
	id := storageID(key)
	done, err := s.turn(ctx, id)
	if err != nil {
		return fmt.Errorf("store: delete: %w", err)
	}
	defer done()
	kept, err := s.read(ctx, id)
	switch {
	case errors.Is(err, ErrGarbled) && kept.Revision > 0, err == nil:
		if kept.Revision != at {
			return ErrConflict
		}
		err = s.storage.Invalidate(ctx, id)
		if errors.Is(err, ErrNotFound) {
			err = nil // it went by itself, or some storages say so of each
		}
	}
	return plainly(ctx, "delete", err)
}

// change writes what next makes of what is kept.
func (s *lastWriteWins) change(ctx context.Context, method string, key core.Key, next func(core.Record, error) (core.Record, error)) error {
	id := storageID(key)
	done, err := s.turn(ctx, id)
	if err != nil {
		return fmt.Errorf("store: %s: %w", method, err)
	}
	defer done()
	rec, err := next(s.read(ctx, id))
	if err == nil {
		var text string
		if text, err = storageText(rec); err == nil {
			err = s.write(ctx, id, text, rec.Deadline)
		}
		if errors.Is(err, ErrNotFound) || errors.Is(err, ErrExists) || errors.Is(err, ErrConflict) || errors.Is(err, ErrGarbled) {
			err = fmt.Errorf("the storage cannot write: %v", err) //nolint:errorlint // it is no answer about the record
		}
	}
	return plainly(ctx, method, err)
}

// turn waits until no other call of this process is at the id.
func (s *lastWriteWins) turn(ctx context.Context, id string) (done func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	turn := s.turns[maphash.String(s.seed, id)%uint64(len(s.turns))]
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *lastWriteWins) write(ctx context.Context, id, text string, deadline int64) error {
	e, ok := s.storage.(Expirer)
	switch {
	case !ok:
		return s.storage.Write(ctx, id, text)
	case deadline == core.MaxInstant:
		return e.WriteUntil(ctx, id, text, time.Time{})
	}
	return e.WriteUntil(ctx, id, text, time.UnixMilli(deadline))
}

func (s *lastWriteWins) read(ctx context.Context, id string) (core.Record, error) {
	text, err := s.storage.Read(ctx, id)
	switch {
	case err != nil:
		return core.Record{}, err
	case text == "":
		return core.Record{}, ErrNotFound
	}
	return readStorageText(text)
}

// A text is a record's layout, as AppendRecord has it, and then its CRC-32C in 4 bytes, big endian: a storage may write in place, so that
// a crash cuts a text short.
const storageSum = 4

func storageText(rec core.Record) (string, error) {
	text, err := AppendRecord(make([]byte, 0, layoutBody+len(rec.Body)+storageSum), rec)
	if err != nil {
		return "", err
	}
	return string(binary.BigEndian.AppendUint32(text, crc32.Checksum(text, castagnoli))), nil
}

func readStorageText(text string) (core.Record, error) {
	end := max(len(text)-storageSum, 0)
	rec, err := ReadRecord(text[:end])
	if err == nil && uint64(crc32.Checksum([]byte(text[:end]), castagnoli)) != number(text[end:]) {
		return core.Record{}, ErrGarbled
	}
	return rec, err
}

func storageID(key core.Key) string { return hex.EncodeToString([]byte(key)) }

// plainly wraps an outage once, with the operation. That a context has ended is said of the caller's own.
func plainly(ctx context.Context, method string, err error) error {
	switch {
	case err == nil, errors.Is(err, ErrNotFound), errors.Is(err, ErrExists), errors.Is(err, ErrConflict), errors.Is(err, ErrFull), errors.Is(err, ErrGarbled):
		return err
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		return fmt.Errorf("store: %s: %w: %w", method, ctx.Err(), err)
	}
	return fmt.Errorf("store: %s: %w", method, err)
}
