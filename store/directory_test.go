package store_test

import (
	"testing"
	"time"

	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/storetest"
)

func openDirectory(t testing.TB, c store.DirectoryConfig) *store.Directory {
	t.Helper()
	if c.Path == "" {
		c.Path = t.TempDir()
	}
	d, err := c.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func TestDirectoryRules(t *testing.T) {
	for name, config := range map[string]store.DirectoryConfig{
		"none":   {Sync: store.SyncNone},
		"file":   {Sync: store.SyncFile},
		"folder": {Sync: store.SyncFolder},
		"swept":  {Sync: store.SyncNone, SweepEvery: time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Config{
				Rounds: 10,
				Down: func(t testing.TB) store.Store {
					d := openDirectory(t, config)
					if err := d.Close(); err != nil {
						t.Fatal(err)
					}
					return d
				},
			}.Run(t, func(t testing.TB) store.Store { return openDirectory(t, config) })
		})
	}
}
