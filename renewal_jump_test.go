package satchel_test

import (
	"testing"
	"time"
)

// A clock that was ahead, and is set back, lengthens no grace: the token that was renewed leads to its successor no more.
func TestGraceAfterAClockWasSetBack(t *testing.T) {
	w := newWorld(t, hourly)
	read := func(ctx ctx) { _, _, err := carts.Get(ctx); must(t, err) }
	first := w.begun("tea")
	w.clock.advance(2 * time.Hour)
	second := visit(t, w.sessions, first, read)
	visit(t, w.sessions, second, read)
	w.clock.advance(-90 * time.Minute)
	w.reads("-+", first, second)
}
