package satchel_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
)

// calling is a codec that calls back, or panics, before it does its work.
type calling struct {
	codec.Codec[cart]
	before func()
}

func (c calling) Encode(v cart) (string, error) {
	c.before()
	return c.Codec.Encode(v)
}

func (c calling) Decode(payload string) (cart, error) {
	c.before()
	return c.Codec.Decode(payload)
}

// every returns a function that uses each verb of an exchange but Commit.
func every(ctx ctx) error {
	_, _, err := carts.Get(ctx)
	_, aboutErr := carts.About(ctx)
	return errors.Join(err, aboutErr, carts.Set(ctx, cart{[]string{"x"}}), carts.Overwrite(ctx, cart{}), carts.Rotate(ctx),
		carts.SignIn(ctx, "ann", cart{[]string{"y"}}))
}

// A function, a codec and an observer of the application's may use the very exchange that calls them: no lock is held. In a
// bubble a deadlock is a failure, and not a test that never ends.
func TestCallbacksHoldNoLock(t *testing.T) {
	for place, of := range placesOf(t) {
		for name, run := range map[string]func(t *testing.T, reenter func(), s func(satchel.Observer, codec.Codec[cart]) *satchel.Sessions, ctxs *ctx){
			"f": func(t *testing.T, reenter func(), s func(satchel.Observer, codec.Codec[cart]) *satchel.Sessions, now *ctx) {
				ex := s(satchel.Observer{}, codec.CBOR[cart]()).Open(satchel.Arrived{})
				*now = ex.Context(t.Context())
				_, err := carts.Update(*now, func(c cart) cart { reenter(); return c })
				must(t, err)
				_, err = carts.GetOrSet(*now, func() cart { reenter(); return cart{} })
				must(t, err)
			},
			"codec": func(t *testing.T, reenter func(), s func(satchel.Observer, codec.Codec[cart]) *satchel.Sessions, now *ctx) {
				ex := s(satchel.Observer{}, calling{codec.CBOR[cart](), reenter}).Open(satchel.Arrived{})
				*now = ex.Context(t.Context())
				must(t, every(*now))
				_, err := carts.Update(*now, add("z"))
				must(t, err)
				_, err = ex.Commit(t.Context())
				must(t, err)
			},
			"observer": func(t *testing.T, reenter func(), s func(satchel.Observer, codec.Codec[cart]) *satchel.Sessions, now *ctx) {
				observer := watch(func(context.Context, string, satchel.Event) { reenter() })
				ex := s(observer, codec.CBOR[cart]()).Open(satchel.Arrived{"cart": "?"})
				*now = ex.Context(t.Context())
				must(t, every(*now))
				_, err := carts.Update(*now, add("z"))
				must(t, err)
				_, err = ex.Commit(t.Context())
				must(t, err)
			},
		} {
			t.Run(place+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var now ctx
					inside, calls := false, 0
					reenter := func() {
						if inside || now == nil || calls == 3 {
							return // what changes the session each time is replayed until the limit
						}
						inside, calls = true, calls+1
						defer func() { inside = false }()
						if err := every(now); err != nil && !errors.Is(err, satchel.ErrTooLate) {
							t.Error(err)
						}
					}
					sessions := func(o satchel.Observer, c codec.Codec[cart]) *satchel.Sessions {
						return satchel.Must(satchel.Config{Observer: o}.New(of(c)))
					}
					run(t, reenter, sessions, &now)
					if calls == 0 {
						t.Error("nothing called back")
					}
				})
			})
		}
	}
}

// placesOf returns the placements of carts under a codec.
func placesOf(t *testing.T) map[string]func(codec.Codec[cart]) satchel.Placement {
	t.Helper()
	keys := satchel.FixedKeys(testRing(t))
	return map[string]func(codec.Codec[cart]) satchel.Placement{
		"server-side": func(c codec.Codec[cart]) satchel.Placement { return carts.WithCodec(c).ServerSide(newStaged()) },
		"client-side": func(c codec.Codec[cart]) satchel.Placement {
			return carts.WithCodec(c).ClientSide(keys, satchel.Unrevocable)
		},
	}
}

