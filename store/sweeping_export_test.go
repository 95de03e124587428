package store

// SweepEvery starts the goroutine that sweeps.
var SweepEvery = sweepEvery
