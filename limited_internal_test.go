package satchel

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A limit is looked at but for the first time after it was set at the look at the clock that began the operation.
func TestLimited(t *testing.T) {
	past, day := time.Now().Add(-time.Hour), 24*time.Hour
	wall := &Sessions{wall: true}
	begun := func(at time.Time, within time.Duration) *limited {
		l := &limited{parent: t.Context(), within: within}
		l.from(at, wall)
		return l
	}
	for name, c := range map[string]struct {
		l     *limited
		ask   func(l *limited)
		ended bool
	}{
		"a limit given outright": {&limited{parent: t.Context(), limit: past}, nil, true},
		"just begun":             {begun(past, time.Minute), nil, false},
		"asked before":           {begun(past, time.Minute), func(l *limited) { _ = l.Err() }, true},
		"its limit was told":     {begun(past, time.Minute), func(l *limited) { _, _ = l.Deadline() }, true},
		"somebody waits":         {begun(past, time.Minute), func(l *limited) { <-l.Done() }, true},
		"not over":               {begun(past, day), func(l *limited) { _ = l.Err() }, false},
		"counts from the first":  {&limited{parent: t.Context(), within: day}, func(l *limited) { _ = l.Err() }, false},
	} {
		if c.ask != nil {
			c.ask(c.l)
		}
		if err := c.l.Err(); errors.Is(err, context.DeadlineExceeded) != c.ended || (err != nil) != c.ended {
			t.Errorf("%s: %v", name, err)
		}
	}
	before := begun(past, day)
	if limit, _ := before.Deadline(); !limit.Equal(past.Add(day)) {
		t.Error("the limit counts from", limit.Add(-day))
	}
	tests := &limited{parent: t.Context(), within: day}
	tests.from(past, new(Sessions))
	if limit, _ := tests.Deadline(); !limit.After(past.Add(day + time.Minute)) {
		t.Error("the limit counts from what a test's clock says:", limit.Add(-day))
	}
}
