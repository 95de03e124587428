package satchel_test

import (
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// A further commit tells of the kinds that were first used since the one before, whose answer may still be on its way.
func TestCommitTellsWhatWasUsedSince(t *testing.T) {
	first, second := satchel.NewKind[int]("first"), satchel.NewKind[int]("second")
	st := store.NewMemory()
	ex := satchel.Must(satchel.New(first.ServerSide(st), second.ServerSide(st))).Open(satchel.Arrived{})
	ctx := ex.Context(t.Context())
	commits := func(want ...string) {
		t.Helper()
		out, err := ex.Commit(ctx)
		if err != nil || len(out) != len(want) {
			t.Fatalf("%v, %v", out, err)
		}
		for i, o := range out {
			if o.Transport.Kind != want[i] || o.Action != core.SendNothing {
				t.Errorf("%+v, want %s", o, want[i])
			}
		}
	}
	if _, _, err := first.Get(ctx); err != nil {
		t.Fatal(err)
	}
	commits("first")
	commits()
	if _, _, err := second.Get(ctx); err != nil {
		t.Fatal(err)
	}
	commits("second")
	commits()
}
