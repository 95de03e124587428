package store

import (
	"context"
	"errors"

	"github.com/satchel-go/satchel/core"
)

// flight is a Load of the inner store on its way, and those who wait for what it brings. Whoever asks first leads it, on their own
// goroutine and under their own context. If that ends before the answer, the next in line begins anew.
type flight struct {
	turn   uint64 // it began as the shard's so-manieth
	began  int64
	done   chan struct{}
	rec    core.Record
	err    error
	failed bool // its leader has left without an answer
	passed bool // while it was on its way somebody was told what may be newer: it is for those who came before that alone
}

// errSlow is an outage. What was read may have ended since, and nobody can know.
var errSlow = errors.New("store: load: twice the answer of the store inside was older than MaxStale when it came")

// idleLooks is how many idle copies a call drops at most, in a segment, so that none holds a lock for long.
const idleLooks = 4

// Load implements [Store]. Its record may be a copy, but under a context of [Fresh]. Also one that is none was read less than MaxStale
// ago: if the inner store takes longer it is asked once more, and then it is an outage.
func (c *Cache) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if err := ctx.Err(); err != nil {
		return core.Record{}, ended("load", err)
	}
	if isFresh(ctx) {
		return c.inner.Load(ctx, key)
	}
	s := c.shard(key)
	s.Lock()
	if rec, age, ok := c.hit(s, key); ok {
		s.hits++
		s.Unlock()
		c.noteAge(age)
		return rec, nil
	}
	s.misses++
	since := s.asked
	for {
		f, leads := c.join(s, key)
		late := f.passed
		s.Unlock()
		if leads {
			return c.lead(ctx, s, key, f)
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return core.Record{}, ended("load", ctx.Err())
		}
		if !late && c.shares(f, since) {
			return f.rec, f.err
		}
		if err := ctx.Err(); err != nil {
			return core.Record{}, ended("load", err)
		}
		s.Lock()
		if rec, age, ok := c.hit(s, key); ok {
			s.Unlock()
			c.noteAge(age)
			return rec, nil
		}
	}
}

// hit returns a copy that may be served. The clock is read last.
func (c *Cache) hit(s *cacheShard, key core.Key) (rec core.Record, age int64, ok bool) {
	e, ok := s.find(key)
	if !ok {
		return core.Record{}, 0, false
	}
	rec, kept := e.rec, e.turn != 0
	now := c.clock()
	e.used = now
	s.promote(key)
	age, ok = c.age(e, now)
	return rec, age, ok && kept
}

// join returns the flight of a key, and whether the caller leads it because there was none. The lock is held.
func (c *Cache) join(s *cacheShard, key core.Key) (f *flight, leads bool) {
	if f, ok := s.flights[key]; ok {
		if f.done == nil {
			f.done = make(chan struct{})
		}
		return f, false
	}
	s.asked++
	s.loads++
	// What is too old goes now. Else a feed that speaks again could vouch for it after somebody was told something newer.
	s.drop(key)
	f = &flight{turn: s.asked, began: c.clock()}
	s.flights[key] = f
	return f, true
}

// shares reports whether an answer is one for somebody who came when since flights had begun. A flight that began later has asked
// for them too. A record that one brings that began before is theirs as well: it is no older than a copy may be. But that it found
// nothing says nothing to them: there may be something since.
func (c *Cache) shares(f *flight, since uint64) bool {
	switch {
	case f.failed:
		return false
	case f.err == nil:
		return c.young(f) // also where it came soon, and they wake late
	case f.turn > since:
		return true
	}
	return !errors.Is(f.err, ErrNotFound) && !errors.Is(f.err, ErrGarbled)
}

// young reports whether the record that a flight has brought may be given now, and notes its age if so.
func (c *Cache) young(f *flight) bool {
	age := c.clock() - f.began
	if age < 0 || age >= c.maxStale {
		return false
	}
	c.noteAge(age)
	return true
}

// lead asks the inner store, and lands the flight also if that panics. A record that comes too late is asked for once more: the store
// was slow, or this process was stopped meanwhile.
func (c *Cache) lead(ctx context.Context, s *cacheShard, key core.Key, f *flight) (core.Record, error) {
	f.failed = true
	defer c.land(s, key, f)
	rec, err := c.inner.Load(ctx, key)
	if err == nil && !c.young(f) {
		rec, err = c.askAgain(ctx, s, key, f)
	}
	f.rec, f.err = rec, err
	f.failed = err != nil && ctx.Err() != nil
	return rec, err
}

func (c *Cache) askAgain(ctx context.Context, s *cacheShard, key core.Key, f *flight) (core.Record, error) {
	if err := ctx.Err(); err != nil {
		return core.Record{}, ended("load", err)
	}
	s.Lock()
	s.loads++
	f.began = c.clock()
	s.Unlock()
	rec, err := c.inner.Load(ctx, key)
	switch {
	case err != nil:
		return rec, err
	case !c.young(f):
		return core.Record{}, errSlow
	}
	return rec, nil
}

// land keeps what a flight has brought, and wakes those who wait.
func (c *Cache) land(s *cacheShard, key core.Key, f *flight) {
	s.Lock()
	defer s.Unlock()
	switch {
	case s.flights[key] != f:
		s.pass(key) // a change came between; this answer may be newer than what was read since, and nobody may go back behind it
	case f.failed, f.passed:
		delete(s.flights, key)
	case f.err == nil:
		delete(s.flights, key)
		s.keep(key, copied{rec: f.rec, loaded: f.began, used: c.clock()})
	default:
		delete(s.flights, key)
		if errors.Is(f.err, ErrNotFound) {
			s.remove(key)
		}
	}
	if f.done != nil {
		close(f.done)
	}
	c.dropIdle(s)
}

// dropIdle looks for idle copies here and in the shard whose turn it is, so that they go from each shard while any is used. The
// lock of s is held; another that is held is left alone.
func (c *Cache) dropIdle(s *cacheShard) {
	since := c.clock() - c.idle
	s.dropIdle(since, idleLooks)
	other := &c.shards[c.turn.Add(1)%uint32(len(c.shards))]
	if other != s && other.TryLock() {
		other.dropIdle(since, idleLooks)
		other.Unlock()
	}
}
