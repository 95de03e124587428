package store_test

import (
	"testing"

	"github.com/satchel-go/satchel/internal/around"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/storetest"
)

// What stands around a Directory keeps the rules too.
func TestDirectoryAround(t *testing.T) {
	around.All(t, storetest.Config{
		Rounds: 2, Sweeping: sweepsItself(store.SyncNone), Batch: 256,
		Down: func(tb testing.TB) store.Store {
			d := openDirectory(tb, store.DirectoryConfig{Sync: store.SyncNone})
			want(tb, d.Close(), nil)
			return d
		},
	}, func(tb testing.TB) store.Store {
		return openDirectory(tb, store.DirectoryConfig{Sync: store.SyncNone})
	})
}
