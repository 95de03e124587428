package core

import "encoding/binary"

// A client-side session by itself knows nothing of what happens elsewhere. What a program keeps on the server can tell it, and
// the questions of these kinds ask for that:
//
//   - A revocable kind asks whether the session was ended before its time: by its family, its subject's epoch or everyone's.
//   - An anchored kind asks for the session's anchor, a record that has everything but the payload. Its revision is the serial of
//     the newest token, so that an older state is refused, a parallel change is a conflict, and an end is at once.
//   - A kind with an idle time and no anchor notes its use in a stamp: a second, small token, bound to the family. The first is
//     never sent again for that, because it would bring back what another answer has changed or cleared meanwhile.

// stamped reports whether sessions note their use in a stamp.
func (p *Policy) stamped() bool {
	return p.config.Place == ClientSide && p.config.Lifetime.Idle > 0 && !p.config.Anchored
}

// asks reports whether a token that opens is asked about.
func (p *Policy) asks() bool {
	return p.config.Place == ServerSide || p.config.Revocable || p.config.Anchored
}

// serial reports whether tokens of a session are counted.
func (p *Policy) serials() bool { return p.config.Revocable || p.config.Anchored }

// anchorLabel separates the keys of anchors from every other use of SHA-256.
const anchorLabel = "satchel anchor key v1"

func (p *Policy) anchorKey(tenant string, f Family) Key { return p.derived(anchorLabel, tenant, f[:]) }

// openClient reads a client-side token, and what is asked about it. What was opened is kept as it is, to be read again with the
// answer.
func (s *Session) openClient(now int64, i uint8, t Token) {
	p := s.policy
	plain, b, refusal := p.openPayload(now, s.tokens.Tenant, t)
	f := found{body: b, seen: b.started()}
	if refusal == NotRefused && p.config.Format == Native {
		if p.stamped() {
			f.seen = s.stampedAt(now, &b)
		}
		if !p.config.Anchored {
			refusal = p.lifetime(&b).Judge(b.started(), f.seen, now)
		}
		if refusal == NotRefused && p.asks() {
			s.asked[i].kept.Body = plain
			if p.config.Anchored {
				s.asked[i].key = p.anchorKey(s.tokens.Tenant, b.Family)
			}
			return
		}
	}
	s.judge(i, &f, refusal)
}

// question returns what is asked about the token at i.
func (s *Session) question(i uint8) Question {
	a := &s.asked[i]
	if a.kept.Body == "" || s.policy.config.Anchored {
		return Question{Key: a.key}
	}
	b, _ := parseBody(a.kept.Body)
	q := Question{Ask: AskEnded, Family: b.Family, Serial: b.Serial, Everyone: b.Everyone, Epoch: b.Epoch}
	if b.Subject != "" {
		q.Subject = s.policy.RosterKey(s.tokens.Tenant, b.Subject)
	}
	return q
}

// takeClient takes the answer about a client-side token.
func (s *Session) takeClient(now int64, a *Answer) {
	q := &s.asked[s.open]
	b, _ := parseBody(q.kept.Body)
	f := found{body: b, seen: b.started()}
	refusal := NotRefused
	switch {
	case s.policy.config.Anchored:
		f, refusal = s.policy.weigh(now, q.key, b, a)
	case a.Status != Missing && a.Record.Seen != 0 && now < later(a.Record.Seen, RotationRace):
		refusal = Rotated
	case a.Status != Missing:
		refusal = Ended
	case s.policy.stamped():
		f.seen = s.stampedAt(now, &b)
	}
	s.judge(s.open, &f, refusal)
	s.open++
	s.advance()
}

// weigh holds a token to its session's anchor. An older one than the newest is good for as long as requests may have been on
// their way with it; what it changes is in conflict with what the newer one did.
func (p *Policy) weigh(now int64, key Key, b body, a *Answer) (found, Refusal) {
	f := found{key: key, revision: a.Record.Revision, body: b}
	switch a.Status {
	case Missing:
		return found{body: b}, Unknown
	case Garbled:
		return f, Undecodable
	}
	anchor, refusal := p.readRecord(now, a.Record)
	f.seen, f.oldest = a.Record.Seen, anchor.Serial
	switch {
	case b.Serial > a.Record.Revision:
		return f, Unknown // this store does not know of it yet, and what it knows of the session's times is old as well
	case refusal != NotRefused:
		return f, refusal
	case b.Serial < anchor.Serial && now < later(anchor.Issued, RotationRace):
		return f, Rotated
	case b.Serial < anchor.Serial:
		return f, Superseded
	case b.Serial == a.Record.Revision:
		return f, NotRefused
	case now >= later(anchor.Issued, p.config.Window):
		return f, Superseded
	}
	f.revision, f.behind = b.Serial, true
	return f, NotRefused
}

// anchor returns the record that anchors b, whose token is the newest. Tokens of serials under oldest are dead at once.
func (p *Policy) anchor(now, seen int64, b *body, oldest uint64) Record {
	a := *b
	a.Payload, a.Serial, a.Issued, a.Adopted = "", oldest, now, now
	return Record{Revision: b.Serial, Seen: seen, Deadline: p.lifetime(b).Deadline(b.started(), seen), Body: a.text()}
}

