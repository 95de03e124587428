package store_test

import (
	"testing"

	"github.com/satchel-go/satchel/internal/around"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/storetest"
)

// What stands around a Directory keeps the rules too.
func TestDirectoryAround(t *testing.T) {
	around.All(t, storetest.Config{Rounds: 2}, func(tb testing.TB) store.Store {
		return openDirectory(tb, store.DirectoryConfig{Sync: store.SyncNone})
	})
}
