package storetest_test

import (
	"context"
	"testing"
	"time"

	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/storetest"
)

func TestMemory(t *testing.T) {
	open := func(c store.MemoryConfig) func(testing.TB) store.Store {
		return func(t testing.TB) store.Store {
			m, err := c.New()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { m.Close() })
			return m
		}
	}
	t.Run("default", func(t *testing.T) {
		storetest.Run(t, func(testing.TB) store.Store { return store.NewMemory() })
	})
	t.Run("swept", func(t *testing.T) {
		storetest.Config{
			Small: open(store.MemoryConfig{MaxRecords: 5}),
			Sweeping: func(t testing.TB, pause time.Duration, now func() time.Time) store.Store {
				return open(store.MemoryConfig{SweepEvery: pause, Now: now})(t)
			},
		}.Run(t, open(store.MemoryConfig{SweepEvery: time.Millisecond}))
	})
	t.Run("swept by Sweeping", func(t *testing.T) {
		storetest.Config{Sweeping: sweptByAnother}.Run(t, open(store.MemoryConfig{}))
	})
	t.Run("narrow", func(t *testing.T) {
		storetest.Config{
			Small: open(store.MemoryConfig{MaxBytes: 4000}),
		}.Run(t, open(store.MemoryConfig{}))
	})
}

// sweptByAnother opens a store that somebody else sweeps, as an engine's is: by Sweeping.
func sweptByAnother(t testing.TB, pause time.Duration, now func() time.Time) store.Store {
	t.Helper()
	s := store.NewMemory()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- store.Sweeping(ctx, s, store.SweepConfig{Every: pause, Now: now}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}