// client plans the token of a client-side session that is b by now, and what the server keeps of it.
func (p *Plan) client(s *Session, now int64, b *body, entropy []byte) error {
	c := &s.policy.config
	if c.Anchored || s.policy.stamped() {
		b.Issued, b.Adopted = now, now
	}
	live := s.standing == Live && !s.wants.clears()
	f := found{seen: now}
	if live {
		f.oldest = s.live.oldest
	}
	if c.Anchored {
		b.Serial = 1
		f.key = s.policy.anchorKey(s.tokens.Tenant, b.Family)
		if live {
			b.Serial = s.live.revision + 1
		}
		f.revision = b.Serial
	}
	if p.Verdict == Rotate && live {
		if c.Revocable {
			b.Serial++
			p.Revoke = Ending{Family: b.Family, Below: b.Serial, Until: s.policy.untilAtMost(b)}
		}
		f.oldest = b.Serial
	}
	if c.Anchored {
		if record := s.policy.anchor(now, max(now, s.seenIf(live)), b, f.oldest); live {
			p.Replace = Replace{f.key, s.live.revision, record}
		} else {
			p.Create = Write{f.key, record}
		}
	}
	token, err := s.policy.spellPayload(now, s.tokens.Tenant, b, entropy)
	if err != nil {
		return err
	}
	f.body, f.way = *b, byMaking
	p.sent(s, token, f)
	return nil
}

// fill gives a body, of which only the size matters, what a token has beside the session's own.
func (p *Policy) fill(b *body) {
	if p.config.Anchored || p.stamped() {
		b.Issued = 1
	}
	if p.serials() {
		b.Serial = 1
	}
	if p.config.Revocable {
		b.Everyone = 1
	}
}

func (s *Session) seenIf(live bool) int64 {
	if live {
		return s.live.seen
	}
	return 0
}

// revocable reports whether a log is to end what was found: a client-side session that says of which family it is. What a store holds ends there,
// and a log beside it is for everyone's end.
func (s *Session) revocable() bool {
	return s.policy.config.Revocable && s.policy.config.Place == ClientSide && s.live.body.Family != (Family{})
}

// revokes returns what is to be logged so that the client-side session that was found ends. It may go on under a token of a sign-in that the
// one that was found knows nothing of, and which is as late as now. So it is remembered for the longest life from now on.
func (s *Session) revokes(now int64) Ending {
	if !s.revocable() {
		return Ending{}
	}
	_, longest := s.policy.config.Lifetime.Bounds()
	until := max(s.policy.untilAtMost(&s.live.body), later(now, longest))
	return Ending{Family: s.live.body.Family, Below: WholeFamily, Until: until}
}

// Stamps.

// stampedAt returns when a client-side session was last used: when its token was made, or as its stamp says. A stamp of another
// family, a forged one and one from the future say nothing, and an old one lengthens nothing.
func (s *Session) stampedAt(now int64, b *body) int64 {
	seen := max(b.Issued, b.started())
	family, at, ok := s.policy.openStamp(now, s.tokens.Tenant, s.tokens.Stamp)
	if ok && family == b.Family && at <= later(now, s.policy.config.Lifetime.Skew) {
		seen = max(seen, at)
	}
	return seen
}

// stampSize is what a stamp holds: a family, and an instant.
const stampSize = len(Family{}) + instant

func (p *Policy) stampFrame(now int64, tenant string) Frame {
	f := p.frame(tenant, now)
	f.Purpose, f.Version = PurposeStamp, versionStamp
	return f
}

func (p *Policy) openStamp(now int64, tenant string, t Token) (Family, int64, bool) {
	if t == "" {
		return Family{}, 0, false
	}
	raw, refusal := p.openNative(p.stampFrame(now, tenant), t)
	if refusal != NotRefused || len(raw) != stampSize {
		return Family{}, 0, false
	}
	at, _, _ := cutInstant(string(raw[len(Family{}):]))
	return Family(raw[:len(Family{})]), at, true
}

func (p *Policy) spellStamp(now int64, tenant string, f Family, entropy []byte) (Token, error) {
	raw := binary.BigEndian.AppendUint16(append(make([]byte, 0, stampSize), f[:]...), uint16(now>>32))
	raw = binary.BigEndian.AppendUint32(raw, uint32(now))
	sealed, err := p.config.Chain.Out(p.stampFrame(now, tenant), entropy, []byte{versionStamp}, raw)
	return Token(text.EncodeToString(sealed)), err
}

// stamp plans a new stamp.
func (p *Plan) stamp(s *Session, now int64, entropy []byte) error {
	token, err := s.policy.spellStamp(now, s.tokens.Tenant, s.live.body.Family, entropy)
	p.Stamp = Send{Action: SendToken, Token: token, Until: s.policy.until(&s.live.body)}
	p.Next.live.seen = max(now, s.live.seen)
	return err
}

// notes reports whether a use of the live session can be noted: in its record, or in a stamp that still reaches the client.
func (s *Session) notes() bool {
	return s.live.key != "" && s.policy.config.Format == Native || s.policy.stamped() && !s.silent
}

// InEpoch returns the session as one that begins, or signs in, with this exchange in an epoch of everyone's.
func (s Session) InEpoch(everyone int64) Session {
	s.everyone = everyone
	return s
}

// Ends returns the question whether the live session has ended before its time, if its kind asks that.
func (s *Session) Ends() (Question, bool) {
	if s.policy == nil || !s.policy.config.Revocable || s.standing != Live {
		return Question{}, false
	}
	s.asked[0].kept.Body = s.live.body.text()
	return s.question(0), true
}
