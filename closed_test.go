package satchel_test

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
)

// An exchange that is closed while a change is made of its session, by the application's function or beside its codec, stores
// and sends nothing of it.
func TestClosedInTheMiddleOfAChange(t *testing.T) {
	for place, of := range placesOf(t) {
		for name, change := range map[string]func(ctx ctx, inF func(cart) cart) error{
			"update":  func(ctx ctx, inF func(cart) cart) error { _, err := carts.Update(ctx, inF); return err },
			"set":     func(ctx ctx, _ func(cart) cart) error { return carts.Set(ctx, cart{[]string{"milk"}}) },
			"sign in": func(ctx ctx, _ func(cart) cart) error { return carts.SignIn(ctx, "ann", cart{[]string{"milk"}}) },
			"get or set": func(ctx ctx, inF func(cart) cart) error {
				_, err := carts.GetOrSet(ctx, func() cart { return inF(cart{}) })
				return err
			},
		} {
			for begun, item := range map[string]string{"a visitor": "", "a session": "tea"} {
				if name == "get or set" && item != "" {
					continue // it changes nothing
				}
				for _, where := range []string{"f", "codec"} {
					if where == "f" && (name == "set" || name == "sign in") {
						continue
					}
					t.Run(place+"/"+name+"/"+begun+"/"+where, func(t *testing.T) {
						c := &calling{codec.CBOR[cart](), func() {}}
						s := satchel.Must(satchel.New(of(c)))
						token := core.Token("")
						if item != "" {
							token = visit(t, s, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{item}})) })
						}
						ex := s.Open(satchel.Arrived{"cart": token})
						within := ex.Context(t.Context())
						if _, _, err := carts.Get(within); err != nil {
							t.Fatal(err)
						}
						inF := add("milk")
						if where == "f" {
							inF = func(c cart) cart { ex.Close(); return add("milk")(c) }
						} else {
							c.before = ex.Close
						}
						if err := change(within, inF); !errors.Is(err, satchel.ErrClosed) {
							t.Error("the change:", err)
						}
						c.before = func() {}
						if out, err := ex.Commit(t.Context()); !errors.Is(err, satchel.ErrClosed) || len(out) != 0 {
							t.Error("the commit:", out, err)
						}
						if items, ok := read(t, s, token); ok != (item != "") || ok && (len(items) != 1 || items[0] != item) {
							t.Error("afterwards:", items, ok)
						}
					})
				}
			}
		}
	}
}

// What comes after Close is told so, and no store is asked. A first commit is told so as well if a kind was used: what it was to
// carry out is forgotten.
func TestAfterClose(t *testing.T) {
	for _, used := range []bool{false, true} {
		w := newWorld(t, satchel.Options{})
		token := w.begun("tea")
		ex, ctx := w.open(token)
		if used {
			_, _, err := carts.Get(ctx)
			must(t, err)
			must(t, carts.Rotate(ctx))
		}
		ex.Close()
		ex.Close()
		w.store.calls.Store(0)
		_, _, getErr := carts.Get(ctx)
		_, updateErr := carts.Update(ctx, func(c cart) cart { t.Error("f is called"); return c })
		_, orErr := carts.GetOrSet(ctx, func() cart { t.Error("f is called"); return cart{} })
		_, aboutErr := carts.About(ctx)
		for name, err := range map[string]error{
			"Get": getErr, "Update": updateErr, "GetOrSet": orErr, "About": aboutErr, "Set": carts.Set(ctx, cart{}), "Rotate": carts.Rotate(ctx),
			"Overwrite": carts.Overwrite(ctx, cart{}), "SignIn": carts.SignIn(ctx, "ann", cart{}), "Clear": carts.Clear(ctx),
		} {
			if !errors.Is(err, satchel.ErrClosed) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for range 2 {
			if out, err := ex.Commit(t.Context()); errors.Is(err, satchel.ErrClosed) != used || !used && err != nil || len(out) != 0 {
				t.Errorf("used %v: the commit: %v, %v", used, out, err)
			}
		}
		if n := w.store.calls.Load(); n != 0 {
			t.Errorf("%d store calls", n)
		}
		w.holds(token, "tea")
	}
}

// A commit that was made before Close is what a later one speaks of, also where a kind was first used in between.
func TestCommitBeforeClose(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	ex, ctx := w.open("")
	if out, err := ex.Commit(t.Context()); err != nil || len(out) != 0 {
		t.Error(out, err)
	}
	_, _, err := carts.Get(ctx)
	must(t, err)
	ex.Close()
	if out, err := ex.Commit(t.Context()); err != nil || len(out) != 0 {
		t.Error(out, err)
	}
}

// The zero Exchange, which nobody began, is none.
func TestZeroExchange(t *testing.T) {
	s := newWorld(t, satchel.Options{}).sessions
	for _, closed := range []bool{false, true} {
		var ex satchel.Exchange
		within := ex.Context(t.Context())
		if closed {
			ex.Close()
		}
		for name, ctx := range map[string]ctx{"its context": within, "another": ex.Context(t.Context()), "a framework's": context.WithValue(t.Context(), satchel.ExchangeKey{}, &ex)} {
			if _, ok, err := carts.Get(ctx); ok || !errors.Is(err, satchel.ErrNoExchange) {
				t.Error(name, ok, err)
			}
			if err := carts.Set(ctx, cart{}); !errors.Is(err, satchel.ErrNoExchange) {
				t.Error(name, err)
			}
			if s.In(ctx) {
				t.Error(name, "is of some sessions")
			}
		}
		if out, err := ex.Commit(t.Context()); err != nil || len(out) != 0 {
			t.Error(out, err)
		}
		ex.Close()
	}
}

// Of two commits at once the second waits for the first, does nothing, and gives the first one's error, as does any later one.
func TestTwoCommitsAtOnce(t *testing.T) {
	for name, down := range map[string]bool{"done": false, "failed": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, satchel.Options{})
			ex, ctx := w.open(w.begun("tea"))
			must(t, carts.Set(ctx, cart{[]string{"milk"}}))
			second := make(chan error, 1)
			w.store.once("replace", func() {
				go func() {
					out, err := ex.Commit(t.Context())
					if out != nil {
						t.Error("the second commit has outcomes:", out)
					}
					second <- err
				}()
				for !waitsForCommit() {
					select {
					case err := <-second:
						t.Error("the second commit has not waited:", err)
						second <- err
						return
					default:
						runtime.Gosched()
					}
				}
				w.store.down.Store(down)
			})
			out, err := ex.Commit(t.Context())
			if len(out) != 1 || errors.Is(err, satchel.ErrUnavailable) != down || (err != nil) != down {
				t.Error("the first commit:", out, err)
			}
			if got := <-second; !same(got, err) {
				t.Errorf("the second commit: %v, want %v", got, err)
			}
			if out, got := ex.Commit(t.Context()); out != nil || !same(got, err) {
				t.Errorf("a third: %v, %v, want %v", out, got, err)
			}
		})
	}
}

func same(a, b error) bool { return a == b || a != nil && b != nil && a.Error() == b.Error() }

// waitsForCommit reports whether some goroutine stands before a lock in Commit.
func waitsForCommit() bool {
	all := make([]byte, 1<<20)
	all = all[:runtime.Stack(all, true)]
	for one := range bytes.SplitSeq(all, []byte("\n\n")) {
		if bytes.Contains(one, []byte("[sync.Mutex.Lock")) && bytes.Contains(one, []byte(".(*Exchange).Commit(")) {
			return true
		}
	}
	return false
}
