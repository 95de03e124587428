package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unsafe"
	"weak"

	"go.uber.org/goleak"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store"
)

// The rules of the contract are held by store/storetest, which runs against Memory. Here stands what is Memory's own.

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const overhead = 128 // what MemoryStats counts beside a body

var ctx = context.Background()

func key(i int) core.Key { return core.Key(fmt.Sprintf("%032d", i)) }

func record(seen, deadline int64, body string) core.Record {
	return core.Record{Revision: 1, Seen: seen, Deadline: deadline, Body: body}
}

func open(t testing.TB, c store.MemoryConfig) *store.Memory {
	t.Helper()
	m, err := c.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func want(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
}

func wantStats(t testing.TB, m *store.Memory, records int, bytes int64) {
	t.Helper()
	if got := m.Stats(); got != (store.MemoryStats{Records: records, Bytes: bytes}) {
		t.Fatalf("got %+v, want %d records of %d bytes", got, records, bytes)
	}
}

func TestMemoryConfigListsEverythingWrong(t *testing.T) {
	_, err := store.MemoryConfig{MaxRecords: -1, MaxBytes: -2, SweepEvery: -3}.New()
	for _, name := range []string{"MaxRecords", "MaxBytes", "SweepEvery"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("the error %v does not name %s", err, name)
		}
	}
}

func TestMemoryRefusesRecordsBeyondMaxRecords(t *testing.T) {
	m := open(t, store.MemoryConfig{MaxRecords: 2})
	want(t, m.Create(ctx, key(1), record(0, 9, "a")), nil)
	want(t, m.Create(ctx, key(2), record(0, 9, "b")), nil)
	want(t, m.Create(ctx, key(3), record(0, 9, "c")), store.ErrFull)
	wantStats(t, m, 2, 2*overhead+2)
	want(t, m.Delete(ctx, key(1), 1), nil)
	want(t, m.Create(ctx, key(3), record(0, 9, "c")), nil)
}

func TestMemoryKeepsASixteenthOfMaxBytesForReplace(t *testing.T) {
	const limit = 16 * overhead
	m := open(t, store.MemoryConfig{MaxBytes: limit})
	for i := range 15 {
		want(t, m.Create(ctx, key(i), record(0, 9, "")), nil)
	}
	want(t, m.Create(ctx, key(15), record(0, 9, "")), store.ErrFull)
	wantStats(t, m, 15, 15*overhead)

	grown := record(0, 9, strings.Repeat("x", overhead))
	want(t, m.Replace(ctx, key(0), 1, grown), nil)
	wantStats(t, m, 15, limit)
	want(t, m.Replace(ctx, key(1), 1, record(0, 9, "x")), store.ErrFull)
	wantStats(t, m, 15, limit)
	if rec, err := m.Load(ctx, key(1)); err != nil || rec != record(0, 9, "") {
		t.Errorf("a refused Replace left %+v, %v", rec, err)
	}
	want(t, m.Replace(ctx, key(0), 1, record(0, 9, grown.Body[1:])), nil)
	wantStats(t, m, 15, limit-1)
}

func TestMemoryRefusesOneRecordBeyondMaxBytes(t *testing.T) {
	m := open(t, store.MemoryConfig{MaxBytes: 16 << 10})
	want(t, m.Create(ctx, key(1), record(0, 9, strings.Repeat("x", 16<<10))), store.ErrFull)
	wantStats(t, m, 0, 0)
}

// countingContext counts how often it is asked whether it has ended, which Sweep does before each hold of a lock.
type countingContext struct {
	context.Context
	asked int
}

func (c *countingContext) Err() error {
	c.asked++
	return nil
}

func TestMemoryErrorsNameTheMethod(t *testing.T) {
	m := store.NewMemory()
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	_, load := m.Load(canceled, key(1))
	_, _, sweep := m.Sweep(canceled, 0, 1)
	for method, err := range map[string]error{
		"load": load, "create": m.Create(canceled, key(1), core.Record{}), "replace": m.Replace(canceled, key(1), 1, core.Record{}),
		"touch": m.Touch(canceled, key(1), 1, 0, 0), "delete": m.Delete(canceled, key(1), 1), "sweep": sweep,
	} {
		if err == nil || err.Error() != "store: "+method+": context canceled" {
			t.Errorf("%s: %v", method, err)
		}
	}
}

