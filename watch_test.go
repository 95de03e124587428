package satchel_test

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// A watch ends once, with its reason, whatever ends the session and whoever does; an outage ends none.
func TestWatch(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(w *world, other *satchel.Sessions, token core.Token)
		over satchel.Over
		in   time.Duration // of looking, where nothing announces it
	}{
		"nothing happens":     {func(*world, *satchel.Sessions, core.Token) {}, satchel.NotOver, 0},
		"a change":            {func(w *world, _ *satchel.Sessions, token core.Token) { w.add(token, "milk") }, satchel.NotOver, 0},
		"logout here":         {func(w *world, _ *satchel.Sessions, token core.Token) { w.logout(token) }, satchel.Ended, 0},
		"rotation here":       {func(w *world, _ *satchel.Sessions, token core.Token) { w.rotate(token) }, satchel.Rotated, 0},
		"ended by its handle": {func(w *world, _ *satchel.Sessions, _ core.Token) { endAll(w, w.sessions) }, satchel.Ended, 0},
		"ended elsewhere":     {func(w *world, other *satchel.Sessions, _ core.Token) { endAll(w, other) }, satchel.Ended, time.Second},
		"idle": {func(w *world, _ *satchel.Sessions, _ core.Token) {
			w.clock.advance(31 * time.Minute)
		}, satchel.Expired, time.Second},
		"swept": {func(w *world, _ *satchel.Sessions, _ core.Token) {
			w.clock.advance(31 * time.Minute)
			_, _, err := w.store.Sweep(w.t.Context(), w.clock.at.Load(), 10)
			must(w.t, err)
		}, satchel.Expired, time.Second},
		"an outage": {func(w *world, _ *satchel.Sessions, _ core.Token) { w.store.down.Store(true) }, satchel.NotOver, time.Hour},
		"a logout during an outage": {func(w *world, other *satchel.Sessions, _ core.Token) {
			endAll(w, other)
			w.store.down.Store(true)
			time.Sleep(time.Minute)
			w.store.down.Store(false)
		}, satchel.Ended, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, satchel.Options{})
				other := w.node(satchel.Options{})
				token := w.signIn("", "ann")
				_, ctx := w.open(token)
				watch, err := carts.Watch(ctx)
				must(t, err)
				defer watch.Stop()
				synctest.Wait()
				if watch.Reason() != satchel.NotOver {
					t.Fatal(watch.Reason())
				}
				c.do(w, other, token)
				time.Sleep(c.in)
				synctest.Wait()
				if got := watch.Reason(); got != c.over {
					t.Errorf("%v, want %v", got, c.over)
				}
				select {
				case <-watch.Done():
				default:
					if c.over != satchel.NotOver {
						t.Error("not done")
					}
				}
				watch.Stop()
				if got := watch.Reason(); c.over != satchel.NotOver && got != c.over {
					t.Errorf("stopped, it says %v", got)
				}
			})
		})
	}
}

func endAll(w *world, s *satchel.Sessions) {
	w.t.Helper()
	if n, err := carts.Of(s, "ann").EndAll(w.t.Context()); n != 1 || err != nil {
		w.t.Error(n, err)
	}
}

// Many watches are one goroutine of the program's, whatever it runs, and none is left when the last one stops.
func TestWatchGoroutines(t *testing.T) {
	const few = 50 // those of other tests and of the runtime come and go
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, satchel.Options{})
		for round := range 3 {
			var all []*satchel.Watch
			before := runtime.NumGoroutine()
			for range 500 {
				_, ctx := w.open(w.begun("tea"))
				watch, err := carts.Watch(ctx)
				must(t, err)
				all = append(all, watch)
			}
			synctest.Wait()
			if n := goroutines(); n != 1 {
				t.Errorf("round %d: %d goroutines", round, n)
			}
			if n := runtime.NumGoroutine() - before; n > few {
				t.Errorf("round %d: 500 watches begin %d goroutines", round, n)
			}
			for _, watch := range all {
				watch.Stop()
			}
			synctest.Wait()
			if n := goroutines(); n != 0 {
				t.Errorf("round %d: %d goroutines are left", round, n)
			}
			if n := runtime.NumGoroutine() - before; n > few {
				t.Errorf("round %d: %d goroutines are left of all", round, n)
			}
		}
	})
}

