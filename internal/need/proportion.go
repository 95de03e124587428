package need

import "runtime"

// A reader may allocate this much for each byte that it reads, and this much whatever comes: the fuzzer, which works beside it, was seen to
// allocate 90 KB at once.
const (
	perByte = 128
	atLeast = 512 << 10
)

// Proportion fails the test if f, which reads a text of that many bytes, allocates more than 128 bytes for each of them, and 512 KiB
// besides. It counts what every goroutine allocates meanwhile, and it stops the world: it is for fuzz targets.
func Proportion(tb TB, size int, f func()) {
	tb.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if spent := after.TotalAlloc - before.TotalAlloc; spent > uint64(atLeast+perByte*size) {
		tb.Fatalf("%d bytes for a text of %d", spent, size)
	}
}
