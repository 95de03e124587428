//go:build linux

package postgres_test

import (
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// listed checks what a listing says of a value that is no record.
func listed(t *testing.T, s store.Lister, key core.Key, revision uint64) {
	t.Helper()
	for l, err := range s.List(t.Context()) {
		must(t, err)
		if l.Name == store.Name(key) && l.Garbled && l.Revision == revision && l.Size == 0 {
			return
		}
	}
	t.Errorf("not listed as garbled, with revision %d", revision)
}
