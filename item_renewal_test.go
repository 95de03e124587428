package satchel_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// The items of the checklist on renewal.

var hourly = satchel.Options{Renew: time.Hour, Idle: 12 * time.Hour, Absolute: 24 * time.Hour}

// Item 14: a token that is old is renewed, by a read as well; the old one is good until the successor has come in and for its
// grace, then refused; the grace has a cap.
func TestItem14_OldTokensAreRenewed(t *testing.T) {
	w := newWorld(t, hourly)
	first := w.begun("tea")
	reads := func(token core.Token) core.Token {
		t.Helper()
		return visit(t, w.sessions, token, func(ctx context.Context) {
			if c, ok, err := carts.Get(ctx); err != nil || !ok || !slices.Equal(c.Items, []string{"tea"}) {
				t.Fatal(c, ok, err)
			}
		})
	}
	w.clock.advance(time.Hour - time.Millisecond)
	if reads(first) != first {
		t.Fatal("renewed before its time")
	}
	w.clock.advance(time.Millisecond)
	second := reads(first)
	if second == first {
		t.Fatal("not renewed")
	}
	w.clock.advance(3 * time.Hour) // the answer was lost
	if reads(first) != second {
		t.Error("the old token is not handed its successor")
	}
	if reads(second) != second { // it has come in
		t.Error("a successor is renewed at its first use")
	}
	w.clock.advance(time.Minute - time.Millisecond)
	if reads(first) != second {
		t.Error("refused within its grace")
	}
	w.clock.advance(time.Millisecond)
	if _, ok := w.items(first); ok {
		t.Error("good after its grace")
	}
	third := reads(second)
	if third == second || third == first {
		t.Error("the successor is not renewed in turn")
	}
	if _, ok := w.items(first); ok {
		t.Error("a token of two generations ago reads")
	}
	if _, err := satchel.New(carts.ServerSide(w.store).With(satchel.Options{Renew: time.Hour, Grace: 10*time.Minute + 1e6})); err == nil {
		t.Error("a grace over its cap is taken")
	}
}

