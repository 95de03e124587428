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

// looking is a store that a test looks at the contexts of.
type looking struct {
	*staged
	load, create func(ctx context.Context)
}

func (s *looking) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if s.load != nil {
		s.load(ctx)
	}
	return s.staged.Load(ctx, key)
}

func (s *looking) Create(ctx context.Context, key core.Key, rec core.Record) error {
	if s.create != nil {
		s.create(ctx)
	}
	return s.staged.Create(ctx, key, rec)
}

// A store that asks its context for an error, without waiting for its end, is told the truth as well.
func TestContextsOfAStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &looking{staged: newStaged()}
		s := satchel.Must(satchel.New(carts.ServerSide(st)))
		parent, hangUp := context.WithTimeout(t.Context(), time.Second)
		defer hangUp()
		looks := 0
		is := func(ctx context.Context, want error, within time.Duration) {
			t.Helper()
			looks++
			if err := ctx.Err(); !errors.Is(err, want) || want == nil && err != nil {
				t.Errorf("Err is %v, want %v", err, want)
			}
			if d, ok := ctx.Deadline(); !ok || time.Until(d) != within {
				t.Errorf("the deadline is in %v, want %v", time.Until(d), within)
			}
		}

		// A commit has its own limit, and neither the client's deadline nor its end.
		st.create = func(ctx context.Context) {
			is(ctx, nil, 5*time.Second)
			hangUp()
			is(ctx, nil, 5*time.Second)
			time.Sleep(5 * time.Second)
			is(ctx, context.DeadlineExceeded, 0)
		}
		ex := s.Open(satchel.Arrived{})
		must(t, carts.Set(ex.Context(parent), cart{}))
		if _, err := ex.Commit(parent); !errors.Is(err, satchel.ErrUnavailable) {
			t.Error("a commit past its limit:", err)
		}
		st.create = nil
		token := visit(t, s, "", func(ctx context.Context) { must(t, carts.Set(ctx, cart{})) })

		// A load has both.
		parent, hangUp = context.WithTimeout(t.Context(), time.Second)
		defer hangUp()
		st.load = func(ctx context.Context) {
			is(ctx, nil, time.Second)
			hangUp()
			is(ctx, context.Canceled, time.Second)
		}
		if _, _, err := carts.Get(s.Open(satchel.Arrived{"cart": token}).Context(parent)); !errors.Is(err, satchel.ErrUnavailable) {
			t.Error("a load whose client has gone:", err)
		}
		st.load = func(ctx context.Context) {
			is(ctx, nil, 2*time.Second)
			time.Sleep(2 * time.Second)
			is(ctx, context.DeadlineExceeded, 0)
		}
		if _, _, err := carts.Get(s.Open(satchel.Arrived{"cart": token}).Context(t.Context())); !errors.Is(err, satchel.ErrUnavailable) {
			t.Error("a load past its limit:", err)
		}
		if looks != 7 {
			t.Errorf("%d looks", looks)
		}
	})
}

// A second Commit says what the first one said, so that an adapter that asks again does not send a page behind a failure.
func TestSecondCommit(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	ex, ctx := w.open("")
	must(t, carts.Set(ctx, cart{}))
	w.store.down.Store(true)
	for range 2 {
		if _, err := ex.Commit(t.Context()); !errors.Is(err, satchel.ErrUnavailable) {
			t.Error(err)
		}
	}
}

func TestReplayOfAKindThatIsNotPlaced(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	if _, err := w.sessions.Replay("other", ""); !errors.Is(err, satchel.ErrUnplaced) {
		t.Error(err)
	}
}
