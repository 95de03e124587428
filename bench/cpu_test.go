package bench_test

import (
	"os"
	"syscall"
	"testing"
	"time"
)

// TestMain touches the pages of a heap as large as the benchmarks will use, so that the first one does not pay for all.
func TestMain(m *testing.M) {
	for range 64 << 20 / len(touched) {
		touched = make([]byte, len(touched))
	}
	os.Exit(m.Run())
}

var touched = make([]byte, 2048)

// spentCPU is the processor time that this process has had, collection included. On a machine that others use as well it is
// what a piece of work costs; the wall's time says how long it had to wait.
func spentCPU() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		panic(err) // it has no arguments that could be wrong
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// reportCPU reports the processor time of each iteration since began, beside the time of the wall.
func reportCPU(b *testing.B, began time.Duration) {
	b.Helper()
	b.ReportMetric(float64(spentCPU()-began)/float64(b.N), "cpu-ns/op")
}
