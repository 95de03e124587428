package adaptertest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

// Ledger is a store that notes what it is asked, and fails on cue, with the clock of its sessions.
type Ledger struct {
	*store.Memory

	Clock  satcheltest.Clock
	Down   atomic.Bool                               // whatever it is asked, it returns ErrDown
	Before atomic.Pointer[func(ctx context.Context)] // called before each write

	mu    sync.Mutex
	calls []string
	count int
}

// NewLedger returns an empty one.
func NewLedger() *Ledger { return &Ledger{Memory: store.NewMemory()} }

// secret is in the text of the store's error, and must not come out anywhere.
const secret = "secret.internal"

// ErrDown is the error of a ledger that is down. Its text is nothing for a client.
var ErrDown = errors.New("the store at " + secret + " is down")

// Sessions places kinds, under the ledger's clock.
func (l *Ledger) Sessions(t testing.TB, placements ...satchel.Placement) *satchel.Sessions {
	t.Helper()
	s, err := l.config().New(placements...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (l *Ledger) config() satchel.Config {
	return satchel.Config{Clock: l.Clock.Now, CommitLimit: Patience, LoadLimit: Patience}
}

// Calls returns how many calls there were.
func (l *Ledger) Calls() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// Records returns how many records there are.
func (l *Ledger) Records() int { return l.Stats().Records }

func (l *Ledger) ask(ctx context.Context, call string, writes bool) error {
	l.mu.Lock()
	l.calls = append(l.calls, call)
	l.count++
	l.mu.Unlock()
	if gate := l.Before.Load(); gate != nil && writes {
		(*gate)(ctx)
	}
	if l.Down.Load() {
		return ErrDown
	}
	return ctx.Err()
}

// asked returns the calls since it was last asked for them.
func (l *Ledger) asked() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	calls := strings.Join(l.calls, ", ")
	l.calls = nil
	return calls
}

// Load is the store's.
func (l *Ledger) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if err := l.ask(ctx, "load", false); err != nil {
		return core.Record{}, err
	}
	return l.Memory.Load(ctx, key)
}

// Create is the store's.
func (l *Ledger) Create(ctx context.Context, key core.Key, rec core.Record) error {
	if err := l.ask(ctx, "create", true); err != nil {
		return err
	}
	return l.Memory.Create(ctx, key, rec)
}

// Replace is the store's.
func (l *Ledger) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	if err := l.ask(ctx, "replace", true); err != nil {
		return err
	}
	return l.Memory.Replace(ctx, key, at, rec)
}

// Touch is the store's.
func (l *Ledger) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	if err := l.ask(ctx, "touch", true); err != nil {
		return err
	}
	return l.Memory.Touch(ctx, key, at, seen, deadline)
}

// Delete is the store's.
func (l *Ledger) Delete(ctx context.Context, key core.Key, at uint64) error {
	if err := l.ask(ctx, "delete", true); err != nil {
		return err
	}
	return l.Memory.Delete(ctx, key, at)
}
