package store_test

import (
	"context"
	"iter"
	"testing"

	"github.com/satchel-go/satchel/store"
)

type ability struct{}

func (ability) Sweep(context.Context, int64, int) (int, bool, error) { return 7, false, nil }

func (ability) List(context.Context) iter.Seq2[store.Listed, error] {
	return func(yield func(store.Listed, error) bool) { yield(store.Listed{Name: "seven"}, nil) }
}

func (ability) Listen(context.Context) (store.Listener, error) { return nil, errBroken }

// A store around another has the abilities that it is given, all of them and no others, whatever is inside.
func TestAbilities(t *testing.T) {
	ctx := context.Background()
	for set := range 8 {
		var given store.Abilities
		if set&1 > 0 {
			given.Sweeper = ability{}
		}
		if set&2 > 0 {
			given.Lister = ability{}
		}
		if set&4 > 0 {
			given.Feed = ability{}
		}
		s := given.On(store.NewMemory())
		got := store.AbilitiesOf(s)
		if (got.Sweeper == nil) != (given.Sweeper == nil) || (got.Lister == nil) != (given.Lister == nil) || (got.Feed == nil) != (given.Feed == nil) {
			t.Errorf("%+v became %+v", given, got)
		}
		if got.Sweeper != nil {
			if n, _, _ := got.Sweeper.Sweep(ctx, 0, 1); n != 7 {
				t.Error("another sweeper")
			}
		}
		if got.Lister != nil {
			for l := range got.Lister.List(ctx) {
				if l.Name != "seven" {
					t.Error("another lister")
				}
			}
		}
		if got.Feed != nil {
			if _, err := got.Feed.Listen(ctx); err != errBroken {
				t.Error("another feed")
			}
		}
		if !s.Guarantees().CompareAndSwap {
			t.Error("other guarantees")
		}
	}
}
