package faulty

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// ErrFault is an error for scripts that need one: an outage.
var ErrFault = errors.New("faulty: the engine does not answer")

// Forever as a delay ends with the context only.
const Forever time.Duration = math.MaxInt64

// Fault is what befalls one call. The zero value is nothing.
type Fault struct {
	Delay  time.Duration // waited for before the call takes effect
	Before error         // returned after the Delay, and the call takes no effect
	Linger time.Duration // waited for after the call took effect
	After  error         // returned after that, in place of what the call answered
}

// Call is a call that begins.
type Call struct {
	N      int    // how many began before it
	Method string // Load, Create, Replace, Touch, Delete, Sweep or List
	Key    core.Key
}

// Script says what befalls a call. It may be called by many goroutines at once.
type Script func(c Call) Fault

// Always returns a script by which the same befalls each call.
func Always(f Fault) Script { return func(Call) Fault { return f } }

// Sequence returns a script by which the first call meets the first fault, and so on, and what follows meets none.
func Sequence(faults ...Fault) Script {
	var next atomic.Int64
	return func(Call) Fault {
		if n := int(next.Add(1)) - 1; n < len(faults) {
			return faults[n]
		}
		return Fault{}
	}
}

// Only returns a script that asks another one about the calls of one method, and about no others.
func Only(method string, s Script) Script {
	return func(c Call) Fault {
		if c.Method != method {
			return Fault{}
		}
		return s(c)
	}
}

// Switch is a fault that begins and ends when a test says so. The zero value is off.
type Switch struct {
	mu    sync.Mutex
	fault Fault
}

// Set lets the fault befall all calls that begin from now on; the zero Fault ends it.
func (s *Switch) Set(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Script is the switch as a [Script].
func (s *Switch) Script(Call) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

// New returns a Store that does what inner does, but for what the script lets befall its calls.
func New(inner store.Store, s Script) store.Store {
	f := &faulty{inner: inner, script: s}
	able := store.AbilitiesOf(inner)
	if able.Sweeper != nil {
		able.Sweeper = sweeper{able.Sweeper, f}
	}
	if able.Lister != nil {
		able.Lister = lister{able.Lister, f}
	}
	return able.On(f)
}

type faulty struct {
	inner  store.Store
	script Script
	calls  atomic.Int64
}

// befall carries a call out as the script says.
func (f *faulty) befall(ctx context.Context, method string, key core.Key, call func() error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("faulty: %s: %w", method, err)
	}
	fault := f.script(Call{N: int(f.calls.Add(1)) - 1, Method: method, Key: key})
	if err := wait(ctx, fault.Delay); err != nil {
		return fmt.Errorf("faulty: %s: %w", method, err)
	}
	if fault.Before != nil {
		return fault.Before
	}
	err := call()
	if err := wait(ctx, fault.Linger); err != nil {
		return fmt.Errorf("faulty: %s: %w", method, err)
	}
	if fault.After != nil {
		return fault.After
	}
	return err
}

// wait waits until the time is over or the context ends.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *faulty) Load(ctx context.Context, key core.Key) (rec core.Record, err error) {
	var found core.Record
	err = f.befall(ctx, "Load", key, func() (err error) {
		found, err = f.inner.Load(ctx, key)
		return err
	})
	if err == nil || errors.Is(err, store.ErrGarbled) {
		rec = found
	}
	return rec, err
}

func (f *faulty) Create(ctx context.Context, key core.Key, rec core.Record) error {
	return f.befall(ctx, "Create", key, func() error { return f.inner.Create(ctx, key, rec) })
}

func (f *faulty) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	return f.befall(ctx, "Replace", key, func() error { return f.inner.Replace(ctx, key, at, rec) })
}

func (f *faulty) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	return f.befall(ctx, "Touch", key, func() error { return f.inner.Touch(ctx, key, at, seen, deadline) })
}

func (f *faulty) Delete(ctx context.Context, key core.Key, at uint64) error {
	return f.befall(ctx, "Delete", key, func() error { return f.inner.Delete(ctx, key, at) })
}

func (f *faulty) Guarantees() store.Guarantees { return f.inner.Guarantees() }

type sweeper struct {
	inner store.Sweeper
	f     *faulty
}

func (s sweeper) Sweep(ctx context.Context, now int64, limit int) (removed int, more bool, err error) {
	var n int
	var rest bool
	err = s.f.befall(ctx, "Sweep", "", func() (err error) {
		n, rest, err = s.inner.Sweep(ctx, now, limit)
		return err
	})
	if err != nil {
		return 0, true, err
	}
	return n, rest, nil
}

type lister struct {
	inner store.Lister
	f     *faulty
}

func (l lister) List(ctx context.Context) iter.Seq2[store.Listed, error] {
	return func(yield func(store.Listed, error) bool) {
		stopped := false
		err := l.f.befall(ctx, "List", "", func() error {
			for one, err := range l.inner.List(ctx) {
				if err != nil {
					return err
				}
				if stopped = !yield(one, nil); stopped {
					return nil
				}
			}
			return nil
		})
		if err != nil && !stopped {
			yield(store.Listed{}, err)
		}
	}
}
