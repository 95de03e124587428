package satchel

import (
	"context"
	"errors"

	"github.com/satchel-go/satchel/core"
)

// commit settles the slot and returns what the client is to be told of its token and of its stamp, and of when that is.
func (s *slot) commit(ctx context.Context) (send, stamp core.Send, at int64, err error) {
	s.mu.Lock()
	defer s.unlock(ctx)
	if !s.begun {
		return core.Send{}, core.Send{}, 0, nil
	}
	err = s.settle(ctx, answerTo(ctx, false))
	return s.send, s.stamp, s.sentAt, err
}

// settle carries out what is wanted and what is due, again and again after conflicts, until what was to be changed is another
// by now.
func (s *slot) settle(ctx context.Context, to answer) error {
	sessions := s.exchange.sessions
	at := sessions.config.Clock()
	now := at.UnixMilli()
	if s.session.Settled(now) {
		return nil
	}
	if s.placed.store == nil {
		return s.carry(ctx, to, now) // there is nothing to wait for, and nobody to be in conflict with
	}
	commit := sessions.commitContext(ctx)
	commit.from(at, sessions)
	defer commit.stop(context.Canceled)
	for t := (tries{}); ; now = sessions.now() {
		reads := !s.session.Changed()
		err := s.carry(commit, to, now)
		// What an anchored session's newer token holds is in a client's hands, so there is nothing to reload.
		if errors.Is(err, ErrConflict) && s.placed.place == core.ServerSide && !s.session.Overtaken() && t.again(commit) {
			s.reload(&limited{parent: commit, within: sessions.config.CommitLimit})
			if err = s.outage; err == nil {
				continue
			}
		}
		if reads {
			return nil // whoever only reads has what was asked for; the observer was told
		}
		return err
	}
}

// answer says whether a token still reaches the client.
type answer uint8

const (
	answerOpen answer = iota
	answerGone        // its context is over, so that nobody may be there: a rotation would leave a client with a dead token
	answerLate        // the answer has begun
)

func answerTo(ctx context.Context, late bool) answer {
	switch {
	case late:
		return answerLate
	case ctx.Err() != nil:
		return answerGone
	}
	return answerOpen
}

// carry decides, plans and carries out, once. What needs a token that would not arrive is not done. The caller holds the
// lock.
func (s *slot) carry(ctx context.Context, to answer, now int64) error {
	if to != answerOpen {
		s.script.Silent(&s.session)
	}
	verdict, err := s.decide(ctx, now)
	if err != nil {
		return err
	}
	var plan core.Plan
	if err := s.plan(&plan, verdict, now); err != nil {
		return err
	}
	if to == answerLate && plan.Send.Action == core.SendToken || to == answerGone && s.kills(&plan) {
		return ErrTooLate
	}
	if err := s.maySend(&plan, now); err != nil {
		return err
	}
	if err := carryOut(ctx, s.placed.store, &plan, s.roster, s.revoke); err != nil {
		if errors.Is(err, ErrUnavailable) && (plan.Verdict == core.Touch || plan.Verdict == core.Adopt || !s.session.Changed()) {
			s.note(s.exchange.sessions.config.Observer.Unavailable, now, &s.session, err) // what is not noted or renewed now will be
			return nil
		}
		if s.session.Changed() {
			s.noteFailure(now, err)
		}
		return err
	}
	return s.carried(&plan, to, now)
}

// doubts reports whether what was set changes nothing of what was found, but may change what is there: it was found in a cache, and the
// copy may be older than another node's change. A write would be in conflict then; where there is none to be made, the store is to be asked.
func (s *slot) doubts(v core.Verdict) bool {
	idle := v == core.Keep || v == core.Touch || v == core.Adopt
	return idle && s.session.Sets() && !s.fresh && s.session.Key() != "" && s.placed.store.Guarantees().MaxStale > 0
}

// maySend asks whether the token of a plan may leave at all. If it may not, and nobody has asked for it (it renews the session, or
// hands over a successor again), it is planned anew without one: a token that is old holds up no change and no note of a use.
func (s *slot) maySend(plan *core.Plan, now int64) error {
	sender, ok := s.exchange.carrier.(Sender)
	if !ok || plan.Send.Action != core.SendToken {
		return nil
	}
	err := sender.MaySend(s.placed.transport)
	if err == nil || plan.Verdict == core.Create || plan.Verdict == core.Recreate || plan.Verdict == core.Rotate {
		return err
	}
	s.script.Silent(&s.session)
	var silent core.Plan
	if failed := s.plan(&silent, s.session.Decide(now), now); failed != nil {
		return failed
	}
	if silent.Send.Action == core.SendToken {
		return err
	}
	*plan = silent
	return nil
}

