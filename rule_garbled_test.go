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

// garbled is a store that cannot make sense of what it keeps.
type garbled struct {
	*staged
	revision uint64
}

func (g garbled) Load(context.Context, core.Key) (core.Record, error) {
	return core.Record{Revision: g.revision}, store.ErrGarbled
}

// Rule 8 for what a store cannot read: it is no outage, it is not overwritten, and whoever logs out can end it.
func TestRule8Garbled(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	w.seen.take()
	sessions := satchel.Must(satchel.Config{Observer: w.seen.observer()}.New(carts.ServerSide(garbled{w.store, 1})))
	visit(t, sessions, token, func(ctx ctx) {
		if _, ok, err := carts.Get(ctx); ok || err != nil {
			t.Error(ok, err)
		}
	})
	if got := w.seen.take(); !slices.Equal(got, []string{"refused: undecodable"}) {
		t.Errorf("events %q", got)
	}
	w.holds(token, "tea")
	if left := visit(t, sessions, token, func(ctx ctx) { must(t, carts.Clear(ctx)) }); left != "" {
		t.Error("the client's copy is left")
	}
	w.nothingLives(token)
}

// stuck is a store that answers when its caller gives up.
type stuck struct{ *store.Memory }

func (stuck) Load(ctx context.Context, _ core.Key) (core.Record, error) {
	<-ctx.Done()
	return core.Record{}, ctx.Err()
}

func TestLoadLimit(t *testing.T) {
	token := newWorld(t, satchel.Options{}).begun("tea")
	synctest.Test(t, func(t *testing.T) {
		seen := new(events)
		sessions := satchel.Must(satchel.Config{Observer: seen.observer()}.New(carts.ServerSide(stuck{store.NewMemory()})))
		began := time.Now()
		ctx := sessions.Open(satchel.Arrived{"cart": token}).Context(t.Context())
		if _, _, err := carts.Get(ctx); !errors.Is(err, satchel.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if took := time.Since(began); took != 2*time.Second {
			t.Error("it took", took)
		}
		if got := seen.take(); !slices.Equal(got, []string{"unavailable"}) {
			t.Errorf("events %q", got)
		}

		// A client that hangs up is not waited for, and is no outage of the store.
		gone, hangUp := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, hangUp)
		began = time.Now()
		ctx = sessions.Open(satchel.Arrived{"cart": token}).Context(gone)
		if _, _, err := carts.Get(ctx); !errors.Is(err, satchel.ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if took := time.Since(began); took != time.Second {
			t.Error("it took", took)
		}
		if got := seen.take(); len(got) != 0 {
			t.Errorf("events %q", got)
		}
	})
}
