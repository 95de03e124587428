package store_test

import (
	"path/filepath"
	"testing"

	"github.com/satchel-go/satchel/internal/promises"
	"github.com/satchel-go/satchel/store"
)

func TestGuarantees(t *testing.T) {
	promises.Check(t, "store.Memory", store.NewMemory())
	d, err := store.NewDirectory(filepath.Join(t.TempDir(), "sessions"))
	want(t, err, nil)
	defer d.Close()
	promises.Check(t, "store.Directory", d)
	promises.Check(t, "store.LastWriteWins", store.LastWriteWins(new(inMap)))
	promises.CheckAround(t, "store.Cache", func(inner store.Store) store.Store {
		c, err := store.NewCache(inner, store.CacheConfig{})
		want(t, err, nil)
		t.Cleanup(func() { _ = c.Close() })
		return c
	})
	promises.CheckAround(t, "store.Bus", func(inner store.Store) store.Store { return store.NewBus(inner) })
}
