package core_test

import (
	"fmt"

	"github.com/satchel-go/satchel/core"
)

// Time in the search of client-side sessions. An anchored one idles away after half an hour unless its anchor is touched; one that is ended by a
// log is over after a day, and a day later so is what the log says of it.

// clientSize is how much one search looks at: how many actors, how many exchanges of the first, and to how many instants the clock comes.
type clientSize struct {
	actors int
	first  uint8
	clock  int
	wishes uint8 // so many of the first ones
}

// The first is that of the faults. Where there are three actors, or two that may do anything, the clock moves less or they do, so that it is
// seconds and not minutes.
var clientSizes = []clientSize{{2, 2, 3, clientSignsIn}, {2, 1, 3, clientWishes}, {3, 1, 1, clientWishes}, {3, 1, 2, clientReads}}

func (w *clientSearch) instants() []int64 {
	if w.anchored {
		return []int64{noon, noon + 20*minute, noon + 45*minute}
	}
	return []int64{noon, noon + 20*minute, noon + 2*day}
}

func (w *clientSearch) now(s *clientState) int64 { return w.instants()[s.clock] }

// kept reports whether the session is to be there by what is kept of it: who has only begun to use it may come too late.
func (w *clientSearch) kept(s *clientState) bool {
	switch l := w.policy.Lifetime(); {
	case !w.anchored:
		return !w.over(s)
	case s.there:
		return w.now(s) < s.anchor.Seen+l.Idle
	}
	return s.clock == 0 // else it may have been swept
}

// over reports whether the session's time is over: since its last use, or since it began.
func (w *clientSearch) over(s *clientState) bool {
	l := w.policy.Lifetime()
	return w.now(s) >= noon+l.Absolute || l.Idle > 0 && w.now(s) >= w.instants()[s.used]+l.Idle
}

// use notes a use.
func (w *clientSearch) use(s *clientState) {
	if !w.over(s) {
		s.used = s.clock
	}
}

// loads has an actor load its token. If it was rotated away just now, a late save under it must begin no session.
func (w *clientSearch) loads(s *clientState, a *clientActor) {
	a.session = w.answered(s, s.tokens[a.token])
	if w.fault == touchBrings {
		a.read = s.anchor
	}
	if a.session.Standing() == core.Live {
		w.use(s)
		return
	}
	late := a.session.With("late")
	s.beside = s.beside || a.wish == clientSaves && !s.ended && !w.over(s) && s.dead&(1<<a.token) != 0 && s.clock == s.rotated &&
		late.Decide(w.now(s)) != core.Refuse
}

// touch notes a use in the anchor, if it still is as it was read.
func (w *clientSearch) touch(s *clientState, a *clientActor) {
	m := a.plan.Touch
	switch {
	case m.Key == "":
	case w.fault == touchBrings && !s.there:
		s.anchor, s.there = a.read, true
	case s.there && s.anchor.Revision == m.At && m.Seen < s.anchor.Deadline:
		s.anchor.Seen, s.anchor.Deadline = max(s.anchor.Seen, m.Seen), max(s.anchor.Deadline, m.Deadline)
	}
}

// passes are the moves that nobody makes: time passes, and the store sweeps what is due.
func (w *clientSearch) passes(s *clientState) (out []clientMove) {
	if int(s.clock) < w.clock-1 {
		next := *s
		next.clock++
		out = append(out, clientMove{next, fmt.Sprintf("the clock shows %d", w.now(&next)), '-'})
	}
	if s.there && s.anchor.Deadline <= w.now(s) {
		next := *s
		next.there, next.anchor = false, core.Record{}
		out = append(out, clientMove{next, "a sweep drops the anchor", '-'})
	}
	if s.logged && s.log.Deadline <= w.now(s) {
		next := *s
		next.logged, next.log = false, core.Record{}
		out = append(out, clientMove{next, "a sweep drops the log", '-'})
	}
	return out
}
