package lives_test

import (
	"testing"

	"github.com/satchel-go/satchel/internal/lives"
	"github.com/satchel-go/satchel/store"
)

func TestMemory(t *testing.T) {
	m := store.NewMemory()
	lives.Check(t, m, m)
}

// Two processes may share a directory.
func TestDirectory(t *testing.T) {
	path := t.TempDir()
	var nodes []store.Store
	for range 2 {
		d, err := store.DirectoryConfig{Path: path, Sync: store.SyncNone}.New()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
		nodes = append(nodes, d)
	}
	lives.Check(t, nodes...)
}
