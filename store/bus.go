package store

import (
	"context"
	"errors"
	"sync"

	"github.com/satchel-go/satchel/core"
)

// Bus is a [Store] that announces, within this process, what is changed through it: a [Feed] for tests of what follows one. It
// keeps nothing itself. Caches in one process that stand for several nodes share one Bus.
type Bus struct {
	inner Store
	mu    sync.Mutex
	all   map[*busListener]struct{}
}

var (
	_ Store = (*Bus)(nil)
	_ Feed  = (*Bus)(nil)
)

// NewBus returns a Bus over inner, which nobody listens to yet. It starts no goroutine.
func NewBus(inner Store) *Bus {
	return &Bus{inner: inner, all: map[*busListener]struct{}{}}
}

// Guarantees declares what the inner store does, and the feed.
func (b *Bus) Guarantees() Guarantees {
	g := b.inner.Guarantees()
	g.Feed = true
	return g
}

// Load implements [Store].
func (b *Bus) Load(ctx context.Context, key core.Key) (core.Record, error) {
	return b.inner.Load(ctx, key)
}

// Create implements [Store].
func (b *Bus) Create(ctx context.Context, key core.Key, rec core.Record) error {
	defer b.announce(Announcement{Key: key})
	return b.inner.Create(ctx, key, rec)
}

// Replace implements [Store].
func (b *Bus) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	defer b.announce(Announcement{Key: key})
	return b.inner.Replace(ctx, key, at, rec)
}

// Touch implements [Store].
func (b *Bus) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	defer b.announce(Announcement{Key: key})
	return b.inner.Touch(ctx, key, at, seen, deadline)
}

// Delete implements [Store].
func (b *Bus) Delete(ctx context.Context, key core.Key, at uint64) error {
	defer b.announce(Announcement{Key: key})
	return b.inner.Delete(ctx, key, at)
}

// Listen implements [Feed].
func (b *Bus) Listen(ctx context.Context) (Listener, error) {
	if err := ctx.Err(); err != nil {
		return nil, ended("listen", err)
	}
	l := &busListener{bus: b, said: make(chan Announcement, busRoom), late: make(chan struct{})}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all[l] = struct{}{}
	return l, nil
}

// announce tells every listener, also of a call that failed: what it did is not known. It waits for none.
func (b *Bus) announce(a Announcement) {
	a.Key = core.Key([]byte(a.Key)) // nothing is aliased
	b.mu.Lock()
	defer b.mu.Unlock()
	for l := range b.all {
		l.tell(a)
	}
}

// busRoom is how many announcements wait for a listener before it has missed one.
const busRoom = 1024

var errLate = errors.New("store: the listener was too slow for its bus")

type busListener struct {
	bus  *Bus
	said chan Announcement
	late chan struct{} // closed when an announcement found no room
}

// tell says something to a listener that is still listening. The lock of the bus is held.
func (l *busListener) tell(a Announcement) {
	if _, ok := l.bus.all[l]; !ok {
		return
	}
	select {
	case l.said <- a:
	default:
		delete(l.bus.all, l)
		close(l.late)
	}
}

// Next implements [Listener].
func (l *busListener) Next(ctx context.Context) (Announcement, error) {
	select {
	case <-l.late:
		return Announcement{}, errLate
	default:
	}
	select {
	case a := <-l.said:
		return a, nil
	case <-l.late:
		return Announcement{}, errLate
	case <-ctx.Done():
		return Announcement{}, ended("next", ctx.Err())
	}
}

// Probe implements [Listener].
func (l *busListener) Probe(_ context.Context, n uint64) error {
	l.bus.mu.Lock()
	defer l.bus.mu.Unlock()
	l.tell(Announcement{Probe: n})
	return nil
}

// Close implements [Listener].
func (l *busListener) Close() {
	l.bus.mu.Lock()
	defer l.bus.mu.Unlock()
	delete(l.bus.all, l)
}
