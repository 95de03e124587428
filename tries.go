package satchel

import (
	"context"
	"math/rand/v2"
	"time"
)

// tries paces the replays of one change.
type tries struct {
	until time.Time // if zero, until the context ends
	count int
}

func (s *Sessions) tries() tries { return tries{until: time.Now().Add(s.config.CommitLimit)} }

// again waits a little, longer each time and never the same, and reports whether there is time for another try.
func (t *tries) again(ctx context.Context) bool {
	wait := rand.N(time.Millisecond << min(t.count, 5)) //nolint:gosec // jitter
	t.count++
	if !t.until.IsZero() && time.Now().Add(wait).After(t.until) {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
