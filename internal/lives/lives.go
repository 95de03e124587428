// Package lives holds what is promised of a session's life to real stores: programs on several nodes, whose requests race for one
// session or one subject. Each store's own tests call it, because only they can open it.
package lives

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

type cart struct {
	Items int `cbor:"1,keyasint"`
}

func add(c cart) cart {
	c.Items++
	return c
}

const racers = 32

// Check runs every promise on nodes, which are stores on the same records. They hold no sessions yet.
func Check(t *testing.T, nodes ...store.Store) {
	t.Run("renewal", func(t *testing.T) { renewal(t, nodes) })
	homes := clientSide(t)
	homes["store"] = serverSide
	for name, at := range homes {
		t.Run(name, func(t *testing.T) {
			t.Run("rotation", func(t *testing.T) { rotation(t, name, nodes, at) })
			for _, refuse := range []bool{false, true} {
				t.Run(fmt.Sprintf("maximum, refusing the newest %v", refuse), func(t *testing.T) { maximum(t, name, nodes, at, refuse) })
			}
		})
	}
	t.Run("change of an anchored session", func(t *testing.T) { change(t, nodes, homes["anchor"]) })
}

// race has 32 requests arrive at once, on all nodes, and returns the one token with which all leave. One in four changes the session.
func (f *fleet) race(token core.Token, changes bool) core.Token {
	f.Helper()
	var wg sync.WaitGroup
	var got [racers]core.Token
	for i := range racers {
		wg.Go(func() {
			var err error
			got[i], err = f.visit(i, token, func(ctx context.Context) error {
				if _, ok, err := f.kind.Get(ctx); err != nil || !ok {
					return fmt.Errorf("anonymous (%v): %w", !ok, err)
				}
				if !changes || i%4 != 0 {
					return nil
				}
				_, err := f.kind.Update(ctx, add)
				return err
			})
			if err != nil {
				f.Errorf("racer %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	for i := range got {
		if got[i] != got[0] {
			f.Errorf("racer %d leaves with another token", i)
		}
	}
	return got[0]
}

// renewal: every racer is handed the one successor, no change of theirs is lost, and whose answer was lost is handed it again: until the
// successor was seen, and for a grace after.
func renewal(t *testing.T, nodes []store.Store) {
	f := newFleet(t, "renewed", nodes, serverSide, satchel.Options{Renew: time.Hour, Grace: time.Minute, Idle: 12 * time.Hour, Absolute: 24 * time.Hour})
	first, err := f.visit(0, "", func(ctx context.Context) error { return f.kind.Set(ctx, cart{}) })
	if err != nil {
		t.Fatal(err)
	}
	f.moved.Add(int64(time.Hour))
	next := f.race(first, true)
	if next == first {
		t.Fatal("nothing is renewed")
	}
	f.moved.Add(int64(30 * time.Minute)) // no answer has arrived, so no grace has begun
	if again := f.race(first, false); again != next {
		t.Error("whose answers were lost are handed another successor")
	}
	for node := range nodes {
		if items, ok := f.items(node, next); items != racers/4 || !ok {
			t.Errorf("node %d reads %d changes of %d, %v", node, items, racers/4, ok)
		}
	}
	f.moved.Add(int64(59 * time.Second))
	if again := f.race(first, false); again != next {
		t.Error("in the grace another successor is handed out")
	}
	f.moved.Add(int64(2 * time.Second))
	for node := range nodes {
		if _, ok := f.items(node, first); ok {
			t.Errorf("node %d serves the old token after its grace", node)
		}
		if _, ok := f.items(node, next); !ok {
			t.Errorf("node %d has lost the session", node)
		}
	}
}

// all has 32 requests read at once, on all nodes, and go on when all have. It returns what each leaves with. Who fails leaves with
// nothing, and for one of the reasons allowed.
func (f *fleet) all(do func(racer int) (core.Token, func(context.Context) error), allowed ...error) (got []core.Token) {
	f.Helper()
	var wg, reading sync.WaitGroup
	reading.Add(racers)
	left := make([]core.Token, racers)
	for i := range racers {
		wg.Go(func() {
			token, wish := do(i)
			out, err := f.visit(i, token, func(ctx context.Context) error {
				_, _, err := f.kind.Get(ctx)
				reading.Done()
				reading.Wait()
				return errors.Join(err, wish(ctx))
			})
			switch {
			case err == nil:
				left[i] = out
			case !slices.ContainsFunc(allowed, func(e error) bool { return errors.Is(err, e) }):
				f.Errorf("racer %d: %v", i, err)
			case out != token:
				f.Errorf("racer %d fails, and is told something", i)
			}
		})
	}
	wg.Wait()
	for _, token := range left {
		if token != "" {
			got = append(got, token)
		}
	}
	return got
}

// rotation: of all who rotate one token one does, and the old one is dead. Who logs out, with whichever, ends the session on every node.
func rotation(t *testing.T, name string, nodes []store.Store, at home) {
	f := newFleet(t, "rotated-"+name, nodes, at, satchel.Options{})
	old, err := f.visit(0, "", func(ctx context.Context) error { return f.kind.Set(ctx, cart{1}) })
	if err != nil {
		t.Fatal(err)
	}
	got := f.all(func(int) (core.Token, func(context.Context) error) { return old, f.kind.Rotate }, satchel.ErrEnded, satchel.ErrConflict)
	if len(got) != 1 || got[0] == old {
		t.Fatalf("%d of %d rotate one token", len(got), racers)
	}
	f.begin()
	for node := range nodes {
		if _, ok := f.items(node, old); ok {
			t.Errorf("node %d serves the old token", node)
		}
		if items, ok := f.items(node, got[0]); items != 1 || !ok {
			t.Errorf("node %d reads %d of the new token, %v", node, items, ok)
		}
	}
	f.all(func(i int) (core.Token, func(context.Context) error) {
		return []core.Token{old, got[0]}[i/len(nodes)%2], f.kind.Clear
	})
	f.begin()
	for node := range nodes {
		for _, token := range []core.Token{old, got[0]} {
			if _, ok := f.items(node, token); ok {
				t.Errorf("node %d serves a token after the logout", node)
			}
		}
	}
}

// change: of all who change one state of an anchored session one does, and the others are told so.
func change(t *testing.T, nodes []store.Store, at home) {
	f := newFleet(t, "changed", nodes, at, satchel.Options{})
	old, err := f.visit(0, "", func(ctx context.Context) error { return f.kind.Set(ctx, cart{}) })
	if err != nil {
		t.Fatal(err)
	}
	got := f.all(func(i int) (core.Token, func(context.Context) error) {
		return old, func(ctx context.Context) error { return f.kind.Set(ctx, cart{i + 1}) }
	}, satchel.ErrConflict, satchel.ErrEnded)
	if len(got) != 1 {
		t.Fatalf("%d of %d change one state", len(got), racers)
	}
	for node := range nodes {
		if items, ok := f.items(node, got[0]); items == 0 || !ok {
			t.Errorf("node %d reads %d, %v", node, items, ok)
		}
		if _, ok := f.items(node, old); ok {
			t.Errorf("node %d serves the older state", node)
		}
	}
}

// maximum: of parallel sign-ins of one subject so many have a session in the end as the kind allows, and those are on the list.
func maximum(t *testing.T, name string, nodes []store.Store, at home, refuse bool) {
	const most, visitors = 3, 16
	f := newFleet(t, fmt.Sprintf("counted-%s-%v", name, refuse), nodes, at, satchel.Options{MaxSessions: most, RefuseNewest: refuse})
	var (
		wg      sync.WaitGroup
		got     [visitors]core.Token
		refused atomic.Int64
	)
	for i := range visitors {
		wg.Go(func() {
			token, err := f.visit(i, "", func(ctx context.Context) error { return f.kind.SignIn(ctx, "ann", cart{i}) })
			switch {
			case err == nil:
				got[i] = token
			case refuse && errors.Is(err, satchel.ErrTooMany):
				refused.Add(1)
			default:
				t.Errorf("visitor %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	f.begin()
	live := 0
	for i, token := range got {
		if token == "" {
			continue
		}
		if _, ok := f.items(i+1, token); ok {
			live++
		}
	}
	if want := int64(visitors - most); refuse && refused.Load() != want {
		t.Errorf("%d are refused, want %d", refused.Load(), want)
	}
	for node, program := range f.programs {
		listed, err := f.kind.Of(program, "ann").List(t.Context())
		if err != nil || len(listed) != most || live != most {
			t.Errorf("node %d lists %d, %v; %d live, want %d", node, len(listed), err, live, most)
		}
	}
}
