package core

import (
	"fmt"
	"io"
	"strings"
)

// Transcript writes one exchange down as text, so that an incident becomes a golden test by renaming a file. It holds
// secrets: tokens, payloads, subjects and entropy stand in it readable, so record where the keyring is a test's, or
// guard the file as the store itself.
//
// Its methods stand for those of [Policy] and [Session] that they are named after: they do the same, and write it
// down. A nil *Transcript writes nothing and costs nothing, so a shell calls them always. They change the session where
// it lies, because a shell has one place for it, and a copy for each step was a seventh of what a request took:
//
//	t.Begin(&s, policy, now, tokens)
//	for q, ok := s.Next(); ok; q, ok = s.Next() {
//		t.Answer(&s, now, ask(q))
//	}
//	t.With(&s, payload)
//	err := t.Plan(&plan, &s, s.Decide(now), now, entropy)
//	t.Next(&s, &plan) // once it is carried out
//
// One transcript is of one exchange of one kind, and of one goroutine at a time. What only looks (Decide, Payload, Fits)
// is not written down. The grammar is SPEC.md, section 9; [Replay] reads it.
type Transcript struct {
	lines []byte
}

const transcriptHead = "satchel transcript v1\n"

// RevealText returns the text, secrets included.
func (t *Transcript) RevealText() string {
	if t == nil {
		return ""
	}
	return string(t.lines)
}

// Format prints the redaction, whatever the verb.
func (t Transcript) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// MarshalText returns the redaction, which JSON and slog therefore show.
func (t Transcript) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// Begin is [Policy.Begin]. It starts the text anew. A session that another policy's Begin has made is forgotten.
func (t *Transcript) Begin(s *Session, p *Policy, now int64, tokens Tokens) {
	if s.policy != nil || s.Changed() { // most often it is memory that is zero, and clearing it costs
		*s = Session{}
	}
	p.begin(s, now, &tokens)
	if t == nil {
		return
	}
	t.lines = append(t.lines[:0], transcriptHead...)
	t.writePolicy(&p.config, p.limits.token, p.limits.payload)
	t.word("begin").number("now", now).number("count", int64(tokens.Count)).text("tenant", tokens.Tenant)
	t.text("first", string(tokens.First)).text("second", string(tokens.Second))
	if tokens.NewID != "" {
		t.text("new-id", string(tokens.NewID))
	}
	if tokens.Stamp != "" {
		t.text("stamp", string(tokens.Stamp))
	}
	t.end()
	t.found(s)
}

// Answer is [Session.Answer].
func (t *Transcript) Answer(s *Session, now int64, a Answer) {
	s.answer(now, &a)
	if t == nil {
		return
	}
	t.word("answer").number("now", now).name("status", nameOf(statusNames[:], a.Status))
	switch a.Status {
	case Found:
		t.record(a.Record)
	case Garbled:
		t.count("revision", a.Record.Revision)
	}
	t.end()
	t.found(s)
}

// With is [Session.With].
func (t *Transcript) With(s *Session, payload string) {
	if t != nil {
		t.word("with").text("payload", payload).end()
	}
	s.with(payload)
	t.wanted(s)
}

// Rotated is [Session.Rotated].
func (t *Transcript) Rotated(s *Session) {
	if t != nil {
		t.word("rotated").end()
	}
	s.rotated()
	t.wanted(s)
}

// SignedIn is [Session.SignedIn].
func (t *Transcript) SignedIn(s *Session, in SignIn) {
	if t != nil {
		t.word("signed-in").text("subject", in.Subject).text("payload", in.Payload)
		t.number("level", int64(in.Level)).text("methods", in.Methods).text("hint", in.Hint).number("epoch", in.Epoch).end()
	}
	*s = s.SignedIn(in)
	t.wanted(s)
}

// Cleared is [Session.Cleared].
func (t *Transcript) Cleared(s *Session) {
	if t != nil {
		t.word("cleared").end()
	}
	*s = s.Cleared()
	t.wanted(s)
}

// Lowered is [Session.Lowered].
func (t *Transcript) Lowered(s *Session, level uint8) {
	if t != nil {
		t.word("lowered").number("level", int64(level)).end()
	}
	*s = s.Lowered(level)
	t.wanted(s)
}

// Lasting is [Session.Lasting].
func (t *Transcript) Lasting(s *Session, idle, absolute int64) {
	if t != nil {
		t.word("lasting").number("idle", idle).number("absolute", absolute).end()
	}
	*s = s.Lasting(idle, absolute)
	t.wanted(s)
}

// Silent is [Session.Silent].
func (t *Transcript) Silent(s *Session) {
	if t != nil && !s.silent {
		t.word("silent").end()
	}
	s.silent = true
}

// Doubted is [Session.Doubted].
func (t *Transcript) Doubted(s *Session) {
	if t != nil {
		t.word("doubted").end()
	}
	s.live.behind = true
}

// Taken is [Session.Taken].
func (t *Transcript) Taken(s *Session) {
	if t != nil {
		t.word("taken").end()
	}
	*s = s.Taken()
	t.wanted(s)
}

// Undecodable is [Session.Undecodable].
func (t *Transcript) Undecodable(s *Session) {
	if t != nil {
		t.word("undecodable").end()
	}
	*s = s.Undecodable()
	t.found(s)
}

// InEpoch is [Session.InEpoch].
func (t *Transcript) InEpoch(s *Session, everyone int64) {
	if t != nil {
		t.word("in-epoch").number("everyone", everyone).end()
	}
	s.everyone = everyone
}

