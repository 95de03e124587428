//go:build unix

// Package million measures what a million sessions take in a store: memory, disk, and time to fill. Each module's TestLongMillion fills
// its own stores, and appends to a file of results/ that bears the date.
package million

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/tree"
	"github.com/satchel-go/satchel/store"
)

// Records is how many, and Body is what each of them has to keep: 100 bytes, beside a key of 32.
const (
	Records = 1_000_000
	Body    = 100
)

// Fill creates the records, with many at once, looks at some of them, and returns how long the creation took.
func Fill(tb testing.TB, s store.Store, atOnce int) time.Duration {
	tb.Helper()
	return fill(tb, s, 0, Records, atOnce)
}

// fill creates those from one number up to another.
func fill(tb testing.TB, s store.Store, from, to, atOnce int) time.Duration {
	tb.Helper()
	took := each(tb, from, to, atOnce, func(i int) error { return s.Create(tb.Context(), key(i), record(i)) })
	for i := from; i < to; i += max(1, (to-from)/1000) {
		if err := has(tb, s, i); err != nil {
			tb.Fatalf("record %d: %v", i, err)
		}
	}
	return took
}

// Ask loads each of the records twice in a row, as somebody does who stays, with many at once, and returns how long that took.
func Ask(tb testing.TB, s store.Store, atOnce int) time.Duration {
	tb.Helper()
	return each(tb, 0, Records, atOnce, func(i int) error { return errors.Join(has(tb, s, i), has(tb, s, i)) })
}

// warmed is how many records Warm makes and removes: few beside those that are measured.
const warmed = 2000

// Warm makes a server's connections do what they will do, with records that go again: so what it takes later is for what it keeps.
func Warm(tb testing.TB, s store.Store, atOnce int) {
	tb.Helper()
	each(tb, -warmed, 0, atOnce, func(i int) error {
		return errors.Join(s.Create(tb.Context(), key(i), record(i)), has(tb, s, i), s.Delete(tb.Context(), key(i), 1))
	})
}

// has looks whether a record is there as it was created.
func has(tb testing.TB, s store.Store, i int) error {
	tb.Helper()
	got, err := s.Load(tb.Context(), key(i))
	if err == nil && got != record(i) {
		err = fmt.Errorf("there is %v", got)
	}
	return err
}

// each does something with the numbers from one up to another, with many at once, and returns how long it took.
func each(tb testing.TB, from, to, atOnce int, do func(i int) error) time.Duration {
	tb.Helper()
	began := time.Now()
	var next atomic.Int64
	next.Store(int64(from))
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= to {
					return
				}
				if err := do(i); err != nil {
					tb.Errorf("record %d: %v", i, err)
					next.Store(int64(to))
					return
				}
			}
		})
	}
	all.Wait()
	if tb.Failed() {
		tb.FailNow()
	}
	return time.Since(began)
}

// key is as hashes are: the same number is spread over all its bytes.
func key(i int) core.Key {
	return core.Key(store.Name(core.Key(fmt.Sprint(i)))[:32])
}

// record has a body that does not compress to nothing.
func record(i int) core.Record {
	body := store.Name(core.Key(fmt.Sprint("body ", i)))
	return core.Record{Revision: 1, Seen: 1_700_000_000_000, Deadline: 4_200_000_000_000, Body: (body + body)[:Body]}
}

// Heap is the memory that this process's values take now.
func Heap() int64 {
	runtime.GC()
	runtime.GC() // what was kept by finalizers
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Disk is what the files below a folder take of it, in whole blocks.
func Disk(tb testing.TB, folder string) (bytes int64) {
	tb.Helper()
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a server's own file, which has gone meanwhile
		}
		if err != nil {
			return err
		}
		var stat syscall.Stat_t
		if err := syscall.Lstat(path, &stat); err == nil {
			bytes += stat.Blocks * 512
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return bytes
}

// Grew says what a server's processes took before and after, which shows how much of it is not for the records.
func Grew(before, after int64) string {
	return fmt.Sprintf("its processes took %d MiB before, %d MiB after", before>>20, after>>20)
}

// Note appends a line to the results of the day. Memory and disk are those of all records, in bytes, and 0 for none. Remarks end the line.
func Note(tb testing.TB, name string, took time.Duration, memory, disk int64, remarks ...string) {
	tb.Helper()
	one := func(bytes int64) string {
		if bytes <= 0 {
			return "-"
		}
		return fmt.Sprint((bytes + Records/2) / Records)
	}
	cells := fmt.Sprintf("%-40s %8s %8s %10v", name, one(memory), one(disk), took.Round(time.Second))
	line := strings.Join(append([]string{cells}, remarks...), "  ") + "\n"
	tb.Log(strings.TrimSpace(line))
	heading := fmt.Sprintf("A million sessions with bodies of %d bytes, by TestLongMillion; %s, %s/%s, %d CPUs.\nMemory and disk in bytes for each session.\n\n"+
		"%-40s %8s %8s %10s\n", Body, time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), "store", "memory", "disk", "filled in")
	if err := tree.Note(".", "million", heading, line); err != nil {
		tb.Fatal(err)
	}
}
