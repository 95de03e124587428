package store

import (
	"context"
	"errors"
	"math"
)

// How much is looked at in one go. A look costs some nanoseconds, so that a lock is held for some microseconds.
const (
	holdLooks    = 256  // by Sweep, under one hold of a shard's lock
	createLooks  = 4    // by each Create, in its own shard: the dead come to about a seventh of the living
	reclaimLooks = 1024 // by a Create that finds no room, until it has some
	reclaimHold  = 64   // of these under one hold
	sweepLimit   = 1024 // the goroutine's batch
)

var errLimit = errors.New("store: sweep: limit is less than 1")

// Sweep implements [Sweeper]. It looks at every record once, unless it reaches the limit, and at no more than 256 under
// one hold of a lock; the next call goes on with the shard in which the last one ended.
func (m *Memory) Sweep(ctx context.Context, now int64, limit int) (removed int, more bool, err error) {
	if limit < 1 {
		return 0, false, errLimit
	}
	start := m.turn.Load()
	for i := range uint32(len(m.shards)) {
		turn := (start + i) % uint32(len(m.shards))
		s := &m.shards[turn]
		for below := allEntries; below > 0; {
			if err := ctx.Err(); err != nil {
				return removed, true, ended("sweep", err)
			}
			if removed == limit {
				m.turn.Store(turn)
				return removed, true, nil
			}
			var n int
			var freed int64
			s.Lock()
			n, freed, below = s.sweep(now, below, holdLooks, limit-removed)
			m.room.give(n, freed)
			s.Unlock()
			removed += n
		}
	}
	return removed, false, nil
}

// allEntries is above every position.
const allEntries = math.MaxInt

// sweep looks at the entries below a position, from the last one down, and removes those whose deadline is not after
// now. It ends after so many looks or removals, and returns the position to go on below. Downwards, because the entry
// that remove moves is then one that was looked at.
func (t *table) sweep(now int64, below, looks, limit int) (removed int, freed int64, rest int) {
	pos := min(below, t.size)
	for ; pos > 0 && looks > 0 && removed < limit; looks-- {
		pos--
		if e := t.at(pos); e.deadline <= now {
			freed += cost(e.body)
			t.remove(pos)
			removed++
		}
	}
	return removed, freed, pos
}

// creep sweeps a few entries, goes on where it stopped the last time, and returns at how many it did not get to look.
func (t *table) creep(now int64, looks int) (removed int, freed int64, left int) {
	if t.crept == 0 {
		t.crept = t.size
	}
	from := min(t.crept, t.size)
	removed, freed, t.crept = t.sweep(now, from, looks, looks)
	return removed, freed, looks - (from - t.crept)
}

// reclaim creeps through shard after shard until something was removed or so many were looked at, and returns how many
// looks are left. A shard costs one look at least, so that many empty ones come to an end too.
func (m *Memory) reclaim(now int64, looks int) (left int) {
	for looks > 0 {
		s := &m.shards[m.turn.Add(1)%uint32(len(m.shards))]
		hold := min(looks, reclaimHold)
		s.Lock()
		removed, freed, unused := s.creep(now, hold)
		m.room.give(removed, freed)
		s.Unlock()
		looks -= max(1, hold-unused)
		if removed > 0 {
			return looks
		}
	}
	return 0
}