// The counts are exact: after a storm they are the sum of what can be loaded, and within the limits all the time.
func TestMemoryCountsExactlyUnderRaces(t *testing.T) {
	const workers, rounds, keys, maxRecords, maxBytes = 8, 2000, 100, 60, 60*overhead + 2000
	m := open(t, store.MemoryConfig{MaxRecords: maxRecords, MaxBytes: maxBytes})
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			for range rounds {
				k := key(rand.IntN(keys))
				rec := record(0, rand.Int64N(10), strings.Repeat("x", rand.IntN(100)))
				at := uint64(rand.IntN(3))
				switch rand.IntN(5) {
				case 0, 1:
					_ = m.Create(ctx, k, rec)
				case 2:
					rec.Revision = at%2 + 1
					_ = m.Replace(ctx, k, at, rec)
				case 3:
					_ = m.Delete(ctx, k, at)
				case 4:
					_, _, _ = m.Sweep(ctx, rand.Int64N(10), 5)
				}
				if s := m.Stats(); s.Records > maxRecords || s.Bytes > maxBytes || s.Records < 0 || s.Bytes < 0 {
					t.Errorf("the limits do not hold: %+v", s)
				}
			}
		})
	}
	done.Wait()
	records, bytes := 0, int64(0)
	for i := range keys {
		if rec, err := m.Load(ctx, key(i)); err == nil {
			records++
			bytes += overhead + int64(len(rec.Body))
		}
	}
	wantStats(t, m, records, bytes)
}

// A key and a body may be parts of a request's buffer; the buffer goes all the same.
func TestMemoryKeepsNoLargerBuffer(t *testing.T) {
	m := store.NewMemory()
	var buffers []weak.Pointer[byte]
	lend := func(text string) string {
		buffer := make([]byte, 1<<20)
		copy(buffer[1000:], text)
		buffers = append(buffers, weak.Make(unsafe.SliceData(buffer)))
		return unsafe.String(&buffer[1000], len(text))
	}
	long := strings.Repeat("k", 100)
	want(t, m.Create(ctx, core.Key(lend(string(key(1)))), record(0, 9, lend("created"))), nil)
	want(t, m.Create(ctx, core.Key(lend(long)), record(0, 9, lend("created"))), nil)
	next := record(0, 9, lend("replaced"))
	next.Revision = 2
	want(t, m.Replace(ctx, core.Key(lend(long)), 1, next), nil)
	next.Body = ""
	runtime.GC()
	for i, buffer := range buffers {
		if buffer.Value() != nil {
			t.Errorf("buffer %d is kept", i)
		}
	}
	wantStats(t, m, 2, 2*overhead+int64(len("created")+len("replaced")))
}

func TestAllocMemory(t *testing.T) {
	need.NoRace(t)
	m := store.NewMemory()
	short, long := key(1), key(1)+"-of-another-length"
	for _, k := range []core.Key{short, long} {
		want(t, m.Create(ctx, k, record(0, 9, "body")), nil)
		for _, gate := range []struct {
			name string
			most float64
			do   func()
		}{
			{"Load", 0, func() { _, _ = m.Load(ctx, k) }},
			{"Touch", 0, func() { _ = m.Touch(ctx, k, 1, 1, 9) }},
			{"Replace", 1, func() { _ = m.Replace(ctx, k, 1, record(0, 9, "body")) }},
			{"Create that finds a record", 1, func() { _ = m.Create(ctx, k, record(0, 9, "body")) }},
			{"Sweep", 0, func() { _, _, _ = m.Sweep(ctx, 0, 10) }},
		} {
			if got := testing.AllocsPerRun(100, gate.do); got > gate.most {
				t.Errorf("%s of a key of %d bytes allocates %v times, at most %v allowed", gate.name, len(k), got, gate.most)
			}
		}
	}
}
