package core_test

import "github.com/satchel-go/satchel/core"

// How an actor of the search goes back: it undoes, tries again, follows what a record has become, or gives up.

// undo goes on to delete what the plan created, if it did.
func (w *world) undo(a *actor, p core.Plan) {
	if p.Create.Key == "" || w.fault == noUndo {
		w.retry(a)
		return
	}
	a.step = stepUndo
}

// retry loads again after a conflict, twice at the most, or gives up.
func (w *world) retry(a *actor) {
	if a.then != stepLoad || a.tries == 2 {
		w.leave(a)
		return
	}
	session := w.sessions.list[a.session].Reloaded()
	*a = actor{left: a.left, step: stepLoad, wish: a.wish, token: a.token, session: w.sessions.number(session), tries: a.tries + 1, began: a.began}
}

// leave ends the exchange without success.
func (w *world) leave(a *actor) { *a = actor{left: a.left} }

// end deletes the record that End has come to.
func (w *world) end(s *state, i int) {
	a := &s.actors[i]
	at, rec, ok := w.find(s, w.keys.list[a.key])
	switch {
	case !ok:
		w.after(s, i, stepEnd)
	case rec.Revision == uint64(a.at):
		w.drop(s, at)
		w.after(s, i, stepEnd)
	default:
		a.step = stepFollow
	}
}

func (w *world) follow(s *state, i int) {
	a := &s.actors[i]
	_, rec, ok := w.find(s, w.keys.list[a.key])
	if !ok {
		w.after(s, i, stepEnd)
		return
	}
	a.at, a.step = uint8(rec.Revision), stepEnd
	if next, dead := core.Successor(rec); dead && w.fault != noFollow {
		a.key, a.at = w.keys.number(next), 0
	}
}

// fail is what the shell does when it does not know what became of a step.
func (w *world) fail(s *state, i int) {
	a := &s.actors[i]
	p := w.plans.list[a.plan]
	a.then = stepIdle
	switch {
	case a.step == stepReplace && p.Create.Key != "":
		a.step = stepClaimed
	case a.step == stepEnd, a.step == stepFollow:
		w.undo(a, p)
	default:
		w.leave(a)
	}
}
