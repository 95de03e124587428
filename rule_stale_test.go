package satchel_test

import (
	"errors"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// behindACache is a world with a cache of its own over the same store, which has a copy of the session and hears of nothing.
func behindACache(t *testing.T, w *world, token core.Token) *world {
	t.Helper()
	cached, err := store.NewCache(w.store, store.CacheConfig{MaxStale: time.Hour})
	must(t, err)
	sessions, err := satchel.Config{Clock: w.clock.now}.New(carts.ServerSide(cached))
	must(t, err)
	other := *w
	other.sessions = sessions
	other.holds(token, "tea")
	return &other
}

// Rule 2, no lost updates: what is equal to a cache's copy of what was there is a change of what is there.
func TestRule2EqualToAStaleCopy(t *testing.T) {
	t.Run("Set", func(t *testing.T) {
		w := newWorld(t, satchel.Options{})
		token := w.begun("tea")
		other := behindACache(t, w, token)
		w.add(token, "bread")
		ex, ctx := other.open(token)
		must(t, carts.Set(ctx, cart{[]string{"tea"}}))
		if _, err := other.sent(ex); !errors.Is(err, satchel.ErrConflict) {
			t.Errorf("got %v, want ErrConflict", err)
		}
		w.holds(token, "tea", "bread")
	})
	t.Run("Set by an older token of an anchored session", func(t *testing.T) {
		w := clientNode(t, newClock(), satchel.Anchored(store.NewMemory(), time.Minute), satchel.Options{})
		token := w.begun("tea")
		newer := visit(t, w.sessions, token, func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"tea", "bread"}})) })
		ex, ctx := w.open(token)
		must(t, carts.Set(ctx, cart{[]string{"tea"}}))
		if out, err := w.sent(ex); !errors.Is(err, satchel.ErrConflict) || out.Action != core.SendNothing {
			t.Errorf("told %v, %v, want ErrConflict", out.Action, err)
		}
		w.holds(newer, "tea", "bread")
	})
	t.Run("Set by an older token, whose anchor a cache remembers", func(t *testing.T) {
		anchors, clock := store.NewMemory(), newClock()
		w := clientNode(t, clock, satchel.Anchored(anchors, 0), satchel.Options{})
		cached, err := store.NewCache(anchors, store.CacheConfig{MaxStale: time.Hour})
		must(t, err)
		other := clientNode(t, clock, satchel.Anchored(cached, 0), satchel.Options{})
		token := w.begun("tea")
		other.holds(token, "tea")
		newer := visit(t, w.sessions, token, func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"tea", "bread"}})) })
		ex, ctx := other.open(token)
		must(t, carts.Set(ctx, cart{[]string{"tea"}}))
		if out, err := other.sent(ex); !errors.Is(err, satchel.ErrConflict) || out.Action != core.SendNothing {
			t.Errorf("told %v, %v, want ErrConflict", out.Action, err)
		}
		w.holds(newer, "tea", "bread")
	})
	t.Run("Update", func(t *testing.T) {
		w := newWorld(t, satchel.Options{})
		token := w.begun("tea")
		other := behindACache(t, w, token)
		w.add(token, "bread")
		_, ctx := other.open(token)
		got, err := carts.Update(ctx, func(c cart) cart { return cart{c.Items[:1]} }) // the first of them alone
		if err != nil || len(got.Items) != 1 {
			t.Error(got, err)
		}
		w.holds(token, "tea")
	})
	t.Run("of what has ended", func(t *testing.T) {
		w := newWorld(t, satchel.Options{})
		token := w.begun("tea")
		other := behindACache(t, w, token)
		w.logout(token)
		ex, ctx := other.open(token)
		must(t, carts.Set(ctx, cart{[]string{"tea"}}))
		if _, err := other.sent(ex); !errors.Is(err, satchel.ErrEnded) {
			t.Errorf("got %v, want ErrEnded", err)
		}
	})
	t.Run("out of reach", func(t *testing.T) {
		w := newWorld(t, satchel.Options{})
		token := w.begun("tea")
		other := behindACache(t, w, token)
		w.store.down.Store(true)
		ex, ctx := other.open(token)
		must(t, carts.Set(ctx, cart{[]string{"tea"}}))
		if _, err := other.sent(ex); !errors.Is(err, satchel.ErrUnavailable) {
			t.Errorf("got %v, want ErrUnavailable", err)
		}
	})
}

// What is equal to what is there still writes nothing, and the store is asked once in an exchange; reading asks it nothing.
func TestRule3EqualBehindACache(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	other := behindACache(t, w, token)
	calls, writes := w.store.calls.Load(), w.store.writes.Load()
	other.holds(token, "tea")
	if n := w.store.calls.Load() - calls; n != 0 {
		t.Errorf("reading calls the store %d times", n)
	}
	ex, ctx := other.open(token)
	for range 2 {
		_, err := carts.Update(ctx, func(c cart) cart { return c })
		must(t, err)
	}
	_, err := other.sent(ex)
	must(t, err)
	if calls, writes := w.store.calls.Load()-calls, w.store.writes.Load()-writes; calls != 1 || writes != 0 {
		t.Errorf("what changes nothing calls the store %d times, and writes %d times", calls, writes)
	}
}
