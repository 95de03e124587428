package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// batchPause is the longest rest between two batches of a sweep.
const batchPause = 10 * time.Millisecond

// SweepConfig is what [Sweeping] may be told. Only Every has to be set.
type SweepConfig struct {
	// Every is the pause between sweeps, less up to a quarter at random.
	Every time.Duration

	// Limit is the most records that one call of Sweep removes; 0 is 1000.
	Limit int

	// Failed is told of each sweep that failed. The next one comes in its time. nil is free.
	Failed func(error)

	// Now is the clock by which records are past their deadlines; nil is time.Now.
	Now func() time.Time
}

// Sweeping sweeps a store from time to time until ctx ends, and returns nil then; or at once with an error that lists everything wrong. It
// starts no goroutine. It is for the stores that do not sweep by themselves, on as many nodes as share the store, or on one of them.
//
// Each rest, between sweeps and between batches, is shorter by up to a quarter at random. So nodes that were started at once do not sweep at
// once, nor do stores of one program, and what expires at one instant does not go in one go. One sweep is held to one instant, so that it
// comes to an end however many deadlines come meanwhile. After an error the next one tries again.
func Sweeping(ctx context.Context, sweeper Sweeper, c SweepConfig) error {
	var wrong []error
	if sweeper == nil {
		wrong = append(wrong, errors.New("store: Sweeping needs a Sweeper"))
	}
	if c.Every <= 0 {
		wrong = append(wrong, fmt.Errorf("store: Every is %v, not above 0", c.Every))
	}
	if c.Limit < 0 {
		wrong = append(wrong, fmt.Errorf("store: Limit is %d, less than 0", c.Limit))
	}
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	if c.Limit == 0 {
		c.Limit = 1000
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.run(ctx, sweeper.Sweep)
	return nil
}

// sweep is what a [Sweeper] has.
type sweep func(ctx context.Context, now int64, limit int) (removed int, more bool, err error)

// begin starts a goroutine that sweeps, and returns what ends it and waits for it.
func (c SweepConfig) begin(s sweep) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { c.run(ctx, s) })
	return func() {
		cancel()
		done.Wait()
	}
}

// run sweeps until ctx ends.
func (c SweepConfig) run(ctx context.Context, s sweep) {
	for rests(ctx, c.Every) {
		if err := c.once(ctx, s); err != nil && ctx.Err() == nil && c.Failed != nil {
			c.Failed(err)
		}
	}
}

// once sweeps once, in batches, or until ctx ends.
func (c SweepConfig) once(ctx context.Context, s sweep) error {
	instant := c.Now().UnixMilli()
	for {
		_, more, err := s(ctx, instant, c.Limit)
		if err != nil || !more || !rests(ctx, batchPause) {
			return err
		}
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
