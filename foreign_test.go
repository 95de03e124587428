package satchel_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

func foreign(o satchel.Options) satchel.Options {
	o.Foreign, o.Header = true, "X-Cart"
	return o
}

// A foreign record is the codec's text and nothing else, under the ID itself; a save sends the token again, because nothing
// else says that its life begins anew; the end of a session is not told to a header.
func TestForeignServerSide(t *testing.T) {
	kind := satchel.NewKind[string]("cart").WithCodec(codec.Text[string]())
	memory := store.NewMemory()
	s := satchel.Must(satchel.New(kind.ServerSide(memory).With(foreign(satchel.Options{ChosenIDs: true}))))
	ctx := satchel.WithNewID(t.Context(), "cart", "chosen")

	ex := s.Open(satchel.Arrived{})
	if err := kind.Set(ex.Context(ctx), "tea"); err != nil {
		t.Fatal(err)
	}
	out, err := ex.Commit(ctx)
	if err != nil || len(out) != 1 || string(out[0].Token) != "chosen" {
		t.Fatalf("%v, %v", out, err)
	}
	if kept, err := memory.Load(ctx, "chosen"); err != nil || kept.Body != "tea" {
		t.Fatalf("%q, %v", kept.Body, err)
	}

	ex = s.Open(satchel.Arrived{"cart": "chosen"})
	if err := kind.Set(ex.Context(ctx), "milk"); err != nil {
		t.Fatal(err)
	}
	if out, err = ex.Commit(ctx); err != nil || out[0].Action != core.SendToken || string(out[0].Token) != "chosen" {
		t.Fatalf("a save: %v, %v", out, err)
	}

	ex = s.Open(satchel.Arrived{"cart": "chosen"})
	if err := kind.Clear(ex.Context(ctx)); err != nil {
		t.Fatal(err)
	}
	if out, err = ex.Commit(ctx); err != nil || out[0].Action != core.SendNothing {
		t.Fatalf("a clear: %v, %v", out, err)
	}
}

// A token of a foreign client-side kind is what the chain makes of the codec's text.
func TestForeignClientSide(t *testing.T) {
	kind := satchel.NewKind[string]("cart").WithCodec(codec.Text[string]())
	s := satchel.Must(satchel.New(kind.ClientSide(nil, satchel.Unrevocable).With(foreign(satchel.Options{}))))
	if p := s.Placed()[0]; p.Absolute != satchel.Unlimited || p.Idle != satchel.Unlimited {
		t.Errorf("it lives for %v, idle %v", p.Absolute, p.Idle)
	}
	ex := s.Open(satchel.Arrived{"cart": "tea"})
	ctx := ex.Context(t.Context())
	if v, ok, err := kind.Get(ctx); v != "tea" || !ok || err != nil {
		t.Fatal(v, ok, err)
	}
	if err := kind.Set(ctx, "milk"); err != nil {
		t.Fatal(err)
	}
	if out, err := ex.Commit(ctx); err != nil || string(out[0].Token) != "milk" {
		t.Fatal(out, err)
	}
}

func TestForeignRefusesWhatItHasNoPlaceFor(t *testing.T) {
	kind := satchel.NewKind[string]("cart").WithCodec(codec.Text[string]())
	timed := foreign(satchel.Options{})
	timed.Idle = satchel.Unlimited
	for _, p := range []satchel.Placement{
		kind.ServerSide(store.NewMemory()).With(timed),
		kind.ClientSide(nil, satchel.Unrevocable),
		kind.ServerSide(store.NewMemory()).With(satchel.Options{ChosenIDs: true}),
	} {
		if _, err := satchel.New(p); err == nil {
			t.Error("accepted")
		}
	}
}

// Contexts are logged, and print what they hold: an ID that was chosen, which opens its session, does not show.
func TestChosenIDsAreRedacted(t *testing.T) {
	const id = "the chosen one"
	ctx := satchel.WithNewID(t.Context(), "cart", id)
	type key struct{}
	ctx = context.WithValue(ctx, key{}, "beside it")
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "ctx", ctx)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "ctx", ctx)
	for _, shown := range []string{fmt.Sprint(ctx), fmt.Sprintf("%v", ctx), fmt.Sprintf("%+v", ctx), fmt.Sprintf("%s", ctx), fmt.Sprintf("%q", ctx), out.String()} {
		if strings.Contains(shown, id) {
			t.Errorf("shows %s", shown)
		}
	}
	if shown := fmt.Sprint(ctx); !strings.Contains(shown, core.Redacted) || !strings.Contains(shown, "beside it") {
		t.Errorf("prints as %s", shown)
	}
}

