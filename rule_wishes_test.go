package satchel_test

import (
	"errors"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// Whoever only reads is served although its use could not be noted; the observer is told.
func TestTouchOutageFailsNobody(t *testing.T) {
	w := newWorld(t, satchel.Options{Idle: time.Hour, Touch: time.Minute})
	token := w.begun("tea")
	w.clock.advance(time.Minute)
	w.seen.take()
	ex, ctx := w.open(token)
	_, ok, err := carts.Get(ctx)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	w.store.once("touch", func() { w.store.down.Store(true) })
	out, err := w.sent(ex)
	if err != nil || out.Action != core.SendNothing {
		t.Error("told", out.Action, err)
	}
	if got := w.seen.take(); len(got) != 1 || got[0] != "unavailable" {
		t.Errorf("events %q", got)
	}
}

// After a late conflict the next reading is of what is kept by then, so that a long answer can go on.
func TestLateConflictIsNotForEver(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	ex, ctx := w.open(token)
	_, _, err := carts.Get(ctx)
	must(t, err)
	_, err = w.sent(ex)
	must(t, err)
	w.add(token, "bread")
	if err := carts.Set(ctx, cart{[]string{"x"}}); !errors.Is(err, satchel.ErrConflict) {
		t.Fatal(err)
	}
	if c, _, err := carts.Get(ctx); err != nil || len(c.Items) != 2 {
		t.Error("after the conflict:", c, err)
	}
	must(t, carts.Set(ctx, cart{[]string{"milk"}}))
	w.holds(token, "milk")
}

// The last writer wins over values, and not over what a newer program has added.
func TestOverwriteKeepsANewerSchema(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	then := satchel.Must(satchel.Config{Clock: w.clock.now}.New(notesThen.ServerSide(w.store)))
	now := satchel.Must(satchel.Config{Clock: w.clock.now}.New(notesNow.ServerSide(w.store)))
	ex := then.Open(satchel.Arrived{})
	must(t, notesThen.Set(ex.Context(t.Context()), noteThen{"a"}))
	out, err := ex.Commit(t.Context())
	must(t, err)
	held := satchel.Arrived{"note": out[0].Token}
	w.store.once("replace", func() {
		_, err := notesNow.Update(now.Open(held).Context(t.Context()), func(n noteNow) noteNow { n.Items = []string{"tea"}; return n })
		must(t, err)
	})
	if err := notesThen.Overwrite(then.Open(held).Context(t.Context()), noteThen{"b"}); !errors.Is(err, satchel.ErrNewerSchema) {
		t.Error(err)
	}
	if n, ok, err := notesNow.Get(now.Open(held).Context(t.Context())); err != nil || !ok || len(n.Items) != 1 || n.Note != "a" {
		t.Error("afterwards:", n, ok, err)
	}
}

// New names the kind in each line of what it found wrong.
func TestNewNamesTheKindInEachLine(t *testing.T) {
	_, err := satchel.New(carts.ClientSide(nil, satchel.Revocations{}).With(satchel.Options{Idle: time.Hour, LostUpdates: true}))
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) < 3 {
		t.Fatal(err)
	}
	for _, fault := range joined.Unwrap() {
		if got := fault.Error(); len(got) < 20 || got[:20] != `satchel: kind "cart"` {
			t.Errorf("%q", got)
		}
	}
}
