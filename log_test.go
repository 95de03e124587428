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
	"github.com/satchel-go/satchel/store"
)

// A log that hangs is an outage like another: who waits for the one that reads it is served by the older copy, if the kind says so.
func TestLogHangs(t *testing.T) {
	for _, serve := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			st := newStaged()
			w := clientNode(t, newClock(), satchel.Revocable(st, satchel.LogOptions{ServeOnOutage: serve}), satchel.Options{})
			token, ended := w.begun("tea"), w.begun("milk")
			w.logout(ended)
			time.Sleep(time.Second)
			release := make(chan struct{})
			st.once("load", func() { <-release })
			go func() {
				_, ctx := w.open(token)
				_, _, _ = carts.Get(ctx)
			}()
			synctest.Wait()
			_, ctx := w.open(token)
			if _, ok, err := carts.Get(ctx); ok != serve || (err == nil) != serve || !serve && !errors.Is(err, satchel.ErrUnavailable) {
				t.Errorf("serve %v: %v, %v", serve, ok, err)
			}
			_, ctx = w.open(ended)
			if _, ok, _ := carts.Get(ctx); ok {
				t.Errorf("serve %v: an ended session reads", serve)
			}
			close(release)
			synctest.Wait()
		})
	}
}

// dawdling is a store whose answers can be a time on their way.
type dawdling struct {
	*store.Memory
	meanwhile []func() // one for each answer to come
}

func (d *dawdling) Load(ctx context.Context, key core.Key) (core.Record, error) {
	record, err := d.Memory.Load(ctx, key)
	if len(d.meanwhile) > 0 {
		f := d.meanwhile[0]
		d.meanwhile = d.meanwhile[1:]
		f()
	}
	return record, err
}

// A copy of the log that was longer than the Lag on its way is too old, and is read again before it answers.
func TestLogOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, o, c := &dawdling{Memory: store.NewMemory()}, satchel.LogOptions{Lag: 100 * time.Millisecond}, newClock()
		here := clientNode(t, c, satchel.Revocable(slow.Memory, o), satchel.Options{})
		there := clientNode(t, c, satchel.Revocable(slow, o), satchel.Options{})
		token, other := here.begun("tea"), here.begun("milk")
		there.reads("++", token, other)
		time.Sleep(o.Lag)
		slow.meanwhile = []func(){func() { here.logout(token); time.Sleep(o.Lag) }}
		there.reads("-+", token, other)
		time.Sleep(o.Lag)
		slow.meanwhile = []func(){func() { must(t, here.sessions.EndEveryone(t.Context(), "cart")); time.Sleep(o.Lag) }}
		here.reads("+", there.begun("bread"))
		// Whose time is over is not kept for another reading.
		time.Sleep(o.Lag)
		slow.meanwhile = slices.Repeat([]func(){func() { time.Sleep(o.Lag) }}, 1000)
		_, ctx := there.open(other)
		if _, _, err := carts.Get(ctx); !errors.Is(err, satchel.ErrUnavailable) || len(slow.meanwhile) < 900 {
			t.Errorf("after %d readings: %v", 1000-len(slow.meanwhile), err)
		}
	})
}

// A clock that is ahead by less than a day undoes no logout for others, and one that was ahead by however much none for itself.
func TestLogOfClocksThatDisagree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, c, ahead := store.NewMemory(), newClock(), newClock()
		r := satchel.Revocable(shared, satchel.LogOptions{})
		here, there := clientNode(t, c, r, satchel.Options{}), clientNode(t, ahead, r, satchel.Options{})
		token, other := here.begun("tea"), here.begun("milk")
		here.logout(token)
		there.reads("-+", token, other)
		ahead.advance(47 * time.Hour)
		there.logout(there.begun("bread"))
		fresh := clientNode(t, c, r, satchel.Options{})
		fresh.reads("-+", token, other)
		ahead.advance(100 * 24 * time.Hour)
		time.Sleep(time.Second)
		here.logout(here.begun("beer")) // so that the log has changed, and what is over is swept
		_, ctx := there.open(there.begun("wine"))
		_, _, err := carts.Get(ctx)
		must(t, err)
		ahead.at.Store(c.at.Load())
		time.Sleep(time.Second)
		there.reads("-+", token, other)
	})
}

// Who signs in just after everyone was ended on another node is in for good, also where the sign-in goes on with a session.
func TestSignInAfterEveryoneEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, c := store.NewMemory(), newClock()
		logged := satchel.Revocable(shared, satchel.LogOptions{})
		server := func() *world {
			w := &world{t: t, store: newStaged(), clock: c, seen: new(events)}
			w.store.Memory = shared
			w.sessions = w.node(satchel.Options{Revocations: logged})
			return w
		}
		client := func() *world { return clientNode(t, c, logged, satchel.Options{}) }
		for name, nodes := range map[string][2]*world{"client-side": {client(), client()}, "server-side": {server(), server()}} {
			t.Log(name)
			here, there := nodes[0], nodes[1]
			visitor, ann := there.begun("tea"), there.signIn("", "ann")
			there.reads("++", visitor, ann)
			must(t, here.sessions.EndEveryone(t.Context(), "cart"))
			fresh, visitor, ann := there.signIn("", "bob"), there.signIn(visitor, "bob"), there.signIn(ann, "ann")
			time.Sleep(time.Second)
			there.reads("+++", fresh, visitor, ann)
			here.reads("+++", fresh, visitor, ann)
		}
	})
}
