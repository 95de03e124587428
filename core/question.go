package core

// The questions: how tokens become a session, answer by answer.
//
// Each token asks for the record under its key. If that is a pointer, which a renewal has left, the token asks once more, for the
// successor's record; so a token asks twice at the most, and the tokens of an exchange four times. What a later Reloaded asks
// comes on top.

// Question is what core asks of the shell: a record, by its key, or whether a client-side session has ended.
type Question struct {
	Ask Ask
	Key Key // of the record

	Family   Family // with AskEnded
	Subject  Key    // of the subject record, or ""
	Serial   uint64
	Everyone int64
	Epoch    int64
}

// Ask is what a question is about.
type Ask uint8

// The questions. An answer to AskEnded is Found if the session has ended, and Missing if nothing is known of that. If
// nothing but a rotation has ended it, Seen of the answer's record is when that became known to who answers, else 0.
const (
	AskRecord Ask = iota
	AskEnded
)

// asked is what is known of one token: the question that is open about it, or why its answer gave no session.
type asked struct {
	key     Key
	id      id     // behind key
	kept    Record // what was found of a session of which is asked whether it has ended; Body is what a client-side token says
	refusal Refusal
	weighed bool // it was asked whether the session has ended
	follows bool // key is the successor's, which a pointer named
}

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
func (p *Policy) Begin(now int64, t Tokens) (s Session) {
	p.begin(&s, now, &t)
	return s
}

func (p *Policy) begin(s *Session, now int64, t *Tokens) {
	s.policy, s.tokens = p, *t
	switch {
	case t.Count <= 0:
		s.standing = Absent
		return
	case t.Count > 2: // only a client that means no good sends so many, and what is not looked at may be its own session
		s.refuse(Ambiguous)
		return
	case t.Count == 2 && t.First == t.Second:
		s.tokens.Second, s.tokens.Count = "", 1
	}
	for i := range s.tried() {
		tok := t.First
		if i == 1 {
			tok = t.Second
		}
		if p.config.Place == ServerSide {
			s.asked[i].key, s.asked[i].id, s.asked[i].refusal = p.openID(now, t.Tenant, tok)
		} else {
			s.openClient(now, i, tok)
		}
	}
	s.advance()
}

// tried returns how many of the tokens are looked at.
func (s *Session) tried() uint8 { return uint8(min(s.tokens.Count, len(s.asked))) }

// Next returns the question that is open, if one is.
func (s *Session) Next() (Question, bool) {
	if s.standing != Asking || s.policy == nil {
		return Question{}, false
	}
	return s.question(s.open), true
}

// Answer takes the answer to the open question; without one it changes nothing.
func (s Session) Answer(now int64, a Answer) Session {
	s.answer(now, &a)
	return s
}

func (s *Session) answer(now int64, a *Answer) {
	if s.standing != Asking || s.policy == nil {
		return
	}
	if a.Status == Unasked {
		// Fail closed: with one token unknown, even the other may be one of two.
		s.standing = Unavailable
		return
	}
	q := &s.asked[s.open]
	switch {
	case s.policy.config.Place == ClientSide:
		s.takeClient(now, a)
	case q.kept.Body != "":
		ended := a.Status != Missing
		kept := Answer{Status: Found, Record: q.kept}
		q.kept = Record{}
		s.take(now, &kept, ended)
	default:
		s.take(now, a, false)
	}
}

// take takes what became of a record, and whether it is known that its session has ended.
func (s *Session) take(now int64, a *Answer, ended bool) {
	q := &s.asked[s.open]
	f := found{key: q.key, id: q.id}
	switch {
	case q.follows:
		f.way = byPointer
	case s.reloading:
		f.way = s.live.way
	}
	refusal := Unknown
	switch a.Status {
	case Garbled:
		f.revision, refusal = a.Record.Revision, Undecodable
	case Found:
		f.revision, f.seen = a.Record.Revision, a.Record.Seen
		f.body, refusal = s.policy.readRecord(now, a.Record)
		switch {
		case refusal == Reused && !q.follows:
			next, ok := s.policy.follow(s.tokens.Tenant, q, &f.body)
			if ok {
				*q = next
				return
			}
			refusal = Undecodable
		case refusal == NotRefused && q.follows && s.policy.graceOver(&f.body, now):
			refusal = Reused
		}
	}
	switch {
	case refusal != NotRefused || !s.policy.config.Revocable:
	case ended:
		refusal = Ended
	case !q.weighed:
		q.kept, q.weighed = a.Record, true
		return
	}
	s.judge(s.open, &f, refusal)
	s.open++
	s.advance()
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
	case b.Gone == renewed:
		return b, Reused
	case b.Gone == rotated && now < later(r.Seen, RotationRace):
		return b, Rotated
	case b.Gone == rotated:
		return b, Superseded
	}
	if refusal := p.lifetime(&b).Judge(b.started(), r.Seen, now); refusal != NotRefused {
		return b, refusal
	}
	// A deadline kept under an earlier, shorter policy still holds: a store may drop the record at it, and a touch fails.
	if now >= r.Deadline {
		return b, Idle
	}
	return b, NotRefused
}

// RotationRace is for how long after a rotation requests that began before it are reckoned with, in milliseconds. Their
// answers may arrive after the one with the new token: were they to clear or replace the client's copy, they would log
// it out.
const RotationRace = 60 * 1000

// judge notes what became of the token at index i. A record that was found is remembered even when it is refused, so
// that an application that logs out can end it.
func (s *Session) judge(i uint8, f *found, refusal Refusal) {
	s.asked[i].refusal = refusal
	switch {
	case refusal == NotRefused && s.lives == 1 && s.tokens.Count == 2 && f.key != "" && f.key == s.live.key:
		// A token and the one that it was renewed from are one session. Its own token says more.
		if f.way == byToken {
			s.live = *f
		}
	case refusal == NotRefused:
		s.lives++
		s.live = *f
	case s.lives == 0 && s.asked[0].refusal == Reused && i > 0:
		// Whoever uses a renewed token is not to hide that behind a second one.
	case s.lives == 0 && (f.revision > 0 || s.live.revision == 0):
		s.live = *f
	}
}

// advance passes over tokens that need no question, and settles the standing when none is open.
func (s *Session) advance() {
	for ; s.open < s.tried(); s.open++ {
		if a := &s.asked[s.open]; a.refusal == NotRefused && (a.key != "" || a.kept.Body != "") {
			s.standing = Asking
			return
		}
	}
	switch {
	case s.lives == 1:
		s.standing, s.refusal = Live, NotRefused
	case s.lives > 1:
		s.live = found{}
		s.refuse(Ambiguous)
	case s.reloading:
		s.standing, s.refusal = Lost, s.asked[0].refusal
	case s.asked[1].refusal == Reused:
		s.refuse(Reused)
	default:
		s.refuse(s.asked[0].refusal)
	}
	s.reloading = false
}

func (s *Session) refuse(r Refusal) { s.standing, s.refusal = Refused, r }
