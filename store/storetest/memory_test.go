package storetest_test

import (
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
		}.Run(t, open(store.MemoryConfig{SweepEvery: time.Millisecond}))
	})
	t.Run("narrow", func(t *testing.T) {
		storetest.Config{
			Small: open(store.MemoryConfig{MaxBytes: 4000}),
		}.Run(t, open(store.MemoryConfig{}))
	})
}
