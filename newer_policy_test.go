package satchel_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/codec"
)

// Whatever the policy for undecodable sessions says, one of a newer schema is neither begun anew nor set aside: it is read as far
// as may be, no write replaces it, and it can be ended.
func TestRule8NewerSchemaUnderEachPolicy(t *testing.T) {
	for _, policy := range []satchel.Undecodable{satchel.StartFresh, satchel.FailOnUndecodable, satchel.SetAside} {
		for _, newer := range []bool{true, false} { // of a newer version, or with a field more
			t.Run(fmt.Sprint(policy, newer), func(t *testing.T) { newerUnder(t, policy, newer) })
		}
	}
}

func newerUnder(t *testing.T, policy satchel.Undecodable, newer bool) {
	first := codec.Version(1, codec.CBOR[noteThen]())
	then := notesThen.WithCodec(first)
	now := notesNow.WithCodec(codec.Version(1, codec.CBOR[noteNow]()))
	if newer {
		now = notesNow.WithCodec(codec.Migrate(first, codec.CBOR[noteNow](), func(noteThen) (noteNow, error) { return noteNow{}, nil }))
	}
	w := newWorld(t, satchel.Options{})
	oldNode := satchel.Must(satchel.Config{Clock: w.clock.now}.New(then.ServerSide(w.store).With(satchel.Options{Undecodable: policy})))
	newNode := satchel.Must(satchel.Config{Clock: w.clock.now}.New(now.ServerSide(w.store)))
	ex := newNode.Open(satchel.Arrived{})
	must(t, now.Set(ex.Context(t.Context()), noteNow{Items: []string{"tea"}}))
	out, err := ex.Commit(t.Context())
	must(t, err)
	held := satchel.Arrived{"note": out[0].Token}

	for name, write := range map[string]func(ctx ctx) error{
		"Set":    func(ctx ctx) error { return then.Set(ctx, noteThen{"x"}) },
		"Update": func(ctx ctx) error { _, err := then.Update(ctx, func(n noteThen) noteThen { return n }); return err },
	} {
		for _, reads := range []bool{true, false} {
			ex := oldNode.Open(held)
			within := ex.Context(t.Context())
			if reads {
				_, ok, err := then.Get(within)
				if fails := newer && policy == satchel.FailOnUndecodable; ok == newer || errors.Is(err, satchel.ErrUndecodable) != fails {
					t.Errorf("Get: %v, %v", ok, err)
				}
			}
			err := write(within)
			fails := newer && policy == satchel.FailOnUndecodable
			if !errors.Is(err, satchel.ErrNewerSchema) && (!fails || !errors.Is(err, codec.ErrNewer)) {
				t.Errorf("%s after a read (%v): %v", name, reads, err)
			}
			out, err := ex.Commit(t.Context())
			if err != nil || len(out) > 0 && out[0].Token != "" {
				t.Errorf("the old node sent %d outcomes, %v", len(out), err)
			}
		}
	}
	if got, ok, err := now.Get(newNode.Open(held).Context(t.Context())); err != nil || !ok || len(got.Items) != 1 {
		t.Errorf("the new node finds %+v, %v, %v", got, ok, err)
	}
	last := oldNode.Open(held)
	must(t, then.Clear(last.Context(t.Context())))
	_, err = last.Commit(t.Context())
	must(t, err)
	if _, ok, err := now.Get(newNode.Open(held).Context(t.Context())); err != nil || ok {
		t.Errorf("after Clear: %v, %v", ok, err)
	}
}
