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

// Items 28 and 29 for client-side sessions, on a second node.

// twoNodes are two programs over one log, or over the same anchors, that have both just read what there is.
func twoNodes(t *testing.T, name string) (here, there *world) {
	t.Helper()
	shared, c := store.NewMemory(), newClock()
	here = clientNode(t, c, revocables(shared)[name], satchel.Options{})
	there = clientNode(t, c, revocables(shared)[name], satchel.Options{})
	return here, there
}

// hears waits until the other node must know: for the log's Lag, or not at all.
func hears(name string) {
	if name == "log" {
		time.Sleep(time.Second)
	}
}

// All of a subject's client-side sessions end, wherever they signed in: at once on the node of the call, and on each other within the Lag.
// So does a sign-in that was under way there.
func TestItem28_EndAllOnAnotherNode(t *testing.T) {
	for name := range revocables(nil) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				here, there := twoNodes(t, name)
				one, two, bob, visitor := here.signIn("", "ann"), there.signIn(there.begun("tea"), "ann"), there.signIn("", "bob"), there.begun("milk")
				rotated := there.rotate(two)
				hears(name)
				for _, w := range []*world{here, there} {
					w.reads("+-+++", one, two, rotated, bob, visitor)
				}
				ex, ctx := there.open(visitor)
				must(t, carts.SignIn(ctx, "ann", cart{}))
				if n, err := carts.Of(here.sessions, "ann").EndAll(t.Context()); n != 2 || err != nil {
					t.Error(n, err)
				}
				here.reads("---++", one, two, rotated, bob, visitor)
				if out, err := there.sent(ex); !errors.Is(err, satchel.ErrEnded) || out.Action != core.SendNothing {
					t.Errorf("a sign-in from before the end: %v, %v", out.Action, err)
				}
				hears(name)
				there.reads("---++", one, two, rotated, bob, visitor)
				again := there.signIn("", "ann")
				hears(name)
				here.reads("-+", one, again)
			})
		})
	}
}

// All of a subject's client-side sessions end by the log also where one is on no roster any more: it signed in when lives were shorter.
func TestItem28_EndAllOfWhoIsNotListed(t *testing.T) {
	shared, c := store.NewMemory(), newClock()
	r := satchel.Revocable(shared, satchel.LogOptions{})
	before := clientNode(t, c, r, satchel.Options{Absolute: time.Hour})
	token := before.signIn("", "ann")
	c.advance(26 * time.Hour)
	now := clientNode(t, c, r, satchel.Options{Absolute: 100 * time.Hour})
	now.reads("+", token)
	if all := now.list("ann"); len(all) != 0 {
		t.Fatalf("it is listed: %+v", all)
	}
	if n, err := carts.Of(now.sessions, "ann").EndAll(t.Context()); n != 0 || err != nil {
		t.Error(n, err)
	}
	now.reads("-+", token, now.signIn("", "ann"))
}

// All others, or one by its handle, end on the other node within the Lag, and the one that is kept is live there too.
func TestItem29_EndOthersOnAnotherNode(t *testing.T) {
	for name := range revocables(nil) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				here, there := twoNodes(t, name)
				one, two, three := here.signIn("", "ann"), there.signIn("", "ann"), there.signIn("", "ann")
				bob := there.signIn("", "bob")
				there.reads("++++", one, two, three, bob)
				if was, err := carts.Of(here.sessions, "ann").End(t.Context(), here.handle(three)); !was || err != nil {
					t.Error(was, err)
				}
				here.reads("++-+", one, two, three, bob)
				hears(name)
				there.reads("++-+", one, two, three, bob)
				if n, err := carts.Of(here.sessions, "ann").EndOthers(t.Context(), here.handle(two)); n != 1 || err != nil {
					t.Error(n, err)
				}
				here.reads("-+-+", one, two, three, bob)
				hears(name)
				there.reads("-+-+", one, two, three, bob)
			})
		})
	}
}
