package satchel_test

import (
	"errors"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// A session whose record cannot be read, and so cannot be ended, is nobody's, and keeps nobody out: it does not count, and if others have to go
// the oldest that can does.
func TestRule8AMaximumBesideADamagedRecord(t *testing.T) {
	for most := 1; most <= 3; most++ {
		for _, refuse := range []bool{false, true} {
			w := newWorld(t, satchel.Options{})
			d := &damaged{staged: w.store}
			o := satchel.Options{MaxSessions: most, RefuseNewest: refuse}
			w.sessions = satchel.Must(satchel.Config{Clock: w.clock.now}.New(carts.ServerSide(d).With(o)))
			w.signIn("", "ann")
			d.key = w.store.keys[0]
			var good []core.Token
			for range most {
				good = append(good, w.signIn("", "ann"))
			}
			w.reads("+++"[:most], good...)
			_, ctx := w.open("")
			if err := carts.SignIn(ctx, "ann", cart{}); errors.Is(err, satchel.ErrTooMany) != refuse {
				t.Errorf("%d, refuse %v: one more gives %v", most, refuse, err)
			}
			if refuse {
				continue
			}
			w.reads("-+++"[:most+1], append(good, w.signIn("", "ann"))...)
			if len(w.list("ann")) != most+1 {
				t.Errorf("%d: %d are listed, with the damaged one", most, len(w.list("ann")))
			}
		}
	}
}

// An outage is none of the damaged: who cannot be asked for counts, and nobody signs in beside them.
func TestAMaximumInAnOutage(t *testing.T) {
	w := newWorld(t, satchel.Options{MaxSessions: 1})
	ann := w.signIn("", "ann")
	ex, ctx := w.open("")
	must(t, carts.SignIn(ctx, "ann", cart{}))
	w.store.once("create", func() { w.store.once("load", func() { w.store.once("load", func() { w.store.down.Store(true) }) }) })
	if _, err := w.sent(ex); !errors.Is(err, satchel.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	w.store.down.Store(false)
	w.reads("+", ann)
}

// Who has all the sessions that a roster has places for can still log out and in again in one exchange.
func TestAFullRosterOfWhoSignsInAnew(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	var last core.Token
	for range core.MaxMembers {
		last = w.signIn("", "ann")
	}
	ex, ctx := w.open(last)
	must(t, carts.Clear(ctx))
	must(t, carts.SignIn(ctx, "ann", cart{}))
	out, err := w.sent(ex)
	must(t, err)
	w.reads("-+", last, out.Token)
	if n := len(w.list("ann")); n != core.MaxMembers {
		t.Errorf("%d are listed: another one has ended", n)
	}
}

// A session that went from ann to bob, and could not be taken off her roster, is shown there still. Nothing that ends hers ends his.
func TestASessionThatCouldNotLeave(t *testing.T) {
	ends := map[string]func(w *world, s satchel.Subject){
		"all":    func(w *world, s satchel.Subject) { _, err := s.EndAll(w.t.Context()); must(w.t, err) },
		"others": func(w *world, s satchel.Subject) { _, err := s.EndOthers(w.t.Context(), ""); must(w.t, err) },
		"one": func(w *world, s satchel.Subject) {
			_, err := s.End(w.t.Context(), w.list("ann")[0].Handle)
			must(w.t, err)
		},
		"room": func(w *world, _ satchel.Subject) { w.signIn("", "ann"); w.signIn("", "ann") },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			kept := newStaged()
			w := clientNode(t, newClock(), satchel.Revocable(kept, satchel.LogOptions{Lag: 10 * time.Millisecond}), satchel.Options{MaxSessions: 2})
			w.store = kept
			hers := w.signIn("", "ann")
			ex, ctx := w.open(hers)
			must(t, carts.SignIn(ctx, "bob", cart{}))
			kept.once("replace", func() { kept.down.Store(true) }) // his roster and the log are created; hers is replaced
			out, err := w.sent(ex)
			kept.down.Store(false)
			must(t, err)
			if n := len(w.list("ann")); n != 1 {
				t.Fatalf("%d of ann's are listed, and the one that could not leave is to be", n)
			}
			end(w, carts.Of(w.sessions, "ann"))
			w.reads("-+", hers, out.Token)
			if name != "room" && w.members() != 1 {
				t.Errorf("%d on the rosters, and only bob's is to be", w.members())
			}
			n, err := carts.Of(w.sessions, "bob").EndAll(t.Context())
			w.reads("-", out.Token)
			if n != 1 || err != nil {
				t.Errorf("ended %d of bob's, %v", n, err)
			}
		})
	}
}

// A node whose clock is behind still holds the ending of an epoch when the store has dropped the roster for which it was raised, were
// both forgotten at one instant. Who signs in there then begins with a first epoch anew, and would be ended by it.
func TestARosterOutlivesItsEnding(t *testing.T) {
	kept := store.NewMemory()
	behind := newClock()
	w := clientNode(t, behind, satchel.Revocable(kept, satchel.LogOptions{Lag: 10 * time.Millisecond}), satchel.Options{Absolute: time.Hour})
	w.signIn("", "ann")
	_, err := carts.Of(w.sessions, "ann").EndAll(t.Context())
	must(t, err)
	behind.advance(25*time.Hour - 10*time.Minute)
	ahead := behind.now().Add(20 * time.Minute)
	_, _, err = kept.Sweep(t.Context(), ahead.UnixMilli(), 100)
	must(t, err)
	w.reads("+", w.signIn("", "ann"))
}
