package store_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store"
)

// What is counted is what is taken, and no more than allowed.
func TestCacheBytes(t *testing.T) {
	inner := store.NewMemory()
	for _, body := range []string{"", strings.Repeat("x", 100), strings.Repeat("x", 3000)} {
		const most = 8 << 20
		var c *store.Cache
		took := heap(func() {
			c = nodes(t, inner, store.CacheConfig{MaxBytes: most}, 1)[0]
			for i := range 32_000 {
				key := core.Key(fmt.Sprintf("%d bytes %023d", len(body), i))
				rec := session
				rec.Body = body
				wellDone(t, inner.Create(t.Context(), key, rec))
				asks(t, c, key)
				if i%2 == 0 {
					asks(t, c, key) // half of them are regulars
				}
				wellDone(t, inner.Delete(t.Context(), key, 1))
			}
		})
		s := c.Stats()
		if s.Bytes > most || s.Bytes < most*3/4 || s.Evictions == 0 {
			t.Errorf("with bodies of %d bytes: %+v", len(body), s)
		}
		t.Logf("bodies of %d bytes: %d copies, %d bytes each counted, %d taken", len(body), s.Entries, s.Bytes/int64(s.Entries), took/int64(s.Entries))
		if !need.Race() && took > s.Bytes*5/4 {
			t.Errorf("with bodies of %d bytes %d bytes are counted and %d taken", len(body), s.Bytes, took)
		}
		runtime.KeepAlive(c)
	}
	c := nodes(t, inner, store.CacheConfig{MaxBytes: 1 << 20}, 1)[0]
	large := session
	large.Body = strings.Repeat("x", 1<<19)
	wellDone(t, inner.Create(t.Context(), "large", large))
	for range 3 {
		asks(t, c, "large")
	}
	wellDone(t, inner.Create(t.Context(), "grows", session))
	asks(t, c, "grows")
	large.Revision = 2
	wellDone(t, c.Replace(t.Context(), "grows", 1, large))
	if s := c.Stats(); s.Entries != 0 || s.Evictions != 0 {
		t.Errorf("a record of half of all is kept: %+v", s)
	}
}

// heap returns by how much the heap grew.
func heap(f func()) int64 {
	size := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := size()
	f()
	return size() - before
}

// A copy that is served allocates nothing.
func TestAllocCacheHit(t *testing.T) {
	need.NoRace(t)
	c := nodes(t, store.NewMemory(), store.CacheConfig{MaxStale: time.Hour}, 1)[0]
	ctx := t.Context()
	key := core.Key(strings.Repeat("k", 32))
	wellDone(t, c.Create(ctx, key, session))
	for range 2 {
		asks(t, c, key)
	}
	if n := testing.AllocsPerRun(1000, func() {
		if _, err := c.Load(ctx, key); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCacheHit(b *testing.B) {
	c := nodes(b, store.NewMemory(), store.CacheConfig{MaxStale: time.Hour}, 1)[0]
	ctx := b.Context()
	keys := make([]core.Key, 50_000)
	for i := range keys {
		keys[i] = liveKey(i)
		wellDone(b, c.Create(ctx, keys[i], session))
		asks(b, c, keys[i])
		asks(b, c, keys[i])
	}
	b.ReportAllocs()
	b.ResetTimer()
	b.Run("one key", func(b *testing.B) {
		for b.Loop() {
			_, _ = c.Load(ctx, keys[0])
		}
	})
	b.Run("50,000 keys", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i = (i + 7919) % len(keys) {
				_, _ = c.Load(ctx, keys[i])
			}
		})
	})
	if s := c.Stats(); s.Loads > uint64(len(keys)) {
		b.Errorf("not all were hits: %+v", s)
	}
}
