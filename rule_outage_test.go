package satchel_test

import (
	"errors"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// Rule 7: while the store is down no session is granted, none is cleared, no token is replaced, and a change says so; then
// everything is as it was.
func TestRule7Outage(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	w.store.down.Store(true)
	ex, ctx := w.open(token)
	_, ok, err := carts.Get(ctx)
	if ok || !errors.Is(err, satchel.ErrUnavailable) {
		t.Error("Get:", ok, err)
	}
	w.store.down.Store(false) // too late for this exchange: what it saw is sticky
	for name, change := range map[string]func() error{
		"Set":    func() error { return carts.Set(ctx, cart{}) },
		"Clear":  func() error { return carts.Clear(ctx) },
		"Rotate": func() error { return carts.Rotate(ctx) },
		"SignIn": func() error { return carts.SignIn(ctx, "ann", cart{}) },
		"Update": func() error { _, err := carts.Update(ctx, add("x")); return err },
	} {
		if err := change(); !errors.Is(err, satchel.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if out, err := w.sent(ex); err != nil || out.Action != core.SendNothing {
		t.Error("told", out.Action, err)
	}
	w.holds(token, "tea")
}

// An outage between the steps of a plan: nothing is sent, and the old token still works.
func TestRule7OutageInTheMiddle(t *testing.T) {
	for _, op := range []string{"create", "replace"} {
		t.Run(op, func(t *testing.T) {
			w := newWorld(t, satchel.Options{})
			token := w.begun("tea")
			ex, ctx := w.open(token)
			must(t, carts.Rotate(ctx))
			w.store.once(op, func() { w.store.down.Store(true) })
			out, err := w.sent(ex)
			w.store.down.Store(false)
			if !errors.Is(err, satchel.ErrUnavailable) || out.Action != core.SendNothing {
				t.Error("told", out.Action, err)
			}
			w.holds(token, "tea")
		})
	}
}

// A logout that could not be confirmed clears nothing at the client, so that it can be tried again.
func TestRule7OutageOfALogout(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	ex, ctx := w.open(token)
	must(t, carts.Clear(ctx))
	w.store.once("delete", func() { w.store.down.Store(true) })
	out, err := w.sent(ex)
	w.store.down.Store(false)
	if !errors.Is(err, satchel.ErrUnavailable) || out.Action != core.SendNothing {
		t.Error("told", out.Action, err)
	}
	w.logout(token)
	w.nothingLives(token)
}

// A claim whose answer was lost did take effect: the new token must be sent, or the user would be logged out.
func TestRule7LostAnswerOfAClaim(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	ex, ctx := w.open(token)
	must(t, carts.Rotate(ctx))
	w.store.lose["replace"] = true
	out, err := w.sent(ex)
	if err != nil || out.Action != core.SendToken {
		t.Fatal("told", out.Action, err)
	}
	w.holds(out.Token, "tea")
}
