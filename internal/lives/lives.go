// Package lives holds what is promised of a session's life to real stores: programs on several nodes, whose requests race for one
// session or one subject. Each store's own tests call it, because only they can open it.
package lives

import (
	"context"
	"errors"
	"fmt"
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
	for _, refuse := range []bool{false, true} {
		t.Run(fmt.Sprintf("maximum, refusing the newest %v", refuse), func(t *testing.T) { maximum(t, nodes, refuse) })
	}
}

// fleet are programs that share a kind and a clock. Theirs is the engine's, moved on: what is live may not be over for it.
type fleet struct {
	*testing.T
	kind     satchel.Kind[cart]
	programs []*satchel.Sessions
	moved    atomic.Int64
}

func newFleet(t *testing.T, name string, nodes []store.Store, o satchel.Options) *fleet {
	t.Helper()
	f := &fleet{T: t, kind: satchel.NewKind[cart](name)}
	began := time.Now()
	for _, node := range nodes {
		s, err := satchel.Config{
			CommitLimit: time.Minute, LoadLimit: time.Minute,
			Clock: func() time.Time { return began.Add(time.Duration(f.moved.Load())) },
		}.New(f.kind.ServerSide(node).With(o))
		if err != nil {
			t.Fatal(err)
		}
		f.programs = append(f.programs, s)
	}
	return f
}

// visit is an exchange on one of the nodes, and what the client holds after it.
func (f *fleet) visit(node int, token core.Token, do func(ctx context.Context) error) (core.Token, error) {
	arrived := satchel.Arrived{}
	if token != "" {
		arrived[f.kind.Name()] = token
	}
	ex := f.programs[node%len(f.programs)].Open(arrived)
	defer ex.Close()
	if err := do(ex.Context(f.Context())); err != nil {
		return token, err
	}
	out, err := ex.Commit(f.Context())
	for _, o := range out {
		switch o.Action {
		case core.SendToken:
			token = o.Token
		case core.SendClear:
			token = ""
		case core.SendNothing:
		}
	}
	return token, err
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

func (f *fleet) items(node int, token core.Token) (items int, ok bool) {
	f.Helper()
	_, err := f.visit(node, token, func(ctx context.Context) error {
		c, found, err := f.kind.Get(ctx)
		items, ok = c.Items, found
		return err
	})
	if err != nil {
		f.Error(err)
	}
	return items, ok
}

// renewal: every racer is handed the one successor, no change of theirs is lost, and whose answer was lost is handed it again: until the
// successor was seen, and for a grace after.
func renewal(t *testing.T, nodes []store.Store) {
	f := newFleet(t, "renewed", nodes, satchel.Options{Renew: time.Hour, Grace: time.Minute, Idle: 12 * time.Hour, Absolute: 24 * time.Hour})
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

// maximum: of parallel sign-ins of one subject so many have a session in the end as the kind allows, and those are on the list.
func maximum(t *testing.T, nodes []store.Store, refuse bool) {
	const most, visitors = 3, 16
	f := newFleet(t, fmt.Sprintf("counted-%v", refuse), nodes, satchel.Options{MaxSessions: most, RefuseNewest: refuse})
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
