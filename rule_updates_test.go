package satchel_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/satchel-go/satchel"
)

// Rule 2, no lost updates: of two Get-then-Set in parallel the second is a conflict.
func TestRule2TwoSets(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun()
	ex, ctx := w.open(token)
	_, _, err := carts.Get(ctx)
	must(t, err)
	w.add(token, "bread")
	must(t, carts.Set(ctx, cart{[]string{"milk"}}))
	if _, err := w.sent(ex); !errors.Is(err, satchel.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
	w.holds(token, "bread")
}

// Of two Update in parallel none is lost, here with a conflict forced into each of several tries.
func TestRule2Updates(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun()
	_, ctx := w.open(token)
	conflicts := 0
	var meddle func()
	meddle = func() {
		if conflicts++; conflicts <= 3 {
			w.add(token, "bread")
			w.store.once("replace", meddle)
		}
	}
	w.store.once("replace", meddle)
	got, err := carts.Update(ctx, add("milk"))
	must(t, err)
	want := []string{"bread", "bread", "bread", "milk"}
	if !slices.Equal(got.Items, want) {
		t.Error("Update returned", got.Items)
	}
	w.holds(token, want...)
}

func TestRule2ManyWriters(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun()
	const writers, rounds = 16, 8
	var done sync.WaitGroup
	for range writers {
		done.Go(func() {
			for range rounds {
				w.add(token, "x")
			}
		})
	}
	done.Wait()
	if items, _ := w.items(token); len(items) != writers*rounds {
		t.Errorf("%d of %d changes are left", len(items), writers*rounds)
	}
}

// Goroutines of one exchange lose nothing either, before and after a session is there, server-side and client-side.
func TestRule2OneExchange(t *testing.T) {
	for name, sessions := range map[string]*satchel.Sessions{
		"server-side": newWorld(t, satchel.Options{}).sessions,
		"client-side": satchel.Must(satchel.New(carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable))),
	} {
		t.Run(name, func(t *testing.T) {
			ex := sessions.Open(satchel.Arrived{})
			ctx := ex.Context(t.Context())
			var done sync.WaitGroup
			for range 20 {
				done.Go(func() {
					if _, err := carts.Update(ctx, add("x")); err != nil {
						t.Error(err)
					}
				})
			}
			done.Wait()
			if c, _, err := carts.Get(ctx); err != nil || len(c.Items) != 20 {
				t.Error(len(c.Items), err)
			}
		})
	}
}

// What Set has left for the commit is conditional for an Update in between as well.
func TestRule2SetThenUpdate(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun()
	_, ctx := w.open(token)
	must(t, carts.Set(ctx, cart{[]string{"milk"}}))
	w.add(token, "bread")
	if _, err := carts.Update(ctx, add("tea")); !errors.Is(err, satchel.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
	w.holds(token, "bread")
}

// A save whose answer was lost is not taken for done, though its record is there: another writer may have left equal bytes.
func TestRule2LostAnswerOfASave(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun()
	_, ctx := w.open(token)
	w.store.lose["replace"] = true
	if _, err := carts.Update(ctx, add("milk")); !errors.Is(err, satchel.ErrUnavailable) {
		t.Error(err)
	}
}

// Overwrite is the last write that wins, by its name.
func TestOverwrite(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun()
	_, ctx := w.open(token)
	w.store.once("replace", func() { w.add(token, "bread") })
	must(t, carts.Overwrite(ctx, cart{[]string{"milk"}}))
	w.holds(token, "milk")
}
