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

// A segment that is over goes from the store while the log names it still, until the next ending. Nodes that begin then serve sessions and
// end them; one whose clock was ahead has taken nothing for over that is not.
func TestLogNamesASegmentThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, c, ahead := store.NewMemory(), newClock(), newClock()
		r := satchel.Revocable(shared, satchel.LogOptions{})
		w := clientNode(t, c, r, satchel.Options{})
		for range core.MaxEndings + 1 {
			w.logout(w.begun("tea"))
		}
		c.advance(time.Hour)
		w.logout(w.begun("milk")) // which keeps the log for longer than the segment
		c.advance(22 * time.Hour)
		token, ended := w.begun("bread"), w.begun("beer")
		late := func(c *clock) *world { return clientNode(t, c, r, satchel.Options{}) }
		segment := w.sessions.SegmentKey("cart", 1)
		kept, err := shared.Load(t.Context(), segment)
		must(t, err)
		must(t, shared.Delete(t.Context(), segment, kept.Revision))
		_, ctx := late(c).open(token)
		if _, ok, err := carts.Get(ctx); ok || !errors.Is(err, satchel.ErrUnavailable) {
			t.Errorf("a segment that is not over is gone: %v, %v", ok, err)
		}
		ahead.at.Store(c.at.Load() + 2*time.Hour.Milliseconds())
		wrong := late(ahead)
		wrong.reads("+", token)
		ahead.at.Store(c.at.Load())
		time.Sleep(time.Second)
		_, ctx = wrong.open(token)
		if _, ok, err := carts.Get(ctx); ok || !errors.Is(err, satchel.ErrUnavailable) {
			t.Errorf("a clock was ahead, by which the segment was over: %v, %v", ok, err)
		}
		c.advance(2 * time.Hour)
		here, there := late(c), late(c)
		here.reads("++", token, ended)
		here.logout(ended)
		must(t, here.sessions.EndEveryone(t.Context(), "cart"))
		there.reads("--+", token, ended, there.signIn("", "ann"))
	})
}

// A logout by a token from before a sign-in is remembered for as long as the sign-in's token lives.
func TestLogoutByATokenFromBeforeTheSignIn(t *testing.T) {
	const day = 24 * time.Hour
	synctest.Test(t, func(t *testing.T) {
		r, c := satchel.Revocable(store.NewMemory(), satchel.LogOptions{}), newClock()
		node := func() *world { return clientNode(t, c, r, satchel.Options{Absolute: 30 * day}) }
		here, there := node(), node()
		first, second := here.begun("tea"), here.begun("milk")
		there.reads("++", first, second)
		c.advance(29 * day)
		ann, bob := here.signIn(first, "ann"), here.signIn(second, "bob")
		here.logout(first)   // the answer with the new cookie was lost
		there.logout(second) // this node has not heard of the sign-in
		for _, later := range []time.Duration{3 * day, 26 * day} {
			c.advance(later - time.Second)
			here.logout(here.begun("bread")) // so that the log is written without what is over
			node().reads("----", first, second, ann, bob)
		}
	})
}

// All sessions of a subject were ended, and then the log was quiet for so long that the subject's roster is forgotten as well: who signs in
// then has a session on each node, from the first instant on at which the roster may be gone.
func TestSignInAfterAQuietLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, c := store.NewMemory(), newClock()
		r := satchel.Revocable(shared, satchel.LogOptions{})
		here, there := clientNode(t, c, r, satchel.Options{}), clientNode(t, c, r, satchel.Options{})
		must(t, here.sessions.EndEveryone(t.Context(), "cart")) // so that the log stays
		before := here.signIn("", "ann")
		_, err := carts.Of(here.sessions, "ann").EndAll(t.Context())
		must(t, err)
		c.advance(48*time.Hour - time.Millisecond)
		time.Sleep(time.Second)
		for _, w := range []*world{here, there} {
			w.reads("-+", before, w.begun("tea")) // which sweeps, a millisecond too early
		}
		c.advance(time.Millisecond)
		if _, _, err := shared.Sweep(t.Context(), c.at.Load(), 100); err != nil {
			t.Fatal(err)
		}
		ann := here.signIn("", "ann")
		here.reads("+", ann)
		there.reads("+", ann)
	})
}

// A log is read past a cache: how old the copy of a node may be is the log's own affair, and so is what a sign-in asks for.
func TestLogBehindACache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, c := store.NewMemory(), newClock()
		node := func() *world {
			cached, err := store.NewCache(shared, store.CacheConfig{MaxStale: time.Minute})
			must(t, err)
			return clientNode(t, c, satchel.Revocable(cached, satchel.LogOptions{}), satchel.Options{})
		}
		here, there := node(), node()
		for range core.MaxEndings + 1 { // so that there is a segment
			there.logout(there.begun("milk"))
		}
		for range 2 {
			token := here.begun("tea")
			time.Sleep(time.Second)
			there.reads("+", token)
			here.logout(token)
			for range core.MaxEndings {
				here.logout(here.begun("milk"))
			}
			time.Sleep(time.Second)
			there.reads("-", token)
		}
		must(t, here.sessions.EndEveryone(t.Context(), "cart"))
		ann := there.signIn("", "ann")
		time.Sleep(time.Second)
		here.reads("+", ann)
		there.reads("+", ann)
	})
}
