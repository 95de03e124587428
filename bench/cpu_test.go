package bench_test

import (
	"syscall"
	"testing"
	"time"
)

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
