package storetest_test

import (
	"testing"
	"time"

	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/storetest"
)

// A cache that one process uses keeps every rule of a store, to the last read.
func TestCache(t *testing.T) {
	over := func(c store.CacheConfig, inner func(testing.TB) store.Store) func(testing.TB) store.Store {
		return func(t testing.TB) store.Store {
			s := inner(t)
			cache, err := store.NewCache(s, c)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { cache.Close() })
			if feed, ok := s.(store.Feed); ok {
				if err := cache.Follow(feed); err != nil {
					t.Fatal(err)
				}
			}
			return cache
		}
	}
	memory := func(testing.TB) store.Store { return store.NewMemory() }
	bus := func(testing.TB) store.Store { return store.NewBus(store.NewMemory()) }
	small := func(t testing.TB) store.Store {
		m, err := store.MemoryConfig{MaxRecords: 5}.New()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for name, open := range map[string]func(testing.TB) store.Store{
		"memory":   over(store.CacheConfig{}, memory),
		"one byte": over(store.CacheConfig{MaxBytes: 1}, memory),
		"narrow":   over(store.CacheConfig{MaxBytes: 1600}, memory),
		"hasty":    over(store.CacheConfig{MaxStale: 10 * time.Millisecond, Idle: time.Millisecond}, memory),
		"followed": over(store.CacheConfig{}, bus),
		"trusting": over(store.CacheConfig{MaxStale: 20 * time.Millisecond, TrustFeed: time.Hour}, bus),
		"bus":      bus,
		"directory": over(store.CacheConfig{}, func(t testing.TB) store.Store {
			d, err := store.DirectoryConfig{Path: t.TempDir(), Sync: store.SyncNone}.New()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { d.Close() })
			return d
		}),
		"twice": over(store.CacheConfig{}, over(store.CacheConfig{}, memory)),
	} {
		t.Run(name, func(t *testing.T) {
			rounds := 10
			if name == "memory" || name == "trusting" {
				rounds = 50
			}
			storetest.Config{Rounds: rounds, Small: over(store.CacheConfig{}, small)}.Run(t, open)
		})
	}
}
