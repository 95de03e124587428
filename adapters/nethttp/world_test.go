package nethttp_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
)

type cart struct {
	Items []string `cbor:"1,keyasint"`
}

var (
	carts = satchel.NewKind[cart]("cart")
	notes = satchel.NewKind[string]("note")
)

// world is a store that counts and fails as told, a clock, and sessions on both.
type world struct {
	*store.Memory
	calls  atomic.Int64
	down   atomic.Bool
	before atomic.Pointer[func(context.Context)] // called before each write
	now    atomic.Int64
	begin  time.Time
}

func newWorld() *world {
	return &world{Memory: store.NewMemory(), begin: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
}

var errDown = errors.New("the store at secret.internal is down")

func (w *world) called(ctx context.Context) error {
	w.calls.Add(1)
	if w.down.Load() {
		return errDown
	}
	return ctx.Err()
}

func (w *world) written(ctx context.Context) error {
	if before := w.before.Load(); before != nil {
		(*before)(ctx)
	}
	return w.called(ctx)
}

func (w *world) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if err := w.called(ctx); err != nil {
		return core.Record{}, err
	}
	return w.Memory.Load(ctx, key)
}

func (w *world) Create(ctx context.Context, key core.Key, rec core.Record) error {
	if err := w.written(ctx); err != nil {
		return err
	}
	return w.Memory.Create(ctx, key, rec)
}

func (w *world) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	if err := w.written(ctx); err != nil {
		return err
	}
	return w.Memory.Replace(ctx, key, at, rec)
}

func (w *world) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	if err := w.written(ctx); err != nil {
		return err
	}
	return w.Memory.Touch(ctx, key, at, seen, deadline)
}

func (w *world) Delete(ctx context.Context, key core.Key, at uint64) error {
	if err := w.written(ctx); err != nil {
		return err
	}
	return w.Memory.Delete(ctx, key, at)
}

// records says how many records there are.
func (w *world) records() int { return w.Stats().Records }

// pass lets time go by.
func (w *world) pass(d time.Duration) { w.now.Add(int64(d)) }

func (w *world) clock() time.Time { return w.begin.Add(time.Duration(w.now.Load())) }

// sessions places kinds under the world's clock.
func (w *world) sessions(t testing.TB, placements ...satchel.Placement) *satchel.Sessions {
	t.Helper()
	s, err := satchel.Config{Clock: w.clock, CommitLimit: time.Minute}.New(placements...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// keys is a keyring of one key for client-side sessions.
func keys(t testing.TB) satchel.Keys {
	t.Helper()
	key, err := crypto.NewKey("k1", crypto.Primary, []byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := crypto.NewKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	return satchel.FixedKeys(ring)
}
