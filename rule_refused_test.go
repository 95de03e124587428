package satchel_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
)

// Rule 5: a token that we did not make is never adopted, and costs no store call unless its spelling is right.
func TestRule5Foreign(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	w.store.calls.Store(0)
	for _, bad := range []core.Token{"x", "%zz", token + "=", token + "A", " " + token, token[:42] + "A\n"} {
		if _, ok := w.items(bad); ok {
			t.Error("a session for", string(bad))
		}
	}
	if n := w.store.calls.Load(); n != 0 {
		t.Errorf("bad spellings cost %d store calls", n)
	}
	foreign := core.Token(string(token[:20]) + "AAAA" + string(token[24:]))
	ex, ctx := w.open(foreign)
	must(t, carts.Set(ctx, cart{[]string{"milk"}}))
	out, err := w.sent(ex)
	must(t, err)
	if out.Action != core.SendToken || out.Token == foreign {
		t.Error("the foreign token was adopted")
	}
	if _, ok := w.items(foreign); ok {
		t.Error("a session under the foreign token")
	}
}

// twice carries two tokens of one name.
type twice struct{ first, second core.Token }

func (c twice) Tokens(satchel.Transport) core.Tokens {
	return core.Tokens{First: c.first, Second: c.second, Count: 2}
}

// thrice carries two tokens, and a third that nobody looks at.
type thrice [2]core.Token

func (c thrice) Tokens(satchel.Transport) core.Tokens {
	return core.Tokens{First: c[0], Second: c[1], Count: 3}
}

// Of two tokens both are tried in any order; two that give a session are ambiguous, and then nothing is granted or cleared.
func TestRule5TwoTokens(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	tea, milk := w.begun("tea"), w.begun("milk")
	for _, c := range []twice{{tea, "x"}, {"x", tea}, {tea, tea}} {
		ex := w.sessions.Open(c)
		if v, ok, err := carts.Get(ex.Context(t.Context())); !ok || err != nil || v.Items[0] != "tea" {
			t.Error(v, ok, err)
		}
	}
	// Who can plant one token can plant two, so that the owner's is the third.
	for _, c := range []satchel.Carrier{twice{tea, milk}, thrice{milk, "x"}} {
		ctx := w.sessions.Open(c).Context(t.Context())
		if _, ok, err := carts.Get(ctx); ok || err != nil {
			t.Error("Get:", ok, err)
		}
		if err := carts.Set(ctx, cart{}); !errors.Is(err, satchel.ErrAmbiguous) {
			t.Error("Set:", err)
		}
		if err := carts.Clear(ctx); !errors.Is(err, satchel.ErrAmbiguous) {
			t.Error("Clear:", err)
		}
	}
	w.holds(tea, "tea")
	w.holds(milk, "milk")
}

// Rule 8: what cannot be read is no error, and is never overwritten.
func TestRule8Undecodable(t *testing.T) {
	for name, spoil := range map[string]func(rec *core.Record){
		"record of a newer version": func(rec *core.Record) { rec.Body = "\x09" + rec.Body[1:] },
		"truncated record":          func(rec *core.Record) { rec.Body = rec.Body[:5] },
		"payload of another type":   func(rec *core.Record) { rec.Body = rec.Body[:len(rec.Body)-1] + "\xff" },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, satchel.Options{})
			token, key, rec := w.spoiled(spoil)

			ex, ctx := w.open(token)
			_, ok, err := carts.Get(ctx)
			if ok || err != nil {
				t.Fatal("Get:", ok, err)
			}
			if got := w.seen.take(); !slices.Equal(got, []string{"refused: undecodable"}) {
				t.Errorf("events %q", got)
			}
			_, err = carts.Update(ctx, add("milk"))
			must(t, err)
			out, err := w.sent(ex)
			must(t, err)
			if out.Action != core.SendToken || out.Token == token {
				t.Error("no fresh session:", out.Action)
			}
			w.holds(out.Token, "milk")
			if kept, err := w.store.Memory.Load(t.Context(), key); err != nil || kept != rec {
				t.Error("the record that could not be read was changed:", err)
			}
			failOnUndecodable(w, token)

			// Set aside it is kept, as it is, until somebody has looked into it.
			w2 := newWorld(t, satchel.Options{})
			token, key, rec = w2.spoiled(spoil)
			aside := w2.node(satchel.Options{Undecodable: satchel.SetAside})
			ex = aside.Open(satchel.Arrived{"cart": token})
			if _, ok, err := carts.Get(ex.Context(t.Context())); ok || err != nil {
				t.Error("Get:", ok, err)
			}
			kept, err := w2.store.Memory.Load(t.Context(), key)
			must(t, err)
			if until := w2.clock.at.Load() + (30 * 24 * time.Hour).Milliseconds(); kept.Deadline != until || kept.Body != rec.Body {
				t.Errorf("kept until %d, want %d, and its body changed: %v", kept.Deadline, until, kept.Body != rec.Body)
			}
		})
	}
}

