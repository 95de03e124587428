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

// damaged is a store in which one record cannot be read or taken away.
type damaged struct {
	*staged
	key core.Key
}

func (d *damaged) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if key == d.key {
		return core.Record{}, store.ErrGarbled
	}
	return d.staged.Load(ctx, key)
}

func (d *damaged) Delete(ctx context.Context, key core.Key, at uint64) error {
	if key == d.key {
		return store.ErrGarbled
	}
	return d.staged.Delete(ctx, key, at)
}

// A damaged record shields nothing but itself: who ends all of a subject's sessions ends those behind it, and hears of the one that is left.
func TestRule8EndAllBehindADamagedRecord(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	d := &damaged{staged: w.store}
	w.sessions = satchel.Must(satchel.Config{Clock: w.clock.now}.New(carts.ServerSide(d)))
	w.signIn("", "ann")
	d.key = w.store.keys[0]
	behind := []core.Token{w.signIn("", "ann"), w.signIn("", "ann")}
	ann := carts.Of(w.sessions, "ann")
	if n, err := ann.EndAll(t.Context()); n != 2 || !errors.Is(err, store.ErrGarbled) {
		t.Errorf("ended %d, %v", n, err)
	}
	w.reads("--", behind...)
	if w.members() != 1 {
		t.Errorf("%d on the roster, and one is left", w.members())
	}
	d.key = "" // somebody has mended it
	if n, err := ann.EndAll(t.Context()); n != 1 || err != nil {
		t.Errorf("ended %d, %v", n, err)
	}
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
