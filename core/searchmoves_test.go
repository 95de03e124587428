package core_test

import (
	"fmt"

	"github.com/satchel-go/satchel/core"
)

// The moves of the search: an actor goes through an exchange as the shell does, one step of the store at a time, and
// between any two steps anybody else may move, time may pass and the store may sweep.

// move is a state that can come next, and what happened.
type move struct {
	to     state
	label  string
	by     byte // the actor's letter, or '-'
	undone bool // the answer was lost because the step was not done
}

func (w *world) moves(s *state) []move {
	var out []move
	for i := range s.actors {
		out = append(out, w.actorMoves(s, i)...)
	}
	if int(s.clock) < w.size.clock-1 {
		next := *s
		next.clock++
		out = append(out, move{to: next, label: fmt.Sprintf("the clock shows %d", w.now(&next)), by: '-'})
	}
	for i, c := range s.kept {
		if c.key != 0 && w.records.list[c.rec].Deadline <= w.now(s) {
			next := *s
			w.drop(&next, i)
			out = append(out, move{to: next, label: "a sweep drops a record", by: '-'})
		}
	}
	return out
}

func (w *world) actorMoves(s *state, i int) []move {
	a := s.actors[i]
	if a.step == stepIdle {
		return w.beginnings(s, i)
	}
	by := byte('A' + i)
	label := fmt.Sprintf("%c: %s", by, stepNames[a.step])
	done := *s
	w.do(&done, i)
	out := []move{{to: done, label: label, by: by}}
	if s.outages == 0 || a.step == stepDecide {
		return out
	}
	// The answer is lost, and the step was done, or not.
	for _, effect := range []bool{true, false} {
		next := *s
		if effect {
			w.do(&next, i)
		}
		lost := *s
		lost.kept, lost.outages = next.kept, s.outages-1
		w.fail(&lost, i)
		out = append(out, move{to: lost, label: label + fmt.Sprintf(", its answer lost (done: %v)", effect), by: by, undone: !effect})
	}
	return out
}

// beginnings opens an exchange with any token and for any wish.
func (w *world) beginnings(s *state, i int) []move {
	if s.actors[i].left == 0 {
		return nil
	}
	var out []move
	for token := range s.sent {
		for _, want := range w.size.wishes {
			next := *s
			a := &next.actors[i]
			session := w.policy.Begin(w.now(s), core.One(w.tokens.list[s.tokens[token]]))
			*a = actor{left: a.left - 1, step: stepLoad, wish: want, token: token, session: w.sessions.number(session), began: s.clock}
			out = append(out, move{to: next, label: fmt.Sprintf("%c: begin with token %d, to %s", 'A'+i, token, wishNames[want]), by: '-'})
		}
	}
	return out
}

// do takes the actor's next step.
func (w *world) do(s *state, i int) {
	a := &s.actors[i]
	p := w.plans.list[a.plan]
	switch a.step {
	case stepLoad:
		w.load(s, a)
		if a.step == stepDecide && !w.size.split {
			w.decide(s, a, i)
		}
	case stepDecide:
		w.decide(s, a, i)
	case stepCreate:
		w.put(s, p.Create.Key, p.Create.Record)
		w.after(s, i, stepCreate)
	case stepReplace:
		w.replace(s, i, p)
	case stepClaimed:
		if _, rec, ok := w.find(s, p.Replace.Key); ok && rec.Revision == p.Replace.Record.Revision && rec.Body == p.Replace.Record.Body {
			w.after(s, i, stepReplace)
		} else {
			w.leave(a)
		}
	case stepTouch:
		at, rec, ok := w.find(s, p.Touch.Key)
		if w.fault == touchRevives && !ok {
			w.put(s, p.Touch.Key, core.Record{Revision: p.Touch.At, Seen: p.Touch.Seen, Deadline: p.Touch.Deadline, Body: w.bodyOf(a)})
		} else if ok && rec.Revision == p.Touch.At && p.Touch.Seen < rec.Deadline {
			rec.Seen, rec.Deadline = max(rec.Seen, p.Touch.Seen), max(rec.Deadline, p.Touch.Deadline)
			s.kept[at].rec = w.records.number(rec)
		}
		w.after(s, i, stepTouch)
	case stepEnd:
		w.end(s, i)
	case stepFollow:
		w.follow(s, i)
	case stepUndo:
		if at, rec, ok := w.find(s, p.Create.Key); ok && rec.Revision == p.Create.Record.Revision {
			w.drop(s, at)
		}
		w.retry(a)
	}
}

