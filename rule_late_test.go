package satchel_test

import (
	"context"
	"errors"
	"testing"

	"github.com/satchel-go/satchel"
)

// Rule 9, late is loud, and safe: a change that needs a token is an error and does nothing.
func TestRule9LateWithoutASession(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	ex, ctx := w.open("")
	_, err := w.sent(ex)
	must(t, err)
	if err := carts.Set(ctx, cart{[]string{"x"}}); !errors.Is(err, satchel.ErrTooLate) {
		t.Error("a late Set that needs a token:", err)
	}
	if _, err := carts.Update(ctx, add("x")); !errors.Is(err, satchel.ErrTooLate) {
		t.Error("a late Update that needs a token:", err)
	}
	if _, ok, err := carts.Get(ctx); ok || err != nil {
		t.Error("after late changes that were refused:", ok, err)
	}
	if n := w.store.Stats().Records; n != 0 {
		t.Errorf("%d sessions were created", n)
	}
}

// One that needs none takes effect at once, and a late Clear ends the session and says that the client's copy remains.
func TestRule9LateWithASession(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	ex, ctx := w.open(token)
	_, err := w.sent(ex)
	must(t, err)
	must(t, carts.Set(ctx, cart{[]string{"milk"}}))
	w.holds(token, "milk")
	_, err = carts.Update(ctx, add("bread"))
	must(t, err)
	w.holds(token, "milk", "bread")
	if err := carts.Rotate(ctx); !errors.Is(err, satchel.ErrTooLate) {
		t.Error("a late Rotate:", err)
	}
	w.holds(token, "milk", "bread")
	if err := carts.Clear(ctx); !errors.Is(err, satchel.ErrTooLate) {
		t.Error("a late Clear:", err)
	}
	w.nothingLives(token)
}

// A late change of a client-side session is refused as a whole.
func TestRule9LateClientSide(t *testing.T) {
	s := satchel.Must(satchel.New(carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable)))
	token := visit(t, s, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })
	ex := s.Open(satchel.Arrived{"cart": token})
	ctx := ex.Context(t.Context())
	_, err := ex.Commit(t.Context())
	must(t, err)
	if _, err := carts.Update(ctx, add("x")); !errors.Is(err, satchel.ErrTooLate) {
		t.Error("Update:", err)
	}
	if c, _, err := carts.Get(ctx); err != nil || len(c.Items) != 1 {
		t.Error("after a refused change:", c, err)
	}
	if err := carts.Clear(ctx); !errors.Is(err, satchel.ErrTooLate) {
		t.Error("Clear:", err)
	}
}

func TestClosed(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	ex, ctx := w.open(w.begun("tea"))
	ex.Close()
	ex.Close()
	if _, _, err := carts.Get(ctx); !errors.Is(err, satchel.ErrClosed) {
		t.Error("Get in a closed exchange:", err)
	}
	if out, err := ex.Commit(t.Context()); out != nil || err != nil {
		t.Error("a commit after the end:", out, err)
	}
}

// A client that has hung up before the commit keeps the token that it has: what needs no new one is done, a rotation is not.
func TestHungUp(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	// late makes a change while the client is there, and commits when it is gone.
	late := func(change func(ctx) error) error {
		here, hangUp := context.WithCancel(t.Context())
		ex := w.sessions.Open(satchel.Arrived{"cart": token})
		ctx := ex.Context(here)
		err := change(ctx)
		hangUp()
		_, commitErr := ex.Commit(ctx)
		return errors.Join(err, commitErr)
	}
	must(t, late(func(ctx ctx) error { return carts.Set(ctx, cart{[]string{"milk"}}) }))
	w.holds(token, "milk")
	if err := late(carts.Rotate); !errors.Is(err, satchel.ErrTooLate) {
		t.Error("Rotate:", err)
	}
	w.holds(token, "milk")
	must(t, late(carts.Clear))
	w.nothingLives(token)
}
