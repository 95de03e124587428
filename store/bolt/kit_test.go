package bolt_test

import (
	"path/filepath"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/around"
	"github.com/satchel-go/satchel/internal/lives"
	"github.com/satchel-go/satchel/internal/promises"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/bolt"
	"github.com/satchel-go/satchel/store/storetest"
)

func TestKit(t *testing.T) { kit(20).Run(t, openFresh) }

// What stands around it keeps the rules too.
func TestKitAround(t *testing.T) { around.All(t, kit(2), openFresh) }

func openFresh(tb testing.TB) store.Store { return open(tb, bolt.Config{Path: fresh(tb)}) }

func kit(rounds int) storetest.Config {
	return storetest.Config{
		Rounds: rounds,
		Small: func(tb testing.TB) store.Store {
			return open(tb, bolt.Config{Path: fresh(tb), MaxBytes: 64 << 10})
		},
		Down: func(tb testing.TB) store.Store {
			s := open(tb, bolt.Config{Path: fresh(tb)})
			must(tb, s.Close())
			return s
		},
		Stalled: func(tb testing.TB) store.Store { // in the middle of a write, which readers do not wait for
			s := open(tb, bolt.Config{Path: fresh(tb)})
			must(tb, s.Create(tb.Context(), "dead", core.Record{Revision: 1, Deadline: 1})) // so that a sweep has something to write
			tb.Cleanup(s.Hold())
			return s
		},
		Unstalled: []string{"Load", "List"},
		Garble: func(tb testing.TB, s store.Store, key core.Key, revision uint64) bool {
			value, err := store.AppendRecord(nil, live(max(revision, 1), "of a newer program"))
			must(tb, err)
			value[0] = 2 // a later layout has its revision at the same place
			if revision == 0 {
				value = []byte("of somebody else")
			}
			must(tb, s.(*bolt.Store).Plant(key, string(value)))
			return true
		},
	}
}

func fresh(tb testing.TB) string { return filepath.Join(tb.TempDir(), "sessions.db") }

// open opens a store that is closed with the test.
func open(tb testing.TB, c bolt.Config) *bolt.Store {
	tb.Helper()
	s, err := c.Open()
	must(tb, err)
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// What is promised of a session's life holds where requests of one process race; no other process can open the file.
func TestLives(t *testing.T) {
	s := open(t, bolt.Config{Path: fresh(t)})
	lives.Check(t, s, s)
}

func TestGuarantees(t *testing.T) {
	promises.Check(t, "store/bolt", open(t, bolt.Config{Path: fresh(t)}))
}
