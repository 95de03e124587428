//go:build linux

package store_test

import (
	"path/filepath"
	"testing"

	"github.com/satchel-go/satchel/internal/million"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store"
)

// TestLongSizes measures what a Directory on the disk costs for each session where it has a thousand and where it has a million, and what a call costs.
// It judges nothing: the figures go to results/.
func TestLongSizes(t *testing.T) {
	need.Long(t)
	path := filepath.Join(t.TempDir(), "sessions")
	empty := million.Heap()
	d, err := store.DirectoryConfig{Path: path, Sync: store.SyncNone}.New() // what is flushed takes no more room
	want(t, err, nil)
	defer d.Close()
	million.Sizes(t, "store.Directory on "+million.Filesystem(t, path)+", not flushed", d, path, empty)
}
