package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// hands is a clock that somebody moves.
type hands struct{ at time.Time }

func (h *hands) now() time.Time { return h.at }

func (h *hands) move(d time.Duration) { h.at = h.at.Add(d) }

// nodes are caches of several nodes over one store, with one clock.
func nodes(t testing.TB, inner store.Store, config store.CacheConfig, n int) []*store.Cache {
	t.Helper()
	var all []*store.Cache
	for range n {
		c, err := store.NewCache(inner, config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		all = append(all, c)
	}
	return all
}

var session = core.Record{Revision: 1, Seen: 1, Deadline: 1000, Body: "body"}

// asks loads through a cache: the body, or "none".
func asks(t testing.TB, s store.Store, key core.Key) string {
	t.Helper()
	rec, err := s.Load(context.Background(), key)
	if errors.Is(err, store.ErrNotFound) {
		return "none"
	}
	wellDone(t, err)
	return rec.Body
}

// PEERS: a cache that serves what another node has ended, for as long as somebody asks for it.
func TestCacheEndedElsewhere(t *testing.T) {
	clock := &hands{time.Unix(0, 0)}
	two := nodes(t, store.NewMemory(), store.CacheConfig{Now: clock.now}, 2)
	ctx := t.Context()
	wellDone(t, two[0].Create(ctx, "k", session))
	asks(t, two[1], "k")
	wellDone(t, two[0].Delete(ctx, "k", 1))
	if got := asks(t, two[0], "k"); got != "none" {
		t.Errorf("the node that ended the session serves %q", got)
	}
	for range 9 {
		clock.move(store.DefaultMaxStale / 10)
		asks(t, two[1], "k") // to be asked for makes no copy younger
	}
	if age := two[1].Stats().Stalest; age >= store.DefaultMaxStale || age < store.DefaultMaxStale*8/10 {
		t.Errorf("the largest age of an answer was %v", age)
	}
	clock.move(store.DefaultMaxStale / 10)
	if got := asks(t, two[1], "k"); got != "none" {
		t.Errorf("MaxStale after its end another node serves %q", got)
	}
}

// PEERS: a cache that remembers that there was nothing.
func TestCacheRemembersNoMiss(t *testing.T) {
	two := nodes(t, store.NewMemory(), store.CacheConfig{}, 2)
	if got := asks(t, two[1], "k"); got != "none" {
		t.Fatal(got)
	}
	wellDone(t, two[0].Create(t.Context(), "k", session))
	if got := asks(t, two[1], "k"); got != "body" {
		t.Errorf("a session that began elsewhere is %q", got)
	}
	if n := two[1].Stats().Entries; n != 1 {
		t.Errorf("%d copies", n)
	}
}

// PEERS: a cache that drops a write which equals its own old copy.
func TestCacheWritesWhatItKnows(t *testing.T) {
	inner := store.NewMemory()
	two := nodes(t, inner, store.CacheConfig{}, 2)
	ctx := t.Context()
	wellDone(t, two[0].Create(ctx, "k", session))
	asks(t, two[1], "k")
	other := core.Record{Revision: 2, Seen: 1, Deadline: 1000, Body: "other"}
	wellDone(t, two[0].Replace(ctx, "k", 1, other))
	again := core.Record{Revision: 3, Seen: 1, Deadline: 1000, Body: "body"}
	wellDone(t, two[1].Replace(ctx, "k", 2, again))
	if kept, err := inner.Load(ctx, "k"); err != nil || kept != again {
		t.Errorf("the store has %+v %q, %v", kept, kept.Body, err)
	}
	for i, c := range two[1:] {
		if got, err := c.Load(ctx, "k"); err != nil || got != again {
			t.Errorf("node %d has %+v, %v", i+1, got, err)
		}
	}
}

// PEERS: an idle timeout that evicts one key and keeps the others.
func TestCacheIdle(t *testing.T) {
	clock := &hands{time.Unix(0, 0)}
	inner := store.NewMemory()
	c := nodes(t, inner, store.CacheConfig{Now: clock.now, MaxStale: time.Hour, Idle: time.Minute, MaxBytes: 1 << 14}, 1)[0]
	keys := []core.Key{"a", "b", "c", "d"}
	for _, key := range keys {
		wellDone(t, inner.Create(t.Context(), key, session))
		asks(t, c, key)
	}
	asks(t, c, "a") // some are regulars, some in the antechamber
	asks(t, c, "b")
	clock.move(time.Minute - 1)
	asks(t, c, "c")
	if n := c.Stats().Entries; n != 4 {
		t.Fatalf("%d copies before the time", n)
	}
	clock.move(1)
	if s := c.Stats(); s.Entries != 1 || s.Evictions != 3 {
		t.Errorf("%d copies, %d evictions, want the one that was asked for since, and 3", s.Entries, s.Evictions)
	}
	clock.move(time.Minute)
	if s := c.Stats(); s.Entries != 0 || s.Bytes != 0 || s.Evictions != 4 {
		t.Errorf("%+v", s)
	}
}

// Idle copies go while others are used, without anybody asking for figures.
func TestCacheIdleByUse(t *testing.T) {
	clock := &hands{time.Unix(0, 0)}
	inner := store.NewMemory()
	c := nodes(t, inner, store.CacheConfig{Now: clock.now, Idle: time.Minute}, 1)[0]
	ctx := t.Context()
	const copies = 2000
	for i := range copies {
		key := core.Key(rune(i))
		wellDone(t, inner.Create(ctx, key, session))
		asks(t, c, key)
	}
	clock.move(time.Hour)
	before := c.Evictions()
	for range 1000 {
		asks(t, c, "nobody")
	}
	if gone := c.Evictions() - before; gone != copies {
		t.Errorf("%d of %d idle copies went while the cache was used", gone, copies)
	}
}

// A copy keeps no large buffer alive that its body was a part of.
func TestCacheKeepsNoBuffer(t *testing.T) {
	large := strings.Repeat("x", 1<<20)
	inner := &answering{func(context.Context, core.Key) (core.Record, error) {
		return core.Record{Revision: 1, Body: large[10:20]}, nil
	}}
	c := nodes(t, inner, store.CacheConfig{}, 1)[0]
	for range 2 {
		if _, err := c.Load(t.Context(), "k"); err != nil {
			t.Fatal(err)
		}
	}
	rec, err := c.Load(t.Context(), "k")
	wellDone(t, err)
	from, at := uintptr(unsafe.Pointer(unsafe.StringData(large))), uintptr(unsafe.Pointer(unsafe.StringData(rec.Body)))
	if rec.Body != large[10:20] || at >= from && at < from+uintptr(len(large)) {
		t.Error("the copy lies in the buffer of the store")
	}
}

// answering is a store whose Load is a function, and which has nothing else.
type answering struct {
	load func(ctx context.Context, key core.Key) (core.Record, error)
}

func (a *answering) Load(ctx context.Context, key core.Key) (core.Record, error) {
	return a.load(ctx, key)
}

func (*answering) Create(context.Context, core.Key, core.Record) error { return nil }

func (*answering) Replace(context.Context, core.Key, uint64, core.Record) error { return nil }

func (*answering) Touch(context.Context, core.Key, uint64, int64, int64) error { return nil }

func (*answering) Delete(context.Context, core.Key, uint64) error { return nil }

func (*answering) Guarantees() store.Guarantees {
	return store.Guarantees{CompareAndSwap: true, Shared: true}
}

// A cache declares what is inside, but no feed of its own, and how old an answer may be at the worst: where a feed is trusted, that is the
// age of what it lost without a trace.
func TestCacheGuarantees(t *testing.T) {
	inner := store.NewBus(&answering{})
	for _, g := range []struct {
		outer store.CacheConfig
		want  time.Duration
	}{
		{store.CacheConfig{MaxStale: 2 * time.Second}, 3 * time.Second},
		{store.CacheConfig{MaxStale: 2 * time.Second, TrustFeed: time.Minute}, time.Minute + time.Second},
	} {
		c := nodes(t, nodes(t, inner, store.CacheConfig{}, 1)[0], g.outer, 1)[0]
		want := inner.Guarantees()
		want.Feed, want.MaxStale = false, g.want
		if got := c.Guarantees(); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		if c.Unwrap().(*store.Cache).Unwrap() != store.Store(inner) {
			t.Error("Unwrap is not what was wrapped")
		}
	}
}

func TestCacheConfig(t *testing.T) {
	_, err := store.NewCache(nil, store.CacheConfig{MaxStale: 1, TrustFeed: -1, MaxBytes: -1, Idle: -1})
	if err == nil {
		t.Fatal("no error")
	}
	for _, name := range []string{"store inside", "MaxStale", "TrustFeed", "MaxBytes", "Idle"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%q does not name %s", err, name)
		}
	}
	if _, err := store.NewCache(store.NewMemory(), store.CacheConfig{MaxStale: time.Minute, TrustFeed: time.Second}); err == nil {
		t.Error("a trust of less than MaxStale is taken")
	}
}

func wellDone(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
