package sealed

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
)

// Config is what a sealed store may be told. Only Keys has to be set.
type Config struct {
	// Keys hands out the keyring of the moment; each satchel.Keys fits. It returns the same pointer as long as nothing changed, or what is
	// derived from the keys is derived anew each time.
	Keys func(context.Context) (*crypto.Keyring, error)

	// Refresh is how long a ring is used before Keys is asked again; 0 is 30 seconds.
	Refresh time.Duration

	// KeysFailed is told that Keys failed and the last ring serves on. nil is free.
	KeysFailed func(error)

	// Entropy is where nonces come from; nil is crypto/rand. One that repeats gives records away.
	Entropy io.Reader

	// Now is the clock of Refresh, and of nothing else; nil is time.Now.
	Now func() time.Time
}

// New returns a Store that seals what it keeps in inner, with every default.
func New(ctx context.Context, inner store.Store, keys func(context.Context) (*crypto.Keyring, error)) (store.Store, error) {
	return Config{Keys: keys}.New(ctx, inner)
}

// New returns a Store that seals what it keeps in inner, and has inner's abilities. It asks Keys, so that a program without keys does not begin. One
// error lists everything wrong.
func (c Config) New(ctx context.Context, inner store.Store) (store.Store, error) {
	var wrong []error
	if inner == nil {
		wrong = append(wrong, errors.New("store/sealed: no store inside"))
	}
	if c.Keys == nil {
		wrong = append(wrong, errors.New("store/sealed: no Keys"))
	}
	if c.Refresh < 0 {
		wrong = append(wrong, fmt.Errorf("store/sealed: Refresh is %v, less than 0", c.Refresh))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	s := &sealed{inner: inner, entropy: c.Entropy, keys: newKeys(c)}
	if s.entropy == nil {
		s.entropy = rand.Reader
	}
	if err := s.keys.begin(ctx); err != nil {
		return nil, fmt.Errorf("store/sealed: %w", err)
	}
	able := store.AbilitiesOf(inner)
	if able.Lister != nil {
		able.Lister = lister{able.Lister, s}
	}
	return able.On(s), nil
}

type sealed struct {
	inner   store.Store
	keys    *keys
	entropy io.Reader
}

// The frame of a record. Its version changes if what is bound does.
const (
	frameKind    = "store"
	framePurpose = core.Purpose("record")
	version      = 1
	hour         = int64(time.Hour / time.Millisecond)
)

// frame binds a body to its record. The instant is Seen, which never moves back under one revision: so what was sealed opens from then on.
func frame(name string, rec core.Record, life int64) core.Frame {
	return core.Frame{
		Kind: frameKind, Purpose: framePurpose, Version: version,
		Audience: string(binary.BigEndian.AppendUint64(nil, rec.Revision)), Tenant: name,
		Now: rec.Seen, Life: life,
	}
}

// seal returns the record as it is kept inside.
func (s *sealed) seal(ctx context.Context, key core.Key, rec core.Record) (core.Record, error) {
	if err := store.CheckRecord(rec); err != nil {
		return rec, err
	}
	var nonce [12]byte
	if _, err := io.ReadFull(s.entropy, nonce[:]); err != nil {
		return rec, fmt.Errorf("entropy: %w", err)
	}
	// A life of an hour is sealed under a key of that hour alone. How long a record lives its body says.
	body, err := crypto.Seal(s.keys.ring(ctx)).Out(frame(store.Name(key), rec, hour), nonce[:], nil, []byte(rec.Body))
	rec.Body = string(body)
	return rec, err
}

// open returns a record of the inner store as it was given, or ErrGarbled and its revision. If its key is not known here, and whether
// the source has it cannot be known now, that is an outage.
func (s *sealed) open(ctx context.Context, name string, rec core.Record) (core.Record, error) {
	f := frame(name, rec, 0)
	asked := s.keys.asked.Load()
	ring := s.keys.ring(ctx)
	body, refusal := crypto.Seal(ring).In(f, nil, []byte(rec.Body))
	if refusal == core.UnknownKey {
		id := rec.Body[:1+int(rec.Body[0])] // it begins with its key's id, as crypto.Seal says, and has been read so far
		other, unsure := s.keys.another(ctx, ring, id, asked)
		if other != ring {
			body, refusal = crypto.Seal(other).In(f, nil, []byte(rec.Body))
		}
		if refusal == core.UnknownKey && unsure != nil {
			return core.Record{}, notAsked(ctx, unsure)
		}
	}
	if refusal != core.NotRefused {
		return core.Record{Revision: rec.Revision}, fmt.Errorf("%w: its seal: %v", store.ErrGarbled, refusal)
	}
	rec.Body = string(body)
	return rec, nil
}

// notAsked says that the source of keys could not be asked. Its own words are no answer of this store: a source may itself be a store.
func notAsked(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("store/sealed: keys: %w", ended)
	}
	return fmt.Errorf("store/sealed: keys: %v", err) //nolint:errorlint // hidden on purpose
}

