package satchel_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// clientNode is one program whose carts live in the client, with what ends them in a store.
func clientNode(t *testing.T, c *clock, r satchel.Revocations, o satchel.Options) *world {
	t.Helper()
	w := &world{t: t, store: newStaged(), clock: c, seen: new(events)}
	s, err := satchel.Config{Clock: c.now, Observer: w.seen.observer()}.New(carts.ClientSide(satchel.FixedKeys(testRing(t)), r).With(o))
	must(t, err)
	w.sessions = s
	return w
}

// revocables are the ways in which a client-side session can be ended.
func revocables(s store.Store) map[string]satchel.Revocations {
	return map[string]satchel.Revocations{"log": satchel.Revocable(s, satchel.LogOptions{}), "anchor": satchel.Anchored(s, 5*time.Second)}
}

// A logout, and a rotation of older ones, ends every copy of a client-side session: at once on the node of the call, and on
// each other within the Lag.
func TestItem54_ClientSideSessionsEnd(t *testing.T) {
	for name := range revocables(nil) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shared, c := store.NewMemory(), newClock()
				here, there := clientNode(t, c, revocables(shared)[name], satchel.Options{}), clientNode(t, c, revocables(shared)[name], satchel.Options{})
				one := here.begun("tea")
				there.reads("+", one)
				two := here.rotate(one)
				here.reads("-+", one, two)
				time.Sleep(time.Second)
				there.reads("-+", one, two)
				here.logout(two)
				here.reads("--", one, two)
				time.Sleep(time.Second)
				there.reads("--", one, two)
				there.reads("+", there.begun("milk"))
			})
		})
	}
}

// A logout that comes with a token from before a rotation ends the session all the same: its answer may arrive before the
// rotation's. One that has ended is not ended again, so nobody fills the log.
func TestALogoutByARotatedToken(t *testing.T) {
	for name := range revocables(nil) {
		t.Run(name, func(t *testing.T) {
			shared := store.NewMemory()
			w := clientNode(t, newClock(), revocables(shared)[name], satchel.Options{})
			one := w.begun("tea")
			two := w.rotate(one)
			w.logout(one)
			w.reads("--", one, two)
			kept := shared.Stats()
			w.logout(one)
			w.logout(two)
			if again := shared.Stats(); name == "log" && again != kept {
				t.Errorf("logging out again: %+v, before %+v", again, kept)
			}
		})
	}
}

// Subjects: what lists and ends server-side sessions does so with client-side ones.
func TestClientSideSubjects(t *testing.T) {
	for name := range revocables(nil) {
		t.Run(name, func(t *testing.T) {
			w := clientNode(t, newClock(), revocables(store.NewMemory())[name], satchel.Options{MaxSessions: 3})
			one, two, bob := w.signIn("", "ann"), w.signIn(w.begun("tea"), "ann"), w.signIn("", "bob")
			if all := w.list("ann"); len(all) != 2 || all[0].Handle != w.handle(one) || all[1].Handle != w.handle(two) {
				t.Errorf("%+v", all)
			}
			if was, err := carts.Of(w.sessions, "ann").End(t.Context(), w.handle(one)); !was || err != nil {
				t.Error(was, err)
			}
			w.reads("-++", one, two, bob)
			three, four := w.signIn("", "ann"), w.signIn("", "ann")
			five := w.signIn("", "ann")
			w.reads("-+++", two, three, four, five)
			if n, err := carts.Of(w.sessions, "ann").EndOthers(t.Context(), w.handle(four)); n != 2 || err != nil {
				t.Error(n, err)
			}
			w.reads("-+-+", three, four, five, bob)
			if n, err := carts.Of(w.sessions, "ann").EndAll(t.Context()); n != 1 || err != nil {
				t.Error(n, err)
			}
			w.reads("-+", four, bob)
			w.reads("+", w.signIn("", "ann"))
		})
	}
}

// Everyone's sessions end, of both placements, on each node within the Lag; who comes later is in.
func TestItem30_EndEveryone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, c := store.NewMemory(), newClock()
		logged := satchel.Revocable(shared, satchel.LogOptions{})
		server := func() *world {
			w := &world{t: t, store: newStaged(), clock: c, seen: new(events)}
			w.store.Memory = shared
			w.sessions = w.node(satchel.Options{Revocations: logged})
			return w
		}
		for name, nodes := range map[string][2]*world{
			"client-side": {clientNode(t, c, logged, satchel.Options{}), clientNode(t, c, logged, satchel.Options{})},
			"server-side": {server(), server()},
		} {
			here, there := nodes[0], nodes[1]
			ann, visitor := here.signIn("", "ann"), here.begun("tea")
			there.reads("++", ann, visitor)
			must(t, here.sessions.EndEveryone(t.Context(), "cart"))
			here.reads("--", ann, visitor)
			time.Sleep(time.Second)
			there.reads("--", ann, visitor)
			here.reads("++", here.signIn("", "ann"), there.begun("tea"))
			if again := here.signIn(ann, "ann"); again == "" {
				t.Errorf("%s: who was ended cannot sign in", name)
			}
		}
		plain := newWorld(t, satchel.Options{})
		if err := plain.sessions.EndEveryone(t.Context(), "cart"); !errors.Is(err, satchel.ErrUnrevocable) {
			t.Error(err)
		}
	})
}

