package core_test

import (
	"slices"

	"github.com/satchel-go/satchel/core"
)

// The store: a sorted array of cells.

func (w *world) find(s *state, key core.Key) (i int, rec core.Record, ok bool) {
	n := w.keys.number(key)
	for i, c := range s.kept {
		if c.key == n {
			return i, w.records.list[c.rec], true
		}
	}
	return 0, core.Record{}, false
}

func (w *world) put(s *state, key core.Key, rec core.Record) {
	i, _, ok := w.find(s, key)
	if !ok {
		if s.kept[0].key != 0 {
			panic("the store is too small")
		}
		i = 0
	}
	s.kept[i] = cell{w.keys.number(key), w.records.number(rec)}
	w.sort(s)
}

func (w *world) drop(s *state, i int) {
	s.kept[i] = cell{}
	w.sort(s)
}

func (w *world) sort(s *state) {
	slices.SortFunc(s.kept[:], func(a, b cell) int { return int(a.key) - int(b.key) })
}

// use notes that an exchange uses the session now. What comes after the idle time is no use.
func (w *world) use(s *state) {
	if w.now(s) < w.instants()[s.used]+w.policy.Lifetime().Idle {
		s.used = s.clock
	}
}

// probe says what a token gives now, without a trace.
func (w *world) probe(s *state, token core.Token) core.Session {
	session := w.policy.Begin(w.now(s), core.One(token))
	for q, ok := session.Next(); ok; q, ok = session.Next() {
		a := core.Answer{Status: core.Missing}
		if _, rec, kept := w.find(s, q.Key); kept {
			a = core.Answer{Status: core.Found, Record: rec}
		}
		session = session.Answer(w.now(s), a)
	}
	return session
}
