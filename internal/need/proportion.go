package need

import "runtime"

// A reader may allocate this much for each byte that it reads, and this much whatever comes.
const (
	perByte = 128
	atLeast = 128 << 10
)

// Proportion fails the test if f, which reads a text of that many bytes, allocates more than 128 bytes for each of them, and 128 KiB
// besides. See AtMost.
func Proportion(tb TB, size int, f func()) {
	tb.Helper()
	AtMost(tb, uint64(atLeast+perByte*size), f)
}

// tries is how often f is called before what it allocates is taken for its own.
const tries = 5

// AtMost fails the test if f allocates more than so many bytes. What others allocate meanwhile is counted as well, and a fuzzer was seen to
// take 750 KB at once beside its target: so f is called again where it was too much, and has to do the same each time. It stops the world: it
// is for fuzz targets.
func AtMost(tb TB, limit uint64, f func()) {
	tb.Helper()
	var before, after runtime.MemStats
	least := uint64(1<<64 - 1)
	for range tries {
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		if least = min(least, after.TotalAlloc-before.TotalAlloc); least <= limit {
			return
		}
	}
	tb.Fatalf("%d bytes are allocated, and may be %d", least, limit)
}
