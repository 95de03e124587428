package satchel_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// The tests TestItem… of this folder hold the requirements of the conformance checklist that the shell can show, by their
// numbers. Others stand in the rooms that they are about: cookies, keys, stores, the core.

// Items 11 and 12: the old token is dead on every node once the rotation is done, also for an exchange begun before.
func TestItem11_RotationKillsTheOldToken(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	other := w.node(satchel.Options{})
	token := w.begun("tea")
	early := other.Open(satchel.Arrived{"cart": token})
	signed := visit(t, w.sessions, token, func(ctx context.Context) { must(t, carts.SignIn(ctx, "ann", cart{[]string{"private"}})) })
	if c, ok, err := carts.Get(early.Context(t.Context())); ok || err != nil {
		t.Error("an exchange begun before reads", c, err)
	}
	if c, ok := read(t, other, token); ok {
		t.Error("the old token reads", c)
	}
	if c, ok := read(t, other, signed); !ok || c[0] != "private" {
		t.Error("the new token reads", c, ok)
	}
}

// Item 12, for an exchange that had read before: it keeps what it saw, and can change nothing.
func TestItem12_AnEarlierReaderCannotWrite(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	early, ctx := w.open(token)
	_, _, err := carts.Get(ctx)
	must(t, err)
	signed := visit(t, w.sessions, token, func(ctx context.Context) { must(t, carts.SignIn(ctx, "ann", cart{[]string{"private"}})) })
	c, err := carts.Update(ctx, add("stolen"))
	if !errors.Is(err, satchel.ErrEnded) {
		t.Error("Update:", c, err)
	}
	if out, err := w.sent(early); err != nil || out.Action != core.SendNothing {
		t.Error("told", out.Action, err)
	}
	w.holds(signed, "private")
}

// Item 13: signing in as somebody else drops what was there.
func TestItem13_AnotherSubjectInheritsNothing(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, c *clock) {
		ann := visit(t, s, "", func(ctx context.Context) { must(t, carts.SignIn(ctx, "ann", cart{[]string{"ann's"}})) })
		c.advance(time.Minute)
		bob := visit(t, s, ann, func(ctx context.Context) {
			must(t, carts.Set(ctx, cart{[]string{"ann's, changed"}}))
			must(t, carts.SignIn(ctx, "bob", cart{}))
			if c, ok, err := carts.Get(ctx); !ok || err != nil || c.Items != nil {
				t.Error("before the commit:", c, ok, err)
			}
		})
		visit(t, s, bob, func(ctx context.Context) {
			a, err := carts.About(ctx)
			if err != nil || a.Subject != "bob" || !a.Authenticated.Equal(c.now()) {
				t.Errorf("%+v, %v", a, err)
			}
			if v, ok, err := carts.Get(ctx); !ok || err != nil || v.Items != nil {
				t.Error(v, ok, err)
			}
		})
	})
}

// Items 17 and 19: use moves the idle deadline and nothing else does; a copy of the token is no use.
func TestItem17_IdleIsTheServers(t *testing.T) {
	w := newWorld(t, satchel.Options{Idle: 10 * time.Minute, Touch: time.Minute, Absolute: time.Hour})
	token := w.begun("tea")
	for range 5 {
		w.clock.advance(9 * time.Minute)
		if _, ok := read(t, w.sessions, token); !ok {
			t.Fatal("a session in use has ended")
		}
	}
	w.clock.advance(10*time.Minute - time.Millisecond)
	if _, ok := read(t, w.sessions, token); !ok {
		t.Error("ended before its idle time")
	}
	w.clock.advance(5 * time.Minute) // 59:59.999 after it began, and in use
	if _, ok := read(t, w.sessions, token); !ok {
		t.Error("ended before its absolute time")
	}
	w.clock.advance(time.Millisecond)
	if _, ok := read(t, w.sessions, token); ok {
		t.Error("activity has extended the absolute life")
	}
}

// Items 18 and 19: the absolute life is measured from the sign-in, which begins it anew; a rotation or a save does not.
func TestItem18_AbsoluteLifeBeginsAtSignIn(t *testing.T) {
	both(t, satchel.Options{Absolute: time.Hour}, func(t *testing.T, s *satchel.Sessions, c *clock) {
		token := visit(t, s, "", func(ctx context.Context) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })
		keepAlive := func(token core.Token, d time.Duration) {
			for ; d > 0; d -= 10 * time.Minute {
				c.advance(min(d, 10*time.Minute))
				if _, ok := read(t, s, token); !ok {
					t.Fatal("ended early")
				}
			}
		}
		keepAlive(token, 50*time.Minute)
		token = visit(t, s, token, func(ctx context.Context) { must(t, carts.SignIn(ctx, "ann", cart{})) })
		keepAlive(token, 50*time.Minute) // 1:40 after it began
		token = visit(t, s, token, func(ctx context.Context) {
			must(t, carts.Rotate(ctx))
			must(t, carts.Set(ctx, cart{[]string{"bread"}}))
		})
		keepAlive(token, 10*time.Minute-time.Millisecond)
		c.advance(time.Millisecond)
		if _, ok := read(t, s, token); ok {
			t.Error("a rotation has begun the absolute life anew")
		}
	})
}

