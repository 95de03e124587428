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

	standing Standing
	refusal  Refusal
	asked    [2]asked // the records behind the tokens, in their order
	open     int      // the index in asked of the next question
	lives    int      // how many of the tokens give a session

	reloading bool // the open question is about the record that was live

	live   found  // of a live session, or of one refused although its record was found
	wants  intent // what the application wants
	wanted SignIn // with wants: the payload, and who signs in, to come
}

// asked is one question about a record, and why its answer gave no session.
type asked struct {
	key     Key
	refusal Refusal
}

// found is a record as it was answered.
type found struct {
	key      Key // empty for client-side sessions
	revision uint64
	seen     int64
	body     body
}

// Question is what core asks of the shell: a record, by its key.
type Question struct{ Key Key }

// Status is how a question was answered.
type Status uint8

// The answers. A record that a store found but could not make sense of is Garbled; one whose bytes core cannot read it
// finds out itself.
const (
	Missing Status = iota // the store holds no such record
	Found
	Garbled
	Unasked // the store could not be asked
)

var statusNames = [...]string{"missing", "found", "garbled", "unasked"}

// String returns the name that transcripts use.
func (s Status) String() string { return nameOf(statusNames[:], s) }

// Answer answers a question. Record is meant with Found, and its Revision with Garbled, 0 where that is not known.
type Answer struct {
	Status Status
	Record Record
}

// Begin reads the tokens that arrived. It is total: every text gives a session value, most often one that asks.
func (p *Policy) Begin(now int64, t Tokens) Session {
	s := Session{policy: p, tokens: t}
	switch {
	case t.Count <= 0:
		s.standing = Absent
		return s
	case t.Count == 2 && t.First == t.Second:
		s.tokens.Second, s.tokens.Count = "", 1
	}
	for i := range s.tried() {
		tok := t.First
		if i == 1 {
			tok = t.Second
		}
		if p.config.Place == ServerSide {
			s.asked[i].key, s.asked[i].refusal = p.openID(now, t.Tenant, tok)
		} else {
			b, refusal := p.openPayload(now, t.Tenant, tok)
			s = s.judged(i, found{body: b, seen: b.started()}, refusal)
		}
	}
	return s.advanced()
}

// tried returns how many of the tokens are looked at: more than two only a client that means no good sends.
func (s Session) tried() int { return min(s.tokens.Count, len(s.asked)) }

// Next returns the question that is open, if one is. There is one for each token, at most two, and one more after each Reloaded.
func (s Session) Next() (Question, bool) {
	if s.standing != Asking || s.policy == nil {
		return Question{}, false
	}
	return Question{Key: s.asked[s.open].key}, true
}

// Answer takes the answer to the open question; without one it changes nothing.
func (s Session) Answer(now int64, a Answer) Session {
	if s.standing != Asking || s.policy == nil {
		return s
	}
	f := found{key: s.asked[s.open].key}
	refusal := Unknown
	switch a.Status {
	case Unasked:
		// Fail closed: with one token unknown, even the other may be one of two.
		s.standing = Unavailable
		return s
	case Garbled:
		f.revision, refusal = a.Record.Revision, Undecodable
	case Found:
		f.revision, f.seen = a.Record.Revision, a.Record.Seen
		f.body, refusal = s.policy.readRecord(now, a.Record)
	}
	s = s.judged(s.open, f, refusal)
	s.open++
	return s.advanced()
}

// readRecord reads a record's body and says whether its session is over.
func (p *Policy) readRecord(now int64, r Record) (body, Refusal) {
	if p.config.Format == Bare {
		return body{Payload: r.Body}, NotRefused
	}
	b, ok := parseBody(r.Body)
	switch {
	case !ok:
		return body{}, Undecodable
	case b.Gone != here:
		if now < later(r.Seen, rotationRace) {
			return b, Rotated
		}
		return b, Superseded
	}
	if refusal := p.config.Lifetime.Judge(b.started(), r.Seen, now); refusal != NotRefused {
		return b, refusal
	}
	// A deadline kept under an earlier, shorter policy still holds: a store may drop the record at it, and a touch fails.
	if now >= r.Deadline {
		return b, Idle
	}
	return b, NotRefused
}

// rotationRace is for how long after a rotation requests that began before it are reckoned with, in milliseconds. Their
// answers may arrive after the one with the new token: were they to clear or replace the client's copy, they would log
// it out.
const rotationRace = 60 * 1000

// judged notes what became of the token at index i. A record that was found is remembered even when it is refused, so
// that an application that logs out can end it.
func (s Session) judged(i int, f found, refusal Refusal) Session {
	s.asked[i].refusal = refusal
	if refusal == NotRefused {
		s.lives++
		s.live = f
	} else if s.lives == 0 && (f.revision > 0 || s.live.revision == 0) {
		s.live = f
	}
	return s
}

// advanced passes over tokens that need no question, and settles the standing when none is open.
func (s Session) advanced() Session {
	for ; s.open < s.tried(); s.open++ {
		if a := s.asked[s.open]; s.policy.config.Place == ServerSide && a.refusal == NotRefused {
			s.standing = Asking
			return s
		}
	}
	switch {
	case s.lives == 1:
		s.standing, s.refusal = Live, NotRefused
	case s.lives > 1:
		s.live = found{}
		s = s.refused(Ambiguous)
	case s.reloading:
		s.standing, s.refusal = Lost, s.asked[0].refusal
	default:
		s = s.refused(s.asked[0].refusal)
	}
	s.reloading = false
	return s
}

func (s Session) refused(r Refusal) Session {
	s.standing, s.refusal = Refused, r
	return s
}

// Standing returns what the session is now.
func (s Session) Standing() Standing { return s.standing }

// Refusal returns why the tokens gave no session.
func (s Session) Refusal() Refusal { return s.refusal }

// Payload returns what an application reads now: what it set last, else what was found.
func (s Session) Payload() (payload string, ok bool) {
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
func (s Session) Handle() Handle {
	if s.live.body.Family == (Family{}) {
		return ""
	}
	return s.live.body.Family.Handle()
}

// Family returns the family of the session that was found, or zero.
func (s Session) Family() Family { return s.live.body.Family }

// Key returns the key of the record that was found, or "".
func (s Session) Key() Key { return s.live.key }

// Subject returns whose session it is now, or "": who signed in last, and nobody once it was cleared.
func (s Session) Subject() string {
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
func (s Session) Created() int64 {
	if s.standing != Live {
		return 0
	}
	return s.live.body.Created
}

// Authenticated returns the instant of a live session's last sign-in, or 0.
func (s Session) Authenticated() int64 {
	if s.standing != Live || s.wanted.Subject != "" { // who signs in is not in before the commit
		return 0
	}
	return s.live.body.Authenticated
}

// liveToken returns the token that arrived for the live record, or "" where this exchange began or rotated it.
func (s Session) liveToken() Token {
	switch s.live.key {
	case s.asked[0].key:
		return s.tokens.First
	case s.asked[1].key:
		return s.tokens.Second
	}
	return ""
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
