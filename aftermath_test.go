package satchel_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
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