// Item 25: a clock that jumps back extends nothing, and one far ahead of ours is not believed.
func TestItem25_AClockThatJumps(t *testing.T) {
	both(t, satchel.Options{Absolute: time.Hour, Skew: time.Minute}, func(t *testing.T, s *satchel.Sessions, c *clock) {
		token := visit(t, s, "", func(ctx context.Context) { must(t, carts.Set(ctx, cart{})) })
		c.advance(-time.Minute)
		if _, ok := read(t, s, token); !ok {
			t.Error("within the skew it is refused")
		}
		c.advance(-time.Millisecond)
		if _, ok := read(t, s, token); ok {
			t.Error("beyond the skew it is believed")
		}
		c.advance(2 * time.Minute)
		for _, d := range []time.Duration{0, 20 * time.Minute, 20 * time.Minute, 19 * time.Minute} {
			c.advance(d)
			if _, ok := read(t, s, token); !ok {
				t.Error("a jump has ended it")
			}
		}
		c.advance(time.Millisecond)
		if _, ok := read(t, s, token); ok {
			t.Error("a jump has extended it")
		}
	})
}

// Items 26, 27 and 33: a logout ends the session in the store, tells the client to forget, and stays in force for saves that
// were under way. TestRule1… has the races.
func TestItem26_LogoutIsTheServers(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	saving, ctx := w.open(token)
	must(t, carts.Set(ctx, cart{[]string{"late"}}))
	w.logout(token) // checks SendClear
	if _, ok := read(t, w.node(satchel.Options{}), token); ok {
		t.Error("the saved token opens a session after the logout")
	}
	if out, err := w.sent(saving); !errors.Is(err, satchel.ErrEnded) || out.Action != core.SendNothing {
		t.Error("item 33: a late save:", out.Action, err)
	}
	if n := w.store.Stats().Records; n != 0 {
		t.Errorf("item 33: %d records", n)
	}
	w.logout(token) // and again: the client's copy is cleared whatever was there
}

// Item 27: the client's copy ends with the absolute life, by the date that it was sent with. Reading an expired token clears
// nothing: of two racing answers, one that clears and one that begins a session, the later would win.
func TestItem27_ExpiryEndsTheClientsCopy(t *testing.T) {
	both(t, satchel.Options{Absolute: time.Hour}, func(t *testing.T, s *satchel.Sessions, c *clock) {
		ex := s.Open(satchel.Arrived{})
		must(t, carts.Set(ex.Context(t.Context()), cart{}))
		out, err := ex.Commit(t.Context())
		must(t, err)
		c.advance(time.Hour)
		if until := c.now().UnixMilli(); out[0].Until != until {
			t.Errorf("the client keeps it until %d, it lives until %d", out[0].Until, until)
		}
		for _, token := range []core.Token{out[0].Token, "unreadable"} {
			if left := visit(t, s, token, func(ctx context.Context) { _, _, err := carts.Get(ctx); must(t, err) }); left != token {
				t.Error("reading took the client's copy")
			}
			if left := visit(t, s, token, func(ctx context.Context) { must(t, carts.Clear(ctx)) }); left != "" {
				t.Error("a logout left it")
			}
		}
	})
}

// Item 58: whatever of the API is printed, no token, key or payload shows.
func TestItem58_PrintsRedacted(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, _ *clock) {
		ex := s.Open(satchel.Arrived{})
		within := ex.Context(t.Context())
		must(t, carts.Set(within, cart{[]string{"darjeeling"}}))
		out, err := ex.Commit(t.Context())
		must(t, err)
		asJSON, err := json.Marshal(out[0].Token)
		must(t, err)
		arrived := satchel.Arrived{"cart": out[0].Token}
		for _, text := range []string{
			fmt.Sprint(out), fmt.Sprintf("%+v", out), fmt.Sprintf("%#v", out), fmt.Sprintf("%x", out[0].Token), string(asJSON),
			fmt.Sprint(arrived), fmt.Sprintf("%#v", arrived), fmt.Sprint(within), fmt.Sprintf("%v", s.Placed()),
		} {
			if strings.Contains(text, string(out[0].Token[:20])) || strings.Contains(text, "darjeeling") {
				t.Error("printed:", text)
			}
		}
	})
}

// Item 60: an outage, no session and a bad token are three answers.
func TestItem60_ThreeAnswers(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	for name, c := range map[string]struct {
		token core.Token
		down  bool
		err   error
	}{
		"none": {}, "bad": {token: "?"}, "unknown": {token: token[:42] + "A"}, "outage": {token, true, satchel.ErrUnavailable},
		"none in an outage": {down: true}, "bad in an outage": {token: "?", down: true},
	} {
		w.store.down.Store(c.down)
		ex, ctx := w.open(c.token)
		_, ok, err := carts.Get(ctx)
		if ok || !errors.Is(err, c.err) || c.err == nil && err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
		if out, err := w.sent(ex); err != nil || out.Action != core.SendNothing {
			t.Errorf("%s: told %v, %v", name, out.Action, err)
		}
	}
	w.store.down.Store(false)
	w.holds(token, "tea")
}
