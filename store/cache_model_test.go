package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// era is how a record was from one instant on; none is nil.
type era struct {
	from time.Time
	rec  *core.Record
}

// chronicle is all that was ever so, for one key, and how far each node's knowledge has come. Nodes never go back.
type chronicle struct {
	eras  []era
	known []int
}

func (c *chronicle) write(now time.Time, rec *core.Record) { c.eras = append(c.eras, era{now, rec}) }

// explains reports whether an answer was true at some instant less than MaxStale ago, or is now, and is not from before what the node
// knew.
func (c *chronicle) explains(node int, now time.Time, rec *core.Record) bool {
	for i := c.known[node]; i < len(c.eras); i++ {
		over := i+1 < len(c.eras) && now.Sub(c.eras[i+1].from) >= store.DefaultMaxStale
		was := c.eras[i].rec
		if !over && (rec == nil && was == nil || rec != nil && was != nil && *rec == *was) {
			c.known[node] = i
			return true
		}
	}
	return false
}

// Any order of calls on several nodes over one store, while time goes by: each answer was true less than MaxStale ago, a node
// knows what it has done itself, and no node goes back behind what it has said. Writes meet the truth always.
func TestCacheModel(t *testing.T) { rapid.Check(t, cacheModel) }

// FuzzCache lets the fuzzer choose what is done, and in what order.
func FuzzCache(f *testing.F) {
	for i := range 50 {
		f.Add(store.Choices(i))
	}
	f.Fuzz(rapid.MakeFuzz(cacheModel))
}

