package satchel_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Item 25 for idle times: clocks that are ahead, and jump back, on every placement that has one.

// idles are the placements with an idle time.
func idles(t *testing.T, s store.Store, o satchel.Options) map[string]satchel.Placement {
	t.Helper()
	keys, logged := satchel.FixedKeys(testRing(t)), o
	readable := o
	readable.Readable = true
	logged.Revocations = satchel.Revocable(s, satchel.LogOptions{})
	return map[string]satchel.Placement{
		"server-side":             carts.ServerSide(s).With(o),
		"server-side, with a log": carts.ServerSide(s).With(logged),
		"anchor":                  carts.ClientSide(keys, satchel.Anchored(s, time.Minute)).With(o),
		"stamp, with a log":       carts.ClientSide(keys, logged.Revocations).With(o),
		"stamp":                   carts.ClientSide(keys, satchel.Unrevocable).With(o),
		"stamp, readable":         carts.ClientSide(keys, satchel.Unrevocable).With(readable),
	}
}

// visitor has what one browser holds, and comes to any node.
type visitor struct {
	*testing.T
	held satchel.Arrived
}

// uses has a node do something for the visitor, and reports whether there was a session.
func (v *visitor) uses(node *satchel.Sessions, do func(ctx context.Context) error) (ok bool) {
	v.Helper()
	ex := node.Open(v.held)
	ctx := ex.Context(v.Context())
	_, ok, err := carts.Get(ctx)
	must(v.T, errors.Join(err, do(ctx)))
	out, err := ex.Commit(v.Context())
	must(v.T, err)
	for _, o := range out {
		if o.Action == core.SendToken {
			v.held[o.Transport.Kind] = o.Token
		}
	}
	return ok
}

// sees reports whether a node finds a session, and leaves everything as it is.
func (v *visitor) sees(node *satchel.Sessions) (ok bool) {
	v.Helper()
	_, ok, err := carts.Get(node.Open(v.held).Context(v.Context()))
	must(v.T, err)
	return ok
}

func nothing(context.Context) error { return nil }

// What a clock that is ahead notes of a use counts from that clock's instant, and no later: an idle time ends then, whatever else the
// clocks show meanwhile, and never outlasts the absolute life. A stamp that is ahead by more than the skew says nothing.
func TestItem25_IdleByAClockAhead(t *testing.T) {
	const idle, absolute, skew = 30 * time.Minute, 2 * time.Hour, time.Minute
	for _, ahead := range []time.Duration{skew, 20 * time.Minute, 100 * time.Minute} {
		for name := range idles(t, nil, satchel.Options{}) {
			t.Run(name+" "+ahead.String(), func(t *testing.T) {
				shared, right, wrong := store.NewMemory(), newClock(), newClock()
				node := func(c *clock) *satchel.Sessions {
					o := satchel.Options{Idle: idle, Absolute: absolute, Skew: skew}
					s, err := satchel.Config{Clock: c.now}.New(idles(t, shared, o)[name])
					must(t, err)
					return s
				}
				here, there := node(right), node(wrong)
				began := right.now()
				at := func(c *clock, since time.Duration) { c.at.Store(began.Add(since).UnixMilli()) }
				v := &visitor{t, satchel.Arrived{}}
				v.uses(here, func(ctx context.Context) error { return carts.Set(ctx, cart{}) })
				noted := ahead + 10*time.Minute
				for since := time.Duration(0); since < noted; {
					since = min(since+idle/2, noted)
					if at(wrong, since); !v.uses(there, nothing) {
						t.Fatal("it is over too soon for the clock that is ahead")
					}
				}
				over := min(noted+idle, absolute)
				if ahead > skew && strings.HasPrefix(name, "stamp") {
					at(right, idle-time.Millisecond)
					if !v.sees(here) {
						t.Error("a stamp from the future has ended it")
					}
					at(right, idle)
					if before := idle < noted-skew; before && v.sees(here) {
						t.Error("a stamp from the future has lengthened it")
					}
				} else {
					for _, since := range []time.Duration{10 * time.Minute, -skew, over - time.Millisecond} {
						at(right, since)
						if !v.sees(here) {
							t.Errorf("it is over %v after it began", since)
						}
					}
				}
				for _, c := range []*clock{right, wrong} {
					at(c, over)
				}
				if v.sees(here) || v.sees(there) {
					t.Errorf("it lives on %v after it began", over)
				}
			})
		}
	}
}

// By the log, too: what a node with a clock ahead has rotated or ended is so for one with a right clock, whose minute for late saves
// is its own.
func TestItem25_ALogByAClockAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, right, wrong := store.NewMemory(), newClock(), newClock()
		r := satchel.Revocable(shared, satchel.LogOptions{})
		wrong.advance(time.Minute) // the skew; a token from further ahead is refused
		first := clientNode(t, right, r, satchel.Options{})
		token, ended := first.begun("tea"), first.begun("milk")
		there := clientNode(t, wrong, r, satchel.Options{})
		successor := there.rotate(token)
		there.logout(ended)
		here := clientNode(t, right, r, satchel.Options{})
		here.reads("-+-", token, successor, ended)
		here.refuses(token)
		right.passes(time.Minute - time.Millisecond)
		here.refuses(token)
		right.passes(time.Millisecond)
		here.begins(token)
		here.reads("-+-", token, successor, ended)
	})
}
