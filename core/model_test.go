package core_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/core"
)

// The oracle: what sessions are, said as simply as can be. It knows nothing of records, keys, revisions or tombstones.

// conversation is one session as a person would describe it.
type conversation struct {
	payload, subject string
	created, started int64
	seen             int64
	sealedAt         int64 // client-side: when this copy was sent
	over             bool  // ended

	before  core.Token // which the current token has renewed, or ""
	adopted int64      // when the current token was first seen, or 0
}

// copy of a client-side session is immutable: a later token is another copy. A server-side session's tokens share one.
type oracle struct {
	clientSide bool
	idle       int64
	of         map[core.Token]*conversation
	current    map[*conversation]core.Token // server-side: the one token that reads
}

func (o *oracle) live(t core.Token, now int64) (*conversation, bool) {
	c := o.of[t]
	if c == nil || c.over || now >= c.started+day || c.started > now+5*second {
		return c, false
	}
	if o.clientSide {
		return c, c.sealedAt <= now+5*second
	}
	leads := t == c.before && (c.adopted == 0 || now < c.adopted+minute && c.adopted <= now+core.MaxGrace)
	return c, (o.current[c] == t || leads) && now < c.seen+o.idle
}

type model struct {
	w      *shelf
	p      *core.Policy
	o      oracle
	now    int64
	tokens []core.Token
}

func newModel(t testing.TB, kind string) *model {
	return &model{w: newShelf(), p: policyOf(t, kind), now: noon, o: oracle{
		clientSide: kind == sealed, idle: config(t, kind).Lifetime.Idle, of: map[core.Token]*conversation{}, current: map[*conversation]core.Token{},
	}}
}

func (m *model) any(t *rapid.T) core.Token {
	if len(m.tokens) == 0 {
		t.Skip("no token yet")
	}
	return rapid.SampledFrom(m.tokens).Draw(t, "token")
}

// agrees compares what a session says with what the oracle does.
func (m *model) agrees(t *rapid.T, token core.Token, s core.Session) bool {
	c, live := m.o.live(token, m.now)
	if (s.Standing() == core.Live) != live {
		t.Fatalf("the token gives %v, the oracle says live: %v", s, live)
	}
	if !live {
		return false
	}
	payload, _ := s.Payload()
	if payload != c.payload || s.Subject() != c.subject || s.Created() != c.created {
		t.Fatalf("reads %q of %q, created noon%+d; want %q of %q, noon%+d",
			payload, s.Subject(), s.Created()-noon, c.payload, c.subject, c.created-noon)
	}
	return true
}

// commit carries a session's wants out and tells the oracle what was acknowledged. A session that idles or ages away
// within one exchange is no matter here: its time does not move.
func (m *model) commit(t *rapid.T, token core.Token, s core.Session) {
	c := m.o.of[token]
	p, err := m.w.commit(s, m.now)
	if err != nil {
		t.Fatalf("%v: %v", p, err)
	}
	m.acknowledged(t, token, c, p, s)
}

func (m *model) acknowledged(t *rapid.T, token core.Token, c *conversation, p core.Plan, s core.Session) {
	payload, _ := s.Payload()
	if c != nil && m.o.current[c] == token && c.adopted == 0 && p.Verdict != core.Clear {
		c.adopted = m.now
	}
	switch p.Verdict {
	case core.Touch, core.Adopt:
		c.seen = max(c.seen, m.now)
	case core.Renew:
		if m.o.current[c] != token {
			t.Fatal("a renewed token has renewed the session")
		}
		c.payload, c.seen, c.before, c.adopted = payload, m.now, token, 0
	case core.Save, core.Rotate:
		if m.o.clientSide {
			next := *c
			c = &next
		}
		c.payload, c.seen = payload, max(c.seen, m.now)
		if p.Verdict == core.Rotate {
			c.seen = m.now // a new record, which begins when it is made
			c.before, c.adopted = "", m.now
		}
		if signed := s.Subject(); p.Next.Authenticated() == m.now && signed != "" {
			c.subject, c.started = signed, max(c.created, m.now)
		}
	case core.Create, core.Recreate:
		if p.Verdict == core.Recreate && c != nil && !m.o.clientSide {
			c.over = true
		}
		c = &conversation{payload: payload, subject: s.Subject(), created: m.now, started: m.now, seen: m.now, adopted: m.now}
	case core.Clear:
		if !m.o.clientSide {
			c.over = true
		}
	}
	if p.Send.Action != core.SendToken {
		return
	}
	if of, again := m.o.of[p.Send.Token]; again {
		if of != c || token != c.before || m.o.current[c] != p.Send.Token {
			t.Fatal("a token was sent twice")
		}
		return // to who came with the one that it renewed
	}
	c.sealedAt = m.now
	m.tokens = append(m.tokens, p.Send.Token)
	m.o.of[p.Send.Token], m.o.current[c] = c, p.Send.Token
	if until := p.Send.Until; until != c.started+day {
		t.Fatalf("the client is to keep it until noon%+d, it lives until noon%+d", until-noon, c.started+day)
	}
}

var payloads = rapid.StringN(0, 4, 12)

