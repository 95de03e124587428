package satchel_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// The tests of this file change a session while the same exchange is at work on it.

// What another Update or a Set of the same exchange does between f and its commit is not lost.
func TestRule2WithinAnUpdate(t *testing.T) {
	for name, inner := range map[string]func(ctx ctx) error{
		"update": func(ctx ctx) error { _, err := carts.Update(ctx, add("inner")); return err },
		"set":    func(ctx ctx) error { return carts.Set(ctx, cart{[]string{"inner"}}) },
	} {
		t.Run(name, func(t *testing.T) {
			both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, _ *clock) {
				within := s.Open(satchel.Arrived{}).Context(t.Context())
				calls := 0
				got, err := carts.Update(within, func(c cart) cart {
					if calls++; calls == 1 {
						must(t, inner(within))
					}
					return add("outer")(c)
				})
				if err != nil || calls != 2 || !slices.Equal(got.Items, []string{"inner", "outer"}) {
					t.Error(got, calls, err)
				}
			})
		})
	}
}

// A value made from one revision is not put upon another that a reload has brought meanwhile.
func TestRule2ReloadedMeanwhile(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun()
	_, within := w.open(token)
	outer := 0
	_, err := carts.Update(within, func(c cart) cart {
		if outer++; outer > 1 {
			return add("outer")(c)
		}
		w.store.once("replace", func() { w.add(token, "other") })
		inner := 0
		func() {
			defer func() { _ = recover() }()
			_, _ = carts.Update(within, func(c cart) cart {
				if inner++; inner == 2 {
					panic("reloaded, and not written")
				}
				return add("inner")(c)
			})
		}()
		return add("outer")(c)
	})
	must(t, err)
	w.holds(token, "other", "outer")
}

// After a conflict the session is loaded once, and not with each look.
func TestReloadedOnce(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun()
	_, ctx := w.open(token)
	w.store.once("replace", func() { w.add(token, "bread") })
	_, err := carts.Update(ctx, add("milk"))
	must(t, err)
	w.store.calls.Store(0)
	for range 3 {
		_, _, err := carts.Get(ctx)
		must(t, err)
	}
	if n := w.store.calls.Load(); n != 0 {
		t.Errorf("%d store calls", n)
	}
}

// Also where the reload was for nothing, a later Set stays conditional on what was read.
func TestRule2SetAfterAReload(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun()
	ex, within := w.open(token)
	w.store.once("replace", func() { w.add(token, "bread") })
	_, err := carts.Update(within, add("milk"))
	must(t, err)
	must(t, carts.Set(within, cart{[]string{"mine"}}))
	w.add(token, "theirs")
	_, _, err = carts.Get(within)
	must(t, err)
	if _, err := w.sent(ex); !errors.Is(err, satchel.ErrConflict) {
		t.Error(err)
	}
	w.holds(token, "bread", "milk", "theirs")
}

// A replay goes on when the client hangs up in its middle.
func TestReplayWithoutItsClient(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun()
	parent, hangUp := context.WithCancel(t.Context())
	ex := w.sessions.Open(satchel.Arrived{"cart": token})
	must(t, carts.Rotate(ex.Context(parent)))
	w.store.once("replace", func() { w.add(token, "theirs"); hangUp() })
	out, err := ex.Commit(parent)
	must(t, err)
	w.holds(out[0].Token, "theirs")
}

// Update does not replay for a client that has gone, and it says that nothing was written.
func TestUpdateWithoutItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, satchel.Options{})
		token := w.begun()
		parent, hangUp := context.WithCancel(t.Context())
		within := w.sessions.Open(satchel.Arrived{"cart": token}).Context(parent)
		w.store.once("replace", func() { w.add(token, "theirs"); hangUp() })
		calls := 0
		_, err := carts.Update(within, func(c cart) cart { calls++; return add("mine")(c) })
		if !errors.Is(err, satchel.ErrConflict) || calls != 1 {
			t.Error(err, calls)
		}
		w.holds(token, "theirs")
	})
}

