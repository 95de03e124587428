package store

import (
	"math"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/satchel-go/satchel/core"
)

// segment is a list of places in the order of their use.
type segment struct {
	lru   *simplelru.LRU[core.Key, *copied]
	bytes int64
	bare  int // places without a copy
}

func newSegment() segment {
	lru, err := simplelru.NewLRU[core.Key, *copied](math.MaxInt, nil) // bounded by bytes, by us
	if err != nil {
		panic(err) // it refuses sizes below 1 only
	}
	return segment{lru: lru}
}

// count returns the number of copies.
func (g *segment) count() int { return g.lru.Len() - g.bare }

func (g *segment) add(key core.Key, e *copied) {
	g.lru.Add(key, e)
	g.bytes += e.size
	if e.turn == 0 {
		g.bare++
	}
}

func (g *segment) remove(key core.Key) {
	if e, ok := g.lru.Peek(key); ok {
		g.lru.Remove(key)
		g.gone(e)
	}
}

// removeOldest removes the place that was used longest ago, and reports whether there was a copy in it.
func (g *segment) removeOldest() (copied bool) {
	_, e, ok := g.lru.RemoveOldest()
	if !ok {
		return false
	}
	g.gone(e)
	return e.turn != 0
}

func (g *segment) gone(e *copied) {
	g.bytes -= e.size
	if e.turn == 0 {
		g.bare--
	}
}

// blank ends the copy of a key, and keeps its place, as large as it was. Else others would fill what the body leaves, and whoever comes
// back would find no room.
func (g *segment) blank(key core.Key) {
	if e, ok := g.lru.Peek(key); ok {
		g.clear(e)
	}
}

func (g *segment) blankAll() {
	for _, e := range g.lru.Values() {
		g.clear(e)
	}
}

func (g *segment) clear(e *copied) {
	if e.turn == 0 {
		return
	}
	g.bare++
	e.rec, e.turn = core.Record{}, 0
}

// idleSince reports whether the place that was used longest ago was so before the instant.
func (g *segment) idleSince(instant int64) bool {
	_, e, ok := g.lru.GetOldest()
	return ok && e.used <= instant
}
