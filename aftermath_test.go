package satchel_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// An answer is most often lost by running out of time. A claim that took effect is found out even then: its token is sent.
func TestRule7LostAnswerOfAClaimByTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, s, token := slow(t, satchel.Config{CommitLimit: time.Second})
		ex := s.Open(satchel.Arrived{"cart": token})
		must(t, carts.Rotate(ex.Context(t.Context())))
		st.op, st.does = "replace", true
		out, err := ex.Commit(t.Context())
		if err != nil || out[0].Action != core.SendToken {
			t.Fatal("the old token is dead, and the client was told", out[0].Action, err)
		}
		if _, ok := read(t, s, out[0].Token); !ok {
			t.Error("the new token opens nothing")
		}
	})
}

// What a plan created is deleted again though the commit's time is over, so that nothing is left that nobody holds.
func TestUndoneAfterTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, s, token := slow(t, satchel.Config{CommitLimit: time.Second})
		ex := s.Open(satchel.Arrived{"cart": token})
		within := ex.Context(t.Context())
		must(t, carts.Clear(within))
		must(t, carts.Set(within, cart{[]string{"milk"}}))
		st.op = "delete"
		if _, err := ex.Commit(t.Context()); !errors.Is(err, satchel.ErrUnavailable) {
			t.Error(err)
		}
		if n := st.Stats().Records; n != 1 {
			t.Errorf("%d records are left", n)
		}
		if _, ok := read(t, s, token); !ok {
			t.Error("the session that could not be ended is gone")
		}
	})
}

// fullFor is a store that has no room for a larger record, as many times as it is told to.
type fullFor struct {
	*store.Memory
	times int
}

func (f *fullFor) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	if f.times > 0 {
		f.times--
		return store.ErrFull
	}
	return f.Memory.Replace(ctx, key, at, rec)
}

// A store that is full refuses, and that is no outage after which a claim may yet arrive: what was created for it is deleted again, and taken
// off its roster. So whoever reads a session that is due for renewal leaves nothing behind.
func TestNothingIsLeftOfWhatAFullStoreRefuses(t *testing.T) {
	c, st := newClock(), &fullFor{Memory: store.NewMemory()}
	w := &world{t: t, clock: c, seen: new(events)}
	w.sessions = satchel.Must(satchel.Config{Clock: c.now}.New(carts.ServerSide(st).With(satchel.Options{Renew: 10 * time.Minute})))
	token := w.begun("tea")
	c.advance(20 * time.Minute)
	st.times = 10
	for st.times > 0 {
		ex, ctx := w.open(token)
		_, ok, err := carts.Get(ctx)
		out, sent := w.sent(ex)
		if !ok || err != nil || sent != nil || out.Action != core.SendNothing || st.Stats().Records != 1 {
			t.Fatalf("%v, %v, %v, %v, %d records", ok, err, sent, out.Action, st.Stats().Records)
		}
	}
	st.times = 1
	ex, ctx := w.open(token)
	must(t, carts.SignIn(ctx, "ann", cart{}))
	if out, err := w.sent(ex); !errors.Is(err, store.ErrFull) || out.Action != core.SendNothing {
		t.Errorf("signed in on a full store: %v, %v", out.Action, err)
	}
	if n := st.Stats().Records; n != 2 { // the visitor's, and a roster of nobody
		t.Errorf("%d records are left", n)
	}
	w.holds(token, "tea")
	if all := w.list("ann"); len(all) != 0 {
		t.Errorf("listed: %+v", all)
	}
}

// Finding out has a limit of its own, a second.
func TestAftermathHasALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, s, token := slow(t, satchel.Config{CommitLimit: time.Second})
		ex := s.Open(satchel.Arrived{"cart": token})
		must(t, carts.Rotate(ex.Context(t.Context())))
		st.op, st.then = "replace", "load"
		began := time.Now()
		if out, err := ex.Commit(t.Context()); !errors.Is(err, satchel.ErrUnavailable) || out[0].Action != core.SendNothing {
			t.Error("told", out[0].Action, err)
		}
		if d := time.Since(began); d != 2*time.Second {
			t.Error("took", d)
		}
	})
}

// The reload after a conflict has the limit of a load.
func TestReloadHasALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, s, token := slow(t, satchel.Config{})
		began := time.Now()
		_, err := carts.Update(s.Open(satchel.Arrived{"cart": token}).Context(t.Context()), func(c cart) cart {
			visit(t, s, token, func(ctx context.Context) { _, err := carts.Update(ctx, add("theirs")); must(t, err) })
			st.op = "load"
			return add("mine")(c)
		})
		if !errors.Is(err, satchel.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if d := time.Since(began); d < 2*time.Second || d > 2*time.Second+time.Millisecond {
			t.Error("took", d)
		}
	})
}

// away is a store whose next loads fail, as many as are left.
type away struct {
	*staged
	loads atomic.Int64
}

func (s *away) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if s.loads.Add(-1) >= 0 {
		return core.Record{}, errDown
	}
	return s.staged.Load(ctx, key)
}

// A store that is away for a moment loses the answer of a claim and the first looks for it. The claim took effect, so the old
// token is dead: within the second that finding out may take, the new one is found to be good and is sent.
func TestRule7ClaimWhileTheStoreIsAway(t *testing.T) {
	for loads, found := range map[int64]bool{0: true, 1: true, 5: true, 20: true, 1 << 40: false} {
		for name, change := range map[string]func(ctx) error{
			"rotate":  carts.Rotate,
			"sign in": func(ctx ctx) error { return carts.SignIn(ctx, "ann", cart{[]string{"tea"}}) },
		} {
			synctest.Test(t, func(t *testing.T) {
				st := &away{staged: newStaged()}
				// Untracked: the loads that fail are to be those after the claim.
				s := satchel.Must(satchel.New(carts.ServerSide(st).With(satchel.Options{Untracked: true})))
				token := visit(t, s, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })
				ex := s.Open(satchel.Arrived{"cart": token})
				must(t, change(ex.Context(t.Context())))
				st.loads.Store(loads)
				st.lose["replace"] = true
				began := time.Now()
				out, err := ex.Commit(t.Context())
				if d := time.Since(began); d > time.Second || !found && d < time.Second-32*time.Millisecond {
					t.Errorf("%s, %d loads: took %v", name, loads, d)
				}
				st.loads.Store(0)
				switch {
				case found && (err != nil || out[0].Action != core.SendToken):
					t.Fatalf("%s, %d loads: the old token is dead, and the client was told %v, %v", name, loads, out[0].Action, err)
				case !found && (!errors.Is(err, satchel.ErrUnavailable) || out[0].Action != core.SendNothing):
					t.Errorf("%s, %d loads: %v, %v", name, loads, out[0].Action, err)
				}
				if items, ok := read(t, s, out[0].Token); ok != found || found && items[0] != "tea" {
					t.Errorf("%s, %d loads: the token that was sent reads %v, %v", name, loads, items, ok)
				}
				if _, ok := read(t, s, token); ok {
					t.Errorf("%s, %d loads: the old token reads", name, loads)
				}
			})
		}
	}
}
