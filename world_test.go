package satchel_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// clock is a clock that a test moves.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.at.Store(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).UnixMilli())
	return c
}

func (c *clock) now() time.Time          { return time.UnixMilli(c.at.Load()) }
func (c *clock) advance(d time.Duration) { c.at.Add(d.Milliseconds()) }

// world is a program with one kind in a staged store, on a clock that stands.
type world struct {
	t        *testing.T
	store    *staged
	clock    *clock
	sessions *satchel.Sessions
	seen     *events
}

func newWorld(t *testing.T, o satchel.Options) *world {
	t.Helper()
	w := &world{t: t, store: newStaged(), clock: newClock(), seen: new(events)}
	w.sessions = w.node(o)
	return w
}

// node is one more program over the same store.
func (w *world) node(o satchel.Options) *satchel.Sessions {
	w.t.Helper()
	s, err := satchel.Config{Clock: w.clock.now, Observer: w.seen.observer()}.New(carts.ServerSide(w.store).With(o))
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// open begins an exchange of a token.
func (w *world) open(token core.Token) (*satchel.Exchange, context.Context) {
	ex := w.sessions.Open(satchel.Arrived{"cart": token})
	ctx := ex.Context(w.t.Context())
	return ex, ctx
}

// sent commits, and returns what the client is told.
func (w *world) sent(ex *satchel.Exchange) (satchel.Outcome, error) {
	w.t.Helper()
	out, err := ex.Commit(w.t.Context())
	if len(out) == 0 {
		return satchel.Outcome{}, err
	}
	return out[0], err
}

// begun returns the token of a new session that holds items.
func (w *world) begun(items ...string) core.Token {
	w.t.Helper()
	ex, ctx := w.open("")
	if err := carts.Set(ctx, cart{items}); err != nil {
		w.t.Fatal(err)
	}
	out, err := w.sent(ex)
	if err != nil || out.Action != core.SendToken {
		w.t.Fatal(out.Action, err)
	}
	return out.Token
}

// items returns what the session of a token holds, and whether there is one.
func (w *world) items(token core.Token) ([]string, bool) {
	w.t.Helper()
	_, ctx := w.open(token)
	c, ok, err := carts.Get(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	return c.Items, ok
}

// onlyKey returns the key of the one record that there is.
func (w *world) onlyKey() core.Key {
	w.t.Helper()
	all := w.store.all()
	if len(all) != 1 {
		w.t.Fatalf("%d records, want one", len(all))
	}
	for key := range all {
		return key
	}
	return ""
}

// must ends the test on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// events remembers what the observer was told.
type events struct {
	mu  sync.Mutex
	all []string
}

func (e *events) observer() satchel.Observer {
	add := func(name string) func(context.Context, satchel.Event) {
		return func(_ context.Context, ev satchel.Event) {
			e.mu.Lock()
			defer e.mu.Unlock()
			if ev.Reason != core.NotRefused {
				name := name + ": " + ev.Reason.String()
				e.all = append(e.all, name)
				return
			}
			e.all = append(e.all, name)
		}
	}
	return satchel.Observer{
		Created: add("created"), Saved: add("saved"), Rotated: add("rotated"), Ended: add("ended"), Expired: add("expired"),
		Refused: add("refused"), Renewed: add("renewed"), Reused: add("reused"), Conflicted: add("conflicted"), Unavailable: add("unavailable"), KeysFailed: add("keys failed"),
	}
}

// take returns what was told since it was last called.
func (e *events) take() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := e.all
	e.all = nil
	return all
}

// logout, rotate and add are complete exchanges of a token.
func (w *world) logout(token core.Token) {
	w.t.Helper()
	ex, ctx := w.open(token)
	must(w.t, carts.Clear(ctx))
	out, err := w.sent(ex)
	if err != nil || out.Action != core.SendClear {
		w.t.Errorf("logout: %v, %v", out.Action, err)
	}
}

func (w *world) rotate(token core.Token) core.Token {
	w.t.Helper()
	ex, ctx := w.open(token)
	must(w.t, carts.Rotate(ctx))
	out, err := w.sent(ex)
	if err != nil || out.Action != core.SendToken {
		w.t.Errorf("rotate: %v, %v", out.Action, err)
	}
	return out.Token
}

func (w *world) add(token core.Token, item string) {
	w.t.Helper()
	ex, ctx := w.open(token)
	if _, err := carts.Update(ctx, add(item)); err != nil {
		w.t.Error(err)
	}
	if _, err := w.sent(ex); err != nil {
		w.t.Error(err)
	}
}

func add(item string) func(cart) cart {
	return func(c cart) cart {
		c.Items = append(c.Items, item)
		return c
	}
}

// holds checks what the session of a token holds.
func (w *world) holds(token core.Token, want ...string) {
	w.t.Helper()
	if items, ok := w.items(token); !ok || !slices.Equal(items, want) {
		w.t.Errorf("the session holds %q (%v), want %q", items, ok, want)
	}
}

// nothingLives checks that no token reads a session and that no live record is left.
func (w *world) nothingLives(tokens ...core.Token) {
	w.t.Helper()
	for i, token := range tokens {
		if _, ok := w.items(token); ok {
			w.t.Errorf("token %d still reads the session", i)
		}
	}
	for key, rec := range w.store.all() {
		_, dead := core.Successor(rec)
		if _, roster := core.ParseRoster(rec.Body); !dead && !roster {
			w.t.Errorf("%v is left alive", key)
		}
	}
}