// change draws what an application may want of a session.
func change(t *rapid.T, s core.Session) core.Session {
	for range rapid.IntRange(1, 2).Draw(t, "wants") {
		switch rapid.IntRange(0, 4).Draw(t, "want") {
		case 0:
			s = s.With(payloads.Draw(t, "payload"))
		case 1:
			s = s.Rotated()
		case 2:
			s = s.SignedIn(core.SignIn{Subject: rapid.SampledFrom([]string{"ann", "bob"}).Draw(t, "subject"), Payload: payloads.Draw(t, "payload")})
		case 3:
			s = s.Cleared()
		}
	}
	return s
}

func (m *model) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"begin": func(t *rapid.T) {
			s := m.w.open(m.p, m.now, core.Tokens{}).With(payloads.Draw(t, "payload"))
			m.commit(t, "", s)
		},
		"use": func(t *rapid.T) {
			token := m.any(t)
			if s := m.w.open(m.p, m.now, core.One(token)); m.agrees(t, token, s) {
				m.commit(t, token, s)
			}
		},
		"change": func(t *rapid.T) {
			token := m.any(t)
			if s := m.w.open(m.p, m.now, core.One(token)); m.agrees(t, token, s) {
				m.commit(t, token, change(t, s))
			}
		},
		"two at once": func(t *rapid.T) {
			token := m.any(t)
			a := m.w.open(m.p, m.now, core.One(token))
			if !m.agrees(t, token, a) {
				return
			}
			before := *m.o.of[token]
			b := a.With(payloads.Draw(t, "parallel payload"))
			a = change(t, a)
			m.commit(t, token, a)
			p, err := m.w.commit(b, m.now)
			c := m.o.of[token]
			moved := a.Decide(m.now) != core.Keep && a.Decide(m.now) != core.Touch
			if m.o.clientSide || !moved || p.Verdict == core.Keep || p.Verdict == core.Touch {
				if err != nil {
					t.Fatalf("no conflict was due: %v", err)
				}
				if !moved || m.o.clientSide {
					m.acknowledged(t, token, c, p, b)
				}
				return
			}
			if err == nil {
				t.Fatalf("%v after %v: a lost update of %q", p, a.Decide(m.now), before.payload)
			}
			m.reloaded(t, token, b)
		},
		"logout with an old token": func(t *rapid.T) {
			token := m.any(t)
			s := m.w.open(m.p, m.now, core.One(token))
			if s.Refusal() != core.Superseded && s.Refusal() != core.Rotated && s.Refusal() != core.Reused || m.o.clientSide {
				return
			}
			p, err := m.w.commit(s.Cleared(), m.now)
			if err != nil || p.Send.Action != core.SendClear {
				t.Fatal(p, err)
			}
			m.o.of[token].over = true
		},
		"time": func(t *rapid.T) {
			m.now += rapid.SampledFrom([]int64{1, minute, 10 * minute, 30*minute - 1, 30 * minute, hour, 2*hour - 1, 8 * hour}).Draw(t, "by")
		},
		"the clock goes back": func(t *rapid.T) {
			m.now = max(noon, m.now-rapid.SampledFrom([]int64{1, 5 * second, 5*second + 1, hour}).Draw(t, "by"))
		},
		"sweep": func(*rapid.T) { m.swept() },
		"":      func(t *rapid.T) { m.invariant(t) },
	}
}

// swept drops what is past its deadline; a session whose record went does not come back when the clock goes back.
func (m *model) swept() {
	m.w.sweep(m.now)
	for token, c := range m.o.of {
		if !m.o.clientSide && m.o.current[c] == token && (m.now >= c.seen+m.o.idle || m.now >= c.started+day) {
			c.over = true
		}
	}
}

// reloaded looks again after a conflict: what is there now is what the other left, or nothing that can be changed.
func (m *model) reloaded(t *rapid.T, token core.Token, b core.Session) {
	b = m.w.ask(b.Reloaded(), m.now)
	_, live := m.o.live(token, m.now)
	if (b.Standing() == core.Live) != live {
		t.Fatalf("reloaded it is %v, the oracle says live: %v", b, live)
	}
	if v := b.Decide(m.now); !live && v != core.Refuse {
		t.Fatalf("what has ended is to be written: %v", v)
	}
}

// invariant reads every token that was ever sent.
func (m *model) invariant(t *rapid.T) {
	for _, token := range m.tokens {
		m.agrees(t, token, m.w.open(m.p, m.now, core.One(token)))
	}
	if m.o.clientSide && len(m.w.records) > 0 {
		t.Fatal("a client-side session left a record")
	}
	for _, rec := range m.w.records {
		if _, dead := core.Successor(rec); !dead && rec.Deadline > rec.Seen+m.o.idle {
			t.Fatal("a record outlives its idle time")
		}
	}
}

func TestModel(t *testing.T) {
	for _, kind := range []string{stored, signed, sealed, renewed} {
		t.Run(kind, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) { rt.Repeat(newModel(t, kind).actions()) })
		})
	}
}

// FuzzModel lets the fuzzer choose what the model does, and in what order.
func FuzzModel(f *testing.F) {
	for i := range 200 {
		f.Add((&stream{drawn: uint64(i) << 32}).draw(8 << 10)) // some dozens of steps
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		rapid.MakeFuzz(func(rt *rapid.T) {
			kind := rapid.SampledFrom([]string{stored, signed, sealed, renewed}).Draw(rt, "kind")
			rt.Repeat(newModel(t, kind).actions())
		})(t, choices)
	})
}
