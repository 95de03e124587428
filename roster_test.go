package satchel_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

func TestItem32_AMaximum(t *testing.T) {
	for _, refuse := range []bool{false, true} {
		w := newWorld(t, satchel.Options{MaxSessions: 3, RefuseNewest: refuse})
		var (
			wg     sync.WaitGroup
			mu     sync.Mutex
			tokens []core.Token
			many   int
		)
		for range 16 {
			wg.Go(func() {
				ex, ctx := w.open("")
				err := carts.SignIn(ctx, "ann", cart{})
				var out []satchel.Outcome
				if err == nil {
					out, err = ex.Commit(t.Context())
				}
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					tokens = append(tokens, out[0].Token)
				case refuse && errors.Is(err, satchel.ErrTooMany):
					many++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		live := 0
		for _, token := range tokens {
			if _, ok := w.items(token); ok {
				live++
			}
		}
		if live != 3 || len(w.list("ann")) != 3 || refuse && many != 13 {
			t.Errorf("refuse %v: %d live, %d listed, %d refused", refuse, live, len(w.list("ann")), many)
		}
	}
}

func TestAMaximumOfLiveSessions(t *testing.T) {
	w := newWorld(t, satchel.Options{MaxSessions: 2, RefuseNewest: true})
	one, two := w.signIn("", "ann"), w.signIn("", "ann")
	again := w.signIn(two, "ann")
	_, ctx := w.open("")
	if err := carts.SignIn(ctx, "ann", cart{}); !errors.Is(err, satchel.ErrTooMany) {
		t.Errorf("got %v, want ErrTooMany", err)
	}
	w.logout(one)
	third := w.signIn("", "ann")
	w.clock.advance(20 * time.Minute)
	w.add(third, "milk")
	w.clock.advance(20 * time.Minute) // again idles away, and is on the roster still
	w.reads("-++", again, third, w.signIn("", "ann"))
}

func TestAMaximumEndsTheOldest(t *testing.T) {
	w := newWorld(t, satchel.Options{MaxSessions: 2})
	one, two := w.signIn("", "ann"), w.signIn("", "ann")
	w.reads("++", one, two)
	w.seen.take()
	three := w.signIn("", "ann")
	if told := w.seen.take(); !slices.Contains(told, "ended") {
		t.Errorf("the observer was told %q, and nothing of the end", told)
	}
	w.reads("-++", one, two, three)
}

// Who logs out and in again in one exchange has one session in the place of another: nobody is refused, and no other device's ends.
func TestAMaximumOfWhoSignsInAnew(t *testing.T) {
	for _, refuse := range []bool{true, false} {
		w := newWorld(t, satchel.Options{MaxSessions: 2, RefuseNewest: refuse})
		phone, laptop := w.signIn("", "ann"), w.signIn("", "ann")
		ex, ctx := w.open(laptop)
		must(t, carts.Clear(ctx))
		must(t, carts.SignIn(ctx, "ann", cart{}))
		listed := -1
		w.store.once("delete", func() { listed = w.members() })
		out, err := w.sent(ex)
		if err != nil {
			t.Errorf("refuse %v: %v", refuse, err)
			continue
		}
		w.reads("+-+", phone, laptop, out.Token)
		if listed != 3 || w.members() != 2 {
			t.Errorf("refuse %v: %d listed while one is about to end, then %d", refuse, listed, w.members())
		}
	}
}

// Sessions that ended with everyone's are listed no more and keep nobody out, and are taken away where room is made.
func TestAMaximumAfterTheEndOfEveryone(t *testing.T) {
	for name, world := range map[string]func(o satchel.Options) *world{
		"in a store": func(o satchel.Options) *world {
			w := newWorld(t, satchel.Options{})
			o.Revocations = satchel.Revocable(w.store, satchel.LogOptions{})
			w.sessions = w.node(o)
			return w
		},
		"in the client": func(o satchel.Options) *world {
			kept := newStaged()
			w := clientNode(t, newClock(), satchel.Revocable(kept, satchel.LogOptions{}), o)
			w.store = kept
			return w
		},
	} {
		for _, refuse := range []bool{false, true} {
			w := world(satchel.Options{MaxSessions: 1, RefuseNewest: refuse})
			before := w.signIn("", "ann")
			must(t, w.sessions.EndEveryone(t.Context(), "cart"))
			w.reads("-", before) // this node wrote the log, and knows
			if all := w.list("ann"); len(all) != 0 {
				t.Errorf("%s, refuse %v: listed: %+v", name, refuse, all)
			}
			after := w.signIn("", "ann")
			w.reads("-+", before, after)
			if len(w.list("ann")) != 1 || w.members() != 1 {
				t.Errorf("%s, refuse %v: %d listed, %d on the roster", name, refuse, len(w.list("ann")), w.members())
			}
			if n, err := carts.Of(w.sessions, "ann").EndAll(t.Context()); n != 1 || err != nil {
				t.Errorf("%s, refuse %v: ended %d, %v", name, refuse, n, err)
			}
		}
	}
}

// A client-side session that has idled away counts, for a newer stamp may know better. Who signs in beside it is told at once and not by the
// commit; who logs out first has room.
func TestAMaximumBesideAnIdleOne(t *testing.T) {
	c := newClock()
	o := satchel.Options{Idle: 30 * time.Minute, MaxSessions: 1, RefuseNewest: true}
	w := clientNode(t, c, satchel.Revocable(store.NewMemory(), satchel.LogOptions{}), o)
	idle := w.signIn("", "ann")
	c.advance(time.Hour)
	w.reads("-", idle)
	ex, ctx := w.open(idle)
	if err := carts.SignIn(ctx, "ann", cart{}); !errors.Is(err, satchel.ErrTooMany) {
		t.Errorf("got %v, want ErrTooMany", err)
	}
	must(t, carts.Clear(ctx))
	must(t, carts.SignIn(ctx, "ann", cart{}))
	out, err := w.sent(ex)
	must(t, err)
	w.reads("+", out.Token)
	if len(w.list("ann")) != 1 {
		t.Errorf("%d are listed", len(w.list("ann")))
	}
}

func TestASignInFromBeforeTheEnd(t *testing.T) {
	for name, token := range map[string]func(*world) core.Token{
		"nobody":    func(*world) core.Token { return "" },
		"a visitor": func(w *world) core.Token { return w.begun("tea") },
		"bob":       func(w *world) core.Token { return w.signIn("", "bob") },
	} {
		w := newWorld(t, satchel.Options{})
		w.signIn("", "ann")
		from := token(w)
		ex, ctx := w.open(from)
		must(t, carts.SignIn(ctx, "ann", cart{}))
		if n, err := carts.Of(w.sessions, "ann").EndAll(t.Context()); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if out, err := w.sent(ex); !errors.Is(err, satchel.ErrEnded) || out.Action != core.SendNothing {
			t.Errorf("%s: %v, %v", name, out.Action, err)
		}
		if all := w.list("ann"); len(all) != 0 {
			t.Errorf("%s: %+v", name, all)
		}
		if from != "" {
			w.logout(from)
		}
		w.nothingLives(from)
	}
}

func TestASignInThatLoses(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.signIn("", "ann")
	ex, ctx := w.open(token)
	must(t, carts.SignIn(ctx, "ann", cart{}))
	w.add(token, "milk")
	if _, err := w.sent(ex); !errors.Is(err, satchel.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
	w.reads("+", token)
	if n, err := carts.Of(w.sessions, "ann").EndAll(t.Context()); n != 1 || err != nil {
		t.Error(n, err)
	}
	w.reads("-", token)
}

func TestAnEndWithinATakeover(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	ex, ctx := w.open(w.signIn("", "ann"))
	must(t, carts.SignIn(ctx, "bob", cart{}))
	ended := -1
	w.store.once("replace", func() { // the claim
		w.store.once("replace", func() { // of ann's roster
			var err error
			ended, err = carts.Of(w.sessions, "ann").EndAll(t.Context())
			must(t, err)
		})
	})
	out, err := w.sent(ex)
	if err != nil || ended != 0 {
		t.Error(err, ended)
	}
	w.reads("+", out.Token)
}

func (w *world) members() (n int) {
	for _, rec := range w.store.all() {
		if r, ok := core.ParseRoster(rec.Body); ok {
			n += len(r.Members)
		}
	}
	return n
}

func TestRostersHoldTheLiving(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.signIn("", "ann")
	for _, step := range []struct {
		name string
		do   func()
		left int
	}{
		{"signed in", func() {}, 1},
		{"again", func() { token = w.signIn(token, "ann") }, 1},
		{"as bob", func() { token = w.signIn(token, "bob") }, 1},
		{"out", func() { w.logout(token) }, 0},
		{"in, and out while it is overdue", func() { token = w.signIn("", "ann"); w.clock.advance(time.Hour); w.logout(token) }, 0},
	} {
		if step.do(); w.members() != step.left {
			t.Errorf("%s: %d on rosters", step.name, w.members())
		}
	}
}
