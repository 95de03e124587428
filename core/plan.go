package core

import (
	"fmt"
	"io"
)

// Plan is what the shell carries out, in the order of its fields and only so; a step whose key is empty is none. If Replace
// or End is refused, what Create made is deleted again; after an outage it stays, for the step may yet take effect. Then
// nothing is sent, and the session is not Next.
type Plan struct {
	Verdict Verdict
	Create  Write   // a new record under a new key
	Enrol   Enrol   // of a session that signs in
	Replace Replace // of the record that was found: a save, or the claim of a rotated or renewed one
	Touch   Mark    // of the record that was found
	End     End     // of a session with all of its family
	Revoke  Ending  // to be logged: of client-side tokens, before their time
	Leave   Leave   // of the session that ended; what is left undone here is found out later
	Send    Send    // to the client
	Stamp   Send    // beside it
	Next    Session // what the session is, once all of this is done
}

// Write creates a record.
type Write struct {
	Key    Key
	Record Record
}

// Replace puts a record in place of the one with revision At.
type Replace struct {
	Key    Key
	At     uint64
	Record Record
}

// Mark moves a record's times.
type Mark struct {
	Key            Key
	At             uint64
	Seen, Deadline int64
}

// End deletes the record with revision At, or what it has become since; At is 0 where that is not known. A tombstone
// stays, and its successor ends. An end that is Exact is of that revision and no other: else the plan is in conflict.
type End struct {
	Key   Key
	At    uint64
	Exact bool
}

// Send says what the client is told.
type Send struct {
	Action Action
	Token  Token
	Until  int64 // until when the client is to keep Token; MaxInstant is without limit
}

// Action is what the client is told.
type Action uint8

// The actions.
const (
	SendNothing Action = iota // the client keeps what it has
	SendToken                 // it keeps this token instead
	SendClear                 // it forgets
)

var actionNames = [...]string{"kept", "sent", "cleared"}

// String returns the name that the decision table and transcripts use.
func (a Action) String() string { return nameOf(actionNames[:], a) }

// Entropy returns how many random bytes the plan for v needs.
func (s *Session) Entropy(v Verdict) int {
	if s.policy == nil {
		return 0
	}
	n := 0
	switch v {
	case Create, Recreate:
		n = s.newFamilySize() + s.newIDSize()
	case Rotate, Renew:
		n = s.newIDSize()
	case Keep, Touch, Save:
		sends := s.hands()
		if s.policy.config.Place == ClientSide {
			sends = v == Save || v == Touch && s.policy.stamped()
		}
		if !sends {
			return 0
		}
	default:
		return 0
	}
	return n + s.policy.config.Chain.Entropy()
}

func (s *Session) newFamilySize() int {
	if s.policy.config.Format == Native {
		return len(Family{})
	}
	return 0 // a foreign record has no place for it
}

func (s *Session) newIDSize() int {
	if s.policy.config.Place == ServerSide {
		return idSize
	}
	return 0
}

// Plan says how v is carried out. Entropy has the length that Entropy asks for, and is never used for a second plan. An
// error is a fault of the application's (a *TooLargeError) or of set-up (a keyring without a primary key), and then
// nothing is to be done.
func (s *Session) Plan(v Verdict, now int64, entropy []byte) (p Plan, err error) {
	err = p.workOut(s, v, now, entropy)
	return p, err
}

func (p *Plan) workOut(s *Session, v Verdict, now int64, entropy []byte) (err error) {
	*p = Plan{Verdict: v, Next: *s}
	p.Next.settle()
	if s.policy == nil {
		return errNoPolicy
	}
	if len(entropy) < s.Entropy(v) {
		return errEntropy
	}
	if err := s.Fits(); err != nil {
		return err
	}
	switch v {
	case Touch:
		if s.policy.stamped() {
			err = p.stamp(s, now, entropy)
			break
		}
		seen := max(now, s.live.seen)
		p.Touch = Mark{s.live.key, s.live.revision, seen, s.policy.lifetime(&s.live.body).Deadline(s.live.body.started(), seen)}
		p.Next.live.seen = seen
	case Adopt:
		p.adopt(s, now)
	case Save:
		err = p.save(s, now, entropy)
	case Create:
		err = p.create(s, now, entropy)
		p.enrol(s, now)
	case Renew:
		err = p.renew(s, now, entropy)
	case Rotate:
		err = p.rotate(s, now, entropy)
		p.enrol(s, now)
	case Recreate:
		p.End, p.Revoke = s.end(), s.revokes(now)
		err = p.create(s, now, entropy)
		p.leave(s)
		p.enrol(s, now)
	case Clear:
		p.End, p.Revoke = s.end(), s.revokes(now)
		p.leave(s)
		p.clear(s)
	case Forget:
		p.clear(s)
	}
	if err == nil {
		err = p.hand(s, now, entropy)
	}
	return err
}

