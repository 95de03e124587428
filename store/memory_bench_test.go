//go:build unix

package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
)

const million = 1_000_000

func benchKeys(n int) []core.Key {
	keys := make([]core.Key, n)
	for i := range keys {
		keys[i] = benchKey(i)
	}
	return keys
}

func benchKey(i int) core.Key {
	sum := sha256.Sum256(fmt.Append(nil, i))
	return core.Key(sum[:])
}

func benchMemory(b *testing.B, n int) *Memory {
	b.Helper()
	m := newMemory(n+1, 1<<40)
	rec := core.Record{Revision: 1, Seen: 1, Deadline: core.MaxInstant, Body: strings.Repeat("b", 100)}
	for i := range n {
		if err := m.Create(context.Background(), benchKey(i), rec); err != nil {
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

// spentCPU is the processor time that this process has had. The runtime's own count of it is by wall time, and wrong on a
// machine that has other work.
func spentCPU(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// BenchmarkMemoryFootprint reports bytes of heap per record with a body of 100 bytes, and the processor time of one
// garbage collection, at several sizes.
func BenchmarkMemoryFootprint(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000, 700_000, million, 1_600_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				before := heap()
				m := benchMemory(b, n)
				after := heap()
				b.ReportMetric(float64(after-before)/float64(n), "B/record")
				b.ReportMetric(float64(m.Stats().Bytes)/float64(n), "counted-B/record")
				spent := spentCPU(b)
				runtime.GC()
				runtime.GC()
				b.ReportMetric(float64((spentCPU(b)-spent).Microseconds())/2000, "cpu-ms/GC")
				runtime.KeepAlive(m)
			}
		})
	}
}

func BenchmarkMemoryParallel(b *testing.B) {
	keys := benchKeys(million)
	m := benchMemory(b, million)
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
	key := benchKey(0)
	b.ReportAllocs()
	for b.Loop() {
		_ = m.Create(context.Background(), key, rec)
		_ = m.Delete(context.Background(), key, 1)
	}
}

// BenchmarkMemoryHold reports how long a lock is held at a million records: by sweeping, one of ten records being dead,
// and by creating, growth of the tables included. The longest is what the scheduler took away, unless the machine is idle.
func BenchmarkMemoryHold(b *testing.B) {
	keys := benchKeys(million)
	for b.Loop() {
		m := newMemory(million, 1<<40)
		var creates, sweeps []time.Duration
		for i, key := range keys {
			s, n := m.find(key)
			e := entry{name: n, revision: 1, seen: 1, deadline: int64(2 + 10*(i%10)), body: "body"}
			began := time.Now()
			if err := m.create(s, e); err != nil {
				b.Fatal(err)
			}
			creates = append(creates, time.Since(began))
		}
		for i := range m.shards {
			for below := allEntries; below > 0; {
				began := time.Now()
				_, _, below = m.shards[i].sweep(2, below, holdLooks, holdLooks)
				sweeps = append(sweeps, time.Since(began))
			}
		}
		for name, holds := range map[string][]time.Duration{"create": creates, "sweep": sweeps} {
			slices.Sort(holds)
			for _, share := range []float64{0.5, 0.99, 0.999} {
				at := holds[int(share*float64(len(holds)))]
				b.ReportMetric(float64(at.Nanoseconds())/1000, fmt.Sprintf("µs/%s-p%v", name, share*100))
			}
			b.ReportMetric(float64(holds[len(holds)-1].Nanoseconds())/1000, "µs/"+name+"-longest")
		}
	}
}

// BenchmarkMemoryGrow is the longest hold by itself: a shard's index doubles at 24,576 entries, 1.6 million in all.
func BenchmarkMemoryGrow(b *testing.B) {
	var full table
	full.rebuild(1 << 15)
	for i := range 24_576 {
		full.enter(newPlace(uint32(i)*2654435761, i))
	}
	for b.Loop() {
		grown := full
		grown.rebuild(1 << 16)
	}
}

// BenchmarkMemorySweep is one whole sweep of a million live records.
func BenchmarkMemorySweep(b *testing.B) {
	m := benchMemory(b, million)
	b.ResetTimer()
	for b.Loop() {
		if _, _, err := m.Sweep(context.Background(), 1, 1000); err != nil {
			b.Fatal(err)
		}
	}
}