// goroutines returns how many run watches.
func goroutines() int {
	stacks := make([]byte, 1<<22)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return bytes.Count(stacks, []byte(".(*watches).run(")) + bytes.Count(stacks, []byte(".(*watches).work("))
}

// Who has no session watches nothing.
func TestWatchNothing(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	for _, token := range []core.Token{"", "not a token"} {
		_, ctx := w.open(token)
		if _, err := carts.Watch(ctx); !errors.Is(err, satchel.ErrEnded) {
			t.Errorf("%q: %v", string(token), err)
		}
	}
	if _, err := carts.Watch(t.Context()); !errors.Is(err, satchel.ErrNoExchange) {
		t.Error(err)
	}
	client := clientNode(t, newClock(), satchel.Unrevocable, satchel.Options{})
	_, ctx := client.open(client.begun("tea"))
	if _, err := carts.Watch(ctx); !errors.Is(err, satchel.ErrUnrevocable) {
		t.Error(err)
	}
	w.store.down.Store(true)
	_, ctx = w.open(w.seedToken())
	if _, err := carts.Watch(ctx); !errors.Is(err, satchel.ErrUnavailable) {
		t.Error(err)
	}
}

// seedToken is a well-formed token that nobody issued.
func (w *world) seedToken() core.Token {
	return core.Token("AQ" + strings.Repeat("A", 42))
}

// announcing is a store with a feed that a test speaks through.
type announcing struct {
	*staged
	says chan store.Announcement
}

func (a *announcing) Guarantees() store.Guarantees {
	g := a.staged.Guarantees()
	g.Feed = true
	return g
}

func (a *announcing) Listen(context.Context) (store.Listener, error) { return a, nil }
func (a *announcing) Probe(context.Context, uint64) error            { return nil }
func (a *announcing) Close()                                         {}

func (a *announcing) Next(ctx context.Context) (store.Announcement, error) {
	select {
	case said := <-a.says:
		return said, nil
	case <-ctx.Done():
		return store.Announcement{}, ctx.Err()
	}
}

// What another node ends is told as soon as the store's feed announces it, and no sooner than it is true.
func TestWatchByFeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &announcing{newStaged(), make(chan store.Announcement)}
		node := func() *satchel.Sessions {
			return satchel.Must(satchel.Config{WatchEvery: 1000 * time.Hour}.New(carts.ServerSide(st)))
		}
		here, there := node(), node()
		token := visit(t, here, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })
		watch, err := carts.Watch(here.Open(satchel.Arrived{"cart": token}).Context(t.Context()))
		must(t, err)
		defer watch.Stop()
		for key := range st.all() {
			st.says <- store.Announcement{Key: key}
			synctest.Wait()
			if watch.Reason() != satchel.NotOver {
				t.Fatal(watch.Reason())
			}
			visit(t, there, token, func(ctx ctx) { must(t, carts.Clear(ctx)) })
			synctest.Wait()
			if watch.Reason() != satchel.NotOver {
				t.Fatal("it was told by nobody")
			}
			st.says <- store.Announcement{Key: key}
			synctest.Wait()
			if watch.Reason() != satchel.Ended {
				t.Error(watch.Reason())
			}
		}
	})
}

// A renewal is no end: the watch goes on with the successor, and ends with it.
func TestWatchFollowsRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, satchel.Options{Idle: 2 * time.Hour, Renew: time.Hour})
		token := w.begun("tea")
		_, ctx := w.open(token)
		watch, err := carts.Watch(ctx)
		must(t, err)
		defer watch.Stop()
		w.clock.advance(61 * time.Minute)
		ex, ctx := w.open(token)
		_, _, err = carts.Get(ctx)
		must(t, err)
		out, err := w.sent(ex)
		if err != nil || out.Action != core.SendToken {
			t.Fatalf("it is not renewed: %v, %v", out.Action, err)
		}
		w.holds(out.Token, "tea")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if watch.Reason() != satchel.NotOver {
			t.Fatal(watch.Reason())
		}
		w.logout(out.Token)
		synctest.Wait()
		if watch.Reason() != satchel.Ended {
			t.Error(watch.Reason())
		}
	})
}
