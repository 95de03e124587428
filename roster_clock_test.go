package satchel_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/store"
)

// A node for whose clock, or whose configuration, a session is over takes it off no roster: who ends all of a subject's sessions, there
// or elsewhere, ends that one too. Nor does it end it for a sign-in that finds room.
func TestEndAllDespiteANodeThatIsAhead(t *testing.T) {
	for name := range idles(t, nil, satchel.Options{}) {
		if name == "stamp" || name == "stamp, readable" {
			continue // nothing ends these
		}
		for _, refuse := range []bool{false, true} {
			for _, ahead := range []time.Duration{0, 45 * time.Minute, 25 * time.Hour} {
				for _, through := range []string{"here", "there"} {
					t.Run(fmt.Sprintf("%s, refuse %v, %v, ended %s", name, refuse, ahead, through), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) { endsAllDespite(t, name, refuse, ahead, through) })
					})
				}
			}
		}
	}
}

func endsAllDespite(t *testing.T, name string, refuse bool, ahead time.Duration, through string) {
	t.Helper()
	here, there, ann := aheadOf(t, name, ahead, satchel.Options{Idle: 30 * time.Minute, MaxSessions: 3, RefuseNewest: refuse})
	_, err := carts.Of(there, "ann").List(t.Context())
	must(t, err)
	again := visitor{t, satchel.Arrived{}}
	again.uses(there, func(ctx ctx) error { return carts.SignIn(ctx, "ann", cart{}) })
	if !ann.sees(here) && ahead == 0 { // a store may drop what is over by the clock of whoever writes
		t.Fatal("the other node has ended it")
	}
	ends := map[string]*satchel.Sessions{"here": here, "there": there}[through]
	_, err = carts.Of(ends, "ann").EndOthers(t.Context(), "")
	must(t, err)
	time.Sleep(time.Second)
	if ann.sees(here) {
		t.Error("it outlives the end of all of ann's sessions")
	}
}

// aheadOf returns two nodes that share a store, and ann, whose session is over for the second alone: by its clock, which is ahead, or by its
// shorter idle time.
func aheadOf(t *testing.T, name string, ahead time.Duration, o satchel.Options) (here, there *satchel.Sessions, ann visitor) {
	t.Helper()
	shared, right, wrong := store.NewMemory(), newClock(), newClock()
	node := func(c *clock, o satchel.Options) *satchel.Sessions {
		s, err := satchel.Config{Clock: c.now}.New(idles(t, shared, o)[name])
		must(t, err)
		return s
	}
	shorter := o
	if ahead == 0 {
		shorter.Idle = 10 * time.Minute // it has another configuration, of before a deployment or after it
	}
	here, there = node(right, o), node(wrong, shorter)
	ann = visitor{t, satchel.Arrived{}}
	ann.uses(here, func(ctx ctx) error { return carts.SignIn(ctx, "ann", cart{}) })
	right.advance(15 * time.Minute)
	wrong.advance(15*time.Minute + ahead)
	return here, there, ann
}

// However long a session lives under tokens that follow each other, it is on its subject's roster: what leads there from the key that the
// roster names stays as long as it does, also in a store that drops what is over.
func TestEndAllOfWhoLivesForYears(t *testing.T) {
	const day = 24 * time.Hour
	w := newWorld(t, satchel.Options{Absolute: satchel.Unlimited, Idle: 300 * day})
	ann := w.rotate(w.signIn("", "ann"))
	for range 3 {
		w.clock.advance(200 * day)
		w.reads("+", ann)
		ann = w.rotate(ann)
		_, _, err := w.store.Sweep(t.Context(), w.clock.at.Load(), 1000)
		must(t, err)
	}
	if n, err := carts.Of(w.sessions, "ann").EndAll(t.Context()); n != 1 || err != nil {
		t.Errorf("ended %d, %v", n, err)
	}
	w.reads("-", ann)
}

// A sign-in that is not committed ends nobody, also where it needs the room of a session that is over for its node alone. That one goes
// with the commit.
func TestASignInEndsNobodyBeforeItsCommit(t *testing.T) {
	for name := range idles(t, nil, satchel.Options{}) {
		if name == "stamp" || name == "stamp, readable" {
			continue // they have no roster
		}
		for _, refuse := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, refuse %v", name, refuse), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ahead := time.Duration(0)
					if strings.HasPrefix(name, "stamp") {
						ahead = 25 * time.Hour // on its roster are absolute lives alone
					}
					here, there, ann := aheadOf(t, name, ahead, satchel.Options{Idle: 30 * time.Minute, MaxSessions: 1, RefuseNewest: refuse})
					ex := there.Open(satchel.Arrived{})
					must(t, carts.SignIn(ex.Context(t.Context()), "ann", cart{}))
					time.Sleep(time.Second)
					if !ann.sees(here) {
						t.Fatal("a sign-in has ended it before its commit")
					}
					_, err := ex.Commit(t.Context())
					must(t, err)
					time.Sleep(time.Second)
					if ann.sees(here) {
						t.Error("there are two")
					}
				})
			})
		}
	}
}
