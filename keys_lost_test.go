package satchel_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/crypto"
)

// A key that live tokens still need cannot be dropped in silence: the ring is taken, for it may drop the key on purpose, and
// the observer is told what is lost and until when.
func TestADroppedKeyIsTold(t *testing.T) {
	clock := newClock()
	ring := func(text string) *crypto.Keyring {
		r, err := crypto.ParseKeyring(text)
		must(t, err)
		return r
	}
	current := ring("a:primary:" + secretA)
	var told []error
	s := satchel.Must(satchel.Config{Clock: clock.now, Observer: satchel.Observer{
		KeysFailed: func(_ context.Context, e satchel.Event) { told = append(told, e.Err) },
	}}.New(carts.ClientSide(func(context.Context) (*crypto.Keyring, error) { return current, nil }, satchel.Unrevocable)))
	token := visit(t, s, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })

	for _, step := range []struct {
		text string
		lost bool
	}{
		{"a:retiring:" + secretA + "\nb:primary:" + secretB, false},
		{"b:primary:" + secretB, true},
	} {
		current, told = ring(step.text), nil
		clock.advance(time.Minute)
		visit(t, s, token, func(ctx ctx) {
			if _, ok, err := carts.Get(ctx); ok == step.lost || err != nil {
				t.Error(step.text[:10], ok, err)
			}
		})
		var needed *crypto.NeededError
		found := slices.ContainsFunc(told, func(err error) bool { return errors.As(err, &needed) })
		if found != step.lost {
			t.Errorf("told %v", told)
		}
	}
}
