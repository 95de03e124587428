package ktor_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/compat/ktor"
	"github.com/satchel-go/satchel/store"
)

// A cache in front of what Ktor shares is Ktor's CacheStorage with an end to its lies: what the other side changed or ended is
// seen within MaxStale, what this side does at once, and an ID that was unknown when Ktor had not begun its session yet is known
// when it has.
func TestCacheBesideKtor(t *testing.T) {
	r := newRedis()
	dir := t.TempDir()
	d, err := ktor.OpenDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	file := filepath.Join(dir, "id", "1.dat")
	theirs := func(text string) {
		r.kept["id1"], r.until["id1"] = text, r.now+ttl
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	ended := func() {
		delete(r.kept, "id1")
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	for name, inner := range map[string]store.Store{"storage": ktor.SessionStorage(r), "directory": d} {
		t.Run(name, func(t *testing.T) {
			now := time.Unix(0, 0)
			cache, err := store.NewCache(inner, store.CacheConfig{MaxStale: time.Second, Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			defer cache.Close()
			defer os.RemoveAll(filepath.Dir(file))
			defer delete(r.kept, "id1")
			s := satchel.Must(satchel.New(ktor.ByID(testUsers, cache, ktor.Config[testUser]{LostUpdates: true})))
			reads := func(id string) {
				t.Helper()
				exchange(t, s, t.Context(), "id1", want(t, testUser{ID: id}, id != ""))
			}
			reads("")
			theirs(`{"userId":"one","cart":[]}`)
			reads("one") // a miss is not kept
			theirs(`{"userId":"three","cart":[]}`)
			reads("one")
			now = now.Add(time.Second)
			reads("three")
			exchange(t, s, t.Context(), "id1", set(t, testUser{ID: "four"}))
			reads("four")
			for range 2 { // what the cache knows of revisions, which the inner store does not have, is in nobody's way
				exchange(t, s, t.Context(), "id1", func(ctx context.Context) {
					if _, err := testUsers.Update(ctx, func(u testUser) testUser { u.ID += "!"; return u }); err != nil {
						t.Error(err)
					}
				})
			}
			reads("four!!")
			ended()
			now = now.Add(time.Second)
			reads("")
			theirs(`{"userId":"five","cart":[]}`)
			reads("five")
			exchange(t, s, t.Context(), "id1", func(ctx context.Context) { _ = testUsers.Clear(ctx) })
			reads("")
			if _, err := inner.Load(t.Context(), "id1"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("the session's end stayed in the cache: %v", err)
			}
			if got := cache.Stats(); got.Hits == 0 {
				t.Error("a cache that keeps nothing")
			}
		})
	}
}