// Reloaded is [Session.Reloaded].
func (t *Transcript) Reloaded(s *Session) {
	if t != nil {
		t.word("reloaded").end()
	}
	*s = s.Reloaded()
	t.found(s)
}

// Undone makes s what it was before the application's last wish, which was not granted.
func (t *Transcript) Undone(s, before *Session) {
	*s = *before
	if t != nil {
		t.word("undone").end()
		t.found(s)
		t.wanted(s)
	}
}

// Plan is [Session.Plan], into p. What Decide says at now is written down with it.
func (t *Transcript) Plan(p *Plan, s *Session, v Verdict, now int64, entropy []byte) error {
	err := p.workOut(s, v, now, entropy)
	if t == nil {
		return err
	}
	t.word("plan").number("now", now).name("verdict", v.String()).hex("entropy", string(entropy)).end()
	t.word("=").word(" decides ").word(s.Decide(now).String()).end()
	t.planned(p, err)
	return err
}

// Next makes s the session that a plan, once carried out, leaves.
func (t *Transcript) Next(s *Session, p *Plan) {
	if t != nil {
		t.word("next").end()
	}
	t.found(&p.Next)
	*s = p.Next
}

// found writes what is known of the session.
func (t *Transcript) found(s *Session) {
	if t == nil {
		return
	}
	t.word("= ").word(s.standing.String())
	switch s.standing {
	case Asking:
		q := s.question(s.open)
		t.hex("key", string(q.Key))
		if q.Ask == AskEnded {
			t.hex("family", string(q.Family[:])).hex("subject", string(q.Subject)).count("serial", q.Serial)
			t.number("everyone", q.Everyone).number("epoch", q.Epoch)
		}
	case Refused, Lost:
		t.word(" ").word(s.refusal.String())
	case Live:
		b := &s.live.body
		t.hex("key", string(s.live.key)).count("revision", s.live.revision).number("seen", s.live.seen)
		t.hex("family", string(b.Family[:])).number("created", b.Created).number("authenticated", b.Authenticated)
		t.text("subject", b.Subject).text("payload", b.Payload)
		t.some("level", int64(b.Level)).some("idle", b.Idle).some("absolute", b.Absolute).some("issued", b.Issued).some("adopted", b.Adopted)
		if s.live.way == byPointer {
			t.name("by", "pointer")
		}
	}
	t.end()
}

// wanted writes what the application wants.
func (t *Transcript) wanted(s *Session) {
	if t != nil {
		t.word("= wants ").word(s.wants.String()).end()
	}
}

func (t *Transcript) planned(p *Plan, err error) {
	if err != nil {
		t.word("= fails").text("error", err.Error()).end()
		return
	}
	if w := p.Create; w.Key != "" {
		t.word("= create").hex("key", string(w.Key)).record(w.Record).end()
	}
	if e := p.Enrol; e.Key != "" {
		t.word("= enrol").hex("key", string(e.Key)).text("subject", e.Subject).number("epoch", e.Epoch).text("hint", e.Member.Hint).end()
	}
	if r := p.Replace; r.Key != "" {
		t.word("= replace").hex("key", string(r.Key)).count("at", r.At).record(r.Record).end()
	}
	if m := p.Touch; m.Key != "" {
		t.word("= touch").hex("key", string(m.Key)).count("at", m.At).number("seen", m.Seen).number("deadline", m.Deadline).end()
	}
	if e := p.End; e.Key != "" {
		t.word("= end").hex("key", string(e.Key)).count("at", e.At).end()
	}
	if e := p.Revoke; e != (Ending{}) {
		t.word("= revoke").hex("family", string(e.Family[:])).count("below", e.Below).number("until", e.Until).end()
	}
	if l := p.Leave; l.Key != "" {
		t.word("= leave").hex("key", string(l.Key)).hex("family", string(l.Family[:])).end()
	}
	sent := func(what string, send Send) {
		t.word(what).word(send.Action.String())
		if send.Action == SendToken {
			t.text("token", string(send.Token)).number("until", send.Until)
		}
		t.end()
	}
	sent("= ", p.Send)
	if p.Stamp.Action != SendNothing {
		sent("= stamp ", p.Stamp)
	}
}

func (t *Transcript) writePolicy(c *Config, maxToken, maxPayload int) {
	t.word("= policy").text("kind", c.Kind).text("audience", c.Audience)
	t.name("place", [...]string{ServerSide: "server-side", ClientSide: "client-side"}[c.Place])
	t.name("format", [...]string{Native: "native", Bare: "bare"}[c.Format])
	names := make([]string, len(c.Chain))
	for i, transform := range c.Chain {
		names[i] = fmt.Sprintf("%T", transform)
		if named, ok := transform.(fmt.Stringer); ok {
			names[i] = named.String()
		}
	}
	t.text("chain", strings.Join(names, ","))
	l := c.Lifetime
	t.number("idle", l.Idle).number("absolute", l.Absolute).number("touch", l.Touch).number("skew", l.Skew)
	t.some("renew", l.Renew).some("grace", l.Grace).some("longest-idle", l.LongestIdle).some("longest", l.Longest)
	t.some("end-reused", one(c.EndReused)).some("revocable", one(c.Revocable)).some("anchored", one(c.Anchored)).some("window", c.Window)
	t.some("tracked", one(c.Tracked)).some("max-sessions", int64(c.MaxSessions)).some("refuse-newest", one(c.RefuseNewest))
	t.number("max-token", int64(maxToken)).number("max-payload", int64(maxPayload)).end()
}

// one spells a choice as a number that is left out where it was not made.
func one(chosen bool) int64 {
	if chosen {
		return 1
	}
	return 0
}
