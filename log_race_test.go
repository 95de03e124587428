package satchel_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// passes lets time pass for this clock and for the process's own, in a bubble.
func (c *clock) passes(d time.Duration) {
	c.advance(d)
	time.Sleep(d)
}

// late saves under a token, and returns what the client is told.
func (w *world) late(token core.Token) (core.Action, error) {
	w.t.Helper()
	ex, ctx := w.open(token)
	early := carts.Set(ctx, cart{[]string{"late"}})
	out, err := w.sent(ex)
	return out.Action, errors.Join(early, err)
}

// refuses checks that a late save under a token that was rotated away begins no session, which could take the place of the new one.
func (w *world) refuses(token core.Token) {
	w.t.Helper()
	w.seen.take()
	if action, err := w.late(token); !errors.Is(err, satchel.ErrEnded) || action != core.SendNothing {
		w.t.Errorf("a late save: %v, %v", action, err)
	}
	if told := w.seen.take(); len(told) == 0 || told[0] != "refused: rotated" {
		w.t.Errorf("the observer is told %q", told)
	}
}

// begins checks that a save under a token that is over begins a session.
func (w *world) begins(token core.Token) {
	w.t.Helper()
	w.seen.take()
	if action, err := w.late(token); err != nil || action != core.SendToken {
		w.t.Errorf("a save long after: %v, %v", action, err)
	}
	if told := w.seen.take(); len(told) == 0 || told[0] != "refused: ended" {
		w.t.Errorf("the observer is told %q", told)
	}
}

// A late save under a client-side token that was rotated away begins no session for a minute after its node has learnt of the rotation:
// the node that did it, one that reads it in the log, and one that begins meanwhile. Then it does, as after a logout at once.
func TestRule1LateSaveByALog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, c := store.NewMemory(), newClock()
		node := func() *world {
			return clientNode(t, c, satchel.Revocable(shared, satchel.LogOptions{}), satchel.Options{})
		}
		here, there := node(), node()
		token, ended := here.begun("tea"), here.begun("milk")
		there.reads("++", token, ended)
		successor := here.rotate(token)
		here.logout(ended)
		here.refuses(token)
		c.passes(time.Second)
		there.refuses(token)
		here.begins(ended)
		there.begins(ended)
		c.passes(29 * time.Second)
		fresh := node()
		fresh.refuses(token)
		for _, w := range []*world{here, there, fresh} {
			w.reads("-+", token, successor)
		}
		c.passes(30*time.Second - time.Millisecond)
		here.refuses(token)
		here.logout(here.begun("bread")) // which tells nothing new of this one
		c.passes(time.Millisecond)
		here.begins(token)
		there.refuses(token) // it heard a second later
		c.passes(time.Second)
		there.begins(token)
		fresh.refuses(token)
		c.passes(29 * time.Second)
		fresh.begins(token)
		fresh.reads("-+", token, successor)
	})
}

// A rotation that has gone into a segment is known as one, also by a node that comes late; and a session that was rotated and then
// ended has ended.
func TestRule1LateSaveByASegment(t *testing.T) {
	shared, c := store.NewMemory(), newClock()
	node := func() *world {
		return clientNode(t, c, satchel.Revocable(shared, satchel.LogOptions{}), satchel.Options{})
	}
	here := node()
	token, other := here.begun("tea"), here.begun("milk")
	here.rotate(token)
	here.logout(here.rotate(other))
	for range core.MaxEndings {
		here.logout(here.begun("bread"))
	}
	there := node()
	there.refuses(token)
	for _, w := range []*world{here, there} {
		w.begins(other)
	}
	must(t, here.sessions.EndEveryone(t.Context(), "cart"))
	for _, w := range []*world{here, node()} {
		w.begins(token)
	}
}

// The instants of rotations are kept while they matter, and not for the life of a session.
func TestRotationsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClock()
		w := clientNode(t, c, satchel.Revocable(store.NewMemory(), satchel.LogOptions{}), satchel.Options{})
		for range 10 {
			for range 10 {
				w.rotate(w.begun("tea"))
			}
			c.passes(30 * time.Second)
		}
		if n := w.sessions.Rotated("cart"); n < 10 || n > 40 {
			t.Errorf("the instants of %d rotations are kept", n)
		}
		for _, later := range []time.Duration{time.Second, 2 * time.Minute} {
			c.passes(later)
			w.reads("+", w.begun("tea")) // nothing ends any more, and the log is as it was
		}
		if n := w.sessions.Rotated("cart"); n > 0 {
			t.Errorf("the instants of %d rotations are kept while the log is quiet", n)
		}
	})
}

// A clock that jumps, ahead or back, makes the minute for late saves neither shorter nor longer.
func TestRule1LateSaveWhileTheClockJumps(t *testing.T) {
	for _, jump := range []time.Duration{2 * time.Minute, 10 * time.Hour, 100 * 24 * time.Hour} {
		for _, learns := range []string{"before", "while it is ahead"} {
			synctest.Test(t, func(t *testing.T) {
				shared, right, wrong := store.NewMemory(), newClock(), newClock()
				node := func(c *clock) *world {
					return clientNode(t, c, satchel.Revocable(shared, satchel.LogOptions{}), satchel.Options{})
				}
				here, there := node(right), node(wrong)
				token, other := here.begun("tea"), here.begun("milk")
				there.reads("++", token, other)
				successor := here.rotate(token)
				passes := func(d time.Duration) {
					right.passes(d)
					wrong.advance(d)
				}
				passes(time.Second)
				if learns == "before" {
					there.refuses(token)
				}
				wrong.advance(jump)
				here.logout(here.begun("bread")) // so that the log has changed, and what is over is swept
				passes(time.Second)
				_, ctx := there.open(there.begun("wine"))
				_, _, err := carts.Get(ctx)
				must(t, err)
				passes(time.Second)
				wrong.advance(-jump)
				there.refuses(token)
				there.reads("-+", token, successor)
				passes(56 * time.Second)
				there.refuses(token)
				passes(5 * time.Second)
				there.begins(token)
				there.reads("-+", token, successor)
			})
		}
	}
}

// Whoever signs in, or logs out, with a token that was rotated away just now does so.
func TestRotatedJustNowByALog(t *testing.T) {
	w := clientNode(t, newClock(), satchel.Revocable(store.NewMemory(), satchel.LogOptions{}), satchel.Options{})
	token := w.begun("tea")
	successor := w.rotate(token)
	ann := w.signIn(token, "ann")
	w.reads("-++", token, successor, ann)
	w.refuses(token)
	_, ctx := w.open(token)
	if _, err := carts.Update(ctx, add("milk")); !errors.Is(err, satchel.ErrEnded) {
		t.Errorf("Update: %v", err)
	}
	ex, ctx := w.open(token)
	must(t, carts.Clear(ctx))
	must(t, carts.Set(ctx, cart{[]string{"anew"}}))
	out, err := w.sent(ex)
	must(t, err)
	w.reads("--++", token, successor, ann, out.Token)
	w.begins(token)
}
