package core_test

import "github.com/satchel-go/satchel/core"

// The log in the search of client-side sessions: one record, which is read and then changed by compare-and-swap, as the shell does.
// Whoever asks whether a session has ended reads it too: that a node's copy may be older, by its lag, is no part of the search.

// below returns under which serial the log ends the session's tokens.
func below(r core.Record, f core.Family) (serial uint64) {
	log, _ := core.ParseLog(r.Body)
	for _, e := range log.Endings {
		if e.Family == f {
			serial = max(serial, e.Below)
		}
	}
	return serial
}

// ended answers whether the session has ended as the log has it.
func (w *clientSearch) ended(s *clientState, q core.Question) core.Answer {
	at := below(s.log, q.Family)
	switch {
	case q.Serial >= at:
		return core.Answer{Status: core.Missing}
	case at == core.WholeFamily || w.fault == endsWithoutAnInstant:
		return core.Answer{Status: core.Found}
	}
	return core.Answer{Status: core.Found, Record: core.Record{Seen: w.instants()[s.rotated]}}
}

// readLog has an actor read the log that it is to write. A session that has ended is not rotated.
func (w *clientSearch) readLog(s *clientState, i int) {
	a := &s.actors[i]
	e := a.plan.Revoke
	if e.Below != core.WholeFamily && e.Below <= below(s.log, e.Family) && w.fault != rotatesPastTheLog {
		*a = clientActor{left: a.left}
		return
	}
	a.step, a.read = 3, s.log
}

// writeLog has an actor write the log with what it ends, if it still is what it has read, and read it anew else.
func (w *clientSearch) writeLog(s *clientState, i int) {
	a := &s.actors[i]
	if s.log.Revision != a.read.Revision && w.fault != blindLog {
		a.step, a.read = 2, core.Record{}
		return
	}
	s.log, s.logged = a.writes(w.now(s)), true
	w.done(s, i)
}

// writes returns the log that an actor is to write.
func (a *clientActor) writes(now int64) core.Record {
	log, _ := core.ParseLog(a.read.Body)
	log = log.Swept(now)
	log.Endings = append(log.Endings, a.plan.Revoke)
	return log.Record(a.read.Revision+1, now)
}

// asksLog returns the calls of an actor's step that are about the log.
func (w *clientSearch) asksLog(s *clientState, i int) []called {
	a, key := s.actors[i], w.policy.LogKey()
	switch {
	case w.anchored:
		return nil
	case a.step == 0, a.step == 2 && a.plan.Revoke.Below > 0:
		return []called{{verb: "load", key: key}}
	case a.step == 3 && a.read.Revision == 0:
		return []called{{verb: "create", key: key, rec: a.writes(w.now(s))}}
	case a.step == 3:
		return []called{{verb: "replace", key: key, at: a.read.Revision, rec: a.writes(w.now(s))}}
	}
	return nil
}