func cacheModel(t *rapid.T) {
	clock := &hands{time.Unix(0, 0)}
	inner := store.NewMemory()
	config := store.CacheConfig{
		Now:      clock.now,
		MaxBytes: rapid.SampledFrom([]int64{1300, 3000, 1 << 20}).Draw(t, "bytes"), // room for one, two, or all
		Idle:     rapid.SampledFrom([]time.Duration{time.Second / 4, time.Minute}).Draw(t, "idle"),
	}
	const n = 3
	var caches []*store.Cache
	for range n {
		c, err := store.NewCache(inner, config)
		if err != nil {
			t.Fatal(err)
		}
		caches = append(caches, c)
	}
	keys := []core.Key{"a", "b", "c"}
	world := map[core.Key]*chronicle{}
	for _, key := range keys {
		world[key] = &chronicle{eras: []era{{}}, known: make([]int, n)}
	}
	writes := 0
	body := func(t *rapid.T) string {
		writes++
		large := rapid.SampledFrom([]int{0, 0, 40, 400}).Draw(t, "bytes of the body")
		return fmt.Sprint("body ", writes, strings.Repeat(" ", large))
	}
	pick := func(t *rapid.T) (int, core.Key, *chronicle, *core.Record) {
		node := rapid.IntRange(0, n-1).Draw(t, "node")
		key := rapid.SampledFrom(keys).Draw(t, "key")
		w := world[key]
		return node, key, w, w.eras[len(w.eras)-1].rec
	}
	// at is the revision that a call names: mostly the true one.
	at := func(t *rapid.T, now *core.Record) uint64 {
		if now == nil {
			return 1
		}
		return rapid.SampledFrom([]uint64{now.Revision, now.Revision, now.Revision + 1}).Draw(t, "at")
	}
	check := func(t *rapid.T, got error, now *core.Record, at uint64) bool {
		want := error(nil)
		switch {
		case now == nil:
			want = store.ErrNotFound
		case now.Revision != at:
			want = store.ErrConflict
		}
		if !errors.Is(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
		return got == nil
	}
	ctx := t.Context()
	t.Repeat(map[string]func(*rapid.T){
		"time": func(t *rapid.T) {
			clock.move(rapid.SampledFrom([]time.Duration{1, time.Second / 5, time.Second - 1, time.Second}).Draw(t, "passes"))
		},
		"load": func(t *rapid.T) {
			node, key, w, _ := pick(t)
			rec, err := caches[node].Load(ctx, key)
			answer := &rec
			if errors.Is(err, store.ErrNotFound) {
				answer = nil
			} else if err != nil {
				t.Fatal(err)
			}
			if !w.explains(node, clock.at, answer) {
				t.Fatalf("node %d says %v %q, which was not so lately", node, answer, rec.Body)
			}
		},
		"create": func(t *rapid.T) {
			node, key, w, now := pick(t)
			rec := core.Record{Revision: 1, Seen: 1, Deadline: 1 + 1<<40, Body: body(t)}
			err := caches[node].Create(ctx, key, rec)
			if (err == nil) != (now == nil) {
				t.Fatal(err)
			}
			if err == nil {
				w.write(clock.at, &rec)
			}
			w.known[node] = len(w.eras) - 1 // also who was refused knows why
		},
		"replace": func(t *rapid.T) {
			node, key, w, now := pick(t)
			at := at(t, now)
			rec := core.Record{Revision: at + 1, Seen: 1, Deadline: 1 + 1<<40, Body: body(t)}
			if check(t, caches[node].Replace(ctx, key, at, rec), now, at) {
				w.write(clock.at, &rec)
			}
			w.known[node] = len(w.eras) - 1
		},
		"touch": func(t *rapid.T) {
			node, key, w, now := pick(t)
			at, seen := at(t, now), rapid.Int64Range(1, 5).Draw(t, "seen")
			if check(t, caches[node].Touch(ctx, key, at, seen, seen+1<<40), now, at) {
				rec := *now
				rec.Seen, rec.Deadline = max(rec.Seen, seen), max(rec.Deadline, seen+1<<40)
				if rec != *now {
					w.write(clock.at, &rec)
				}
			}
			w.known[node] = len(w.eras) - 1
		},
		"delete": func(t *rapid.T) {
			node, key, w, now := pick(t)
			at := at(t, now)
			if check(t, caches[node].Delete(ctx, key, at), now, at) {
				w.write(clock.at, nil)
			}
			w.known[node] = len(w.eras) - 1
		},
		"": func(t *rapid.T) {
			for _, c := range caches {
				if s := c.Stats(); s.Bytes > config.MaxBytes || s.Bytes < 0 || s.Stalest >= store.DefaultMaxStale {
					t.Fatalf("%+v", s)
				}
			}
		},
	})
}

// Many at once on two nodes, for the race detector: writes through one node are seen by it, and whoever ends a session is not served
// it again by its own node.
func TestCacheTogether(t *testing.T) {
	bus := store.NewBus(store.NewMemory())
	two := nodes(t, bus, store.CacheConfig{MaxBytes: 1 << 16, TrustFeed: time.Hour}, 2)
	for _, c := range two {
		wellDone(t, c.Follow(bus))
	}
	ctx := t.Context()
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			mine, other := two[worker%2], two[(worker+1)%2]
			for i := range 300 {
				key := core.Key(fmt.Sprintf("worker %d session %d", worker, i%7))
				if err := mine.Create(ctx, key, session); err != nil {
					t.Errorf("Create: %v", err)
				}
				for revision := uint64(1); revision < 4; revision++ {
					_, _ = other.Load(ctx, key)
					rec := session
					rec.Revision = revision + 1
					if err := mine.Replace(ctx, key, revision, rec); err != nil {
						t.Errorf("Replace: %v", err)
					}
					if got, err := mine.Load(ctx, key); err != nil || got != rec {
						t.Errorf("after Replace: %+v, %v", got, err)
					}
				}
				if err := mine.Delete(ctx, key, 4); err != nil {
					t.Errorf("Delete: %v", err)
				}
				if _, err := mine.Load(ctx, key); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("after Delete: %v", err)
				}
				_ = mine.Stats()
			}
		})
	}
	all.Wait()
}
