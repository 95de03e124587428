package store

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// batchPause is the longest rest between two batches of a sweep.
const batchPause = 10 * time.Millisecond

// sweepEvery starts a goroutine that sweeps from time to time, in batches of so many, and returns what ends it and waits for it.
//
// Each rest, between sweeps and between batches, is shorter by up to a quarter at random. So nodes that were started at once do not sweep at
// once, nor do stores of one program, and what expires at one instant does not go in one go. One sweep is held to one instant, so that it
// comes to an end however many deadlines come meanwhile. After an error the next one tries again.
func sweepEvery(every time.Duration, now func() time.Time, batch int, sweep func(ctx context.Context, now int64, limit int) (int, bool, error)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		for rests(ctx, every) {
			instant := now().UnixMilli()
			for {
				_, more, err := sweep(ctx, instant, batch)
				if !more || err != nil {
					break
				}
				if !rests(ctx, batchPause) {
					return
				}
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}

// rests waits for so long or up to a quarter less, and reports whether there is to be another sweep.
func rests(ctx context.Context, most time.Duration) bool {
	wait := time.NewTimer(most - rand.N(most/4+1)) //nolint:gosec // it spreads load, no more
	defer wait.Stop()
	select {
	case <-wait.C:
		return true
	case <-ctx.Done():
		return false
	}
}
