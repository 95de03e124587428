package core_test

import (
	"slices"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// How the calls of a store are read off the search's steps.

// asking is the world of a search that calls a store.
type asking[S any] interface {
	base() int64                                                   // the first instant
	keeping(s *S) keeping                                          // the store's records
	asks(t testing.TB, s *S, by byte, undone bool, to *S) []called // what was asked from one state to the next
}

// asked is what one search asks of its store: for each edge the first, so the shortest, history that comes to it.
type asked[S any] struct {
	world asking[S]
	here  map[string]bool
	last  []lastStep[S]
}

// lastStep is a move from a state, with which a history ends.
type lastStep[S any] struct {
	at     int
	by     byte
	undone bool
	to     S
}

func newAsked[S any](w asking[S]) *asked[S] { return &asked[S]{world: w, here: map[string]bool{}} }

// note notes a move if it is the first to an edge.
func (a *asked[S]) note(t testing.TB, s *S, last lastStep[S]) {
	t.Helper()
	k, fresh := a.world.keeping(s), false
	for _, c := range a.world.asks(t, s, last.by, last.undone, &last.to) {
		edge := k.edge(a.world.base(), c)
		fresh = fresh || !a.here[edge]
		a.here[edge] = true
		k = k.after(c)
	}
	if fresh {
		a.last = append(a.last, last)
	}
}

// write adds a trace for each edge that none has yet. It begins with the longest, which have many.
func (a *asked[S]) write(t testing.TB, wanted *traces, states []S, origins []origin) {
	t.Helper()
	for _, last := range slices.Backward(a.last) {
		from, fresh := states[last.at], false
		k := a.world.keeping(&from)
		history := a.world.asks(t, &from, last.by, last.undone, &last.to)
		for _, c := range history {
			fresh = fresh || !wanted.has(k, a.world.base(), c)
			k = k.after(c)
		}
		if !fresh {
			continue
		}
		for i := last.at; origins[i].from >= 0; i = int(origins[i].from) {
			o := origins[i]
			history = append(a.world.asks(t, &states[o.from], o.by, o.undone, &states[i]), history...)
		}
		var before []called
		for _, first := range a.world.keeping(&states[0]) {
			before = append(before, called{by: 'A', verb: "create", key: first.key, rec: first.rec})
		}
		wanted.add(a.world.base(), append(before, history...))
	}
}

// rawEdge tells moves apart at a glance, so that few have to be spelled. More of them are different than edges are.
type rawEdge struct {
	kept, to           [maxKept]cell
	step               step
	clock              uint8
	session, plan, key uint16
	at                 uint8
	by, undone         bool
}

func (m *move) raw(s *state) rawEdge {
	raw := rawEdge{kept: s.kept, to: m.to.kept, clock: s.clock, by: m.by != '-'}
	if raw.by {
		who := s.actors[m.by-'A']
		raw.step, raw.session, raw.plan, raw.key, raw.at, raw.undone = who.step, who.session, who.plan, who.key, who.at, m.undone
	}
	return raw
}

func (w *world) base() int64 { return w.instants()[0] }

// keeping returns the records of a state.
func (w *world) keeping(s *state) (k keeping) {
	for _, c := range s.kept {
		if c.key != 0 {
			k = append(k, kept{w.keys.list[c.key], w.records.list[c.rec]})
		}
	}
	return k
}

// asks returns what was asked of the store from one state to the next: the calls of the actor's step, and what went by itself. It
// holds the search's store to the contract.
func (w *world) asks(t testing.TB, s *state, by byte, undone bool, to *state) (all []called) {
	t.Helper()
	k := w.keeping(s)
	if by != '-' && !undone {
		for _, c := range w.calls(s, int(by-'A')) {
			c.by = by
			all, k = append(all, c), k.after(c)
		}
	}
	left := w.keeping(to)
	due := 0
	for _, one := range k {
		if one.rec.Deadline <= w.now(s) {
			due++
		}
	}
	for _, one := range slices.Clone(k) {
		if left.find(one.key) >= 0 {
			continue
		}
		c := called{by: '-', verb: "gone", key: one.key, at: one.rec.Revision, seen: w.now(s)}
		if by == '-' && due == 1 {
			c.verb = "sweep"
		}
		all, k = append(all, c), k.after(c)
	}
	for _, one := range k {
		if i := left.find(one.key); len(k) != len(left) || left[i] != one {
			t.Fatalf("after %v the search's store has %v, and one by the contract %v", all, left, k)
		}
	}
	return all
}

// calls returns the calls of an actor's next step.
func (w *world) calls(s *state, i int) (all []called) {
	a := s.actors[i]
	p := w.plans.list[a.plan]
	switch a.step {
	case stepLoad:
		session := w.sessions.list[a.session]
		for q, ok := session.Next(); ok; q, ok = session.Next() {
			answer := core.Answer{Status: core.Missing}
			if _, rec, kept := w.find(s, q.Key); kept {
				answer = core.Answer{Status: core.Found, Record: rec}
			}
			all, session = append(all, called{verb: "load", key: q.Key}), session.Answer(w.now(s), answer)
		}
		return all
	case stepCreate:
		return []called{{verb: "create", key: p.Create.Key, rec: p.Create.Record}}
	case stepReplace:
		return []called{{verb: "replace", key: p.Replace.Key, at: p.Replace.At, rec: p.Replace.Record}}
	case stepClaimed:
		return []called{{verb: "load", key: p.Replace.Key}}
	case stepTouch:
		return []called{{verb: "touch", key: p.Touch.Key, at: p.Touch.At, seen: p.Touch.Seen, deadline: p.Touch.Deadline}}
	case stepEnd:
		return []called{{verb: "delete", key: w.keys.list[a.key], at: uint64(a.at)}}
	case stepFollow:
		return []called{{verb: "load", key: w.keys.list[a.key]}}
	case stepUndo:
		return []called{{verb: "delete", key: p.Create.Key, at: p.Create.Record.Revision}}
	}
	return nil
}

// The world of client-side sessions has one record, the anchor or the log.

func (w *clientSearch) base() int64 { return noon }

func (w *clientSearch) keeping(s *clientState) keeping {
	switch {
	case s.there:
		return keeping{{w.key, s.anchor}}
	case s.logged:
		return keeping{{w.policy.LogKey(), s.log}}
	}
	return nil
}

func (w *clientSearch) asks(t testing.TB, s *clientState, by byte, _ bool, to *clientState) (all []called) {
	t.Helper()
	k := w.keeping(s)
	if by == '-' {
		if len(w.keeping(to)) < len(k) {
			all = append(all, called{by: by, verb: "sweep", key: k[0].key, at: k[0].rec.Revision, seen: w.now(s)})
		}
		return all
	}
	i := int(by - 'A')
	a := s.actors[i]
	switch p := a.plan; {
	case a.step == 0:
		session := w.policy.Begin(w.now(s), core.One(s.tokens[to.actors[i].token]))
		if q, ok := session.Next(); ok && q.Ask == core.AskRecord {
			all = append(all, called{by: by, verb: "load", key: q.Key})
		}
	case a.step == 2 && p.Replace.Key != "":
		all = append(all, called{by: by, verb: "replace", key: p.Replace.Key, at: p.Replace.At, rec: p.Replace.Record})
	case a.step == 2 && p.Touch.Key != "":
		all = append(all, called{by: by, verb: "touch", key: p.Touch.Key, at: p.Touch.At, seen: p.Touch.Seen, deadline: p.Touch.Deadline})
	case a.step == 2 && p.End.Key != "":
		all = append(all, called{by: by, verb: "delete", key: p.End.Key, at: a.at})
		if to.actors[i].step == 2 {
			all = append(all, called{by: by, verb: "load", key: p.End.Key}) // what it has become
		}
	}
	for _, c := range w.asksLog(s, i) {
		c.by = by
		all = append(all, c)
	}
	for _, c := range all {
		k = k.after(c)
	}
	if !slices.Equal(k, w.keeping(to)) {
		t.Fatalf("after %v the search's record is %v, and by the contract %v", all, w.keeping(to), k)
	}
	return all
}
