package satchel_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/store"
)

// A node for whose clock, or whose configuration, a session is over takes it off no roster: who ends all of a subject's sessions, there
// or elsewhere, ends that one too.
func TestEndAllDespiteANodeThatIsAhead(t *testing.T) {
	for name := range idles(t, nil, satchel.Options{}) {
		if name == "stamp" || name == "stamp, readable" {
			continue // nothing ends these
		}
		for _, ahead := range []time.Duration{0, 45 * time.Minute, 25 * time.Hour} {
			for _, through := range []string{"here", "there"} {
				t.Run(fmt.Sprintf("%s, %v, ended %s", name, ahead, through), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						shared, right, wrong := store.NewMemory(), newClock(), newClock()
						node := func(c *clock, o satchel.Options) *satchel.Sessions {
							s, err := satchel.Config{Clock: c.now}.New(idles(t, shared, o)[name])
							must(t, err)
							return s
						}
						o := satchel.Options{Idle: 30 * time.Minute, MaxSessions: 3}
						here, shorter := node(right, o), o
						if ahead == 0 {
							shorter.Idle = 10 * time.Minute // it has another configuration, of before a deployment or after it
						}
						there := node(wrong, shorter)
						ann := visitor{t, satchel.Arrived{}}
						ann.uses(here, func(ctx ctx) error { return carts.SignIn(ctx, "ann", cart{}) })
						right.advance(15 * time.Minute)
						wrong.advance(15*time.Minute + ahead)

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
					})
				})
			}
		}
	}
}