// carried takes it that a plan has been carried out.
func (s *slot) carried(plan *core.Plan, to answer, now int64) error {
	s.noteDone(now, plan)
	if plan.Verdict == core.Rotate || plan.Verdict == core.Clear || plan.Verdict == core.Recreate {
		s.exchange.sessions.watches.pokeFamily(s.session.Family())
	}
	s.script.Next(&s.session, plan)
	s.whole = wholeUnknown
	s.version++
	if plan.Stamp.Action != core.SendNothing {
		s.stamp, s.sentAt = plan.Stamp, now
	}
	if plan.Send.Action != core.SendNothing {
		s.send, s.sentAt = plan.Send, now
		if to == answerLate {
			return ErrTooLate
		}
	}
	return nil
}

// inEpoch tells a session that begins everyone's epoch. A sign-in, also one that rotates, is told the one of just now, for it may
// come after everyone was ended.
func (s *slot) inEpoch(ctx context.Context, v core.Verdict, now int64) error {
	ends, signsIn := s.placed.ends, s.session.SignsIn()
	if ends == nil || v != core.Create && v != core.Recreate && (v != core.Rotate || !signsIn) {
		return nil
	}
	ask := ends.epoch
	if signsIn {
		ask = ends.newest
	}
	epoch, err := ask(ctx, s.session.Policy(), now)
	if err != nil {
		s.noteFailure(now, unavailable(err))
		return s.outage
	}
	s.script.InEpoch(&s.session, epoch)
	return nil
}

// revoke logs what a plan ends. The caller holds the lock.
func (s *slot) revoke(ctx context.Context, e core.Ending) error {
	sessions := s.exchange.sessions
	return s.placed.revoke(ctx, s.session.Policy(), sessions.now, sessions.tries(), e, s.endedSince)
}

// decide has core decide, on what is in the store where what was found may be old, and returns why nothing may come of it.
func (s *slot) decide(ctx context.Context, now int64) (core.Verdict, error) {
	verdict := s.session.Decide(now)
	if s.doubts(verdict) {
		if s.placed.place == core.ClientSide {
			s.script.Doubted(&s.session) // there is no value to reload, and who writes is told
		} else {
			s.reload(&limited{parent: ctx, within: s.exchange.sessions.config.CommitLimit})
		}
		if s.outage != nil {
			return verdict, s.outage
		}
		verdict = s.session.Decide(now)
	}
	if err := refused(&s.session, verdict); err != nil {
		return verdict, err
	}
	if verdict == core.Save && s.endedSince() {
		s.noteFailure(now, ErrEnded) // no store is in the way of a token, and it would open nothing
		return verdict, ErrEnded
	}
	return verdict, s.inEpoch(ctx, verdict, now)
}

// endedSince reports whether this node's copy of the log, as it is now, ends a client-side session as it was found.
func (s *slot) endedSince() bool {
	if s.placed.ends == nil || s.placed.place != core.ClientSide {
		return false
	}
	session := s.session
	asks, live := session.Ends()
	return live && s.placed.ends.ends(s.exchange.sessions.now(), asks)
}

// kills reports whether a plan leaves the client's token dead, at once or after its window, so that another one has to arrive.
func (s *slot) kills(p *core.Plan) bool {
	switch p.Verdict {
	case core.Rotate:
		return p.Create.Key != "" || p.Replace.Key != "" || p.Revoke != (core.Ending{})
	case core.Save:
		return s.placed.place == core.ClientSide && p.Replace.Key != "" // an anchor that knows of a newer token
	}
	return false
}

// refused returns the error of a change that cannot be made.
func refused(session *core.Session, v core.Verdict) error {
	switch {
	case v == core.Outage:
		return ErrUnavailable
	case v != core.Refuse:
		return nil
	case session.Refusal() == core.Ambiguous:
		return ErrAmbiguous
	case session.Overtaken():
		return ErrConflict
	}
	return ErrEnded
}
