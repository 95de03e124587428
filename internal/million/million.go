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
				if err := s.Create(tb.Context(), key(i), record(i)); err != nil {
					tb.Errorf("record %d: %v", i, err)
					next.Store(int64(to))
					return
				}
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	for i := from; i < to && !tb.Failed(); i += max(1, (to-from)/1000) {
		if got, err := s.Load(tb.Context(), key(i)); err != nil || got != record(i) {
			tb.Fatalf("record %d: %v, %v", i, got, err)
		}
	}
	if tb.Failed() {
		tb.FailNow()
	}
	return took
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

// Note appends a line to the results of the day. Memory and disk are those of all records, in bytes, and 0 for none.
func Note(tb testing.TB, name string, took time.Duration, memory, disk int64) {
	tb.Helper()
	each := func(bytes int64) string {
		if bytes <= 0 {
			return "-"
		}
		return fmt.Sprint((bytes + Records/2) / Records)
	}
	line := fmt.Sprintf("%-40s %8s %8s %10v\n", name, each(memory), each(disk), took.Round(time.Second))
	tb.Log(strings.TrimSpace(line))
	heading := fmt.Sprintf("A million sessions with bodies of %d bytes, by TestLongMillion; %s, %s/%s, %d CPUs.\nMemory and disk in bytes for each session.\n\n"+
		"%-40s %8s %8s %10s\n", Body, time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), "store", "memory", "disk", "filled in")
	if err := tree.Note(".", "million", heading, line); err != nil {
		tb.Fatal(err)
	}
}
