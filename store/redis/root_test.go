//go:build unix

package redis_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/lives"
	"github.com/satchel-go/satchel/store"
)

type cart struct {
	Items int `cbor:"1,keyasint"`
}

var (
	carts = satchel.NewKind[cart]("cart")
	looks = satchel.NewKind[string]("look")
)

func add(c cart) cart {
	c.Items++
	return c
}

// program is one with a kind in Redis and another in memory.
type program struct {
	*testing.T
	sessions *satchel.Sessions
}

func newProgram(t *testing.T, records store.Store) program {
	t.Helper()
	s, err := satchel.Config{CommitLimit: 2 * time.Second}.New(carts.ServerSide(records), looks.ServerSide(store.NewMemory()))
	must(t, err)
	return program{t, s}
}

// exchange is a whole one: what arrived, what is done, and what is told by kind.
func (p program) exchange(ctx context.Context, tokens satchel.Arrived, f func(ctx context.Context)) (map[string]satchel.Outcome, error) {
	ex := p.sessions.Open(tokens)
	defer ex.Close()
	f(ex.Context(ctx))
	told := map[string]satchel.Outcome{}
	out, err := ex.Commit(ctx)
	for _, o := range out {
		told[o.Transport.Kind] = o
	}
	return told, err
}

// begin returns the token of a new cart with one item.
func (p program) begin() satchel.Arrived {
	p.Helper()
	told, err := p.exchange(p.Context(), nil, func(ctx context.Context) {
		if _, err := carts.Update(ctx, add); err != nil {
			p.Fatal(err)
		}
	})
	if err != nil || told["cart"].Action != core.SendToken {
		p.Fatal("nothing began:", told, err)
	}
	return satchel.Arrived{"cart": told["cart"].Token}
}

// items returns how many items a cart has, or false if there is none.
func (p program) items(tokens satchel.Arrived) (n int, ok bool) {
	p.Helper()
	eventually(p.T, "the cart can be read", func() bool {
		var c cart
		var err error
		_, _ = p.exchange(p.Context(), tokens, func(ctx context.Context) { c, ok, err = carts.Get(ctx) })
		if err != nil && !errors.Is(err, satchel.ErrUnavailable) {
			p.Fatal(err)
		}
		n = c.Items
		return err == nil
	})
	return n, ok
}

// A session lives in Redis for two programs, is rotated, and ends for both.
func TestSession(t *testing.T) {
	server := start(t)
	a, b := newProgram(t, open(t, server.client())), newProgram(t, open(t, server.client()))
	token := a.begin()
	_, err := b.exchange(t.Context(), token, func(ctx context.Context) {
		if c, err := carts.Update(ctx, add); err != nil || c.Items != 2 {
			t.Error(c, err)
		}
	})
	must(t, err)
	if n, ok := a.items(token); n != 2 || !ok {
		t.Error("the other program sees", n, ok)
	}
	told, err := a.exchange(t.Context(), token, func(ctx context.Context) { must(t, carts.Rotate(ctx)) })
	must(t, err)
	rotated := satchel.Arrived{"cart": told["cart"].Token}
	if _, ok := b.items(token); ok {
		t.Error("the old token lives")
	}
	if n, ok := b.items(rotated); n != 2 || !ok {
		t.Error("the new token reads", n, ok)
	}
	told, err = b.exchange(t.Context(), token, func(ctx context.Context) { must(t, carts.Clear(ctx)) })
	if err != nil || told["cart"].Action != core.SendClear {
		t.Error("logout with the old token:", told["cart"].Action, err)
	}
	if _, ok := a.items(rotated); ok {
		t.Error("the session outlived its logout")
	}
}

// While Redis hangs its kind is unavailable within the caller's deadline, nothing is cleared, and another kind of the same
// exchange works.
func TestSessionWhileHung(t *testing.T) {
	server := start(t)
	p := newProgram(t, open(t, server.client()))
	token := p.begin()
	server.stop()
	told, err := p.exchange(t.Context(), token, func(ctx context.Context) {
		must(t, looks.Set(ctx, "dark"))
		within, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		if _, ok, err := carts.Get(within); ok || !errors.Is(err, satchel.ErrUnavailable) {
			t.Error("Get:", ok, err)
		}
		if err := carts.Clear(ctx); !errors.Is(err, satchel.ErrUnavailable) {
			t.Error("Clear:", err)
		}
	})
	must(t, err)
	if told["cart"].Action != core.SendNothing || told["look"].Action != core.SendToken {
		t.Errorf("told: cart %v, look %v", told["cart"].Action, told["look"].Action)
	}
	server.resume()
	if n, ok := p.items(token); n != 1 || !ok {
		t.Error("after the outage the cart has", n, ok)
	}
}

// While the server is killed and restarted under load no session is lost or cleared, and every confirmed change is there. A change
// that was not confirmed may be, once.
func TestSessionsThroughRestarts(t *testing.T) {
	server := start(t, durable...)
	p := newProgram(t, open(t, server.client()))
	const many = 8
	var confirmed, unknown, changes atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	var users sync.WaitGroup
	var tokens [many]satchel.Arrived
	var sure, unsure [many]int
	for i := range tokens {
		tokens[i] = p.begin()
		sure[i] = 1
		users.Go(func() {
			for ctx.Err() == nil {
				switch err := p.add(tokens[i]); {
				case err == nil:
					sure[i]++
					confirmed.Add(1)
				case errors.Is(err, satchel.ErrUnavailable):
					unsure[i]++
					unknown.Add(1)
				default:
					t.Error("neither done nor unavailable:", err)
				}
				changes.Add(1)
			}
		})
	}
	for range 3 {
		done, failed := confirmed.Load(), unknown.Load()
		eventually(t, "changes are confirmed", func() bool { return confirmed.Load() > done+20 })
		server.kill()
		eventually(t, "changes fail", func() bool { return unknown.Load() > failed })
		server.up()
	}
	done := confirmed.Load()
	eventually(t, "changes are confirmed again", func() bool { return confirmed.Load() > done+20 })
	cancel()
	users.Wait()
	for i, token := range tokens {
		n, ok := p.items(token)
		if !ok || n < sure[i] || n > sure[i]+unsure[i] {
			t.Errorf("cart %d has %d items (%v), want %d, and at most %d that were not confirmed", i, n, ok, sure[i], unsure[i])
		}
	}
	t.Logf("%d changes, %d confirmed, %d unavailable", changes.Load(), confirmed.Load(), unknown.Load())
}

// add is an exchange that adds an item, and must never be told to clear a cart.
func (p program) add(token satchel.Arrived) (err error) {
	told, committed := p.exchange(context.Background(), token, func(ctx context.Context) { _, err = carts.Update(ctx, add) })
	if told["cart"].Action == core.SendClear {
		p.Error("a cart was cleared")
	}
	return errors.Join(err, committed)
}

// What is promised of renewal and of a subject's maximum holds where the requests race on two nodes.
func TestLives(t *testing.T) {
	server := start(t)
	lives.Check(t, open(t, server.client()), open(t, server.client()))
}
