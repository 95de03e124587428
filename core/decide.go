package core

// Verdict is what becomes of a session. The whole policy is the table in testdata/decide.txt, which a test prints from
// Decide; no other text restates it.
type Verdict uint8

// The verdicts.
const (
	Keep     Verdict = iota // nothing is written and nothing sent
	Touch                   // its use is noted
	Adopt                   // its successor's first use is noted
	Save                    // its payload is written; a client-side token is sent anew
	Create                  // a new session
	Renew                   // a new token, to which the old one leads for a while
	Rotate                  // a new token, and with the plan carried out the old one is dead
	Clear                   // it ends, and the client's copy is cleared
	Recreate                // it ends, and a new session begins
	Forget                  // there is nothing to end, and the client's copy is cleared
	Refuse                  // the change cannot be made: the session is Lost, Ambiguous, over by now or another
	Outage                  // the change cannot be made: a store is out of reach
)

var verdictNames = [...]string{
	"keep", "touch", "adopt", "save", "create", "renew", "rotate", "clear", "recreate", "forget", "refuse", "outage",
}

// String returns the name that the decision table and transcripts use.
func (v Verdict) String() string { return nameOf(verdictNames[:], v) }

// Decide says what is to become of the session at now. It may be asked at any moment, for an answer must be ready in the
// middle of a handler.
func (s *Session) Decide(now int64) Verdict {
	switch s.standing {
	case Live:
		return s.decideLive(now)
	case Absent:
		if s.wants.sets() {
			return Create
		}
		return Keep
	case Refused:
		return s.decideRefused()
	case Lost:
		return s.decideLost()
	}
	if s.wants == wantsNothing {
		return Keep
	}
	return Outage
}

func (s *Session) decideLive(now int64) Verdict {
	switch s.wants {
	case wantsClear:
		return Clear
	case wantsClearSave, wantsClearSignIn:
		return Recreate
	}
	if s.over(now) || s.Overtaken() {
		// Its time ran out during the exchange: a write now would revive it, where a sweep has not yet been. Or others have
		// changed what a change was made from.
		if s.wants == wantsNothing {
			return Keep
		}
		return Refuse
	}
	switch s.wants {
	case wantsRotate, wantsRotateSave, wantsSignIn:
		return Rotate
	}
	switch {
	case s.renewDue(now):
		return Renew
	case s.writes():
		return Save
	case s.adoptDue():
		return Adopt
	case s.notes() && s.policy.lifetime(&s.live.body).touchDue(s.live.seen, now):
		return Touch
	}
	return Keep
}

// writes reports whether a live session is to be another than it is, under its token. Where there may be a newer state, what changes nothing of
// the one at hand may change that, so it is in conflict with it as any other change is.
func (s *Session) writes() bool {
	changes := s.wants == wantsSave && s.wanted.Payload != s.live.body.Payload || s.lower.set && s.lower.to < s.live.body.Level
	return changes || s.live.behind && (s.wants == wantsSave || s.lower.set)
}

// over reports whether a live session has reached a deadline by now.
func (s *Session) over(now int64) bool {
	if s.policy.config.Format == Bare {
		return false
	}
	r := s.policy.lifetime(&s.live.body).Judge(s.live.body.started(), s.live.seen, now)
	return r == Expired || r == Idle
}

func (s *Session) decideRefused() Verdict {
	// A revocable session that was rotated goes on under a token that the client has or is about to have, and one that has ended
	// may have been rotated long ago. One that has idled away by its stamp may be in use by a newer one. A logout ends all of these.
	logged := s.refusal == Rotated || s.refusal == Ended || s.refusal == Idle
	endable := s.live.revision > 0 || logged && s.revocable()
	// A renewed token after its grace is in two hands, and one of them may be a thief's.
	clears := s.wants.clears() || s.refusal == Reused && s.policy.config.EndReused
	switch {
	case s.refusal == Ambiguous && s.wants != wantsNothing:
		// Whichever were changed or ended, the other would be the session of the next request.
		return Refuse
	case s.refusal == Rotated && (s.wants == wantsSave || s.wants == wantsRotateSave):
		// The session goes on under a token that the client is about to have: a new one must not take its place.
		return Refuse
	case s.wants.sets() && clears && endable:
		return Recreate
	case s.wants.sets():
		return Create
	case clears && endable:
		return Clear
	case clears:
		return Forget
	}
	return Keep
}

func (s *Session) decideLost() Verdict {
	endable := s.refusal != Unknown // what a record has become may name a successor, which ends with it
	switch {
	case s.wants.clears() && s.wants.sets() && endable:
		return Recreate
	case s.wants.clears() && endable:
		return Clear
	case s.wants.clears() && s.wants.sets():
		return Create
	case s.wants.clears():
		return Forget
	case s.wants == wantsNothing:
		return Keep
	}
	// Deletion wins: what was to be saved does not come back, under the old token or a new one.
	return Refuse
}
