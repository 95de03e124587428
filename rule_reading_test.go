package satchel_test

import (
	"slices"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// Rule 3: reading writes nothing and sends nothing, equal bytes are no change, and a touch comes at most once an interval.
func TestRule3Reading(t *testing.T) {
	w := newWorld(t, satchel.Options{Idle: time.Hour, Touch: time.Minute})
	token := w.begun("tea")
	w.store.writes.Store(0)
	read := func() {
		t.Helper()
		ex, ctx := w.open(token)
		_, ok, err := carts.Get(ctx)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		out, err := w.sent(ex)
		if err != nil || out.Action != core.SendNothing {
			t.Error("reading sent", out.Action, err)
		}
	}
	read()
	ex, ctx := w.open(token)
	must(t, carts.Set(ctx, cart{[]string{"tea"}}))
	_, err := w.sent(ex)
	must(t, err)
	if n := w.store.writes.Load(); n != 0 {
		t.Errorf("reading and an equal save wrote %d times", n)
	}
	w.clock.advance(time.Minute)
	read()
	read()
	if n := w.store.writes.Load(); n != 1 {
		t.Errorf("two reads after the touch interval wrote %d times, want 1", n)
	}
	rec, err := w.store.Memory.Load(t.Context(), w.onlyKey())
	must(t, err)
	if rec.Revision != 1 {
		t.Error("a touch changed the revision")
	}
}

// A field that was added to the type since makes the same value other bytes, and reading it still writes nothing.
func TestRule3ReadAfterAFieldWasAdded(t *testing.T) {
	type cartNow struct {
		Items []string `cbor:"1,keyasint"`
		Gift  bool     `cbor:"2,keyasint"`
	}
	now := satchel.NewKind[cartNow]("cart")
	serve := func(sessions *satchel.Sessions, token core.Token) satchel.Outcome {
		ex := sessions.Open(satchel.Arrived{"cart": token})
		c, ok, err := now.Get(ex.Context(t.Context()))
		if !ok || err != nil || len(c.Items) != 1 {
			t.Fatal(c, ok, err)
		}
		out, err := ex.Commit(t.Context())
		must(t, err)
		return out[0]
	}

	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	w.store.writes.Store(0)
	out := serve(satchel.Must(satchel.Config{Clock: w.clock.now}.New(now.ServerSide(w.store))), token)
	if out.Action != core.SendNothing || w.store.writes.Load() != 0 {
		t.Error("server-side: reading wrote or sent:", out.Action, w.store.writes.Load())
	}

	keys := satchel.FixedKeys(testRing(t))
	old := satchel.Must(satchel.New(carts.ClientSide(keys, satchel.Unrevocable)))
	token = visit(t, old, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })
	out = serve(satchel.Must(satchel.New(now.ClientSide(keys, satchel.Unrevocable))), token)
	if out.Action != core.SendNothing {
		t.Error("client-side: reading sent", out.Action)
	}
}

// A kind that an exchange does not use costs nothing.
func TestRule3Untouched(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	w.store.calls.Store(0)
	ex, _ := w.open(token)
	out, err := ex.Commit(t.Context())
	if len(out) != 0 || err != nil || w.store.calls.Load() != 0 {
		t.Error(out, err, w.store.calls.Load())
	}
}

// Rule 4: core judges, whatever the store still holds; the instant of the deadline is past it.
func TestRule4Expiry(t *testing.T) {
	for _, c := range []struct {
		name    string
		options satchel.Options
		after   time.Duration
		events  []string
	}{
		{"before the idle deadline", satchel.Options{Idle: time.Minute}, time.Minute - time.Millisecond, nil},
		{"at the idle deadline", satchel.Options{Idle: time.Minute}, time.Minute, []string{"expired: idle"}},
		{"before the absolute deadline", satchel.Options{Idle: satchel.Unlimited, Absolute: time.Hour}, time.Hour - time.Millisecond, nil},
		{"at the absolute deadline", satchel.Options{Idle: satchel.Unlimited, Absolute: time.Hour}, time.Hour, []string{"expired: expired"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.options)
			token := w.begun("tea")
			w.seen.take()
			w.clock.advance(c.after)
			ex, ctx := w.open(token)
			_, ok, err := carts.Get(ctx)
			must(t, err)
			out, err := w.sent(ex)
			must(t, err)
			over := c.events != nil
			if ok == over || out.Action != core.SendNothing {
				t.Errorf("live %v, told %v", ok, out.Action)
			}
			if got := w.seen.take(); !slices.Equal(got, c.events) {
				t.Errorf("events %q, want %q", got, c.events)
			}
		})
	}
}