// bodyOf is what the actor's session was read from, for a touch that writes it all.
func (w *world) bodyOf(a *actor) string {
	payload, _ := w.sessions.list[a.session].Payload()
	return core.Body{Family: core.Family{1}, Created: w.instants()[0], Payload: payload}.Spell()
}

func (w *world) load(s *state, a *actor) {
	session := w.sessions.list[a.session]
	for q, ok := session.Next(); ok; q, ok = session.Next() {
		answer := core.Answer{Status: core.Missing}
		if _, rec, kept := w.find(s, q.Key); kept {
			answer = core.Answer{Status: core.Found, Record: rec}
		}
		session = session.Answer(w.now(s), answer)
	}
	if session.Standing() == core.Live {
		w.use(s)
	}
	if _, byPointer := session.LiveKey(); byPointer && session.Standing() == core.Live && w.fault == pointerAdopts {
		p, err := session.Plan(core.Keep, w.now(s), nil)
		if err != nil {
			panic(err)
		}
		session = w.probe(s, p.Send.Token)
	}
	a.session, a.step = w.sessions.number(session), stepDecide
}

// decide says what the actor wants, and plans it. A change adds the actor's letter to what is there now. The actor keeps
// the session without its wants, so that it makes its change anew on what it finds after a conflict.
func (w *world) decide(s *state, a *actor, i int) {
	session := w.sessions.list[a.session]
	a.decided = s.clock
	ends := a.wish == wishEnd || a.wish == wishEndAndBegin
	if session.Standing() != core.Live && session.Standing() != core.Lost && !ends {
		w.leave(a) // the application sees no session
		return
	}
	if session.Standing() == core.Live {
		w.use(s)
	}
	payload, _ := session.Payload()
	if session.Changed() && w.fault == staleReplay {
		session = w.probe(s, w.tokens.list[s.tokens[a.token]]) // as if the payload were made of what is there now
	} else if !session.Changed() {
		payload += string(rune('a' + w.letter(a, i)))
	}
	switch a.wish {
	case wishSave, wishSaveElseEnd:
		session = session.With(payload)
	case wishSet:
		if !session.Changed() {
			session = session.With(payload)
		}
		a.session = w.sessions.number(session)
	case wishRotate:
		session = session.Rotated()
	case wishRotateSave:
		session = session.Rotated().With(payload)
	case wishEnd:
		session = session.Cleared()
	case wishEndAndBegin:
		session = session.Cleared().With("")
	}
	now := w.now(s)
	if w.fault == writesLate {
		now = min(now, w.instants()[s.used]) // as if the deadline were not looked at again
	}
	p := w.planned(s, session, now)
	if p.Verdict == core.Adopt && w.fault == adoptForgotten {
		p.Verdict, p.Replace = core.Keep, core.Replace{}
	}
	if p.Verdict == core.Refuse && a.wish == wishSaveElseEnd {
		session = session.Cleared()
		p = w.planned(s, session, now)
		if w.fault == lostForgets && session.Standing() == core.Lost {
			p.End = core.End{}
		}
	}
	if p.Verdict == core.Refuse {
		w.leave(a)
		return
	}
	if w.fault == staleReplay {
		a.session = w.sessions.number(session) // with what it wants, which it then writes again
	}
	a.plan = w.plans.number(w.bent(p, session, w.now(s)))
	a.key, a.at = w.keys.number(p.End.Key), uint8(p.End.At)
	if w.fault == deleteTombstone && (session.Refusal() == core.Superseded || session.Refusal() == core.Rotated) && p.End.Key != "" {
		asking := w.policy.Begin(now, core.One(w.tokens.list[s.tokens[a.token]]))
		q, _ := asking.Next()
		_, rec, _ := w.find(s, q.Key)
		a.key, a.at = w.keys.number(q.Key), uint8(rec.Revision)
	}
	w.after(s, i, stepDecide)
}