// An idle client-side session ends; one in use does not, and its token is not sent again.
func TestClientSideIdle(t *testing.T) {
	c := newClock()
	w := clientNode(t, c, satchel.Unrevocable, satchel.Options{Idle: time.Hour})
	token := w.begun("tea")
	stamp := core.Token("")
	visit := func() (ok bool, out []satchel.Outcome) {
		ex := w.sessions.Open(satchel.Arrived{"cart": token, "cart-seen": stamp})
		_, ok, err := carts.Get(ex.Context(t.Context()))
		must(t, err)
		out, err = ex.Commit(t.Context())
		must(t, err)
		return ok, out
	}
	for range 10 {
		c.advance(50 * time.Minute)
		ok, out := visit()
		if !ok || len(out) != 2 || out[0].Action != core.SendNothing || out[1].Action != core.SendToken || out[1].Transport.Cookie.Name() != "__Host-cart-seen" {
			t.Fatalf("%v, %+v", ok, out)
		}
		stamp = out[1].Token
		c.advance(5 * time.Minute)
		if _, out := visit(); len(out) != 1 {
			t.Errorf("within the touch interval: %+v", out)
		}
	}
	c.advance(56 * time.Minute)
	if ok, _ := visit(); ok {
		t.Error("it does not idle away")
	}
}

// What ends sessions of a store one by one is not written to their log, and needs none that can be reached.
func TestServerSideLogKeepsNoLogouts(t *testing.T) {
	logs := newStaged()
	w := newWorld(t, satchel.Options{})
	w.sessions = w.node(satchel.Options{Revocations: satchel.Revocable(logs, satchel.LogOptions{Lag: time.Hour})})
	_, other := w.begun("tea"), w.begun("milk")
	ann, flash := w.signIn("", "ann"), w.begun("bread")
	w.reads("+++", other, ann, flash)
	logs.down.Store(true)
	ex, ctx := w.open(other)
	must(t, carts.Clear(ctx))
	_, err := w.sent(ex)
	must(t, err)
	w.logout(w.rotate(ann))
	_, ctx = w.open(flash)
	if v, ok, err := carts.Take(ctx); err != nil || !ok || len(v.Items) != 1 {
		t.Errorf("Take: %v, %v, %v", v, ok, err)
	}
	logs.down.Store(false)
	w.reads("---", other, ann, flash)
	if n := logs.writes.Load(); n > 0 {
		t.Errorf("%d writes to the log", n)
	}
}

// Whoever logs out without the newest stamp, or with none, ends the session for those who have it, and a new one can begin with that.
func TestLogoutWithAnOldStamp(t *testing.T) {
	for _, anew := range []bool{false, true} {
		c := newClock()
		w := clientNode(t, c, satchel.Revocable(store.NewMemory(), satchel.LogOptions{}), satchel.Options{Idle: 30 * time.Minute})
		uses := func(held satchel.Arrived) bool {
			ex := w.sessions.Open(held)
			_, ok, err := carts.Get(ex.Context(t.Context()))
			must(t, err)
			out, err := ex.Commit(t.Context())
			must(t, err)
			for _, o := range out {
				if o.Action == core.SendToken {
					held[o.Transport.Kind] = o.Token
				}
			}
			return ok
		}
		token := w.begun("tea")
		copied := satchel.Arrived{"cart": token}
		c.advance(20 * time.Minute)
		if !uses(copied) || copied["cart-seen"] == "" {
			t.Fatalf("there is no stamp: %v", copied)
		}
		c.advance(20 * time.Minute)
		ex, ctx := w.open(token) // 40 minutes after the last use that this client knows of
		must(t, carts.Clear(ctx))
		if anew {
			must(t, carts.Set(ctx, cart{[]string{"milk"}}))
		}
		out, err := w.sent(ex)
		must(t, err)
		if anew {
			w.holds(out.Token, "milk")
		}
		if uses(copied) {
			t.Errorf("anew %v: a copy with a newer stamp has outlived the logout", anew)
		}
	}
}

