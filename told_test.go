package satchel_test

import (
	"context"
	"errors"
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

// mute is a carrier that tokens come by and none leaves by.
type mute struct{ satchel.Arrived }

var errMute = errors.New("no token leaves here")

func (mute) MaySend(satchel.Transport) error { return errMute }

// A change whose token may not leave writes nothing, whether it is made at once or with the commit; and one that needs no token
// is made.
func TestMaySend(t *testing.T) {
	counts := satchel.NewKind[int]("count")
	st := store.NewMemory()
	s := satchel.Must(satchel.New(counts.ServerSide(st)))
	for name, change := range map[string]func(ctx context.Context) error{
		"set":    func(ctx context.Context) error { return counts.Set(ctx, 1) },
		"update": func(ctx context.Context) error { _, err := counts.Update(ctx, func(int) int { return 1 }); return err },
		"signin": func(ctx context.Context) error { return counts.SignIn(ctx, "ann", 1) },
	} {
		ex := s.Open(mute{})
		err := change(ex.Context(t.Context()))
		out, failed := ex.Commit(t.Context())
		if !errors.Is(errors.Join(err, failed), errMute) || len(out) != 1 || out[0].Action != core.SendNothing || st.Stats().Records != 0 {
			t.Errorf("%s: %v, %v, %v, %d records", name, err, out, failed, st.Stats().Records)
		}
	}

	ex := s.Open(satchel.Arrived{})
	must(t, counts.Set(ex.Context(t.Context()), 1))
	out, err := ex.Commit(t.Context())
	must(t, err)
	came := mute{satchel.Arrived{"count": out[0].Token}}
	ex = s.Open(came)
	must(t, counts.Set(ex.Context(t.Context()), 2))
	if _, err = ex.Commit(t.Context()); err != nil {
		t.Error("a change that needs no token:", err)
	}
	ex = s.Open(came)
	must(t, counts.Rotate(ex.Context(t.Context())))
	if _, err = ex.Commit(t.Context()); !errors.Is(err, errMute) {
		t.Error("a rotation:", err)
	}
	if n, ok, err := counts.Get(s.Open(came).Context(t.Context())); n != 2 || !ok || err != nil {
		t.Error("afterwards:", n, ok, err)
	}
}
