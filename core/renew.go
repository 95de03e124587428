package core

// Renewal gives a session another token from time to time, without anybody's asking. Unlike rotation it must not lose whoever
// is on the way with the old one: that leads on to the successor, until the successor has been seen and a grace is over.
//
// So the old record becomes a pointer. It names the successor's key, as a tombstone does, and hides the successor's ID under the
// old one. Whoever comes with the old token is served the session and handed the successor's token: each racer the
// same, for only one claim of the old record takes effect.
//
// Hiding is a one-time pad. The pad is a hash of the old ID: 256 random bits that whoever holds the old token knows, and nobody
// who sees the store. One successor is hidden with it; what losers of the race hid is random too, nobody's, and
// deleted. The successor's key proves that its ID came out right, because it is a hash of that.

// hideLabel separates pads from every other use of SHA-256.
const hideLabel = "satchel successor key v1"

// hidden returns the successor's ID hidden under the old one, or what was hidden of it.
func (p *Policy) hidden(tenant, old, successor string) string {
	out := p.digest(hideLabel, tenant, []byte(old))
	for i := range min(len(out), len(successor)) { // a client-side session has no ID to hide
		out[i] ^= successor[i]
	}
	return string(out[:])
}

// follow returns the question to which a pointer leads, unless that does not hide the ID of the key that it names.
func (p *Policy) follow(tenant string, q *asked, pointer *body) (next asked, ok bool) {
	next = asked{follows: true}
	next.key, next.id = p.keyOf(tenant, []byte(p.hidden(tenant, string(q.id), pointer.Hidden)))
	return next, next.key == pointer.Successor
}

// graceOver reports whether a session's predecessor leads to it no more. A successor that was seen further in the future than clocks differ
// was seen before a clock was set back: the grace does not last until that instant comes again.
func (p *Policy) graceOver(b *body, now int64) bool {
	return b.Adopted != 0 && (now >= later(b.Adopted, p.config.Lifetime.Grace) || b.Adopted > later(now, MaxGrace))
}

// renewDue reports whether a live session is to have another token at now. Only its own token asks for that, so that a chain of
// pointers is never longer than one; and a successor is not renewed as long as its predecessor may lead to it.
func (s *Session) renewDue(now int64) bool {
	renew, b := s.policy.config.Lifetime.Renew, &s.live.body
	switch {
	case renew == 0 || s.silent || s.live.way != byToken:
		return false
	case b.Issued == 0: // it began before its kind was renewed
		return now >= later(b.started(), renew)
	}
	return now >= later(b.Issued, renew) && s.policy.graceOver(b, now)
}

// adoptDue reports whether a successor is seen for the first time by its own token.
func (s *Session) adoptDue() bool {
	b := &s.live.body
	return s.standing == Live && s.live.way == byToken && b.Issued != 0 && b.Adopted == 0 && s.policy.config.Place == ServerSide
}

// hands reports whether the client is to be handed the successor's token again.
func (s *Session) hands() bool { return s.standing == Live && s.live.way == byPointer && !s.silent }

// Silent returns the session as one whose tokens do not reach the client any more, because its answer has begun or nobody is
// there: it is not renewed. What the application wants is planned all the same.
func (s Session) Silent() Session {
	s.silent = true
	return s
}

// Settled reports whether there is nothing to do at now: the application wants nothing, nothing is due and nothing is to be
// handed to the client.
func (s *Session) Settled(now int64) bool {
	return !s.Changed() && !s.hands() && s.Decide(now) == Keep
}

// marked notes on a body whether its token is the first of a session, or a successor that is to be seen yet.
func (s *Session) marked(b *body, now int64, successor bool) {
	b.Issued, b.Adopted = 0, 0
	if s.policy.config.Lifetime.Renew > 0 {
		b.Issued, b.Adopted = now, now
	}
	if successor {
		b.Adopted = 0
	}
}

// adopt notes that the successor has been seen.
func (p *Plan) adopt(s *Session, now int64) {
	b := s.next(now)
	p.replace(s, now, &b)
}

// renew creates the session anew under a new token, then claims the old record by making it a pointer. Who loses that race
// deletes what it created, and finds the winner's pointer.
func (p *Plan) renew(s *Session, now int64, entropy []byte) error {
	b := s.next(now)
	s.marked(&b, now, true)
	if err := p.issue(s, now, &b, entropy); err != nil {
		return err
	}
	hidden := s.policy.hidden(s.tokens.Tenant, string(s.live.id), string(p.Next.live.id))
	p.claim(s, now, &b, body{Family: b.Family, Gone: renewed, Successor: p.Create.Key, Hidden: hidden})
	return nil
}

// hand sends the successor's token again to a client that came with the old one, if nothing else is sent.
func (p *Plan) hand(s *Session, now int64, entropy []byte) error {
	if !s.hands() || s.over(now) || p.Send.Action != SendNothing {
		return nil
	}
	switch p.Verdict {
	case Keep, Touch, Save:
	default:
		return nil
	}
	token, err := s.policy.spellID(now, s.tokens.Tenant, []byte(s.live.id), entropy)
	if err != nil {
		return err
	}
	p.Send = Send{Action: SendToken, Token: token, Until: s.policy.until(&p.Next.live.body)}
	p.Next.live.way = byMaking
	return nil
}
