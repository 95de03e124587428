package store_test

import (
	"path/filepath"
	"testing"

	"github.com/satchel-go/satchel/internal/around"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/storetest"
)

// What stands around a Directory keeps the rules too.
func TestDirectoryAround(t *testing.T) {
	around.All(t, storetest.Config{
		Rounds: 2, Sweeping: sweepsItself(store.SyncNone), Batch: 256,
		Stalled: held(store.SyncNone), Unstalled: readers,
		Down: func(tb testing.TB) store.Store {
			d := openDirectory(tb, store.DirectoryConfig{Sync: store.SyncNone})
			want(tb, d.Close(), nil)
			return d
		},
	}, func(tb testing.TB) store.Store {
		return openDirectory(tb, store.DirectoryConfig{Sync: store.SyncNone})
	})
}

// held opens a directory in which another one keeps all locks: the system gives them to a file as it was opened, so that is as another process
// which was stopped in the middle. Nothing else can stall a directory but the disk itself.
func held(sync store.Sync) func(testing.TB) store.Store {
	return func(tb testing.TB) store.Store {
		tb.Helper()
		config := store.DirectoryConfig{Path: filepath.Join(tb.TempDir(), "sessions"), Sync: sync}
		holder, d := openDirectory(tb, config), openDirectory(tb, config)
		store.HoldLocks(tb, holder)
		return d
	}
}

// readers take no lock.
var readers = []string{"Load", "List"}
