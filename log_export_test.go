package satchel

import "github.com/satchel-go/satchel/core"

// Rotated returns how many rotations this node's copy of a kind's log keeps the instant of.
func (s *Sessions) Rotated(kind string) int {
	e := s.placed[s.byName[kind]].ends
	e.mu.RLock()
	defer e.mu.RUnlock()
	return len(e.rotated)
}

// SegmentKey returns the key of a segment of a kind's log.
func (s *Sessions) SegmentKey(kind string, number int64) core.Key {
	return s.placed[s.byName[kind]].current.Load().policy.SegmentKey(number)
}
