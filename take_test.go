package satchel_test

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Of many who take one session at once, one has its value; nothing is left of it, and nobody sees an error.
func TestTakeOnce(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("saved")
	var (
		wg    sync.WaitGroup
		taken atomic.Int64
	)
	for range 32 {
		wg.Go(func() {
			ex, ctx := w.open(token)
			v, ok, err := carts.Take(ctx)
			if err != nil || ok && !slices.Equal(v.Items, []string{"saved"}) {
				t.Errorf("%v, %v, %v", v, ok, err)
			}
			if ok {
				taken.Add(1)
				if out, err := w.sent(ex); err != nil || out.Action != core.SendClear {
					t.Errorf("%v, %v", out.Action, err)
				}
			}
		})
	}
	wg.Wait()
	if taken.Load() != 1 {
		t.Errorf("%d have it", taken.Load())
	}
	w.nothingLives(token)
}

// What others have made of it meanwhile is taken, and not what was there before.
func TestTakeTheNewest(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	_, ctx := w.open(token)
	if _, _, err := carts.Get(ctx); err != nil {
		t.Fatal(err)
	}
	w.add(token, "milk")
	v, ok, err := carts.Take(ctx)
	if err != nil || !ok || !slices.Equal(v.Items, []string{"tea", "milk"}) {
		t.Errorf("%v, %v, %v", v, ok, err)
	}
}

func TestTakeElsewhere(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	_, ctx := w.open("")
	if _, ok, err := carts.Take(ctx); ok || err != nil {
		t.Errorf("nothing: %v, %v", ok, err)
	}
	must(t, carts.Set(ctx, cart{[]string{"mine"}}))
	if v, ok, err := carts.Take(ctx); !ok || err != nil || v.Items[0] != "mine" {
		t.Errorf("what this exchange has set: %v, %v, %v", v, ok, err)
	}
	if _, ok, err := carts.Take(ctx); ok || err != nil {
		t.Errorf("a second time: %v, %v", ok, err)
	}
	token := w.begun("tea")
	_, ctx = w.open(token)
	w.store.down.Store(true)
	if _, ok, err := carts.Take(ctx); ok || !errors.Is(err, satchel.ErrUnavailable) {
		t.Errorf("an outage: %v, %v", ok, err)
	}
	w.store.down.Store(false)
	w.holds(token, "tea")
	client := clientNode(t, newClock(), satchel.Unrevocable, satchel.Options{})
	token = client.begun("flash")
	ex, ctx := client.open(token)
	v, ok, err := carts.Take(ctx)
	out, sent := client.sent(ex)
	if err != nil || !ok || v.Items[0] != "flash" || sent != nil || out.Action != core.SendClear {
		t.Errorf("client-side: %v, %v, %v, %v, %v", v, ok, err, out.Action, sent)
	}
}

// An anchored session that was changed meanwhile is not taken, and what this exchange has read is what it has: the newer value is in the
// client's hands, and no other is there in its place.
func TestTakeAnAnchoredOneThatWasChanged(t *testing.T) {
	w := clientNode(t, newClock(), satchel.Anchored(store.NewMemory(), time.Minute), satchel.Options{})
	token := w.begun("tea")
	ex, ctx := w.open(token)
	if v, ok, err := carts.Get(ctx); !ok || err != nil || !slices.Equal(v.Items, []string{"tea"}) {
		t.Fatal(v, ok, err)
	}
	other, otherCtx := w.open(token)
	_, err := carts.Update(otherCtx, add("milk"))
	must(t, err)
	newer, err := w.sent(other)
	must(t, err)
	if v, ok, err := carts.Take(ctx); ok || !errors.Is(err, satchel.ErrConflict) {
		t.Errorf("taken: %v, %v, %v", v, ok, err)
	}
	if v, ok, err := carts.Get(ctx); !ok || err != nil || !slices.Equal(v.Items, []string{"tea"}) {
		t.Errorf("read once more: %v, %v, %v", v, ok, err)
	}
	if out, err := w.sent(ex); err != nil || out.Action != core.SendNothing {
		t.Errorf("%v, %v", out.Action, err)
	}
	w.holds(newer.Token, "tea", "milk")
	_, ctx = w.open(newer.Token)
	if v, ok, err := carts.Take(ctx); !ok || err != nil || len(v.Items) != 2 {
		t.Errorf("by the newest token: %v, %v, %v", v, ok, err)
	}
	w.reads("-", newer.Token)
}

// A visitor's cart becomes the subject's, merged by a function; another subject's does not.
func TestPromote(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	account := []string{"bread"}
	merge := func(c cart) cart { return cart{append(slices.Clone(account), c.Items...)} }
	promote := func(token core.Token, subject string) core.Token {
		t.Helper()
		ex, ctx := w.open(token)
		_, err := carts.Promote(ctx, subject, merge)
		must(t, err)
		out, err := w.sent(ex)
		must(t, err)
		return out.Token
	}
	visitor := w.begun("tea")
	ann := promote(visitor, "ann")
	w.holds(ann, "bread", "tea")
	w.reads("-", visitor)
	w.holds(promote(ann, "bob"), "bread")
	w.holds(promote("", "eve"), "bread")
	_, ctx := w.open(w.begun("tea"))
	w.store.down.Store(true)
	if _, err := carts.Promote(ctx, "ann", merge); !errors.Is(err, satchel.ErrUnavailable) {
		t.Error(err)
	}
	w.store.down.Store(false)
}
