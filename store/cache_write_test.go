package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// What a write left is what a Load sees, at once and whatever was copied.
func TestCacheReadsItsWrites(t *testing.T) {
	c := nodes(t, store.NewMemory(), store.CacheConfig{}, 1)[0]
	ctx := t.Context()
	wellDone(t, c.Create(ctx, "k", session))
	for range 3 {
		asks(t, c, "k")
	}
	wellDone(t, c.Touch(ctx, "k", 1, 5, 2000))
	want := core.Record{Revision: 1, Seen: 5, Deadline: 2000, Body: "body"}
	if got, err := c.Load(ctx, "k"); err != nil || got != want {
		t.Errorf("after Touch: %+v, %v", got, err)
	}
	wellDone(t, c.Touch(ctx, "k", 1, 3, 1))
	if got, err := c.Load(ctx, "k"); err != nil || got != want {
		t.Errorf("after a Touch back: %+v, %v", got, err)
	}
	want = core.Record{Revision: 2, Seen: 4, Deadline: 1500, Body: "a longer body"}
	loads := c.Stats().Loads
	wellDone(t, c.Replace(ctx, "k", 1, want))
	if got, err := c.Load(ctx, "k"); err != nil || got != want {
		t.Errorf("after Replace: %+v, %v", got, err)
	}
	if n := c.Stats().Loads; n != loads {
		t.Errorf("the cache asked the store %d times for what it had written itself", n-loads)
	}
}

// A copy that a write left is as old as the write, from before it began: so much younger than the one before, and no younger.
func TestCacheAgeOfAWrite(t *testing.T) {
	clock := &hands{time.Unix(0, 0)}
	slow := &failing{Store: store.NewMemory()}
	c := nodes(t, slow, store.CacheConfig{Now: clock.now}, 1)[0]
	ctx := t.Context()
	wellDone(t, c.Create(ctx, "k", session))
	asks(t, c, "k")
	rec, loads := session, uint64(1)
	for _, took := range []time.Duration{0, store.DefaultMaxStale / 5} {
		clock.move(store.DefaultMaxStale * 9 / 10)
		rec.Revision++
		slow.before = func() { clock.move(took) }
		wellDone(t, c.Replace(ctx, "k", rec.Revision-1, rec))
		clock.move(store.DefaultMaxStale*9/10 - took)
		if asks(t, c, "k"); c.Stats().Loads != loads {
			t.Error("the copy is as old as what was there before the write")
		}
		clock.move(store.DefaultMaxStale / 10)
		loads++
		if asks(t, c, "k"); c.Stats().Loads != loads {
			t.Error("the copy is younger than the write")
		}
	}
}

// Of two writes that were on their way at once nobody knows which came last, nor of a write and what was read beside it.
func TestCacheWritesBesideOthers(t *testing.T) {
	for name, beside := range map[string]func(inner, c store.Store) error{
		"a write here": func(_, c store.Store) error {
			other := core.Record{Revision: 3, Deadline: 1000, Body: "last"}
			return c.Replace(context.Background(), "k", 2, other)
		},
		"a write elsewhere, read here": func(inner, c store.Store) error {
			other := core.Record{Revision: 3, Deadline: 1000, Body: "last"}
			if err := inner.Replace(context.Background(), "k", 2, other); err != nil {
				return err
			}
			if err := c.Touch(context.Background(), "k", 9, 1, 1); !errors.Is(err, store.ErrConflict) { // drops the copy
				return err
			}
			_, err := c.Load(context.Background(), "k")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			inner := store.NewMemory()
			slow := &failing{Store: inner}
			c := nodes(t, slow, store.CacheConfig{}, 1)[0]
			ctx := t.Context()
			wellDone(t, c.Create(ctx, "k", session))
			asks(t, c, "k")
			slow.behind = func() {
				slow.behind = func() {}
				wellDone(t, beside(inner, c))
			}
			wellDone(t, c.Replace(ctx, "k", 1, core.Record{Revision: 2, Deadline: 1000, Body: "first"}))
			if got := asks(t, c, "k"); got != "last" {
				t.Errorf("it serves what came %s", got)
			}
		})
	}
}

// A touch may meet a record that was touched elsewhere, or ended and made anew: no answer is a mixture of two.
func TestCacheTouchMixesNothing(t *testing.T) {
	inner := store.NewMemory()
	two := nodes(t, inner, store.CacheConfig{}, 2)
	ctx := t.Context()
	wellDone(t, two[0].Create(ctx, "k", session))
	asks(t, two[0], "k")
	wellDone(t, two[1].Delete(ctx, "k", 1))
	anew := core.Record{Revision: 1, Seen: 7, Deadline: 1000, Body: "anew"}
	wellDone(t, two[1].Create(ctx, "k", anew))
	wellDone(t, two[0].Touch(ctx, "k", 1, 5, 1000))
	if got, err := two[0].Load(ctx, "k"); err != nil || got != anew {
		t.Errorf("%+v %q, %v", got, got.Body, err)
	}
}

// A write that did not do what it was to do says that the copy is not the truth, or that nobody knows.
func TestCacheDropsWhatItCannotKnow(t *testing.T) {
	failing := &failing{Store: store.NewMemory()}
	c := nodes(t, failing, store.CacheConfig{}, 1)[0]
	ctx := t.Context()
	for name, write := range map[string]func() error{
		"Create":          func() error { return c.Create(ctx, "k", session) },
		"Replace":         func() error { return c.Replace(ctx, "k", 7, core.Record{Revision: 8, Deadline: 1}) },
		"Touch":           func() error { return c.Touch(ctx, "k", 7, 2, 2) },
		"Touch too late":  func() error { return c.Touch(ctx, "k", 1, 1000, 2000) },
		"Delete":          func() error { return c.Delete(ctx, "k", 7) },
		"outage: Replace": func() error { return failing.during(func() error { return c.Replace(ctx, "k", 1, session) }) },
		"outage: Touch":   func() error { return failing.during(func() error { return c.Touch(ctx, "k", 1, 2, 2000) }) },
		"outage: Delete":  func() error { return failing.during(func() error { return c.Delete(ctx, "k", 1) }) },
	} {
		if asks(t, failing.Store, "k") == "none" {
			wellDone(t, failing.Create(ctx, "k", session))
		}
		asks(t, c, "k")
		before := c.Stats()
		if before.Entries != 1 {
			t.Fatalf("%d copies", before.Entries)
		}
		if err := write(); err == nil {
			t.Errorf("%s did not fail", name)
		}
		if n := c.Stats().Entries; n != 0 {
			t.Errorf("after %s the copy stayed", name)
		}
	}
}

// failing is a store that breaks in the middle of a write: it may have taken effect or not.
type failing struct {
	store.Store
	down           bool
	before, behind func() // what happens before a Replace takes effect, and before it returns
}

var errTorn = errors.New("the connection broke")

func (f *failing) during(call func() error) error {
	f.down = true
	defer func() { f.down = false }()
	return call()
}

func (f *failing) after(err error) error {
	if f.down {
		return errTorn
	}
	return err
}

func (f *failing) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	if f.before != nil {
		f.before()
	}
	err := f.Store.Replace(ctx, key, at, rec)
	if f.behind != nil {
		f.behind()
	}
	return f.after(err)
}

func (f *failing) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	return f.after(f.Store.Touch(ctx, key, at, seen, deadline))
}

func (f *failing) Delete(ctx context.Context, key core.Key, at uint64) error {
	return f.after(f.Store.Delete(ctx, key, at))
}
