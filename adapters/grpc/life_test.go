package satchelgrpc_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/satchel-go/satchel"
	satchelgrpc "github.com/satchel-go/satchel/adapters/grpc"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

// A token is renewed when it is old, and the one from before leads on for a while: all who race are handed the one successor.
func TestRenewal(t *testing.T) {
	now := time.UnixMilli(1_794_000_000_000)
	adapter, err := satchelgrpc.New(satchel.Must(satchel.Config{Clock: func() time.Time { return now }}.New(
		carts.ServerSide(store.NewMemory()).With(satchel.Options{Renew: 10 * time.Minute, Grace: time.Minute}))))
	must(t, err)
	ann := map[string]core.Token{}
	must(t, streamed(t, ann, func(ctx context.Context) error { return carts.Set(ctx, []string{"tea"}) }, adapter.Stream))
	first := ann[key]
	read := func(has map[string]core.Token, want string) {
		t.Helper()
		must(t, streamed(t, has, func(ctx context.Context) error {
			c, _, err := carts.Get(ctx)
			if got := strings.Join(c, " "); got != want {
				t.Errorf("%q, want %q", got, want)
			}
			return err
		}, adapter.Stream))
	}
	now = now.Add(11 * time.Minute)
	slow := maps.Clone(ann)
	must(t, streamed(t, slow, func(ctx context.Context) error {
		_, _, err := carts.Get(ctx)
		read(ann, "tea") // another call overtakes this one
		return err
	}, adapter.Stream))
	if ann[key] == first || slow[key] != ann[key] {
		t.Error("two calls that race were not handed one successor")
	}
	read(map[string]core.Token{key: first}, "tea")
	read(ann, "tea")
	now = now.Add(2 * time.Minute)
	read(map[string]core.Token{key: first}, "")
	read(ann, "tea")
}

// A session idles in its token as in a store: its use is noted by a stamp under a key of its own, which comes back, and a logout takes both.
func TestIdlesInItsToken(t *testing.T) {
	now := time.UnixMilli(1_794_000_000_000)
	adapter, err := satchelgrpc.New(satchel.Must(satchel.Config{Clock: func() time.Time { return now }}.New(
		carts.ClientSide(satcheltest.Keys(t), satchel.Unrevocable).With(satchel.Options{Idle: 10 * time.Minute}))))
	must(t, err)
	const stampKey = key + "-seen"
	ann := map[string]core.Token{}
	does := func(has map[string]core.Token, what func(ctx context.Context) error) {
		t.Helper()
		must(t, streamed(t, has, what, adapter.Stream))
	}
	reads := func(has map[string]core.Token, want string) {
		t.Helper()
		does(has, func(ctx context.Context) error {
			c, _, err := carts.Get(ctx)
			if got := strings.Join(c, " "); got != want {
				t.Errorf("%q, want %q", got, want)
			}
			return err
		})
	}
	does(ann, func(ctx context.Context) error { return carts.Set(ctx, []string{"tea"}) })
	token := ann[key]
	stamps := map[core.Token]bool{}
	for range 3 { // longer than its first idle time
		now = now.Add(9 * time.Minute)
		reads(ann, "tea")
		if stamps[ann[stampKey]] = true; ann[stampKey] == "" || ann[key] != token {
			t.Fatalf("has %q", slices.Collect(maps.Keys(ann)))
		}
	}
	if len(stamps) != 3 {
		t.Errorf("%d stamps of 3 uses", len(stamps))
	}
	reads(map[string]core.Token{key: token}, "")
	idle := maps.Clone(ann)
	does(ann, carts.Clear)
	if len(ann) != 2 || ann[key] != "" || ann[stampKey] != "" {
		t.Errorf("a logout leaves %d bytes and a stamp of %d", len(ann[key]), len(ann[stampKey]))
	}
	reads(idle, "tea") // which is what Unrevocable says
	now = now.Add(11 * time.Minute)
	reads(idle, "")
}

// What was on its way when all sessions of a subject were ended brings none of them back.
func TestEndAllInFlight(t *testing.T) {
	sessions := satchel.Must(satchel.New(carts.ServerSide(store.NewMemory())))
	adapter, err := satchelgrpc.New(sessions)
	must(t, err)
	for name, late := range map[string]func(context.Context) error{
		"set": func(ctx context.Context) error { return carts.Set(ctx, []string{"late"}) }, "rotate": carts.Rotate,
	} {
		has := map[string]core.Token{}
		must(t, streamed(t, has, func(ctx context.Context) error { return carts.SignIn(ctx, "ann", []string{"tea"}) }, adapter.Stream))
		token := has[key]
		err := streamed(t, has, func(ctx context.Context) error {
			if _, _, err := carts.Get(ctx); err != nil {
				return err
			}
			_, err := carts.Of(sessions, "ann").EndAll(t.Context())
			must(t, err)
			return late(ctx)
		}, adapter.Stream)
		if status.Code(err) != codes.Aborted || has[key] != token {
			t.Errorf("%s: %v", name, err)
		}
		must(t, streamed(t, has, func(ctx context.Context) error {
			if c, ok, err := carts.Get(ctx); ok || err != nil {
				t.Errorf("%s: %v lives, %v", name, c, err)
			}
			return nil
		}, adapter.Stream))
	}
}

// What is taken is taken once: of two calls that take one message one has it.
func TestTakenOnce(t *testing.T) {
	records := store.NewMemory()
	adapter, err := satchelgrpc.New(satchel.Must(satchel.New(notes.ServerSide(records))))
	must(t, err)
	has := map[string]core.Token{}
	must(t, streamed(t, has, func(ctx context.Context) error { return notes.Set(ctx, []string{"saved"}) }, adapter.Stream))
	slow, taken := maps.Clone(has), 0
	take := func(ctx context.Context) error {
		_, ok, err := notes.Take(ctx)
		if ok {
			taken++
		}
		return err
	}
	must(t, streamed(t, slow, func(ctx context.Context) error {
		if _, ok, err := notes.Get(ctx); !ok || err != nil {
			t.Error(ok, err)
		}
		must(t, streamed(t, has, take, adapter.Stream))
		return take(ctx)
	}, adapter.Stream))
	if taken != 1 || records.Stats().Records != 0 || has[noteKey] != "" {
		t.Errorf("taken %d times, %d records, cleared %v", taken, records.Stats().Records, has[noteKey] == "")
	}
}

// throwing is a store whose driver panics.
type throwing struct{ store.Store }

func (throwing) Create(context.Context, core.Key, core.Record) error { panic("a driver's") }

// A commit that panicked is no success: who recovers from it sends nothing more, and the call fails.
func TestCommitPanicRecoveredInside(t *testing.T) {
	adapter, err := satchelgrpc.New(satchel.Must(satchel.New(carts.ServerSide(throwing{store.NewMemory()}))))
	must(t, err)
	wire := &carried{ctx: t.Context()}
	var recovered any
	var again error
	err = adapter.Stream(nil, wire, nil, func(_ any, s grpc.ServerStream) error {
		must(t, carts.Set(s.Context(), []string{"lost"}))
		func() {
			defer func() { recovered = recover() }()
			_ = s.SendMsg("saved")
		}()
		again = s.SendMsg("saved")
		return nil
	})
	if recovered != "a driver's" || status.Code(again) != codes.Internal || status.Code(err) != codes.Internal || len(wire.header) != 0 {
		t.Error(recovered, again, err, wire.header)
	}
}
