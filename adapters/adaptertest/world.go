package adaptertest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

// ledger is a store that notes what it is asked, and fails on cue.
type ledger struct {
	*store.Memory

	clock satcheltest.Clock
	down  atomic.Bool
	gate  atomic.Pointer[func(ctx context.Context)] // called before each write

	mu    sync.Mutex
	calls []string
}

func newLedger() *ledger { return &ledger{Memory: store.NewMemory()} }

// secret is in the text of the store's error, and must not come out anywhere.
const secret = "secret.internal"

var errDown = errors.New("the store at " + secret + " is down")

func (l *ledger) ask(ctx context.Context, call string, writes bool) error {
	l.mu.Lock()
	l.calls = append(l.calls, call)
	l.mu.Unlock()
	if gate := l.gate.Load(); gate != nil && writes {
		(*gate)(ctx)
	}
	if l.down.Load() {
		return errDown
	}
	return ctx.Err()
}

// asked returns the calls since it was last asked for them.
func (l *ledger) asked() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	calls := strings.Join(l.calls, ", ")
	l.calls = nil
	return calls
}

func (l *ledger) records() int { return l.Stats().Records }

// Load, Create, Replace, Touch and Delete are the store's.

func (l *ledger) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if err := l.ask(ctx, "load", false); err != nil {
		return core.Record{}, err
	}
	return l.Memory.Load(ctx, key)
}

func (l *ledger) Create(ctx context.Context, key core.Key, rec core.Record) error {
	if err := l.ask(ctx, "create", true); err != nil {
		return err
	}
	return l.Memory.Create(ctx, key, rec)
}

func (l *ledger) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	if err := l.ask(ctx, "replace", true); err != nil {
		return err
	}
	return l.Memory.Replace(ctx, key, at, rec)
}

func (l *ledger) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	if err := l.ask(ctx, "touch", true); err != nil {
		return err
	}
	return l.Memory.Touch(ctx, key, at, seen, deadline)
}

func (l *ledger) Delete(ctx context.Context, key core.Key, at uint64) error {
	if err := l.ask(ctx, "delete", true); err != nil {
		return err
	}
	return l.Memory.Delete(ctx, key, at)
}
