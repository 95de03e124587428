package core

// intent is what the application wants. Later wants replace earlier ones as their methods say.
type intent uint8

const (
	wantsNothing     intent = iota // it reads, at the most
	wantsLower                     // a lower level
	wantsSave                      // another payload
	wantsRotate                    // another token
	wantsRotateSave                // both
	wantsSignIn                    // another subject, payload and token
	wantsClear                     // the end of the session
	wantsClearSave                 // its end, and a new session
	wantsClearSignIn               // its end, and a new session of a subject
)

var intentNames = [...]string{"read", "lower", "save", "rotate", "rotate+save", "sign-in", "clear", "clear+save", "clear+sign-in"}

func (i intent) String() string { return nameOf(intentNames[:], i) }

// sets reports whether a payload is to come.
func (i intent) sets() bool {
	return i == wantsSave || i == wantsRotateSave || i == wantsSignIn || i == wantsClearSave || i == wantsClearSignIn
}

// signsIn reports whether a subject is to come.
func (i intent) signsIn() bool { return i == wantsSignIn || i == wantsClearSignIn }

// clears reports whether the session that was found is to end.
func (i intent) clears() bool { return i == wantsClear || i == wantsClearSave || i == wantsClearSignIn }

// With returns the session with another payload. One equal to what is kept will not be written.
func (s Session) With(payload string) Session {
	s.with(payload)
	return s
}

func (s *Session) with(payload string) {
	s.base()
	s.wanted.Payload = payload
	switch s.wants {
	case wantsNothing, wantsLower:
		s.wants = wantsSave
	case wantsRotate, wantsRotateSave:
		s.wants = wantsRotateSave
	case wantsClear:
		s.wants = wantsClearSave
	}
}

// Rotated returns the session with another token to come: the old one is dead when the plan has been carried out. It
// changes nothing where the session is to end or is new anyway.
func (s Session) Rotated() Session {
	s.rotated()
	return s
}

func (s *Session) rotated() {
	switch s.wants {
	case wantsNothing, wantsLower:
		s.wants = wantsRotate
	case wantsSave:
		s.wants = wantsRotateSave
	}
}

// SignIn is what an application says when somebody signs in.
type SignIn struct {
	Subject string // whose the session becomes, 1 to 255 bytes
	Payload string
	Level   uint8  // how sure that is, as the application ranks it: 1 to 3 for NIST's AAL1 to AAL3
	Methods string // how it was found out, such as the names of RFC 8176, at most 255 bytes
	Hint    string // what a list of the subject's sessions shows of this one, at most 255 bytes; of no session but for a roster
	Epoch   int64  // of the subject, as its roster said just now
}

// SignedIn returns the session as a subject's, with another payload and another token: nothing of an earlier subject's
// stays, nor of a sign-in before it in this exchange.
func (s Session) SignedIn(in SignIn) Session {
	s.base()
	if s.wants.signsIn() {
		s.lasts = lasts{} // the earlier one's
	}
	s.wanted, s.lower = in, lower{}
	if s.wants.clears() {
		s.wants = wantsClearSignIn
	} else {
		s.wants = wantsSignIn
	}
	return s
}

// Cleared returns the session with its end to come, without what was set before.
func (s Session) Cleared() Session {
	s.settle()
	s.wants = wantsClear
	return s
}

// Taken returns the session with its end to come, on the condition that it is at the revision that was read: of several who
// take it one succeeds.
func (s Session) Taken() Session {
	s = s.Cleared()
	s.taken = true
	return s
}

// lower is a level to come down to.
type lower struct {
	set bool
	to  uint8
}

// Lowered returns the session with a level of assurance to come that is no higher than the given one. It is raised by signing
// in and by nothing else.
func (s Session) Lowered(level uint8) Session {
	switch s.wants {
	case wantsClear, wantsClearSave:
		return s
	case wantsSignIn, wantsClearSignIn:
		s.wanted.Level = min(s.wanted.Level, level)
		return s
	case wantsNothing:
		s.wants = wantsLower
	}
	if s.lower.set {
		level = min(level, s.lower.to)
	}
	s.lower = lower{true, level}
	return s
}

// Doubted returns the session as one of which there may be a newer state than was found, for the answer came from a cache. A change that
// changes nothing of what was found is then one all the same: if there is a newer state it is in conflict with that.
func (s Session) Doubted() Session {
	s.live.behind = true
	return s
}

// Sets reports whether a payload of the application's is to come, so that Payload gives that and not what was found.
func (s *Session) Sets() bool { return s.wants.sets() }

// Clears reports whether the session that was found is to end.
func (s *Session) Clears() bool { return s.wants.clears() }

// SignsIn reports whether a subject is to come.
func (s *Session) SignsIn() bool { return s.wants.signsIn() }

// Changed reports whether the application wants anything that reading does not give.
func (s *Session) Changed() bool { return s.wants != wantsNothing }

// basis is what a change was made from. It is a condition on the value that was read, and not on its revision: that also
// grows when a successor is adopted or renewed, which takes nothing from anybody.
type basis struct {
	made             bool
	family           Family
	subject, payload string
}

// basisOf returns the basis that a change of the live session has.
func (s *Session) basisOf() basis {
	b := &s.live.body
	return basis{true, b.Family, b.Subject, b.Payload}
}

// base notes the basis of a change that is made now, unless an earlier one has.
func (s *Session) base() {
	if s.standing == Live && !s.wants.clears() && !s.basis.made {
		s.basis = s.basisOf()
	}
}

// Overtaken reports whether others have changed what the application's change was made from, as Reloaded has shown. It must not
// be made then: it would undo theirs.
func (s *Session) Overtaken() bool {
	return s.standing == Live && s.basis.made && s.basis != s.basisOf()
}

// Undecodable returns the session as one whose payload this program cannot read. What was set since is kept and will go
// into a new session: the unread one is left as it is.
func (s Session) Undecodable() Session {
	if s.standing == Live {
		s.refuse(Undecodable)
	}
	return s
}

// Reloaded returns the session with the question for its record open again and its wants kept, for a replay after a
// conflict. If the record is gone by then it is Lost, and nothing brings it back. It changes nothing where there is no
// record, nor of an anchored session, whose record is without its value.
func (s Session) Reloaded() Session {
	if s.standing != Live || s.live.key == "" || s.policy.config.Place == ClientSide {
		return s
	}
	s.tokens.First = s.liveToken()
	s.standing, s.reloading = Asking, true
	s.asked, s.open, s.lives = [2]asked{{key: s.live.key, id: s.live.id, follows: s.live.way == byPointer}}, 0, 0
	s.tokens.Count = 1
	return s
}
