//go:build linux

package million

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/satchel-go/satchel/internal/tree"
	"github.com/satchel-go/satchel/store"
)

// asked is how many calls of each method are measured at each size.
const asked = 20_000

// Sizes fills a store with a thousand records, ten thousand, a hundred thousand and a million, and measures at each size what they take and
// how long a Load and a Touch of any of them takes, by one caller. The figures go to results/. folder is where the store's files are.
func Sizes(tb testing.TB, name string, s store.Store, folder string, empty int64) {
	tb.Helper()
	heading := fmt.Sprintf("A store that grows, records with bodies of %d bytes, by TestLongSizes; %s, %s/%s, %d CPUs.\n"+
		"Disk and memory (of this process, not the system's copies of files) in bytes for each record; a Load and a Touch of records at random by one caller,\n"+
		"%d of each, after all had been written out.\n\n%-44s %9s %8s %8s %10s %10s %10s %10s %10s\n",
		Body, time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), asked,
		"store", "records", "disk", "memory", "created in", "Load", "99 %", "Touch", "99 %")
	had := 0
	for _, size := range []int{1000, 10_000, 100_000, Records} {
		took := fill(tb, s, had, size, 16)
		had = size
		syscall.Sync() // blocks are given to files when they are written out
		load, slowLoad := percentiles(tb, size, func(i int) error {
			_, err := s.Load(tb.Context(), key(i))
			return err
		})
		now := int64(0)
		touch, slowTouch := percentiles(tb, size, func(i int) error {
			now++
			rec := record(i)
			return s.Touch(tb.Context(), key(i), 1, rec.Seen+now, rec.Deadline+now)
		})
		line := fmt.Sprintf("%-44s %9d %8d %8d %10v %10v %10v %10v %10v\n", name, size, Disk(tb, folder)/int64(size), max(0, Heap()-empty)/int64(size),
			took.Round(time.Millisecond), load, slowLoad, touch, slowTouch)
		tb.Log(line)
		if err := tree.Note(".", "sizes", heading, line); err != nil {
			tb.Fatal(err)
		}
	}
}

// percentiles measures calls for records at random, the same in each run.
func percentiles(tb testing.TB, size int, call func(i int) error) (median, slow time.Duration) {
	tb.Helper()
	random := rand.New(rand.NewPCG(1, uint64(size))) //nolint:gosec // any records will do
	all := make([]time.Duration, asked)
	for n := range all {
		i := random.IntN(size)
		began := time.Now()
		if err := call(i); err != nil {
			tb.Fatalf("record %d: %v", i, err)
		}
		all[n] = time.Since(began)
	}
	slices.Sort(all)
	return all[asked/2].Round(100 * time.Nanosecond), all[asked*99/100].Round(100 * time.Nanosecond)
}

// Filesystem is the name of what a folder is on.
func Filesystem(tb testing.TB, folder string) string {
	tb.Helper()
	var stat syscall.Statfs_t
	if err := syscall.Statfs(folder, &stat); err != nil {
		tb.Fatal(err)
	}
	if name, ok := map[int64]string{0xef53: "ext4", 0x01021994: "tmpfs", 0x58465342: "xfs", 0x9123683e: "btrfs"}[stat.Type]; ok {
		return name
	}
	return fmt.Sprintf("%#x", stat.Type)
}