// f is not asked for a change of a session that has ended meanwhile: it would be handed the zero value of none.
func TestRule1UpdateOfALostSession(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	ex, ctx := w.open(token)
	w.store.once("replace", func() {
		w.add(token, "bread")
		w.store.once("load", func() { w.logout(token) })
	})
	calls := 0
	if _, err := carts.Update(ctx, func(c cart) cart { calls++; return add("milk")(c) }); !errors.Is(err, satchel.ErrEnded) || calls != 1 {
		t.Error(err, calls)
	}
	// Who then clears it may begin anew.
	must(t, carts.Clear(ctx))
	got, err := carts.Update(ctx, add("fresh"))
	if err != nil || !slices.Equal(got.Items, []string{"fresh"}) {
		t.Error(got, err)
	}
	out, err := w.sent(ex)
	if err != nil || out.Action != core.SendToken || out.Token == token {
		t.Error("told", out.Action, err)
	}
}

// What a late Clear has ended is gone for its exchange too.
func TestRule9GoneAfterALateClear(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	ex, ctx := w.open(w.begun("tea"))
	_, err := w.sent(ex)
	must(t, err)
	if err := carts.Clear(ctx); !errors.Is(err, satchel.ErrTooLate) {
		t.Error(err)
	}
	if c, ok, err := carts.Get(ctx); ok || err != nil {
		t.Error(c, ok, err)
	}
}

// Who signs in is known at once, as the value is, whether a session is there or not; nothing that the commit is still to make.
func TestAboutBeforeTheCommit(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, c *clock) {
		old := visit(t, s, "", func(ctx ctx) { must(t, carts.SignIn(ctx, "eve", cart{[]string{"old"}})) })
		expired := visit(t, s, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{})) })
		c.advance(25 * time.Hour)
		live := visit(t, s, "", func(ctx ctx) { must(t, carts.SignIn(ctx, "eve", cart{[]string{"old"}})) })
		for name, token := range map[string]core.Token{"none": "", "expired": old, "nobody's, expired": expired, "live": live, "cleared": live} {
			within := s.Open(satchel.Arrived{"cart": token}).Context(t.Context())
			if name == "cleared" {
				must(t, carts.Clear(within))
			}
			must(t, carts.Set(within, cart{}))
			if about, err := carts.About(within); err != nil || name != "live" && about != (satchel.About{}) {
				t.Error(name, "set:", about, err)
			}
			must(t, carts.SignIn(within, "ann", cart{[]string{"tea"}}))
			about, err := carts.About(within)
			if err != nil || about.Subject != "ann" || name != "live" && about != (satchel.About{Subject: "ann"}) {
				t.Error(name, about, err)
			}
			who, what, err := satchel.Authenticate(within, carts, satchel.SignedIn(carts))
			if err != nil || what != satchel.Authenticated || who != about {
				t.Error(name, "guarded:", who, what, err)
			}
			if err := carts.RequireFresh(within, time.Hour); !errors.Is(err, satchel.ErrNotFresh) {
				t.Error(name, "fresh before its commit:", err)
			}
			if _, err := carts.Promote(within, "bob", func(c cart) cart {
				if len(c.Items) > 0 {
					t.Error(name, "bob is handed ann's", c.Items)
				}
				return c
			}); err != nil {
				t.Error(name, err)
			}
		}
	})
}

// The sign-in of a session that has ended meanwhile is refused by the commit: no guard lets it through.
func TestAboutOfALostSession(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun()
	_, within := w.open(token)
	must(t, carts.SignIn(within, "ann", cart{}))
	w.store.once("replace", func() {
		w.add(token, "bread")
		w.store.once("load", func() { w.logout(token) })
	})
	if _, err := carts.Update(within, add("tea")); err == nil {
		t.Error("a session that has ended is changed")
	}
	if about, err := carts.About(within); err != nil || about != (satchel.About{}) {
		t.Error(about, err)
	}
}
