package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
)

const million = 1_000_000

func benchKeys(n int) []core.Key {
	keys := make([]core.Key, n)
	for i := range keys {
		sum := sha256.Sum256(fmt.Append(nil, i))
		keys[i] = core.Key(sum[:])
	}
	return keys
}

func benchMemory(b *testing.B, keys []core.Key) *Memory {
	b.Helper()
	m := newMemory(len(keys)+1, 1<<40)
	rec := core.Record{Revision: 1, Seen: 1, Deadline: core.MaxInstant, Body: strings.Repeat("b", 100)}
	for _, key := range keys {
		if err := m.Create(context.Background(), key, rec); err != nil {
			b.Fatal(err)
		}
	}
	return m
}

func heap() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// BenchmarkMemoryFootprint reports bytes of heap per record with a body of 100 bytes, and the processor time of one
// garbage collection, at several sizes.
func BenchmarkMemoryFootprint(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000, 700_000, million, 1_600_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			keys := benchKeys(n)
			for b.Loop() {
				before := heap()
				m := benchMemory(b, keys)
				after := heap()
				b.ReportMetric(float64(after-before)/float64(n), "B/record")
				b.ReportMetric(float64(m.Stats().Bytes)/float64(n), "counted-B/record")
				began := time.Now()
				runtime.GC()
				b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "ms/GC")
				runtime.KeepAlive(m)
			}
		})
	}
}

func BenchmarkMemoryParallel(b *testing.B) {
	keys := benchKeys(million)
	m := benchMemory(b, keys)
	ctx := context.Background()
	for _, writes := range []int{0, 10} {
		b.Run(fmt.Sprintf("writes=%d%%", writes), func(b *testing.B) {
			var starts atomic.Uint64
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				rec := core.Record{Revision: 1, Seen: 1, Deadline: core.MaxInstant, Body: strings.Repeat("b", 100)}
				x := starts.Add(1) * 0x9e3779b97f4a7c15
				for pb.Next() {
					x = x*6364136223846793005 + 1442695040888963407
					key := keys[(x>>33)%million]
					if int(x>>20%100) < writes {
						_ = m.Replace(ctx, key, 1, rec)
					} else {
						_, _ = m.Load(ctx, key)
					}
				}
			})
		})
	}
}

// BenchmarkMemoryCreateDelete grows no table.
func BenchmarkMemoryCreateDelete(b *testing.B) {
	m := NewMemory()
	rec := core.Record{Revision: 1, Seen: 1, Deadline: core.MaxInstant, Body: strings.Repeat("b", 100)}
	key := benchKeys(1)[0]
	b.ReportAllocs()
	for b.Loop() {
		_ = m.Create(context.Background(), key, rec)
		_ = m.Delete(context.Background(), key, 1)
	}
}

// BenchmarkMemoryHold reports the longest that a lock was held at a million records: by sweeping, one of ten records
// being dead, and by creating, growth of the tables included.
func BenchmarkMemoryHold(b *testing.B) {
	keys := benchKeys(million)
	for b.Loop() {
		m := newMemory(million, 1<<40)
		var create, sweep time.Duration
		for i, key := range keys {
			s, n := m.find(key)
			e := entry{name: n, revision: 1, seen: 1, deadline: int64(2 + 10*(i%10)), body: "body"}
			began := time.Now()
			if err := m.create(s, e); err != nil {
				b.Fatal(err)
			}
			create = max(create, time.Since(began))
		}
		for i := range m.shards {
			for below := allEntries; below > 0; {
				began := time.Now()
				_, _, below = m.shards[i].sweep(2, below, holdLooks, holdLooks)
				sweep = max(sweep, time.Since(began))
			}
		}
		b.ReportMetric(float64(create.Microseconds()), "µs/longest-create")
		b.ReportMetric(float64(sweep.Microseconds()), "µs/longest-sweep")
	}
}

// BenchmarkMemorySweep is one whole sweep of a million live records.
func BenchmarkMemorySweep(b *testing.B) {
	m := benchMemory(b, benchKeys(million))
	b.ResetTimer()
	for b.Loop() {
		if _, _, err := m.Sweep(context.Background(), 1, 1000); err != nil {
			b.Fatal(err)
		}
	}
}
