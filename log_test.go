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

// A sign-in that fails at the log is not on its subject's roster, and one that was there before stays.
func TestFailedSignInIsNotListed(t *testing.T) {
	shared, c := store.NewMemory(), newClock()
	r := satchel.Revocable(shared, satchel.LogOptions{})
	here, there := clientNode(t, c, r, satchel.Options{MaxSessions: 10}), clientNode(t, c, r, satchel.Options{MaxSessions: 10})
	fails := func(token core.Token, meanwhile func()) {
		t.Helper()
		ex, ctx := here.open(token)
		must(t, carts.SignIn(ctx, "ann", cart{}))
		meanwhile()
		if _, err := here.sent(ex); !errors.Is(err, satchel.ErrEnded) {
			t.Errorf("a sign-in to what ended meanwhile: %v", err)
		}
	}
	listed := func(want int) {
		t.Helper()
		c.advance(2 * time.Minute)
		if all := there.list("ann"); len(all) != want {
			t.Errorf("%d sessions are listed, want %d", len(all), want)
		}
	}
	visitor := here.begun("tea")
	fails(visitor, func() { there.rotate(visitor) })
	listed(0)
	visitor = here.begun("tea")
	fails(visitor, func() { there.signIn(visitor, "ann") }) // at the same moment
	listed(1)
	ann := here.signIn("", "ann")
	fails(ann, func() { there.rotate(ann) })
	listed(2)
}

// While the log cannot be read sessions are served for the Lag, and then not, unless the kind says so; nobody is logged out.
func TestLogOutage(t *testing.T) {
	for _, serve := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			st := newStaged()
			w := clientNode(t, newClock(), satchel.Revocable(st, satchel.LogOptions{ServeOnOutage: serve}), satchel.Options{})
			token := w.begun("tea")
			ended := w.begun("milk")
			w.logout(ended)
			st.down.Store(true)
			w.reads("+-", token, ended)
			time.Sleep(time.Second)
			_, ctx := w.open(token)
			_, ok, err := carts.Get(ctx)
			if ok != serve || (err == nil) != serve || !serve && !errors.Is(err, satchel.ErrUnavailable) {
				t.Errorf("serve %v: %v, %v", serve, ok, err)
			}
			ex, ctx := w.open(token)
			err = carts.Clear(ctx)
			if err == nil {
				var out satchel.Outcome
				out, err = w.sent(ex)
				if out.Action != core.SendNothing {
					t.Errorf("a logout that was not logged: %v", out.Action)
				}
			}
			if !errors.Is(err, satchel.ErrUnavailable) {
				t.Errorf("a logout that cannot be logged: %v", err)
			}
			st.down.Store(false)
			w.reads("+-", token, ended)
			// Who has never read the log serves nothing.
			st.down.Store(true)
			fresh := clientNode(t, newClock(), satchel.Revocable(st, satchel.LogOptions{ServeOnOutage: serve}), satchel.Options{})
			_, ctx = fresh.open(token)
			if _, ok, err := carts.Get(ctx); ok || !errors.Is(err, satchel.ErrUnavailable) {
				t.Errorf("a node that knows nothing: %v, %v", ok, err)
			}
		})
	}
}

// The log holds more endings than one record, forgets what is over, and a node that comes late knows all of it.
func TestLogSegments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, c := store.NewMemory(), newClock()
		r := satchel.Revocable(shared, satchel.LogOptions{})
		here, there := clientNode(t, c, r, satchel.Options{}), clientNode(t, c, r, satchel.Options{})
		var ended []core.Token
		for range 3 * core.MaxEndings {
			token := here.begun("tea")
			here.logout(token)
			here.reads("-", token) // at once, also if that ending has filled the log
			ended = append(ended, token)
		}
		late := clientNode(t, c, r, satchel.Options{})
		time.Sleep(time.Second)
		for _, w := range []*world{here, there, late} {
			for i, token := range ended {
				if _, ok := w.items(token); ok {
					t.Fatalf("the session of ending %d reads", i)
				}
			}
		}
		if n := shared.Stats().Records; n != 2 {
			t.Errorf("%d records: the log, and a segment", n)
		}
		c.advance(49 * time.Hour)
		here.logout(here.begun("milk"))
		if _, _, err := shared.Sweep(t.Context(), c.at.Load()+25*time.Hour.Milliseconds(), 100); err != nil {
			t.Fatal(err)
		}
		if n := shared.Stats().Records; n != 1 {
			t.Errorf("%d records after all of it is over", n)
		}
	})
}

// Of two rotations of one token, and of a rotation and a logout, one wins, on whatever nodes.
func TestLogRaces(t *testing.T) {
	shared, c := store.NewMemory(), newClock()
	r := satchel.Revocable(shared, satchel.LogOptions{})
	here, there := clientNode(t, c, r, satchel.Options{}), clientNode(t, c, r, satchel.Options{})
	token := here.begun("tea")
	ex, ctx := here.open(token)
	must(t, carts.Rotate(ctx))
	there.logout(token)
	if out, err := here.sent(ex); !errors.Is(err, satchel.ErrEnded) || out.Action != core.SendNothing {
		t.Errorf("a rotation after a logout: %v, %v", out.Action, err)
	}
	token = here.begun("tea")
	ex, ctx = here.open(token)
	must(t, carts.Rotate(ctx))
	winner := there.rotate(token)
	if _, err := here.sent(ex); !errors.Is(err, satchel.ErrEnded) {
		t.Errorf("a second rotation: %v", err)
	}
	there.reads("+-", winner, token)
}

// A segment that begins anew under the number of one that is over is read, also by a node that slept meanwhile.
func TestLogSegmentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, c := store.NewMemory(), newClock()
		r := satchel.Revocable(shared, satchel.LogOptions{})
		here, there := clientNode(t, c, r, satchel.Options{}), clientNode(t, c, r, satchel.Options{})
		for range 2 {
			first := here.begun("tea")
			here.logout(first)
			for range core.MaxEndings {
				here.logout(here.begun("tea"))
			}
			time.Sleep(time.Second)
			there.reads("-", first)
			c.advance(73 * time.Hour)
			if _, _, err := shared.Sweep(t.Context(), c.at.Load(), 100); err != nil {
				t.Fatal(err)
			}
			if n := shared.Stats().Records; n != 0 {
				t.Errorf("%d records after all of it is over", n)
			}
		}
	})
}