// A foreign session is rotated as it is, or not at all: who logs out meanwhile has logged out, and what was changed meanwhile goes along
// under the new token.
func TestForeignRotationRaces(t *testing.T) {
	kind := satchel.NewKind[string]("cart").WithCodec(codec.Text[string]())
	memory := store.NewMemory()
	s := satchel.Must(satchel.New(kind.ServerSide(memory).With(foreign(satchel.Options{}))))
	do := func(token core.Token, f func(context.Context) error) core.Token {
		t.Helper()
		ex := s.Open(satchel.Arrived{"cart": token})
		must(t, f(ex.Context(t.Context())))
		out, err := ex.Commit(t.Context())
		must(t, err)
		return out[0].Token
	}
	for name, c := range map[string]struct {
		meanwhile func(context.Context) error
		want      error
		left      int
	}{
		"a logout": {kind.Clear, satchel.ErrEnded, 0},
		"a change": {func(ctx context.Context) error { return kind.Set(ctx, "milk") }, nil, 1},
		"another":  {kind.Rotate, satchel.ErrEnded, 1},
	} {
		token := do("", func(ctx context.Context) error { return kind.Set(ctx, "tea") })
		ex := s.Open(satchel.Arrived{"cart": token})
		must(t, kind.Rotate(ex.Context(t.Context())))
		moved := do(token, c.meanwhile)
		out, err := ex.Commit(t.Context())
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if n := memory.Stats().Records; n != c.left {
			t.Errorf("%s: %d records are left", name, n)
		}
		if err == nil {
			moved = out[0].Token
			if v, _, err := kind.Get(s.Open(satchel.Arrived{"cart": moved}).Context(t.Context())); v != "milk" || err != nil {
				t.Errorf("%s: it holds %q, %v", name, v, err)
			}
		}
		if moved != "" {
			do(moved, kind.Clear)
		}
	}
}

// A foreign session has no place for a subject, so nobody is signed in to be forgotten: neither by value nor by ID.
func TestForeignSessionsHaveNoSubject(t *testing.T) {
	kind := satchel.NewKind[string]("cart").WithCodec(codec.Text[string]())
	for name, s := range map[string]*satchel.Sessions{
		"server-side": satchel.Must(satchel.New(kind.ServerSide(store.NewMemory()).With(foreign(satchel.Options{ChosenIDs: true})))),
		"client-side": satchel.Must(satchel.New(kind.ClientSide(nil, satchel.Unrevocable).With(foreign(satchel.Options{})))),
	} {
		ctx := satchel.WithNewID(t.Context(), "cart", "chosen")
		began := s.Open(satchel.Arrived{})
		must(t, kind.Set(began.Context(ctx), "tea"))
		out, err := began.Commit(ctx)
		must(t, err)
		ex := s.Open(satchel.Arrived{"cart": out[0].Token})
		ctx = ex.Context(ctx)
		if err := kind.SignIn(ctx, "ann", "hers"); err == nil {
			t.Errorf("%s: ann is signed in, and forgotten", name)
		}
		if _, err := kind.Promote(ctx, "ann", strings.ToUpper); err == nil {
			t.Errorf("%s: ann is signed in with what was there, and forgotten", name)
		}
		if out, err := ex.Commit(ctx); err != nil || len(out) > 0 && out[0].Action != core.SendNothing {
			t.Errorf("%s: %v, %v", name, out, err)
		}
		if v, ok, err := kind.Get(s.Open(satchel.Arrived{"cart": "chosen"}).Context(t.Context())); name == "server-side" && (v != "tea" || !ok || err != nil) {
			t.Errorf("the session has become %q, %v, %v", v, ok, err)
		}
	}
}

// A foreign token that is the key of what else is kept in the store, a log, a roster or a session, opens and ends nothing, and no session
// begins under it.
func TestRule5ForeignTokensAreNoKeysOfOurs(t *testing.T) {
	shared, kind := newStaged(), satchel.NewKind[string]("ktor").WithCodec(codec.Text[string]())
	s := satchel.Must(satchel.New(
		carts.ServerSide(shared), settings.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Revocable(shared, satchel.LogOptions{})),
		kind.ServerSide(shared).With(satchel.Options{Foreign: true, ChosenIDs: true}),
	))
	ex := s.Open(satchel.Arrived{})
	in := ex.Context(t.Context())
	must(t, carts.SignIn(in, "ann", cart{[]string{"tea"}}))
	must(t, settings.SignIn(in, "ann", prefs{}))
	_, err := ex.Commit(t.Context())
	must(t, err)
	_, err = settings.Of(s, "ann").EndAll(t.Context())
	must(t, err)
	ours := shared.Stats().Records
	keys := slices.Clone(shared.keys)
	for _, key := range keys {
		for how, around := range map[string]ctx{"came": t.Context(), "is chosen": satchel.WithNewID(t.Context(), "ktor", string(key))} {
			came := satchel.Arrived{}
			if how == "came" {
				came["ktor"] = core.Token(key)
			}
			ex := s.Open(came)
			within := ex.Context(around)
			if v, ok, err := kind.Get(within); ok || err != nil {
				t.Errorf("reads %q, %v", v, err)
			}
			want := false
			if how == "came" {
				must(t, kind.Clear(within))
			} else {
				want = true
				must(t, kind.Set(within, "mine"))
			}
			if _, err := ex.Commit(t.Context()); (err != nil) != want || errors.Is(err, store.ErrExists) {
				t.Errorf("a key that %s: %v", how, err)
			}
		}
	}
	if n := shared.Stats().Records; n != ours || n != len(keys) || n < 4 {
		t.Errorf("%d records under %d keys, and %d were there", n, len(keys), ours)
	}
}
