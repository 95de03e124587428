package satchel_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// A further commit tells of the kinds that were first used since the one before, whose answer may still be on its way.
func TestCommitTellsWhatWasUsedSince(t *testing.T) {
	first, second := satchel.NewKind[int]("first"), satchel.NewKind[int]("second")
	st := store.NewMemory()
	ex := satchel.Must(satchel.New(first.ServerSide(st), second.ServerSide(st))).Open(satchel.Arrived{})
	ctx := ex.Context(t.Context())
	commits := func(want ...string) {
		t.Helper()
		out, err := ex.Commit(ctx)
		if err != nil || len(out) != len(want) {
			t.Fatalf("%v, %v", out, err)
		}
		for i, o := range out {
			if o.Transport.Kind != want[i] || o.Action != core.SendNothing {
				t.Errorf("%+v, want %s", o, want[i])
			}
		}
	}
	if _, _, err := first.Get(ctx); err != nil {
		t.Fatal(err)
	}
	commits("first")
	commits()
	if _, _, err := second.Get(ctx); err != nil {
		t.Fatal(err)
	}
	commits("second")
	commits()
}

// mute is a carrier that tokens come by and none leaves by.
type mute struct{ satchel.Arrived }

var errMute = errors.New("no token leaves here")

func (mute) MaySend(satchel.Transport) error { return errMute }

// A change whose token may not leave writes nothing, whether it is made at once or with the commit; and one that needs no token
// is made.
func TestMaySend(t *testing.T) {
	counts := satchel.NewKind[int]("count")
	st := store.NewMemory()
	s := satchel.Must(satchel.New(counts.ServerSide(st)))
	for name, change := range map[string]func(ctx context.Context) error{
		"set":    func(ctx context.Context) error { return counts.Set(ctx, 1) },
		"update": func(ctx context.Context) error { _, err := counts.Update(ctx, func(int) int { return 1 }); return err },
		"signin": func(ctx context.Context) error { return counts.SignIn(ctx, "ann", 1) },
	} {
		ex := s.Open(mute{})
		err := change(ex.Context(t.Context()))
		out, failed := ex.Commit(t.Context())
		if !errors.Is(errors.Join(err, failed), errMute) || len(out) != 1 || out[0].Action != core.SendNothing || st.Stats().Records != 0 {
			t.Errorf("%s: %v, %v, %v, %d records", name, err, out, failed, st.Stats().Records)
		}
	}

	ex := s.Open(satchel.Arrived{})
	must(t, counts.Set(ex.Context(t.Context()), 1))
	out, err := ex.Commit(t.Context())
	must(t, err)
	came := mute{satchel.Arrived{"count": out[0].Token}}
	ex = s.Open(came)
	must(t, counts.Set(ex.Context(t.Context()), 2))
	if _, err = ex.Commit(t.Context()); err != nil {
		t.Error("a change that needs no token:", err)
	}
	ex = s.Open(came)
	must(t, counts.Rotate(ex.Context(t.Context())))
	if _, err = ex.Commit(t.Context()); !errors.Is(err, errMute) {
		t.Error("a rotation:", err)
	}
	if n, ok, err := counts.Get(s.Open(came).Context(t.Context())); n != 2 || !ok || err != nil {
		t.Error("afterwards:", n, ok, err)
	}
}

// Whoever only reads, or sets, has that also where the session's token is old by now and none may leave: its use is noted, it is
// renewed another time, and the token that leads to a successor serves on.
func TestMaySendOfARenewal(t *testing.T) {
	w := newWorld(t, hourly)
	opened := func(token core.Token) (*satchel.Exchange, ctx) {
		ex := w.sessions.Open(mute{satchel.Arrived{"cart": token}})
		within := ex.Context(t.Context())
		return ex, within
	}
	// left makes both changes under a token, each in an exchange of its own.
	left := func(what string, token core.Token) {
		t.Helper()
		for name, change := range map[string]func(ctx) error{
			"set": func(ctx ctx) error { return carts.Set(ctx, cart{[]string{what}}) },
			"update": func(ctx ctx) error {
				_, err := carts.Update(ctx, func(cart) cart { return cart{[]string{what}} })
				return err
			},
		} {
			ex, ctx := opened(token)
			err := change(ctx)
			told, failed := ex.Commit(t.Context())
			if err = errors.Join(err, failed); err != nil || len(told) != 1 || told[0].Action != core.SendNothing {
				t.Errorf("%s, %s: %v, %v", what, name, told, err)
			}
			w.holds(token, what)
		}
	}
	first := w.begun("tea")
	w.clock.advance(11 * time.Hour) // of the twelve that it may stay unused
	ex, ctx := opened(first)
	if _, ok, err := carts.Get(ctx); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if out, err := ex.Commit(t.Context()); err != nil || out[0].Action != core.SendNothing {
		t.Error("a read:", out, err)
	}
	w.clock.advance(2 * time.Hour)
	left("old", first)
	second := visit(t, w.sessions, first, func(ctx context.Context) { _, _, _ = carts.Get(ctx) })
	if second == first {
		t.Fatal("not renewed where tokens leave")
	}
	left("a pointer", first)
	ex, ctx = opened(first)
	must(t, carts.Rotate(ctx))
	if _, err := ex.Commit(t.Context()); !errors.Is(err, errMute) {
		t.Error("a rotation of an old token:", err)
	}
}

// An answer depends on the stamp that came as well, and where that has a field of its own says so, whether a stamp is sent or not. One that is
// still to be made is told of a kind that is first used after the commit.
func TestAnAnswerDependsOnItsStamp(t *testing.T) {
	for header, want := range map[string][]string{"": {"cart"}, "X-Cart": {"cart", "cart-seen"}} {
		s := satchel.Must(satchel.New(carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable).With(satchel.Options{
			Idle: time.Minute, Header: header,
		})))
		for name, usedLate := range map[string]bool{"before its commit": false, "after it": true} {
			ex := s.Open(satchel.Arrived{})
			if usedLate {
				_, err := ex.Commit(t.Context())
				must(t, err)
			}
			_, _, err := carts.Get(ex.Context(t.Context()))
			must(t, err)
			out, err := ex.Commit(t.Context())
			must(t, err)
			var told []string
			for _, o := range out {
				if told = append(told, o.Transport.Kind); o.Action != core.SendNothing {
					t.Errorf("%s: %v is sent", name, o.Action)
				}
			}
			if !slices.Equal(told, want) {
				t.Errorf("%q, used %s: told of %q, want %q", header, name, told, want)
			}
		}
	}
}
