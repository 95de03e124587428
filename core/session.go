package core

import (
	"fmt"
	"io"
)

// Standing is what a session is at one moment of its exchange.
type Standing uint8

// The standings.
const (
	Asking      Standing = iota // a question is open
	Absent                      // no token came
	Refused                     // tokens came, and none gives a session
	Live                        // there is a session
	Lost                        // it was live in this exchange, and then ended elsewhere
	Unavailable                 // a store could not be asked, so nothing is known
)

var standingNames = [...]string{"asking", "absent", "refused", "live", "lost", "unavailable"}

// String returns the name that the decision table and transcripts use.
func (s Standing) String() string { return nameOf(standingNames[:], s) }

// Session is the session of one kind in one exchange: what is known and what the application wants. It is a value: each
// change gives a new one, and two that know and want the same are equal.
type Session struct {
	policy *Policy
	tokens Tokens

	standing  Standing
	refusal   Refusal
	open      uint8  // the index in asked of the next question
	lives     uint8  // how many sessions the tokens give
	wants     intent // what the application wants
	reloading bool   // the open question is about the record that was live
	taken     bool   // with the wish to clear: only this revision ends
	silent    bool   // no token reaches the client any more

	asked  [2]asked // the records behind the tokens, in their order
	live   found    // of a live session, or of one refused although its record was found
	wanted SignIn   // with wants: the payload, and who signs in, to come
	basis  basis    // with wants: what they were made from
	lower  lower    // the level to come down to
	lasts  lasts    // the lifetimes of its own to come

	everyone int64 // everyone's epoch, for a session that begins
}

// found is a record as it was answered, or a client-side token as it was opened.
type found struct {
	key      Key // empty for client-side sessions
	id       id  // behind key, but for a foreign one
	way      way
	revision uint64
	oldest   uint64 // of an anchored session: the serial under which its tokens are dead since a rotation
	behind   bool   // there may be a newer state than this one
	seen     int64
	body     body
}

// id is an ID as it was drawn, or "". It is a secret: it opens the session.
type id string

// way is how a record was come to.
type way uint8

const (
	byToken   way = iota // by the token that came, which is its own
	byPointer            // by the token that it was renewed from, which the client is to have replaced
	byMaking             // it was made, or its token sent, in this exchange
)

// Standing returns what the session is now.
func (s *Session) Standing() Standing { return s.standing }

// Refusal returns why the tokens gave no session.
func (s *Session) Refusal() Refusal { return s.refusal }

// Payload returns what an application reads now: what it set last, else what was found.
func (s *Session) Payload() (payload string, ok bool) {
	switch {
	case s.standing == Unavailable || s.standing == Asking:
		return "", false
	case s.wants.sets():
		return s.wanted.Payload, true
	case s.wants.clears() || s.standing != Live:
		return "", false
	}
	return s.live.body.Payload, true
}

// Handle returns the public name of the session that was found, or "".
func (s *Session) Handle() Handle {
	if s.live.body.Family == (Family{}) {
		return ""
	}
	return s.live.body.Family.Handle()
}

// Family returns the family of the session that was found, or zero.
func (s *Session) Family() Family { return s.live.body.Family }

// Serial returns which token of its session a client-side one is, or 0 where they are not counted.
func (s *Session) Serial() uint64 { return s.live.body.Serial }

// Key returns the key of the record that was found, or "".
func (s *Session) Key() Key { return s.live.key }

// Subject returns whose session it is now, or "": who signed in last, and nobody once it was cleared.
func (s *Session) Subject() string {
	switch {
	case s.standing == Unavailable || s.standing == Asking:
		return ""
	case s.wants.signsIn():
		return s.wanted.Subject
	case s.wants.clears() || s.standing != Live:
		return ""
	}
	return s.live.body.Subject
}

// Created returns the instant at which a live session began, and Authenticated that of its last sign-in; 0 is none.
func (s *Session) Created() int64 {
	if s.standing != Live {
		return 0
	}
	return s.live.body.Created
}

// Authenticated returns the instant of a live session's last sign-in, or 0.
func (s *Session) Authenticated() int64 {
	if s.standing != Live || s.wanted.Subject != "" { // who signs in is not in before the commit
		return 0
	}
	return s.live.body.Authenticated
}

// liveToken returns the token that arrived for the live record, or "" where another led to it or this exchange made it.
func (s *Session) liveToken() Token {
	if s.live.way != byToken {
		return ""
	}
	switch s.live.key {
	case s.asked[0].key:
		return s.tokens.First
	case s.asked[1].key:
		return s.tokens.Second
	}
	return ""
}

// Level returns how sure the last sign-in of a live session was, as the application ranks it, and Methods how it was done.
func (s *Session) Level() uint8 {
	switch {
	case s.standing != Live || s.wants.signsIn() || s.wants.clears():
		return 0
	case s.lower.set:
		return min(s.live.body.Level, s.lower.to)
	}
	return s.live.body.Level
}

// Methods returns how the last sign-in of a live session was done, or "".
func (s *Session) Methods() string {
	if s.standing != Live || s.wants.signsIn() || s.wants.clears() {
		return ""
	}
	return s.live.body.Methods
}

// Until returns the instants at which a live session is over: however much it is used, and if it is not used again. MaxInstant
// is never, and 0 that there is none.
func (s *Session) Until() (used, unused int64) {
	if s.standing != Live {
		return 0, 0
	}
	l := s.policy.lifetime(&s.live.body)
	return s.policy.until(&s.live.body), l.Deadline(s.live.body.started(), s.live.seen)
}

// Format prints what the session is and nothing that it holds, whatever the verb.
func (s Session) Format(f fmt.State, _ rune) {
	kind := ""
	if s.policy != nil {
		kind = s.policy.config.Kind
	}
	_, _ = io.WriteString(f, "session "+kind+" "+s.standing.String())
	if s.standing == Refused {
		_, _ = io.WriteString(f, " ("+s.refusal.String()+")")
	}
}

// nameOf returns the name of an enumerated value, also of one that is out of range.
func nameOf[E ~uint8](names []string, e E) string {
	if int(e) < len(names) {
		return names[e]
	}
	return "invalid"
}