// A panic of the application's code, or of a store, leaves no lock held and the session as it was.
func TestPanicsHoldNoLock(t *testing.T) {
	panicking := func() { panic("theirs") }
	for name, act := range map[string]func(ctx ctx, w *world, c *calling){
		"f of Update":   func(ctx ctx, _ *world, _ *calling) { _, _ = carts.Update(ctx, func(cart) cart { panic("theirs") }) },
		"f of GetOrSet": func(ctx ctx, _ *world, _ *calling) { _, _ = carts.GetOrSet(ctx, func() cart { panic("theirs") }) },
		"codec's Decode": func(ctx ctx, _ *world, c *calling) {
			c.before = panicking
			_, _, _ = carts.Get(ctx)
		},
		"codec's Encode": func(ctx ctx, _ *world, c *calling) {
			c.before = panicking
			_ = carts.Set(ctx, cart{})
		},
		"store's Replace": func(ctx ctx, w *world, _ *calling) {
			w.store.once("replace", panicking)
			_, _ = carts.Update(ctx, add("milk"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, c := newWorld(t, satchel.Options{}), &calling{codec.CBOR[cart](), func() {}}
				kind := carts.WithCodec(c)
				w.sessions = satchel.Must(satchel.Config{Clock: w.clock.now}.New(kind.ServerSide(w.store)))
				token := w.begun("tea")
				if name == "f of GetOrSet" {
					token = ""
				}
				ex, ctx := w.open(token)
				func() {
					defer func() {
						if r := recover(); r != "theirs" {
							t.Error("recovered", r)
						}
					}()
					act(ctx, w, c)
				}()
				c.before = func() {}
				if _, ok, err := carts.Get(ctx); ok != (token != "") || err != nil {
					t.Error("afterwards:", ok, err)
				}
				must(t, carts.Set(ctx, cart{[]string{"bread"}}))
				out, err := w.sent(ex)
				must(t, err)
				if token == "" {
					token = out.Token
				}
				w.holds(token, "bread")
			})
		})
	}
}

// A commit that panicked is not taken for one that was done, whoever has recovered.
func TestCommitAfterOneThatPanicked(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	ex, ctx := w.open(token)
	must(t, carts.Set(ctx, cart{[]string{"bread"}}))
	w.store.once("replace", func() { panic("theirs") })
	func() {
		defer func() {
			if r := recover(); r != "theirs" {
				t.Error("recovered", r)
			}
		}()
		_, _ = ex.Commit(t.Context())
	}()
	for range 2 {
		if out, err := ex.Commit(t.Context()); len(out) != 0 || !errors.Is(err, satchel.ErrUnavailable) {
			t.Error(out, err)
		}
	}
	w.holds(token, "tea")
}

// A panic of the store while the session is loaded: the exchange knows nothing of it, and says so.
func TestPanicOfALoad(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	ex, ctx := w.open(token)
	w.store.once("load", func() { panic("theirs") })
	func() {
		defer func() { _ = recover() }()
		_, _, _ = carts.Get(ctx)
		t.Error("no panic")
	}()
	if _, ok, err := carts.Get(ctx); ok == (err != nil) {
		t.Error("Get is neither a session nor an outage:", ok, err)
	}
	if err := carts.Set(ctx, cart{[]string{"milk"}}); err != nil && !errors.Is(err, satchel.ErrUnavailable) {
		t.Error("Set:", err)
	}
	if out, err := w.sent(ex); err != nil || out.Action != core.SendNothing {
		t.Error("told", out.Action, err)
	}
}

// A panic of the store at the second of two tokens: what was answered about the first is asked again.
func TestPanicAtTheSecondToken(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	tea, milk := w.begun("tea"), w.begun("milk")
	over := func(token core.Token) {
		ex, ctx := w.open(token)
		must(t, carts.Clear(ctx))
		_, err := ex.Commit(t.Context())
		must(t, err)
	}
	over(milk)
	ctx := w.sessions.Open(twice{tea, milk}).Context(t.Context())
	w.store.once("load", func() { w.store.once("load", func() { panic("theirs") }) })
	func() {
		defer func() { _ = recover() }()
		_, _, _ = carts.Get(ctx)
		t.Error("no panic")
	}()
	over(tea)
	if v, ok, err := carts.Get(ctx); ok || err != nil {
		t.Error("a session that has ended:", v, ok, err)
	}
}

