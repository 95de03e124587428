package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// What is damaged is listed as that, and neither a lock nor a file that is being written is taken for a record.
func TestDirectoryListsWhatItCannotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions")
	d, err := store.DirectoryConfig{Path: path, Sync: store.SyncNone}.New()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, key := range []core.Key{"whole", "damaged", "cut"} {
		if err := d.Create(t.Context(), key, core.Record{Revision: 3, Seen: 1, Deadline: core.MaxInstant, Body: "body"}); err != nil {
			t.Fatal(err)
		}
	}
	for key, damage := range map[core.Key]func(text []byte) []byte{
		"damaged": func(text []byte) []byte { text[9]++; return text },
		"cut":     func(text []byte) []byte { return text[:20] },
	} {
		files, err := filepath.Glob(filepath.Join(path, "*", store.Name(key)))
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(files[0], damage(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(filepath.Dir(files[0]), ".tmp-half"), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]store.Listed{}
	for l, err := range d.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got[l.Name] = l
	}
	if len(got) != 3 {
		t.Errorf("%d records", len(got))
	}
	for _, key := range []core.Key{"damaged", "cut"} {
		l := got[store.Name(key)]
		if !l.Garbled || l.Revision != 0 {
			t.Errorf("%q: %+v", string(key), l)
			continue
		}
		if _, err := l.Load(t.Context()); !errors.Is(err, store.ErrGarbled) {
			t.Errorf("load: %v", err)
		}
	}
	if l := got[store.Name("whole")]; l.Garbled || l.Revision != 3 || l.Size != 4 {
		t.Errorf("%+v", l)
	}
}

// A listing that cannot go on says so, and does not look like one that is through.
func TestDirectoryListEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions")
	d, err := store.DirectoryConfig{Path: path, Sync: store.SyncNone}.New()
	if err != nil {
		t.Fatal(err)
	}
	for n := range 100 {
		if err := d.Create(t.Context(), core.Key(fmt.Sprint(n)), core.Record{Revision: 1, Deadline: 1}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	var last error
	for _, err := range d.List(ctx) {
		if n++; n == 10 {
			cancel()
		}
		last = err
	}
	if n >= 100 || !errors.Is(last, context.Canceled) {
		t.Errorf("%d listed, %v", n, last)
	}
	n, last = 0, nil
	for _, err := range d.List(t.Context()) {
		if n++; n == 10 {
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
		}
		last = err
	}
	if n >= 100 || last == nil || strings.Contains(last.Error(), path) {
		t.Errorf("%d listed, %v", n, last)
	}
}