// Load implements [store.Store].
func (s *sealed) Load(ctx context.Context, key core.Key) (core.Record, error) {
	rec, err := s.inner.Load(ctx, key)
	if err != nil {
		return rec, err
	}
	return s.open(ctx, store.Name(key), rec)
}

// Create implements [store.Store].
func (s *sealed) Create(ctx context.Context, key core.Key, rec core.Record) error {
	rec, err := s.seal(ctx, key, rec)
	if err != nil {
		return fmt.Errorf("store/sealed: create: %w", err)
	}
	return s.inner.Create(ctx, key, rec)
}

// Replace implements [store.Store].
func (s *sealed) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	rec, err := s.seal(ctx, key, rec)
	if err != nil {
		return fmt.Errorf("store/sealed: replace: %w", err)
	}
	if err := s.readable(ctx, key); err != nil {
		return err
	}
	return s.inner.Replace(ctx, key, at, rec)
}

// Touch implements [store.Store].
func (s *sealed) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	if err := s.readable(ctx, key); err != nil {
		return err
	}
	return s.inner.Touch(ctx, key, at, seen, deadline)
}

// readable says why what is kept may not be changed, or that it may be: then it is the same for as long as it has its revision, at which the
// change is made.
func (s *sealed) readable(ctx context.Context, key core.Key) error {
	_, err := s.Load(ctx, key)
	return err
}

// Delete implements [store.Store].
func (s *sealed) Delete(ctx context.Context, key core.Key, at uint64) error {
	return s.inner.Delete(ctx, key, at)
}

// Guarantees declares what the inner store does.
func (s *sealed) Guarantees() store.Guarantees { return s.inner.Guarantees() }

type lister struct {
	inner  store.Lister
	sealed *sealed
}

// List implements [store.Lister]. It loads each record, because without that neither its size is known nor whether it opens.
func (l lister) List(ctx context.Context) iter.Seq2[store.Listed, error] {
	return func(yield func(store.Listed, error) bool) {
		for one, err := range l.inner.List(ctx) {
			gone := false
			if err == nil && !one.Garbled {
				one, gone, err = l.opened(ctx, one)
			}
			if gone {
				continue
			}
			if !yield(one, err) || err != nil {
				return
			}
		}
	}
}

// opened returns a listed record with what its body says, or that it has gone meanwhile.
func (l lister) opened(ctx context.Context, one store.Listed) (opened store.Listed, gone bool, err error) {
	load := one.Load
	one.Load = func(ctx context.Context) (core.Record, error) {
		rec, err := load(ctx)
		if err != nil {
			return rec, err
		}
		return l.sealed.open(ctx, one.Name, rec)
	}
	rec, err := one.Load(ctx)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return one, true, nil
	case errors.Is(err, store.ErrGarbled):
		one.Garbled = true
		return one, false, nil
	case err != nil:
		return store.Listed{}, false, err
	}
	one.Revision, one.Seen, one.Deadline, one.Size = rec.Revision, rec.Seen, rec.Deadline, len(rec.Body)
	return one, false, nil
}
