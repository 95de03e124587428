package satchel

import (
	"container/list"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/satchel-go/satchel/core"
)

// looksAtOnce is how many watches of a kind are looked at side by side: so many that a thousand of them over a store 20 ms away
// are through in little more than a second, and so few that a pool of connections has some left for requests.
//
// What was poked for its own key or family and what is only swept have as many each. So neither waits for the other: an
// end is told while everything is swept, and who uses a few sessions without pause does not keep the rest from being
// swept. The bound is of each kind, because a kind has one store and one log: where one of them hangs, each look lasts for
// the Config's LoadLimit, and that holds up the watches of its own kinds alone.
const looksAtOnce = 16

// watches are those of a program. While there are any a goroutine sweeps them, one more listens to each feed, and as many
// look as there is to look at, up to the bound.
type watches struct {
	mu       sync.Mutex
	sessions *Sessions
	all      map[*Watch]struct{}
	keys     index[core.Key]
	families index[core.Family]
	lines    map[*placed]*lines // with ctx and stop, from the first watch to the last

	ctx  context.Context //nolint:containedctx // of all that runs
	stop context.CancelFunc
}

// lines are where the watches of a kind wait to be looked at.
type lines struct{ swept, poked line }

type line struct {
	waiting list.List // of *Watch
	looks   int       // under way
}

// haste is how soon a watch is to be looked at.
type haste uint8

const (
	none  haste = iota
	swept       // in its turn: nothing is known of it
	poked       // now: it was told of
)

// turn is where a watch stands, under the lock of watches. It waits in one line at most, and is in none while it is looked at.
type turn struct {
	haste   haste         // with which it waits, or is to wait again after this look
	place   *list.Element // in that line
	looking bool
}

// index finds watches. Nothing is found by the zero value: it is the key of what has no record.
type index[K comparable] map[K][]*Watch

func (x index[K]) add(k K, w *Watch) {
	var zero K
	if k != zero {
		x[k] = append(x[k], w)
	}
}

func (x index[K]) drop(k K, w *Watch) {
	if at := slices.Index(x[k], w); at >= 0 {
		x[k] = slices.Delete(x[k], at, at+1)
	}
	if len(x[k]) == 0 {
		delete(x, k)
	}
}

func (ws *watches) add(s *Sessions, w *Watch) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if len(ws.all) == 0 {
		ws.sessions, ws.all, ws.lines = s, map[*Watch]struct{}{}, map[*placed]*lines{}
		ws.keys, ws.families = index[core.Key]{}, index[core.Family]{}
		ws.ctx, ws.stop = context.WithCancel(context.Background())
		go ws.run(ws.ctx, s)
		for _, feed := range s.feeds() {
			go ws.listen(ws.ctx, feed)
		}
	}
	ws.all[w] = struct{}{}
	ws.keys.add(w.key, w)
	ws.families.add(w.family, w)
	// What happened between the load and now nobody has told. It is no poke: many that come at once must not hold those up.
	ws.line(w, swept)
}

func (ws *watches) end(w *Watch, reason Over) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if _, watching := ws.all[w]; !watching {
		return
	}
	w.reason = reason
	close(w.done)
	ws.leave(w)
	delete(ws.all, w)
	ws.keys.drop(w.key, w)
	ws.families.drop(w.family, w)
	if len(ws.all) == 0 {
		ws.stop()
	}
}

// poke has the watches of a key looked at. The empty key is every one.
func (ws *watches) poke(key core.Key) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if key == "" {
		for w := range ws.all {
			ws.line(w, swept)
		}
		return
	}
	for _, w := range ws.keys[key] {
		ws.line(w, poked)
	}
}

// pokeFamily has the watches of a family looked at, whatever the key of its record is by now.
func (ws *watches) pokeFamily(f core.Family) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for _, w := range ws.families[f] {
		ws.line(w, poked)
	}
}

// follow notes where the session of a watch is by now, and when it is over.
func (ws *watches) follow(w *Watch, key core.Key, until int64) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	w.until = until
	if _, watching := ws.all[w]; !watching || w.key == key {
		return
	}
	ws.keys.drop(w.key, w)
	ws.keys.add(key, w)
	w.key = key
	ws.line(w, poked) // a poke of the new key found nobody till now
}

// of returns the line of a kind for a haste. The caller holds the lock, as for all below.
func (ws *watches) of(p *placed, h haste) *line {
	l := ws.lines[p]
	if l == nil {
		l = new(lines)
		ws.lines[p] = l
	}
	if h == poked {
		return &l.poked
	}
	return &l.swept
}

// line has a watch looked at: it waits in the line of its haste, unless it does so already or in that of a greater one. One that is
// being looked at waits when that is done, because what it is to see may have come after its load.
func (ws *watches) line(w *Watch, h haste) {
	if w.turn.haste >= h {
		return
	}
	ws.leave(w)
	w.turn.haste = h
	if w.turn.looking {
		return
	}
	l := ws.of(w.placed, h)
	w.turn.place = l.waiting.PushBack(w)
	if l.looks < looksAtOnce {
		l.looks++
		go ws.work(ws.ctx, ws.sessions, l)
	}
}

// leave takes a watch out of the line in which it waits.
func (ws *watches) leave(w *Watch) {
	if w.turn.place != nil {
		ws.of(w.placed, w.turn.haste).waiting.Remove(w.turn.place)
	}
	w.turn.haste, w.turn.place = none, nil
}

// work looks at what waits in a line until nothing does.
func (ws *watches) work(ctx context.Context, s *Sessions, l *line) {
	for w := ws.next(l, nil); w != nil; w = ws.next(l, w) {
		ws.look(ctx, s, w)
	}
}

// next returns the first watch of a line, or nil if none waits. That which was looked at before may be looked at again.
func (ws *watches) next(l *line, before *Watch) *Watch {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if before != nil {
		before.turn.looking = false
		if h := before.turn.haste; h != none {
			before.turn.haste = none
			ws.line(before, h)
		}
	}
	first := l.waiting.Front()
	if first == nil {
		l.looks--
		return nil
	}
	w := first.Value.(*Watch)
	ws.leave(w)
	w.turn.looking = true
	return w
}

// run sweeps all watches from time to time.
func (ws *watches) run(ctx context.Context, s *Sessions) {
	ticker := time.NewTicker(s.config.WatchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			ws.poke("")
		}
	}
}