// end names the session that was found. A logout that arrives with an old token follows the tombstone that it finds.
func (s *Session) end() End {
	if s.live.body.Gone != here {
		return End{Key: s.live.body.Successor}
	}
	return End{s.live.key, s.live.revision, s.taken}
}

// Aside plans to keep the record of a session that this program cannot read until an instant, so that somebody can look
// into it. It stays as it is, and the session is over by its own times all the same. Where there is no such record the
// plan is to do nothing.
func (s *Session) Aside(until int64) Plan {
	p := Plan{Next: *s}
	if s.standing == Refused && s.refusal == Undecodable && s.live.revision > 0 {
		p.Verdict = Touch
		p.Touch = Mark{s.live.key, s.live.revision, min(max(s.live.seen, 0), until), until}
	}
	return p
}

// settle takes the wants away.
func (s *Session) settle() {
	s.wants, s.wanted = wantsNothing, SignIn{}
	s.basis, s.lower, s.lasts, s.silent, s.taken = basis{}, lower{}, lasts{}, false, false
}

// next returns the body to be kept, of the session that was found as the application wants it.
func (s *Session) next(now int64) body {
	b := body{Created: now, Everyone: s.everyone}
	if s.standing == Live && !s.wants.clears() {
		b = s.live.body
	}
	if s.wants.sets() {
		b.Payload = s.wanted.Payload
	}
	if in := s.wanted; in.Subject != "" {
		b.Subject, b.Authenticated, b.Level, b.Methods, b.Epoch = in.Subject, now, in.Level, in.Methods, in.Epoch
		b.Idle, b.Absolute = 0, 0
		b.Everyone = max(b.Everyone, s.everyone)
	}
	if s.lower.set {
		b.Level = min(b.Level, s.lower.to)
	}
	if s.lasts.set {
		b.Idle, b.Absolute = s.lasts.idle, s.lasts.absolute
	}
	if s.adoptDue() && !s.wants.clears() {
		b.Adopted = now
	}
	return b
}

func (p *Plan) save(s *Session, now int64, entropy []byte) error {
	b := s.next(now)
	if s.policy.config.Place == ClientSide {
		return p.client(s, now, &b, entropy)
	}
	p.replace(s, now, &b)
	if t := s.liveToken(); t != "" && s.policy.config.Format == Bare {
		// The life of a foreign cookie counts from the last change, because nothing else notes it.
		p.Send = Send{Action: SendToken, Token: t, Until: MaxInstant}
	}
	return nil
}

// replace puts b in place of the record that was found.
func (p *Plan) replace(s *Session, now int64, b *body) {
	p.Replace = Replace{s.live.key, s.live.revision, s.record(now, s.live.revision+1, b)}
	p.Next.live.revision, p.Next.live.seen, p.Next.live.body = s.live.revision+1, max(now, s.live.seen), *b
}

func (p *Plan) create(s *Session, now int64, entropy []byte) error {
	b := s.next(now)
	s.marked(&b, now, false)
	copy(b.Family[:s.newFamilySize()], entropy)
	return p.issue(s, now, &b, entropy[s.newFamilySize():])
}

