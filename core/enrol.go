package core

// Enrol puts a session that signs in on its subject's roster, before its token can be sent: so no session of a subject
// is live and unlisted. It fails if the epoch is another by now, because all of the subject's sessions were ended after
// the sign-in had begun.
type Enrol struct {
	Key     Key // of the subject record
	Subject string
	Epoch   int64
	Member  Member
	Most    int    // how many sessions the subject may have
	Refuse  bool   // one more is refused; else the oldest ends
	Instead Family // the subject's session that ends with this plan, and does not count; it stays listed until it has ended
}

// Leave takes a session that ended, or became another subject's, off a roster.
type Leave struct {
	Key    Key
	Family Family
}

// enrol plans what a sign-in does to rosters: the session comes onto its subject's, and off the one of an earlier subject.
func (p *Plan) enrol(s *Session, now int64) {
	if !s.policy.config.Tracked || !s.wants.signsIn() {
		return
	}
	b, key := &p.Next.live.body, p.Create.Key
	if p.Replace.Key != "" && (key == "" || s.live.body.Subject == b.Subject) {
		key = p.Replace.Key // it is on the roster under its old key, which leads on, and if it is not claimed stays
	}
	p.Enrol = Enrol{
		Key: s.policy.RosterKey(s.tokens.Tenant, b.Subject), Subject: b.Subject, Epoch: b.Epoch,
		Member: Member{Family: b.Family, Key: key, Since: now, Until: s.policy.until(b), Everyone: b.Everyone, Hint: s.wanted.Hint},
		Most:   s.policy.config.MaxSessions, Refuse: s.policy.config.RefuseNewest,
	}
	if p.Enrol.Most == 0 {
		p.Enrol.Most = MaxMembers
	}
	switch {
	case s.live.body.Subject != b.Subject:
		p.leave(s)
	case s.wants.clears():
		p.Enrol.Instead = s.live.body.Family
	}
}

// leave plans that the session that was found comes off its subject's roster.
func (p *Plan) leave(s *Session) {
	if b := &s.live.body; s.policy.config.Tracked && b.Subject != "" {
		p.Leave = Leave{Key: s.policy.RosterKey(s.tokens.Tenant, b.Subject), Family: b.Family}
	}
}

// RosterKey returns the key of a subject's record, for the tenant that the session's exchange belongs to.
func (s *Session) RosterKey(subject string) Key {
	if s.policy == nil {
		return ""
	}
	return s.policy.RosterKey(s.tokens.Tenant, subject)
}

// Policy returns the policy that began the session, or nil.
func (s *Session) Policy() *Policy { return s.policy }