// bent is the plan under a fault of planning.
func (w *world) bent(p core.Plan, session core.Session, now int64) core.Plan {
	switch {
	case w.fault == noClaim && p.Verdict == core.Rotate, w.fault == noPointer && p.Verdict == core.Renew:
		p.Replace = core.Replace{}
	case w.fault == writesLate && p.Replace.Key != "" && p.Verdict == core.Save:
		p.Replace.Record.Seen = now
		p.Replace.Record.Deadline = w.policy.Lifetime().Deadline(session.Created(), now)
	}
	return p
}

// letter is the bit of an actor's change.
func (w *world) letter(a *actor, i int) int { return 2*i + int(a.left)%2 }

func (w *world) replace(s *state, i int, p core.Plan) {
	a := &s.actors[i]
	at, rec, ok := w.find(s, p.Replace.Key)
	switch {
	case w.fault == blindUpsert, w.fault == blindPointer && p.Verdict == core.Renew:
		w.put(s, p.Replace.Key, p.Replace.Record)
		w.after(s, i, stepReplace)
	case ok && rec.Revision == p.Replace.At:
		s.kept[at].rec = w.records.number(p.Replace.Record)
		w.after(s, i, stepReplace)
	default:
		a.then = stepLoad
		if !ok {
			a.then = stepIdle
		}
		if w.fault == claimFirst {
			w.retry(a) // nothing is created yet
			return
		}
		w.undo(a, p)
	}
}

// after goes on to the plan's next step, or acknowledges.
func (w *world) after(s *state, i int, done step) {
	a := &s.actors[i]
	p := w.plans.list[a.plan]
	order := []step{stepDecide, stepCreate, stepReplace, stepTouch, stepEnd}
	if w.fault == claimFirst && p.Verdict == core.Rotate {
		order = []step{stepDecide, stepReplace, stepCreate, stepTouch, stepEnd}
	}
	has := map[step]bool{
		stepCreate: p.Create.Key != "", stepReplace: p.Replace.Key != "", stepTouch: p.Touch.Key != "", stepEnd: p.End.Key != "",
	}
	found := false
	for _, next := range order {
		if found && has[next] {
			a.step = next
			return
		}
		found = found || next == done
	}
	w.acknowledge(s, i, p)
}

func (w *world) acknowledge(s *state, i int, p core.Plan) {
	a := &s.actors[i]
	if p.Verdict == core.Save || p.Verdict == core.Rotate && a.wish == wishRotateSave ||
		p.Verdict == core.Renew && (a.wish == wishSave || a.wish == wishSet || a.wish == wishSaveElseEnd) {
		s.acked |= 1 << w.letter(a, i)
	}
	switch p.Verdict {
	case core.Rotate:
		s.dead |= 1<<s.sent - 1
		w.send(s, p.Send.Token)
	case core.Clear, core.Recreate, core.Forget:
		if a.wish != wishRead {
			s.ended = true
		}
	default:
		w.completed(s, a, p)
	}
	if p.Verdict == core.Recreate || p.Verdict == core.Create {
		// The new session is none of this search's, which is about the old one.
		if at, _, ok := w.find(s, p.Create.Key); ok {
			w.drop(s, at)
		}
	}
	w.leave(a)
}

// completed notes that an exchange of a live session is completed, and what its client holds now.
func (w *world) completed(s *state, a *actor, p core.Plan) {
	held := a.token
	if s.after[held] > 0 && s.seenAt[held] == 0 {
		s.seenAt[held] = s.clock + 1
	}
	if p.Send.Action == core.SendToken && (w.fault != notHanded || p.Verdict == core.Renew) {
		if held = w.send(s, p.Send.Token); s.after[held] == 0 {
			s.after[held] = a.token + 1
		}
	}
	if !s.ended {
		w.judge(s, a, held)
	}
}