// A panic of the store while a session is loaded anew after a conflict: what was there is not taken for gone.
func TestPanicOfAReload(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	ex, ctx := w.open(token)
	must(t, carts.Rotate(ctx))
	_, other := w.open(token)
	if _, err := carts.Update(other, add("milk")); err != nil {
		t.Fatal(err)
	}
	w.store.once("load", func() { panic("theirs") })
	func() {
		defer func() { _ = recover() }()
		_, _ = ex.Commit(t.Context())
		t.Error("no panic")
	}()
	if _, ok, err := carts.Get(ctx); ok == (err != nil) {
		t.Error("Get is neither a session nor an outage:", ok, err)
	}
}

// One exchange is used by many goroutines at once, through its whole life.
func TestConcurrentExchange(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, _ *clock) {
		token := visit(t, s, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{})) })
		for round := range 20 {
			ex := s.Open(satchel.Arrived{"cart": token})
			ctx := ex.Context(t.Context())
			var done sync.WaitGroup
			act := func(name string, f func() error) {
				done.Go(func() {
					err := f()
					for _, fine := range []error{satchel.ErrTooLate, satchel.ErrClosed, satchel.ErrConflict, satchel.ErrEnded} {
						if errors.Is(err, fine) {
							return
						}
					}
					if err != nil {
						t.Errorf("round %d: %s: %v", round, name, err)
					}
				})
			}
			for i := range 4 {
				act("Get", func() error { _, _, err := carts.Get(ctx); return err })
				act("Set", func() error { return carts.Set(ctx, cart{[]string{fmt.Sprint(i)}}) })
				act("Update", func() error { _, err := carts.Update(ctx, add("x")); return err })
				act("About", func() error { _, err := carts.About(ctx); return err })
				act("Rotate", func() error { return carts.Rotate(ctx) })
				act("Context", func() error { return ex.Context(ctx).Err() })
			}
			act("SignIn", func() error { return carts.SignIn(ctx, "ann", cart{}) })
			if round%2 == 1 {
				act("Clear", func() error { return carts.Clear(ctx) })
			}
			outcomes := make(chan []satchel.Outcome, 2)
			for range 2 {
				act("Commit", func() error {
					out, err := ex.Commit(ctx)
					outcomes <- out
					return err
				})
			}
			if round%4 == 3 {
				act("Close", func() error { ex.Close(); return nil })
			}
			done.Wait()
			ex.Close()
			says := func(o satchel.Outcome) bool { return o.Action != core.SendNothing }
			if first, second := <-outcomes, <-outcomes; slices.ContainsFunc(first, says) && slices.ContainsFunc(second, says) {
				t.Error("two commits told the client something")
			} else if held := told(satchel.Arrived{"cart": token}, append(first, second...)); true {
				token = held["cart"]
			}
		}
	})
}

// Goroutines of one exchange that find no session at the same time get one value, and it is the one that is kept.
func TestGetOrSetGivesOneValue(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, _ *clock) {
		ex := s.Open(satchel.Arrived{})
		within := ex.Context(t.Context())
		var all, none sync.WaitGroup
		got := make([]cart, 8)
		none.Add(len(got))
		for i := range got {
			all.Go(func() {
				calls := 0
				var err error
				got[i], err = carts.GetOrSet(within, func() cart {
					if calls++; calls == 1 {
						none.Done()
						none.Wait() // each has found none
					}
					return cart{[]string{fmt.Sprint(i)}}
				})
				if err != nil || calls != 1 {
					t.Error(i, calls, err)
				}
			})
		}
		all.Wait()
		out, err := ex.Commit(t.Context())
		must(t, err)
		kept, ok := read(t, s, out[0].Token)
		if !ok || len(kept) != 1 {
			t.Fatal("kept:", kept, ok)
		}
		for i, c := range got {
			if len(c.Items) != 1 || c.Items[0] != kept[0] {
				t.Errorf("goroutine %d has %q, and kept is %q", i, c.Items, kept)
			}
		}
	})
}
