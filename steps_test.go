package satchel_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// The tests of this file stop a plan between any two of its steps.

// A touch that meets a change, an end or an outage is no failure of the one who only reads.
func TestTouchMeetsAnother(t *testing.T) {
	for name, c := range map[string]struct {
		meet func(w *world, token core.Token)
		want error
	}{
		"save":   {func(w *world, token core.Token) { w.add(token, "milk") }, nil},
		"logout": {func(w *world, token core.Token) { w.logout(token) }, nil},
		"outage": {func(w *world, _ core.Token) { w.store.down.Store(true) }, nil},
	} {
		w := newWorld(t, satchel.Options{})
		token := w.begun("tea")
		w.clock.advance(10 * time.Minute)
		ex, ctx := w.open(token)
		_, ok, err := carts.Get(ctx)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		met := false
		w.store.once("touch", func() { met = true; c.meet(w, token) })
		out, err := w.sent(ex)
		if !met || !errors.Is(err, c.want) || c.want == nil && err != nil || out.Action != core.SendNothing {
			t.Errorf("%s: met %v, told %v, %v", name, met, out.Action, err)
		}
	}
}

// full is a store that has no room to note a use.
type full struct{ *staged }

func (full) Touch(context.Context, core.Key, uint64, int64, int64) error { return store.ErrFull }

// Nor is a store that is full a failure of the one who only reads.
func TestTouchWithoutRoom(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	w.sessions = satchel.Must(satchel.Config{Clock: w.clock.now}.New(carts.ServerSide(full{w.store})))
	w.clock.advance(10 * time.Minute)
	visit(t, w.sessions, token, func(ctx ctx) {
		if _, ok, err := carts.Get(ctx); !ok || err != nil {
			t.Error(ok, err)
		}
	})
}

// A session that is to be replaced by a new one ends only when the new one is there.
func TestRule7ReplacementThatCannotBeCreated(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	ex, ctx := w.open(token)
	must(t, carts.Clear(ctx))
	must(t, carts.Set(ctx, cart{[]string{"milk"}}))
	w.store.once("create", func() { w.store.down.Store(true) })
	out, err := w.sent(ex)
	w.store.down.Store(false)
	if !errors.Is(err, satchel.ErrUnavailable) || out.Action != core.SendNothing {
		t.Error("told", out.Action, err)
	}
	w.holds(token, "tea")
}

// deaf is a store of which one Replace gets no answer, and has no effect yet.
type deaf struct {
	*staged
	before func()
	late   func() error // makes the Replace arrive
}

func (s *deaf) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	if s.before == nil {
		return s.staged.Replace(ctx, key, at, rec)
	}
	s.before()
	s.before = nil
	s.late = func() error { return s.staged.Replace(context.WithoutCancel(ctx), key, at, rec) }
	return errDown
}

func deafWorld(t *testing.T) (*world, *deaf) {
	t.Helper()
	w := newWorld(t, satchel.Options{})
	st := &deaf{staged: w.store}
	w.sessions = satchel.Must(satchel.Config{Clock: w.clock.now}.New(carts.ServerSide(st)))
	return w, st
}

// A claim that got no answer is taken for done by its own tombstone only, and not by another's change of the same revision.
func TestRule7ALostClaimIsNotAnothersSave(t *testing.T) {
	w, st := deafWorld(t)
	token := w.begun("tea")
	other := w.node(satchel.Options{})
	ex, ctx := w.open(token)
	must(t, carts.Rotate(ctx))
	st.before = func() {
		visit(t, other, token, func(ctx context.Context) { _, err := carts.Update(ctx, add("milk")); must(t, err) })
	}
	if out, err := w.sent(ex); !errors.Is(err, satchel.ErrUnavailable) || out.Action != core.SendNothing {
		t.Error("told", out.Action, err)
	}
	w.holds(token, "tea", "milk")
}

// A claim without an answer may still arrive. What it names is there then, so that a logout with the old token finds it.
func TestRule7AClaimThatArrivesLate(t *testing.T) {
	w, st := deafWorld(t)
	token := w.begun("tea")
	ex, ctx := w.open(token)
	must(t, carts.Rotate(ctx))
	st.before = func() {}
	if _, err := w.sent(ex); !errors.Is(err, satchel.ErrUnavailable) {
		t.Error(err)
	}
	if n := w.store.Stats().Records; n != 2 {
		t.Errorf("%d records, want the old one and its successor", n)
	}
	w.holds(token, "tea")
	must(t, st.late())
	w.logout(token)
	w.nothingLives(token)
}

