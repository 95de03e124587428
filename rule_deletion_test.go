package satchel_test

import (
	"errors"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// The rules of the design's section 5, as far as the shell can break them, stand in the files rule_…_test.go.
//
// Rule 1, deletion wins, and the first race of rotate against logout: the logout comes before the claim.
func TestRule1LogoutBeforeClaim(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	rotating, ctx := w.open(token)
	must(t, carts.Rotate(ctx))
	w.store.once("replace", func() { w.logout(token) })
	out, err := w.sent(rotating)
	if !errors.Is(err, satchel.ErrEnded) || out.Action != core.SendNothing {
		t.Errorf("the loser got %v, %v", out.Action, err)
	}
	w.nothingLives(token)
}

// The second race: the logout has read the session, and the claim comes before it deletes.
func TestRule1LogoutAfterClaim(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	leaving, ctx := w.open(token)
	must(t, carts.Clear(ctx))
	var rotated core.Token
	w.store.once("delete", func() { rotated = w.rotate(token) })
	out, err := w.sent(leaving)
	if err != nil || out.Action != core.SendClear {
		t.Errorf("the logout got %v, %v", out.Action, err)
	}
	w.nothingLives(token, rotated)
}

// The third race: two rotations, and a logout with the token from before both.
func TestRule1LogoutFollowsTombstones(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	first := w.begun("tea")
	second := w.rotate(first)
	third := w.rotate(second)
	for _, old := range []core.Token{first, second} {
		if _, ok := w.items(old); ok {
			t.Error("a token from before the rotation reads the session")
		}
	}
	w.holds(third, "tea")
	w.logout(first)
	w.nothingLives(first, second, third)
}

// Two rotations at once: one wins, and the loser deletes what it created.
func TestRule1TwoRotations(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	losing, ctx := w.open(token)
	must(t, carts.Rotate(ctx))
	var won core.Token
	w.store.once("replace", func() { won = w.rotate(token) })
	if out, err := w.sent(losing); !errors.Is(err, satchel.ErrEnded) || out.Action != core.SendNothing {
		t.Errorf("the loser got %v, %v", out.Action, err)
	}
	w.holds(won, "tea")
	if n := w.store.Stats().Records; n != 2 { // the winner's, and the tombstone
		t.Errorf("%d records are left, want 2", n)
	}
}

// A rotation that meets a save is replayed on what was saved, with entropy of its own: no nonce and no ID is used twice.
func TestRule1RotationReplayed(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun()
	ex, ctx := w.open(token)
	must(t, carts.Rotate(ctx))
	w.store.once("replace", func() { w.add(token, "bread") })
	created := len(w.store.keys)
	out, err := w.sent(ex)
	must(t, err)
	w.holds(out.Token, "bread")
	drawn := w.store.keys[created:]
	if len(drawn) != 2 || drawn[0] == drawn[1] {
		t.Errorf("two tries created %v", drawn)
	}
	if n := w.store.Stats().Records; n != 2 {
		t.Errorf("%d records are left, want 2", n)
	}
}

// A save that was on its way when the session ended does not bring it back, by any verb.
func TestRule1LateSave(t *testing.T) {
	for name, save := range map[string]func(w *world, token core.Token) error{
		"set": func(w *world, token core.Token) error {
			ex, ctx := w.open(token)
			must(w.t, carts.Set(ctx, cart{[]string{"milk"}}))
			w.logout(token)
			_, err := w.sent(ex)
			return err
		},
		"overwrite": func(w *world, token core.Token) error {
			_, ctx := w.open(token)
			w.store.once("replace", func() { w.logout(token) })
			return carts.Overwrite(ctx, cart{[]string{"milk"}})
		},
		"overwrite after a conflict": func(w *world, token core.Token) error {
			_, ctx := w.open(token)
			w.store.once("replace", func() {
				w.add(token, "bread")
				w.store.once("load", func() { w.logout(token) })
			})
			return carts.Overwrite(ctx, cart{[]string{"milk"}})
		},
		"update": func(w *world, token core.Token) error {
			_, ctx := w.open(token)
			w.store.once("replace", func() { w.logout(token) })
			_, err := carts.Update(ctx, add("milk"))
			return err
		},
		"update after a conflict": func(w *world, token core.Token) error {
			_, ctx := w.open(token)
			w.store.once("replace", func() {
				w.add(token, "bread")
				w.store.once("load", func() { w.logout(token) })
			})
			_, err := carts.Update(ctx, add("milk"))
			return err
		},
		"sign in": func(w *world, token core.Token) error {
			ex, ctx := w.open(token)
			must(w.t, carts.SignIn(ctx, "ann", cart{}))
			w.logout(token)
			_, err := w.sent(ex)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, satchel.Options{})
			token := w.begun("tea")
			if err := save(w, token); !errors.Is(err, satchel.ErrEnded) {
				t.Errorf("got %v, want ErrEnded", err)
			}
			w.nothingLives(token)
		})
	}
}

// Answers to requests that began before a rotation may arrive after the one with the new token. They must neither clear it at
// the client nor put another session in its place.
func TestRule1AnswersAfterARotation(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	old := w.begun("tea")
	token := w.rotate(old)
	for name, c := range map[string]struct {
		act    func(ctx) error
		err    error
		action core.Action
	}{
		"get":    {func(ctx ctx) error { _, _, err := carts.Get(ctx); return err }, nil, core.SendNothing},
		"set":    {func(ctx ctx) error { return carts.Set(ctx, cart{}) }, satchel.ErrEnded, core.SendNothing},
		"update": {func(ctx ctx) error { _, err := carts.Update(ctx, add("x")); return err }, satchel.ErrEnded, core.SendNothing},
		"rotate": {carts.Rotate, nil, core.SendNothing},
	} {
		ex, ctx := w.open(old)
		if err := c.act(ctx); !errors.Is(err, c.err) {
			t.Errorf("%s: %v", name, err)
		}
		if out, err := w.sent(ex); err != nil || out.Action != c.action {
			t.Errorf("%s: told %v, %v", name, out.Action, err)
		}
	}
	w.holds(token, "tea")

	w.clock.advance(time.Minute) // by then they have all arrived
	ex, ctx := w.open(old)
	_, err := carts.Update(ctx, add("x"))
	must(t, err)
	if out, err := w.sent(ex); err != nil || out.Action != core.SendToken {
		t.Errorf("a minute later: told %v, %v", out.Action, err)
	}
}