// spoiled returns the token of a session whose record this program cannot read.
func (w *world) spoiled(spoil func(*core.Record)) (core.Token, core.Key, core.Record) {
	w.t.Helper()
	token := w.begun("tea")
	key := w.onlyKey()
	rec, err := w.store.Memory.Load(w.t.Context(), key)
	must(w.t, err)
	spoil(&rec)
	rec.Revision++
	must(w.t, w.store.Memory.Replace(w.t.Context(), key, rec.Revision-1, rec))
	w.seen.take()
	return token, key, rec
}

// failOnUndecodable checks the other policy: every access is an error, and only Clear works.
func failOnUndecodable(w *world, token core.Token) {
	w.t.Helper()
	failing := w.node(satchel.Options{Undecodable: satchel.FailOnUndecodable})
	ex := failing.Open(satchel.Arrived{"cart": token})
	ctx := ex.Context(w.t.Context())
	if _, _, err := carts.Get(ctx); !errors.Is(err, satchel.ErrUndecodable) {
		w.t.Error("Get:", err)
	}
	if err := carts.Set(ctx, cart{}); !errors.Is(err, satchel.ErrUndecodable) {
		w.t.Error("Set:", err)
	}
	if err := carts.SignIn(ctx, "ann", cart{}); !errors.Is(err, satchel.ErrUndecodable) {
		w.t.Error("SignIn:", err)
	}
	if _, err := carts.Update(ctx, add("x")); !errors.Is(err, satchel.ErrUndecodable) {
		w.t.Error("Update:", err)
	}
	must(w.t, carts.Clear(ctx))
	if out, err := w.sent(ex); err != nil || out.Action != core.SendClear {
		w.t.Error("Clear:", out.Action, err)
	}
}

// Fields that the type does not know are never lost by a write.
func TestRule8NewerSchema(t *testing.T) {
	type cartThen struct{}
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	then := satchel.NewKind[cartThen]("cart")
	sessions := satchel.Must(satchel.Config{Clock: w.clock.now}.New(then.ServerSide(w.store)))
	for name, write := range map[string]func(ctx) error{
		"set":       func(ctx ctx) error { return then.Set(ctx, cartThen{}) },
		"overwrite": func(ctx ctx) error { return then.Overwrite(ctx, cartThen{}) },
		"update": func(ctx ctx) error {
			_, err := then.Update(ctx, func(c cartThen) cartThen { return c })
			return err
		},
		"get, then set": func(ctx ctx) error {
			_, ok, err := then.Get(ctx)
			if !ok || err != nil {
				t.Error("Get:", ok, err)
			}
			return then.Set(ctx, cartThen{})
		},
	} {
		ex := sessions.Open(satchel.Arrived{"cart": token})
		if err := write(ex.Context(t.Context())); !errors.Is(err, satchel.ErrNewerSchema) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.holds(token, "tea")
}

// A session that a newer version of the program wrote is not this one's to replace: reading gives none, writing is refused,
// so that in a rolling deploy nobody's session is lost between old nodes and new ones.
func TestRule8NewerVersion(t *testing.T) {
	type cartNow struct {
		Lines map[string]int `cbor:"1,keyasint"`
	}
	then := codec.Version(1, codec.CBOR[cart]())
	now := codec.Migrate(then, codec.CBOR[cartNow](), func(c cart) (cartNow, error) {
		n := cartNow{map[string]int{}}
		for _, item := range c.Items {
			n.Lines[item]++
		}
		return n, nil
	})
	w := newWorld(t, satchel.Options{})
	oldKind, newKind := carts.WithCodec(then), satchel.NewKind[cartNow]("cart").WithCodec(now)
	place := func(p satchel.Placement) *satchel.Sessions {
		return satchel.Must(satchel.Config{Clock: w.clock.now, Observer: w.seen.observer()}.New(p))
	}
	oldNode, newNode := place(oldKind.ServerSide(w.store)), place(newKind.ServerSide(w.store))
	token := visit(t, oldNode, "", func(ctx ctx) { must(t, oldKind.Set(ctx, cart{[]string{"tea", "tea"}})) })
	visit(t, newNode, token, func(ctx ctx) {
		got, err := newKind.Update(ctx, func(c cartNow) cartNow { c.Lines["milk"]++; return c })
		if err != nil || got.Lines["tea"] != 2 {
			t.Error(got, err)
		}
	})
	w.seen.take()
	kept := visit(t, oldNode, token, func(ctx ctx) {
		if _, ok, err := oldKind.Get(ctx); ok || err != nil {
			t.Error("Get:", ok, err)
		}
		for name, err := range map[string]error{
			"Set": oldKind.Set(ctx, cart{}), "SignIn": oldKind.SignIn(ctx, "ann", cart{}),
			"Update": func() error { _, err := oldKind.Update(ctx, add("x")); return err }(),
		} {
			if !errors.Is(err, satchel.ErrNewerSchema) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	if kept != token {
		t.Error("the old node replaced the token")
	}
	if got := w.seen.take(); !slices.Equal(got, []string{"refused: undecodable"}) {
		t.Errorf("events %q", got)
	}
	visit(t, newNode, token, func(ctx ctx) {
		if got, ok, err := newKind.Get(ctx); !ok || err != nil || got.Lines["tea"] != 2 || got.Lines["milk"] != 1 {
			t.Error(got, ok, err)
		}
	})
}
