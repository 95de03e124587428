package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// A file that cannot be looked at is told of, and does not keep the others of its folder.
func TestDirectorySweepPastABadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions")
	d, err := store.DirectoryConfig{Path: path, Sync: store.SyncNone}.New()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	const records = 200
	for i := range records {
		key := core.Key(strings.Repeat(string(rune('a'+i%26)), 1+i/26))
		if err := d.Create(t.Context(), key, core.Record{Revision: 1, Seen: 1, Deadline: 2}); err != nil {
			t.Fatal(err)
		}
	}
	folders, err := filepath.Glob(filepath.Join(path, "??"))
	if err != nil || len(folders) == 0 {
		t.Fatal(folders, err)
	}
	for _, folder := range folders {
		if err := os.Symlink(t.TempDir(), filepath.Join(folder, strings.Repeat("0", 64))); err != nil {
			t.Fatal(err)
		}
	}
	var told error
	for removed := 0; removed < records; {
		n, more, err := d.Sweep(t.Context(), 3, 100)
		removed, told = removed+n, errors.Join(told, err)
		if !more && removed < records {
			t.Fatalf("%d of %d are removed, and there is no more", removed, records)
		}
	}
	if told == nil {
		t.Error("nobody was told of the bad files")
	}
}