// Item 15: 32 requests at the instant of renewal, of which some answers are lost: one successor, nobody is anonymous, no
// session is lost, and no change.
func TestItem15_RacersShareASuccessor(t *testing.T) {
	w := newWorld(t, hourly)
	first := w.begun()
	w.clock.advance(time.Hour)
	const racers = 32
	var (
		start, done sync.WaitGroup
		got         [racers]core.Token
	)
	start.Add(1)
	for i := range racers {
		done.Go(func() {
			start.Wait()
			got[i] = visit(t, w.sessions, first, func(ctx context.Context) {
				if _, ok, err := carts.Get(ctx); !ok || err != nil {
					t.Error("anonymous:", ok, err)
				}
				if i%4 == 0 {
					if _, err := carts.Update(ctx, add("x")); err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
	start.Done()
	done.Wait()
	for i, token := range got {
		if token != got[0] || token == first {
			t.Fatalf("racer %d holds another token", i)
		}
	}
	live := 0
	for _, rec := range w.store.all() {
		if _, gone := core.Successor(rec); !gone {
			live++
		}
	}
	if live != 1 {
		t.Errorf("%d live records", live)
	}
	// Whose answer was lost comes with the old token, after who got the new one has come with that.
	w.holds(got[0], slices.Repeat([]string{"x"}, racers/4)...)
	visit(t, w.sessions, got[0], func(ctx context.Context) { _, _, err := carts.Get(ctx); must(t, err) })
	w.clock.advance(30 * time.Second)
	if left := visit(t, w.sessions, first, func(ctx context.Context) { _, _, err := carts.Get(ctx); must(t, err) }); left != got[0] {
		t.Error("who lost the answer is not handed the successor")
	}
}

// Item 15, for stores that lose answers: whatever step of a renewal fails, who reads is answered, and the session lives.
func TestItem15_LostAnswersLoseNoSession(t *testing.T) {
	for _, op := range []string{"create", "replace"} {
		for _, lost := range []bool{false, true} {
			w := newWorld(t, hourly)
			token := w.begun("tea")
			w.clock.advance(time.Hour)
			w.seen.take()
			if lost {
				w.store.lose[op] = true
			} else {
				w.store.once(op, func() { w.store.down.Store(true) })
			}
			ex, ctx := w.open(token)
			if _, ok, err := carts.Get(ctx); !ok || err != nil {
				t.Fatal(ok, err)
			}
			out, err := w.sent(ex)
			w.store.down.Store(false)
			if err != nil {
				t.Errorf("%s, done %v: a reader gets %v", op, lost, err)
			}
			if told := slices.Contains(w.seen.take(), "unavailable"); told == (out.Action == core.SendToken) {
				t.Errorf("%s, done %v: sent %v, told of an outage %v", op, lost, out.Action, told)
			}
			if out.Action == core.SendToken {
				w.holds(out.Token, "tea")
			}
			w.holds(token, "tea")
		}
	}
}

// Item 16: a renewed token that comes after its grace is told to the observer, with the session's handle, and by policy ends the
// session.
func TestItem16_ReuseIsToldAndEnds(t *testing.T) {
	for _, ends := range []bool{false, true} {
		o := hourly
		o.EndReused = ends
		w := newWorld(t, o)
		var reused []satchel.Event
		observed := satchel.Must(satchel.Config{Clock: w.clock.now, Observer: satchel.Observer{
			Reused: func(_ context.Context, e satchel.Event) { reused = append(reused, e) },
		}}.New(carts.ServerSide(w.store).With(o)))
		first := visit(t, w.sessions, "", func(ctx context.Context) { must(t, carts.SignIn(ctx, "ann", cart{})) })
		w.clock.advance(time.Hour)
		second := visit(t, w.sessions, first, func(ctx context.Context) { _, _, err := carts.Get(ctx); must(t, err) })
		visit(t, w.sessions, second, func(ctx context.Context) { _, _, err := carts.Get(ctx); must(t, err) })
		w.clock.advance(time.Minute)
		left := visit(t, observed, first, func(ctx context.Context) {
			if _, ok, err := carts.Get(ctx); ok || err != nil {
				t.Error(ok, err)
			}
		})
		if len(reused) != 1 || reused[0].Handle == "" || reused[0].Reason != core.Reused || !reused[0].At.Equal(w.clock.now()) {
			t.Errorf("told %+v", reused)
		}
		if _, ok := w.items(second); ok == ends {
			t.Errorf("ends %v: the session lives: %v", ends, ok)
		}
		if (left == "") != ends {
			t.Errorf("ends %v: the client's copy was cleared: %v", ends, left == "")
		}
		if ends {
			w.nothingLives(first, second)
			if listed, err := carts.Of(w.sessions, "ann").List(t.Context()); err != nil || len(listed) != 0 {
				t.Error("ended, and listed:", listed, err)
			}
		}
	}
}

// Where no token gets out nothing is renewed: the answer has begun, or nobody may be there.
func TestRenewalNeedsAnAnswer(t *testing.T) {
	w := newWorld(t, hourly)
	token := w.begun("tea")
	w.clock.advance(time.Hour)
	over, cancel := context.WithCancel(t.Context())
	ex, ctx := w.open(token)
	_, _, err := carts.Get(ctx)
	must(t, err)
	cancel()
	if out, err := ex.Commit(over); err != nil || out[0].Action != core.SendNothing {
		t.Error("nobody is there:", out[0].Action, err)
	}
	late, ctx := w.open(token)
	_, err = w.sent(late)
	must(t, err)
	must(t, carts.Set(ctx, cart{[]string{"late"}}))
	if n := len(w.store.all()); n != 1 {
		t.Errorf("%d records", n)
	}
	w.holds(token, "late")

	// A change in mid-exchange renews as well, and its token leaves with the answer.
	ex, ctx = w.open(token)
	_, err = carts.Update(ctx, add("x"))
	must(t, err)
	out, err := w.sent(ex)
	if err != nil || out.Action != core.SendToken || out.Token == token {
		t.Error(out.Action, err)
	}
	w.holds(out.Token, "late", "x")
	// And a late change under the old token is saved, though its successor cannot be handed over.
	late, ctx = w.open(token)
	_, err = w.sent(late)
	must(t, err)
	_, err = carts.Update(ctx, add("y"))
	must(t, err)
	w.holds(out.Token, "late", "x", "y")
}

// An Update goes along with what Set has left, and under its condition: it survives a renewal, and does not try again and again
// to make a change that is overtaken.
func TestUpdateAfterSetAgainstRenewal(t *testing.T) {
	for _, changed := range []bool{false, true} {
		w := newWorld(t, hourly)
		token := w.begun("tea")
		w.clock.advance(time.Hour)
		ex, ctx := w.open(token)
		must(t, carts.Set(ctx, cart{[]string{"mine"}}))
		if changed {
			w.add(token, "theirs")
		} else {
			visit(t, w.sessions, token, func(ctx context.Context) { _, _, err := carts.Get(ctx); must(t, err) })
		}
		w.store.calls.Store(0)
		c, err := carts.Update(ctx, add("more"))
		if changed != errors.Is(err, satchel.ErrConflict) || !changed && !slices.Equal(c.Items, []string{"mine", "more"}) {
			t.Errorf("changed %v: %v, %v", changed, c, err)
		}
		if n := w.store.calls.Load(); n > 8 {
			t.Errorf("changed %v: %d calls of the store", changed, n)
		}
		if out, err := w.sent(ex); !changed {
			must(t, err)
			w.holds(out.Token, "mine", "more")
		}
	}
}

// A condition is on the value: a Set survives that somebody renewed or adopted the token, and not that somebody changed the value.
func TestSetSurvivesRenewal(t *testing.T) {
	for name, c := range map[string]struct {
		meddle func(w *world, token core.Token)
		err    error
	}{
		"renewed": {func(w *world, token core.Token) {
			visit(w.t, w.sessions, token, func(ctx context.Context) { _, _, err := carts.Get(ctx); must(w.t, err) })
		}, nil},
		"renewed and seen": {func(w *world, token core.Token) {
			for range 2 {
				token = visit(w.t, w.sessions, token, func(ctx context.Context) { _, _, err := carts.Get(ctx); must(w.t, err) })
			}
		}, nil},
		"changed": {func(w *world, token core.Token) { w.add(token, "theirs") }, satchel.ErrConflict},
		"ended":   {func(w *world, token core.Token) { w.logout(token) }, satchel.ErrEnded},
	} {
		w := newWorld(t, hourly)
		token := w.begun("tea")
		w.clock.advance(time.Hour)
		ex, ctx := w.open(token)
		_, _, err := carts.Get(ctx)
		must(t, err)
		must(t, carts.Set(ctx, cart{[]string{"mine"}}))
		c.meddle(w, token)
		out, err := w.sent(ex)
		if !errors.Is(err, c.err) || err == nil && out.Action != core.SendToken {
			t.Errorf("%s: %v, %v", name, out.Action, err)
		}
		if err == nil {
			w.holds(out.Token, "mine")
		}
		// What lost its condition does not get it back: nothing of it is written later.
		if errors.Is(err, satchel.ErrConflict) {
			if err := carts.Set(ctx, cart{[]string{"mine, later"}}); !errors.Is(err, satchel.ErrConflict) {
				t.Errorf("%s: a late Set: %v", name, err)
			}
			if items, _ := w.items(token); !slices.Equal(items, []string{"tea", "theirs"}) {
				t.Errorf("%s: holds %q", name, items)
			}
		}
	}
}
