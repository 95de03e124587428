package store_test

import (
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// A cache that has an old copy gives it to whoever reads, and the truth to whoever asks for that.
func TestFresh(t *testing.T) {
	truth := store.NewMemory()
	cache, err := store.NewCache(truth, store.CacheConfig{})
	if err != nil {
		t.Fatal(err)
	}
	old := core.Record{Revision: 1, Deadline: core.MaxInstant, Body: "old"}
	if err := cache.Create(t.Context(), "k", old); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := cache.Load(t.Context(), "k"); err != nil {
			t.Fatal(err)
		}
	}
	if err := truth.Replace(t.Context(), "k", 1, core.Record{Revision: 2, Deadline: core.MaxInstant, Body: "new"}); err != nil {
		t.Fatal(err)
	}
	if rec, err := cache.Load(t.Context(), "k"); err != nil || rec.Body != "old" {
		t.Fatalf("the cache has no copy: %v, %v", rec, err)
	}
	if rec, err := cache.Load(store.Fresh(t.Context()), "k"); err != nil || rec.Body != "new" {
		t.Errorf("%v, %v", rec, err)
	}
}
