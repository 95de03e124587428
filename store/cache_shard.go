package store

import (
	"math"
	"strings"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/satchel-go/satchel/core"
)

// copied is a record as it was at some instant between loaded and the return of the Load that brought it.
type copied struct {
	rec    core.Record
	loaded int64 // before its Load began
	used   int64 // when it was last asked for
}

// copyCost is what a copy is counted for beside its key and body: the entry and its place in list and index, and what the
// allocator rounds up.
const copyCost = 256

func copySize(key core.Key, rec *core.Record) int64 {
	return copyCost + int64(len(key)) + int64(len(rec.Body))
}

// cacheShard is a part of the keys, under one lock. At any time it has a copy of a key, or Loads of it on their way, or neither.
type cacheShard struct {
	sync.Mutex
	// What was asked for once waits in the antechamber, and what came back is regular. The antechamber may take all the room
	// that is free. Where there is none, it makes room from its own, down to an eighth of the shard.
	antechamber, regulars segment

	// Whatever ends a copy (a write from here, an announcement, a flush) also takes the flight of its key out of here. So what a
	// flight brings is kept only if it is still here: the flights are what elsewhere an epoch is, for each key its own.
	flights map[core.Key]*flight
	asked   uint64 // flights so far

	hits, misses, loads, evictions, invalidations uint64
	_                                             [64]byte // so that two shards share no cache line
}

// segment is a list of copies in the order of their use.
type segment struct {
	lru   *simplelru.LRU[core.Key, *copied]
	bytes int64
}

func newSegment() segment {
	lru, err := simplelru.NewLRU[core.Key, *copied](math.MaxInt, nil) // bounded by bytes, by us
	if err != nil {
		panic(err) // it refuses sizes below 1 only
	}
	return segment{lru: lru}
}

func (g *segment) add(key core.Key, e *copied) {
	g.lru.Add(key, e)
	g.bytes += copySize(key, &e.rec)
}

func (g *segment) remove(key core.Key) (*copied, bool) {
	e, ok := g.lru.Peek(key)
	if ok {
		g.lru.Remove(key)
		g.bytes -= copySize(key, &e.rec)
	}
	return e, ok
}

func (g *segment) removeOldest() {
	if key, e, ok := g.lru.RemoveOldest(); ok {
		g.bytes -= copySize(key, &e.rec)
	}
}

// idleSince reports whether the copy that was used longest ago was so before the instant.
func (g *segment) idleSince(instant int64) bool {
	_, e, ok := g.lru.GetOldest()
	return ok && e.used <= instant
}

func (s *cacheShard) count() int   { return s.antechamber.lru.Len() + s.regulars.lru.Len() }
func (s *cacheShard) bytes() int64 { return s.antechamber.bytes + s.regulars.bytes }

// clear forgets everything, the room that the index had taken too.
func (s *cacheShard) clear() {
	s.flights = map[core.Key]*flight{}
	s.antechamber, s.regulars = newSegment(), newSegment()
}

// find returns the copy of a key, as the one that was used last.
func (s *cacheShard) find(key core.Key) (*copied, bool) {
	if e, ok := s.regulars.lru.Get(key); ok {
		return e, true
	}
	return s.antechamber.lru.Get(key)
}

// peek returns the copy of a key, and leaves it where it is.
func (s *cacheShard) peek(key core.Key) (*copied, bool) {
	if e, ok := s.regulars.lru.Peek(key); ok {
		return e, true
	}
	return s.antechamber.lru.Peek(key)
}

// promote makes a regular of the copy of a key, if it is none yet.
func (s *cacheShard) promote(key core.Key, limit int64) {
	e, ok := s.antechamber.lru.Peek(key)
	if !ok {
		return
	}
	kept := core.Key(strings.Clone(string(key)))
	s.antechamber.remove(key)
	s.regulars.add(kept, e)
	s.fit(limit)
}

// drop ends the copy of a key and whatever is on its way to become one.
func (s *cacheShard) drop(key core.Key) {
	delete(s.flights, key)
	s.remove(key)
}

func (s *cacheShard) remove(key core.Key) bool {
	_, young := s.antechamber.remove(key)
	_, known := s.regulars.remove(key)
	return young || known
}

// keep makes a copy, which shares no memory with what it was handed.
func (s *cacheShard) keep(key core.Key, e copied, regular bool, limit int64) {
	if copySize(key, &e.rec) > limit/4 {
		return
	}
	e.rec.Body = strings.Clone(e.rec.Body)
	to := &s.antechamber
	if regular {
		to = &s.regulars
	}
	to.add(core.Key(strings.Clone(string(key))), &e)
	s.fit(limit)
}

// fit drops copies until the rest fits.
func (s *cacheShard) fit(limit int64) {
	for s.bytes() > limit {
		from := &s.regulars
		if s.antechamber.bytes > limit/8 || s.regulars.lru.Len() == 0 {
			from = &s.antechamber
		}
		from.removeOldest()
		s.evictions++
	}
}

// dropIdle drops at most so many copies of each segment that nobody has asked for since the instant. Both lists are in the
// order of use, so the idle ones are at their ends, all of them.
func (s *cacheShard) dropIdle(since int64, most int) {
	for _, g := range [...]*segment{&s.antechamber, &s.regulars} {
		for n := 0; n < most && g.idleSince(since); n++ {
			g.removeOldest()
			s.evictions++
		}
	}
}
