// Package around holds what stands around a store to the rules of a store, over real ones: sealed, observed and faulty, and all three at once.
// Each store's own tests call it, because only they can open it.
package around

import (
	"bytes"
	"context"
	"io"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/faulty"
	"github.com/satchel-go/satchel/store/observed"
	"github.com/satchel-go/satchel/store/sealed"
	"github.com/satchel-go/satchel/store/storetest"
)

// wrapper puts something around a store.
type wrapper func(tb testing.TB, inner store.Store) store.Store

// Each runs the kit for each wrapper around the stores that open gives, and for all of them. The hooks of the config are for those inside.
func Each(t *testing.T, c storetest.Config, open func(testing.TB) store.Store) {
	t.Helper()
	t.Run("sealed", func(t *testing.T) { sealing(t).check(t, readingFirst(c), open) })
	for name, around := range map[string]wrapper{"observed": observing, "faulty": failing} {
		t.Run(name, func(t *testing.T) { around.check(t, c, open) })
	}
	t.Run("all", func(t *testing.T) { All(t, c, open) })
}

// All runs the kit for all wrappers at once, one in the other, where each call takes its time.
func All(t *testing.T, c storetest.Config, open func(testing.TB) store.Store) {
	t.Helper()
	seal := sealing(t)
	wrapper(func(tb testing.TB, inner store.Store) store.Store {
		return observing(tb, seal(tb, failing(tb, inner)))
	}).check(t, readingFirst(c), open)
}

// readingFirst is for what is sealed: a change reads before it writes, so what can be read can also be told to be absent.
func readingFirst(c storetest.Config) storetest.Config {
	if slices.Contains(c.Unstalled, "Load") {
		c.Unstalled = slices.Concat(c.Unstalled, []string{"Replace", "Touch"})
	}
	return c
}

func observing(_ testing.TB, inner store.Store) store.Store {
	return observed.New(inner, func(context.Context, observed.Call) {})
}

func failing(_ testing.TB, inner store.Store) store.Store {
	return faulty.New(inner, faulty.Always(faulty.Fault{}))
}

// sealing seals with one keyring for all stores of a test, so that each reads what another wrote.
func sealing(tb testing.TB) wrapper {
	tb.Helper()
	key, err := crypto.NewKey("k", crypto.Primary, bytes.Repeat([]byte("k"), 32))
	if err != nil {
		tb.Fatal(err)
	}
	ring, err := crypto.NewKeyring(key)
	if err != nil {
		tb.Fatal(err)
	}
	return func(tb testing.TB, inner store.Store) store.Store {
		tb.Helper()
		s, err := sealed.New(tb.Context(), inner, satchel.FixedKeys(ring))
		if err != nil {
			tb.Fatal(err)
		}
		return s
	}
}

// check runs the kit for one wrapper.
func (around wrapper) check(t *testing.T, c storetest.Config, open func(testing.TB) store.Store) {
	t.Helper()
	var inside atomic.Pointer[store.Store] // the one in that which a case has opened: what is around it cannot always be compared
	wrapped := func(open func(testing.TB) store.Store) func(testing.TB) store.Store {
		if open == nil {
			return nil
		}
		return func(tb testing.TB) store.Store { return around(tb, open(tb)) }
	}
	if sweeping := c.Sweeping; sweeping != nil { // the one inside sweeps, and what is around it shows what is left
		c.Sweeping = func(tb testing.TB, pause time.Duration, now func() time.Time) store.Store {
			inner := sweeping(tb, pause, now)
			if closer, ok := inner.(io.Closer); ok { // what is around it need not close it
				tb.Cleanup(func() { _ = closer.Close() })
			}
			return around(tb, inner)
		}
	}
	c.Small, c.Down, c.Stalled = wrapped(c.Small), wrapped(c.Down), wrapped(c.Stalled)
	if garble := c.Garble; garble != nil {
		c.Garble = func(tb testing.TB, _ store.Store, key core.Key, revision uint64) bool {
			return garble(tb, *inside.Load(), key, revision)
		}
	}
	if peer := c.Peer; peer != nil {
		c.Peer = func(tb testing.TB, _ store.Store) store.Store { return around(tb, peer(tb, *inside.Load())) }
	}
	c.Run(t, func(tb testing.TB) store.Store {
		inner := open(tb)
		inside.Store(&inner)
		return around(tb, inner)
	})
}
