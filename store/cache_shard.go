package store

import (
	"strings"
	"sync"

	"github.com/satchel-go/satchel/core"
)

// copied is the place of a key, and in it, most often, a record as it was at some instant between loaded and the return of the Load that
// brought it. The place outlives the record: what was changed elsewhere, touched or grew too old is still what somebody comes back for.
type copied struct {
	rec    core.Record
	loaded int64  // before its Load began
	used   int64  // when it was last asked for
	size   int64  // what it is counted for, also while it is bare
	turn   uint64 // which of the shard's copies it is; 0 is a bare place
}

// copyCost is what a copy is counted for beside its key and body: the entry and its place in list and index, and what the
// allocator rounds up.
const copyCost = 256

func copySize(key core.Key, rec *core.Record) int64 {
	return copyCost + int64(len(key)) + int64(len(rec.Body))
}

// cacheShard is a part of the keys, under one lock. Of a key it has a copy, or Loads of it on their way, or neither.
type cacheShard struct {
	sync.Mutex
	limit int64 // bytes
	stay  int64 // for so long after its last use a regular makes no room for another

	// What was asked for once waits in the antechamber, and what came back is regular. The antechamber may take all the room
	// that is free, and has an eighth of the shard for itself. So a flood of what nobody comes back for is over there. And what
	// many come back for, a flood or more than there is room for, gets the places of regulars who have stayed away: no regular
	// that is in use goes for one that is not regular yet, however often that is asked for.
	antechamber, regulars segment

	// Whatever ends a copy (a write from here, an announcement, a flush) also takes the flight of its key out of here. So what a
	// flight brings is kept only if it is still here: the flights are what elsewhere an epoch is, for each key its own.
	flights map[core.Key]*flight
	asked   uint64 // flights so far
	kept    uint64 // copies so far

	hits, misses, loads, evictions, invalidations uint64
	_                                             [64]byte // so that two shards share no cache line
}

func (s *cacheShard) begin(limit, stay int64) {
	s.limit, s.stay = limit, stay
	s.flights = map[core.Key]*flight{}
	s.antechamber, s.regulars = newSegment(), newSegment()
}

func (s *cacheShard) count() int   { return s.antechamber.count() + s.regulars.count() }
func (s *cacheShard) bytes() int64 { return s.antechamber.bytes + s.regulars.bytes }

// forget ends all copies, and whatever is on its way to become one.
func (s *cacheShard) forget() {
	s.flights = map[core.Key]*flight{}
	s.antechamber.blankAll()
	s.regulars.blankAll()
}

// find returns the place of a key, as the one that was used last.
func (s *cacheShard) find(key core.Key) (*copied, bool) {
	if e, ok := s.regulars.lru.Get(key); ok {
		return e, true
	}
	return s.antechamber.lru.Get(key)
}

// peek returns the place of a key, and leaves it where it is.
func (s *cacheShard) peek(key core.Key) (*copied, bool) {
	if e, ok := s.regulars.lru.Peek(key); ok {
		return e, true
	}
	return s.antechamber.lru.Peek(key)
}

// promote makes a regular of what has come back to the antechamber, if there is room.
func (s *cacheShard) promote(key core.Key) {
	e, ok := s.antechamber.lru.Peek(key)
	if !ok || !s.admits(e.size, e.used) {
		return
	}
	kept := core.Key(strings.Clone(string(key)))
	s.antechamber.remove(key)
	s.regulars.add(kept, e)
}

// admits makes room for one more regular, and reports whether there is some.
func (s *cacheShard) admits(size, now int64) bool {
	for s.regulars.bytes+size > s.limit-s.limit/8 {
		if !s.regulars.idleSince(now - s.stay) {
			return false
		}
		s.evict(&s.regulars)
	}
	return true
}

func (s *cacheShard) evict(g *segment) {
	if g.removeOldest() {
		s.evictions++
	}
}

// drop ends the copy of a key and whatever is on its way to become one.
func (s *cacheShard) drop(key core.Key) {
	delete(s.flights, key)
	s.antechamber.blank(key)
	s.regulars.blank(key)
}

// pass ends the copy of a key, and lets whatever is on its way to become one come to those only who wait for it. It stays in the table:
// whoever comes next waits for it too, and then asks anew. Else two Loads that are always under way, as each that ends casts out the
// other, would leave no copy ever.
func (s *cacheShard) pass(key core.Key) {
	if f, ok := s.flights[key]; ok {
		f.passed = true
	}
	s.antechamber.blank(key)
	s.regulars.blank(key)
}

// remove ends the place of a key as well.
func (s *cacheShard) remove(key core.Key) {
	s.antechamber.remove(key)
	s.regulars.remove(key)
}

// keep makes a copy, which shares no memory with what it was handed. What was a regular stays one, also if it has grown. The antechamber
// makes room for that, and only where there is none left the regulars do. They give back what they have beyond their share as each stays
// away.
func (s *cacheShard) keep(key core.Key, e copied) {
	regular := s.regulars.lru.Contains(key)
	s.remove(key)
	size := copySize(key, &e.rec)
	if size > s.limit/4 {
		return
	}
	s.kept++
	e.turn, e.size = s.kept, size
	e.rec.Body = strings.Clone(e.rec.Body)
	to := &s.antechamber
	if regular {
		to = &s.regulars
	}
	to.add(core.Key(strings.Clone(string(key))), &e)
	s.admits(0, e.used)
	for s.bytes() > s.limit {
		from := &s.antechamber
		if from.lru.Len() == 0 {
			from = &s.regulars // the newest of them is what came, which is a quarter of all at most
		}
		s.evict(from)
	}
}

// dropIdle drops at most so many places of each segment that nobody has asked for since the instant. Both lists are in the
// order of use, so the idle ones are at their ends, all of them.
func (s *cacheShard) dropIdle(since int64, most int) {
	for _, g := range [...]*segment{&s.antechamber, &s.regulars} {
		for n := 0; n < most && g.idleSince(since); n++ {
			s.evict(g)
		}
	}
}
