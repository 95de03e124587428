package bench_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/maypok86/otter/v2"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

const million = 1_000_000

// keeper is a store in memory that keeps a session of 100 bytes under a key.
type keeper struct {
	load func(key string) bool
	save func(key string, first bool)
	all  any // what is to stay alive
}

func sessionBytes() []byte { return []byte(strings.Repeat("b", 100)) }

// keepers are the stores in memory, made for n sessions. A key is a string of 32 bytes, as
// ours are; that of scs is its token, 43 characters of text.
var keepers = []struct {
	name string
	make func(n int) keeper
}{
	{"satchel", func(n int) keeper {
		m := must(store.MemoryConfig{MaxRecords: n + 1, MaxBytes: 1 << 40}.New())
		ctx := context.Background()
		return keeper{
			func(key string) bool { _, err := m.Load(ctx, core.Key(key)); return err == nil },
			func(key string, first bool) {
				rec := core.Record{Revision: 1, Seen: 1, Deadline: core.MaxInstant, Body: string(sessionBytes())}
				if first {
					fail(m.Create(ctx, core.Key(key), rec))
				} else {
					fail(m.Replace(ctx, core.Key(key), 1, rec))
				}
			}, m,
		}
	}},
	{"scs", func(int) keeper {
		m := memstore.NewWithCleanupInterval(0) // its sweep would fall into some measurements and not into others
		expiry := time.Now().Add(24 * time.Hour)
		return keeper{
			func(key string) bool { _, found, _ := m.Find(key); return found },
			func(key string, _ bool) { fail(m.Commit(key, sessionBytes(), expiry)) }, m,
		}
	}},
	{"map", func(int) keeper {
		var mu sync.RWMutex
		m := map[string]core.Record{}
		return keeper{
			func(key string) bool { mu.RLock(); _, ok := m[key]; mu.RUnlock(); return ok },
			func(key string, _ bool) {
				rec := core.Record{Revision: 1, Seen: 1, Deadline: core.MaxInstant, Body: string(sessionBytes())}
				mu.Lock()
				m[key] = rec
				mu.Unlock()
			}, &m,
		}
	}},
	{"sync.Map", func(int) keeper {
		m := new(sync.Map)
		return keeper{
			func(key string) bool { _, ok := m.Load(key); return ok },
			func(key string, _ bool) { m.Store(key, string(sessionBytes())) }, m,
		}
	}},
	{"golang-lru", func(n int) keeper {
		m := must(lru.New[string, string](n))
		return keeper{
			func(key string) bool { _, ok := m.Get(key); return ok },
			func(key string, _ bool) { m.Add(key, string(sessionBytes())) }, m,
		}
	}},
	{"otter", func(n int) keeper {
		m := otter.Must(&otter.Options[string, string]{MaximumSize: n + n/10})
		return keeper{
			func(key string) bool { _, ok := m.GetIfPresent(key); return ok },
			func(key string, _ bool) { m.Set(key, string(sessionBytes())) }, m,
		}
	}},
}

func fail(err error) {
	if err != nil {
		panic(err)
	}
}

func sessionKey(keeper string, i int) string {
	sum := sha256.Sum256(fmt.Append(nil, i))
	if keeper == "scs" {
		return base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return string(sum[:])
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// BenchmarkMemory reports the bytes of heap for each session and the processor time of a collection, and then how long a
// read takes, and one where each tenth call writes. Its keys belong to the store: with peers that keep the string, so is its memory.
func BenchmarkMemory(b *testing.B) {
	for _, k := range keepers {
		sizes := []int{million}
		if k.name == "satchel" {
			sizes = []int{1_000, 10_000, 100_000, million}
		}
		for _, n := range sizes {
			var keys []string
			before := heap()
			held := k.make(n)
			for i := range n {
				held.save(sessionKey(k.name, i), true)
			}
			bytes := float64(heap()-before) / float64(n)
			b.Run(fmt.Sprintf("footprint/%s/n=%d", k.name, n), func(b *testing.B) {
				began := spentCPU()
				runtime.GC()
				runtime.GC()
				b.ReportMetric(float64((spentCPU()-began).Microseconds())/2000, "cpu-ms/GC")
				b.ReportMetric(bytes, "B/session")
			})
			for i := range n {
				keys = append(keys, sessionKey(k.name, i))
			}
			for _, writes := range []int{0, 10} {
				name := fmt.Sprintf("writes=%d%%/%s/n=%d", writes, k.name, n)
				b.Run(name, func(b *testing.B) { benchKeeper(b, held, keys, writes) })
				b.Run(name+"-2", func(b *testing.B) { // as -cpu names it, but of the same sessions
					defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
					benchKeeper(b, held, keys, writes)
				})
			}
			runtime.KeepAlive(held.all)
		}
	}
}

func benchKeeper(b *testing.B, k keeper, keys []string, writes int) {
	var starts atomic.Uint64
	b.ReportAllocs()
	began := spentCPU()
	b.RunParallel(func(pb *testing.PB) {
		x := starts.Add(1) * 0x9e3779b97f4a7c15
		for pb.Next() {
			x = x*6364136223846793005 + 1442695040888963407
			key := keys[int(x>>33)%len(keys)]
			if int(x>>20%100) < writes {
				k.save(key, false)
			} else if !k.load(key) {
				b.Error("a session is gone")
				return
			}
		}
	})
	reportCPU(b, began)
}