// Two logouts at once are two logouts.
func TestTwoLogouts(t *testing.T) {
	for name, stage := range map[string]func(w *world, token core.Token){
		"before the delete": func(w *world, token core.Token) { w.store.once("delete", func() { w.logout(token) }) },
		"after a save": func(w *world, token core.Token) {
			w.store.once("delete", func() {
				w.add(token, "milk")
				w.store.once("load", func() { w.logout(token) })
			})
		},
		"after a rotation": func(w *world, token core.Token) {
			w.store.once("delete", func() {
				rotated := w.rotate(token)
				w.store.once("load", func() { w.logout(rotated) })
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, satchel.Options{})
			token := w.begun("tea")
			ex, ctx := w.open(token)
			must(t, carts.Clear(ctx))
			stage(w, token)
			if out, err := w.sent(ex); err != nil || out.Action != core.SendClear {
				t.Error("told", out.Action, err)
			}
			if len(w.store.before) > 0 {
				t.Error("the two have not met")
			}
			w.nothingLives(token)
		})
	}
}

// A logout that gets no answer is not tried again and not taken for done, at the delete and at the load of what it follows.
func TestRule7LogoutWithoutAnAnswer(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	ex, ctx := w.open(token)
	must(t, carts.Clear(ctx))
	w.store.lose["delete"] = true
	w.store.calls.Store(0)
	if out, err := w.sent(ex); !errors.Is(err, errDown) || !errors.Is(err, satchel.ErrUnavailable) || out.Action != core.SendNothing {
		t.Error("delete: told", out.Action, err)
	}
	token = w.begun("tea")
	ex, ctx = w.open(token)
	must(t, carts.Clear(ctx))
	w.store.once("delete", func() {
		w.add(token, "milk")
		w.store.lose["load"] = true
		w.store.calls.Store(0)
	})
	if out, err := w.sent(ex); !errors.Is(err, errDown) || !errors.Is(err, satchel.ErrUnavailable) || out.Action != core.SendNothing {
		t.Error("load: told", out.Action, err)
	}
	if n := w.store.calls.Load(); n != 1 {
		t.Errorf("%d calls after the delete, want its load", n)
	}
	w.holds(token, "tea", "milk")
}

// restless is a store whose records change before any delete.
type restless struct{ *staged }

func (s restless) Delete(ctx context.Context, key core.Key, at uint64) error {
	rec, err := s.Memory.Load(ctx, key)
	if err == nil {
		rec.Revision++
		err = s.Memory.Replace(ctx, key, rec.Revision-1, rec)
	}
	if err != nil {
		return err
	}
	return s.staged.Delete(ctx, key, at)
}

// A logout that cannot catch its session gives up, as an outage.
func TestLogoutGivesUp(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	w.sessions = satchel.Must(satchel.Config{Clock: w.clock.now}.New(carts.ServerSide(restless{w.store})))
	token := w.begun("tea")
	ex, ctx := w.open(token)
	must(t, carts.Clear(ctx))
	out, err := w.sent(ex)
	if !errors.Is(err, satchel.ErrUnavailable) || out.Action != core.SendNothing || !strings.HasSuffix(err.Error(), "too many rotations to follow") {
		t.Error("told", out.Action, err)
	}
	w.holds(token, "tea")
}

// What the commit ran into is sticky: later calls of the exchange say so as well, though the store is back.
func TestRule7OutageOfAnUpdateIsSticky(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	ex, ctx := w.open(token)
	w.store.once("replace", func() { w.store.down.Store(true) })
	if _, err := carts.Update(ctx, add("milk")); !errors.Is(err, satchel.ErrUnavailable) {
		t.Error("Update:", err)
	}
	w.store.down.Store(false)
	calls := map[string]error{"Set": carts.Set(ctx, cart{}), "Rotate": carts.Rotate(ctx), "Clear": carts.Clear(ctx)}
	_, _, calls["Get"] = carts.Get(ctx)
	_, calls["About"] = carts.About(ctx)
	for name, err := range calls {
		if !errors.Is(err, satchel.ErrUnavailable) || !errors.Is(err, errDown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if out, err := w.sent(ex); err != nil || out.Action != core.SendNothing {
		t.Error("told", out.Action, err)
	}
	w.holds(token, "tea")
}

// An outage at the reload after a conflict is one, with its cause.
func TestRule7OutageOfAReload(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	ex, ctx := w.open(token)
	must(t, carts.Rotate(ctx))
	w.store.once("replace", func() {
		w.add(token, "bread")
		w.store.lose["load"] = true
	})
	if out, err := w.sent(ex); !errors.Is(err, satchel.ErrUnavailable) || !errors.Is(err, errDown) || out.Action != core.SendNothing {
		t.Error("told", out.Action, err)
	}
	w.holds(token, "tea", "bread")
}