// rotate creates the session anew under a new token, then claims the old record by leaving a tombstone at its revision. Who
// loses that race deletes what it created, so that neither a logout nor another rotation is undone.
func (p *Plan) rotate(s *Session, now int64, entropy []byte) error {
	b := s.next(now)
	s.marked(&b, now, false)
	if err := p.issue(s, now, &b, entropy); err != nil || p.Create.Key == "" {
		return err
	}
	if s.policy.config.Format == Bare {
		// A foreign store could not read a tombstone. So the claim is that this revision ends, and no other.
		p.End = End{Key: s.live.key, At: s.live.revision, Exact: true}
		return nil
	}
	p.claim(s, now, &b, body{Family: b.Family, Gone: rotated, Successor: p.Create.Key})
	return nil
}

// claim leaves in the old record's place where the session went, which is b by now.
func (p *Plan) claim(s *Session, now int64, b *body, left body) {
	until := s.policy.until(b)
	if !s.policy.config.Tracked || b.Subject == "" || b.Subject != s.live.body.Subject {
		until = min(until, later(now, tombstoneLife))
	}
	p.Replace = Replace{s.live.key, s.live.revision, Record{s.live.revision + 1, max(now, s.live.seen), until, left.text()}}
}

// tombstoneLife bounds how long a tombstone of an unlimited session is kept, in milliseconds: the 400 days after which
// a browser has dropped the old token (RFC 6265bis, section 5.5). What a roster may name leads on until the session's end.
const tombstoneLife = 400 * 24 * 3600 * 1000

// issue makes a new token for b, and its record where there is one.
func (p *Plan) issue(s *Session, now int64, b *body, entropy []byte) error {
	if s.policy.config.Place == ClientSide {
		return p.client(s, now, b, entropy)
	}
	f := found{way: byMaking, revision: 1, seen: now, body: *b}
	name := s.policy.newName(s.tokens, entropy[:idSize])
	token, err := s.policy.spellID(now, s.tokens.Tenant, name, entropy[idSize:])
	if err != nil {
		return err
	}
	if s.policy.config.Format == Bare {
		f.key = s.policy.key(s.tokens.Tenant, name)
	} else {
		f.key, f.id = s.policy.keyOf(s.tokens.Tenant, name)
	}
	p.Create = Write{f.key, s.record(now, 1, b)}
	p.sent(s, token, f)
	return nil
}

func (p *Plan) sent(s *Session, t Token, f found) {
	p.Send = Send{Action: SendToken, Token: t, Until: s.policy.until(&f.body)}
	p.Next.live, p.Next.standing, p.Next.refusal = f, Live, NotRefused
}

// until returns the instant until which the client is to keep the token of b. A foreign one says nothing of when it began.
func (p *Policy) until(b *body) int64 {
	if p.config.Format == Bare {
		return MaxInstant
	}
	return p.lifetime(b).Until(b.started())
}

// untilAtMost returns the instant at which a session that began as b did is over, had it the longest life that the policy gives
// to any. What ended is remembered until then, because a session's own lifetime can come to be another.
func (p *Policy) untilAtMost(b *body) int64 {
	_, longest := p.config.Lifetime.Bounds()
	return later(b.started(), longest)
}

func (p *Plan) clear(s *Session) {
	p.Send.Action = SendClear
	if s.tokens.Stamp != "" {
		p.Stamp.Action = SendClear
	}
	p.Next = Session{policy: s.policy, tokens: Tokens{Tenant: s.tokens.Tenant, NewID: s.tokens.NewID}, standing: Absent}
}

// record returns the record that keeps b.
func (s *Session) record(now int64, revision uint64, b *body) Record {
	if s.policy.config.Format == Bare {
		return Record{Revision: revision, Seen: now, Deadline: MaxInstant, Body: b.Payload}
	}
	seen := now
	if revision > 1 {
		seen = max(now, s.live.seen)
	}
	return Record{revision, seen, s.policy.lifetime(b).Deadline(b.started(), seen), b.text()}
}

// String returns the verdict and what the client sees, and nothing else that the plan holds.
func (p Plan) String() string { return "plan " + p.Verdict.String() + ", " + p.Send.Action.String() }

// Format prints what String returns, whatever the verb.
func (p Plan) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// MarshalText returns what String returns, which JSON and slog therefore show.
func (p Plan) MarshalText() ([]byte, error) { return []byte(p.String()), nil }
