package satchel_test

import (
	"context"
	"errors"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// The tests of this file hold faults that the shell once had.

// A rotation is a change that leaves the payload as it was found, so what holds for an unchanged one holds after it: fields
// of a newer schema are not lost by a Set.
func TestRule8NewerSchemaAfterRotate(t *testing.T) {
	type cartThen struct{}
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	then := satchel.NewKind[cartThen]("cart")
	sessions := satchel.Must(satchel.Config{Clock: w.clock.now}.New(then.ServerSide(w.store)))
	ctx := sessions.Open(satchel.Arrived{"cart": token}).Context(t.Context())
	must(t, then.Rotate(ctx))
	if err := then.Set(ctx, cartThen{}); !errors.Is(err, satchel.ErrNewerSchema) {
		t.Error("Rotate, then Set:", err)
	}
	must(t, then.Clear(ctx))
	must(t, then.Set(ctx, cartThen{})) // what is cleared is not kept anyway
	w.holds(token, "tea")
}

// And a payload that cannot be read is no error of Get.
func TestRule8UndecodableAfterRotate(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	texts := satchel.NewKind[string]("cart")
	for policy, want := range map[satchel.Undecodable]error{satchel.StartFresh: nil, satchel.FailOnUndecodable: satchel.ErrUndecodable} {
		sessions := satchel.Must(satchel.Config{Clock: w.clock.now}.New(
			texts.ServerSide(w.store).With(satchel.Options{Undecodable: policy})))
		ctx := sessions.Open(satchel.Arrived{"cart": token}).Context(t.Context())
		must(t, texts.Rotate(ctx))
		for range 2 {
			if _, ok, err := texts.Get(ctx); ok || !errors.Is(err, want) {
				t.Errorf("policy %d: Get: %v, %v", policy, ok, err)
			}
		}
		must(t, texts.Clear(ctx))
		if _, ok, err := texts.Get(ctx); ok || err != nil {
			t.Errorf("policy %d: Get after Clear: %v, %v", policy, ok, err)
		}
	}
}

// A source that gives no key must not leave a chain that protects nothing, neither at first nor at a refresh.
func TestItem51_ASourceWithoutAKeyIsRefused(t *testing.T) {
	open := core.Chain{open{}}
	for name, none := range map[string]*crypto.Keyring{"nil": nil, "the zero ring": {}} {
		ring, w := testRing(t), newWorld(t, satchel.Options{})
		source := func(context.Context) (*crypto.Keyring, error) { return ring, nil }
		place := carts.ClientSide(source, satchel.Unrevocable).With(satchel.Options{Chain: open})
		sessions := satchel.Must(satchel.Config{Clock: w.clock.now, Observer: w.seen.observer()}.New(place))
		token := visit(t, sessions, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })
		w.seen.take()

		ring = none
		w.clock.advance(refresh)
		visit(t, sessions, token, func(ctx ctx) {
			if _, ok, err := carts.Get(ctx); !ok || err != nil {
				t.Errorf("%s: the last keyring does not serve on: %v, %v", name, ok, err)
			}
		})
		if got := w.seen.take(); len(got) != 1 || got[0] != "keys failed" {
			t.Errorf("%s: events %q", name, got)
		}
		if _, err := satchel.New(place); err == nil {
			t.Errorf("%s is accepted by New", name)
		}
	}
}

// open is a transform that protects nothing.
type open struct{}

func (open) Entropy() int  { return 0 }
func (open) Overhead() int { return 0 }

func (open) Out(_ core.Frame, _, dst, src []byte) ([]byte, error) { return append(dst, src...), nil }

func (open) In(_ core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	return append(dst, src...), core.NotRefused
}

// What About says agrees with Get.
func TestAboutAfterClear(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	_, ctx := w.open(w.begun("tea"))
	if about, err := carts.About(ctx); err != nil || about.Handle == "" {
		t.Error("before:", about, err)
	}
	must(t, carts.Clear(ctx))
	if about, err := carts.About(ctx); err != nil || about != (satchel.About{}) {
		t.Error("after Clear:", about, err)
	}
}

// A kind that was found by name in one program's sessions is held to its type in another's.
func TestKindByNameInOtherSessions(t *testing.T) {
	named, ok := satchel.Must(satchel.New(carts.ServerSide(newStaged()))).Kind("cart")
	if !ok {
		t.Fatal("no kind")
	}
	others := satchel.Must(satchel.New(satchel.NewKind[string]("cart").ServerSide(newStaged())))
	ctx := others.Open(satchel.Arrived{}).Context(t.Context())
	if err := named.Set(ctx, cart{}); !errors.Is(err, satchel.ErrUnplaced) {
		t.Error("Set:", err)
	}
	if _, _, err := named.Get(ctx); !errors.Is(err, satchel.ErrUnplaced) {
		t.Error("Get:", err)
	}
}