// A commit tells of one moment: what an observer changes just after it is not half in its outcomes.
func TestCommitTellsOfOneMoment(t *testing.T) {
	c, change := newClock(), func() {}
	s, err := satchel.Config{Clock: c.now, Observer: satchel.Observer{Saved: func(context.Context, satchel.Event) { change() }}}.New(
		carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Revocable(store.NewMemory(), satchel.LogOptions{})).With(satchel.Options{Idle: time.Hour}))
	must(t, err)
	token := visit(t, s, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })
	read := s.Open(satchel.Arrived{"cart": token})
	c.advance(50 * time.Minute)
	_, _, err = carts.Get(read.Context(t.Context()))
	must(t, err)
	out, err := read.Commit(t.Context())
	must(t, err)
	ex := s.Open(satchel.Arrived{"cart": token, "cart-seen": out[1].Token})
	ctx := ex.Context(t.Context())
	must(t, carts.Set(ctx, cart{[]string{"milk"}}))
	change = func() {
		if err := carts.Clear(ctx); !errors.Is(err, satchel.ErrTooLate) {
			t.Error("a late clear:", err)
		}
	}
	out, err = ex.Commit(t.Context())
	must(t, err)
	for _, o := range out {
		if o.Action == core.SendClear {
			t.Errorf("%s is cleared by the commit that came before", o.Transport.Kind)
		}
	}
	if len(out) == 0 || out[0].Action != core.SendToken {
		t.Error(out)
	}
}

func TestWatchClientSide(t *testing.T) {
	for name := range revocables(nil) {
		for over, do := range map[satchel.Over]func(w *world, token core.Token){
			satchel.NotOver: func(w *world, token core.Token) { w.add(token, "milk") },
			satchel.Ended:   func(w *world, token core.Token) { w.logout(token) },
			satchel.Rotated: func(w *world, token core.Token) { w.rotate(token) },
		} {
			synctest.Test(t, func(t *testing.T) {
				shared, c := store.NewMemory(), newClock()
				here, there := clientNode(t, c, revocables(shared)[name], satchel.Options{}), clientNode(t, c, revocables(shared)[name], satchel.Options{})
				token := here.begun("tea")
				_, ctx := here.open(token)
				watch, err := carts.Watch(ctx)
				must(t, err)
				defer watch.Stop()
				time.Sleep(time.Minute)
				if watch.Reason() != satchel.NotOver {
					t.Fatal(name, watch.Reason())
				}
				do(there, token)
				time.Sleep(3 * time.Second)
				synctest.Wait()
				if watch.Reason() != over {
					t.Errorf("%s: %v, want %v", name, watch.Reason(), over)
				}
			})
		}
	}
}

func TestRevocationsAreChecked(t *testing.T) {
	for name, p := range map[string]satchel.Placement{
		"no store":                {},
		"an endless log":          carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Revocable(store.NewMemory(), satchel.LogOptions{})).With(satchel.Options{Absolute: satchel.Unlimited}),
		"a log that is too quick": carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Revocable(store.NewMemory(), satchel.LogOptions{Lag: 1})),
		"a nil store":             carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Revocable((*store.Memory)(nil), satchel.LogOptions{})),
		"a blind store":           carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Anchored(blind{store.NewMemory()}, 0)),
		"a long window":           carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Anchored(store.NewMemory(), time.Hour)),
		"an anchored server":      carts.ServerSide(store.NewMemory()).With(satchel.Options{Revocations: satchel.Anchored(store.NewMemory(), 0)}),
		"revoked twice":           carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable).With(satchel.Options{Revocations: satchel.Revocable(store.NewMemory(), satchel.LogOptions{})}),
		"counted, unrevocable":    carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable).With(satchel.Options{MaxSessions: 3}),
	} {
		if _, err := satchel.New(p); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// A client that may have hung up does not hear of a new token, so what would leave it with a dead one is not done: a rotation
// of any client-side session that can be ended, and each change of an anchored one, whose older token is dead after its window.
func TestClientSideWithoutItsClient(t *testing.T) {
	for name := range revocables(nil) {
		for what, c := range map[string]struct {
			change func(context.Context) error
			done   bool
		}{
			"rotate": {carts.Rotate, false},
			"save":   {func(ctx context.Context) error { return carts.Set(ctx, cart{[]string{"milk"}}) }, name == "log"},
			"clear":  {carts.Clear, true},
		} {
			w := clientNode(t, newClock(), revocables(store.NewMemory())[name], satchel.Options{})
			token := w.begun("tea")
			ex, ctx := w.open(token)
			must(t, c.change(ctx))
			gone, hangUp := context.WithCancel(t.Context())
			hangUp()
			_, err := ex.Commit(gone)
			if c.done != (err == nil) || !c.done && !errors.Is(err, satchel.ErrTooLate) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
			w.clock.advance(time.Minute)
			if _, ok := w.items(token); ok != (what != "clear") {
				t.Errorf("%s, %s: the client's token reads: %v", name, what, ok)
			}
		}
	}
}
