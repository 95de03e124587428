package core_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/internal/need"
)

// FuzzBegin reads any bytes as tokens of every sort of policy, and any record as what is kept under them. The laws: it is
// total; nothing is asked or granted but for a token in its one spelling; what is accepted is spelled again as it came; and a foreign
// token asks for no key of ours.
func FuzzBegin(f *testing.F) {
	kinds := []string{stored, signed, sealed, bare}
	w := newShelf()
	for i, kind := range kinds {
		p := policyOf(f, kind)
		begin := p.Begin(noon, core.Tokens{})
		if begin = begin.With("tea"); kind != bare {
			begin = begin.SignedIn(core.SignIn{Subject: "ann", Payload: "tea"})
		}
		plan := w.must(f, begin, noon)
		token, rec := string(plan.Send.Token), plan.Create.Record
		for _, t := range []string{token, token + "=", token[:len(token)-1], "\n" + token, "", "\x00\xff"} {
			f.Add(t, token, uint8(1), uint8(i), "", noon, rec.Body, rec.Deadline)
		}
		f.Add(token, token[1:], uint8(2), uint8(i), "", noon+hour, "", int64(0))
		f.Add(token, token, uint8(3), uint8(i), "tenant", noon, "\x01\x80", int64(-1))
	}
	f.Add(string(craft(f, 2, config(f, sealed).Chain, frameOf(config(f, sealed), noon, nil), "")), "", uint8(1), uint8(2), "", noon, "", noon)
	for _, key := range []core.Key{policyOf(f, logged).LogKey(), policyOf(f, stored).RosterKey("", "ann")} {
		f.Add(string(key), "an-id", uint8(3), uint8(3), "", noon, "", int64(-1))
	}
	f.Fuzz(func(t *testing.T, first, second string, count, kind uint8, tenant string, now int64, kept string, deadline int64) {
		name := kinds[int(kind)%len(kinds)]
		p := policyOf(t, name)
		tokens := core.Tokens{First: core.Token(first), Second: core.Token(second), Count: int(count) - 1, Tenant: tenant}
		s := p.Begin(now, tokens)
		if again := p.Begin(now, tokens); again != s {
			t.Fatal("the same twice gives two sessions")
		}
		if tokens.Count == 1 && name != bare && (s.Standing() == core.Asking || s.Standing() == core.Live) {
			respelled(t, name, first, tenant)
		}
		questions := 0
		for q, ok := s.Next(); ok; q, ok = s.Next() {
			if name == bare && len(q.Key) == 32 && strings.Trim(string(q.Key), visible) != "" {
				t.Fatalf("a foreign token asks for %x", string(q.Key))
			}
			if questions++; questions > 2 {
				t.Fatal("asks without end")
			}
			s = s.Answer(now, core.Answer{Status: core.Found, Record: core.Record{Revision: 1, Seen: now, Deadline: deadline, Body: kept}})
		}
		if s.Standing() == core.Asking || s.Standing() == core.Unavailable || s.Standing() == core.Lost {
			t.Fatalf("ends as %v", s)
		}
		if (s.Standing() == core.Refused) != (s.Refusal() != core.NotRefused) {
			t.Fatalf("%v with refusal %v", s.Standing(), s.Refusal())
		}
		if payload, ok := s.Payload(); ok && name == stored && len(payload) > len(kept) {
			t.Fatal("a payload that nobody kept")
		}
		everyPlan(t, s, now)
	})
}

// respelled takes an accepted token apart with other means and puts it together again.
func respelled(t *testing.T, kind, token, tenant string) {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || base64.RawURLEncoding.EncodeToString(raw) != token {
		t.Fatalf("%s: an accepted token has another spelling", kind)
	}
	c := config(t, kind)
	f := frameOf(c, noon, func(f *core.Frame) { f.Tenant = tenant })
	if kind == stored {
		if len(raw) != 33 || raw[0] != 1 {
			t.Fatalf("accepts %d bytes of version %d", len(raw), raw[0])
		}
		return
	}
	src, refusal := c.Chain.In(f, nil, raw[1:])
	if refusal != core.NotRefused {
		return // of another time than noon
	}
	chain, entropy := core.Chain{crypto.Sign(ring(t, ringText))}, []byte(nil)
	if kind == sealed {
		// idLen id e sealedAt nonce: the nonce and the time of sealing make the same token again.
		at := 1 + 1 + int(raw[1]) + 1
		f.Now = 0
		for _, b := range raw[at : at+6] {
			f.Now = f.Now<<8 | int64(b)
		}
		chain, entropy = core.Chain{crypto.Seal(ring(t, ringText))}, raw[at+6:at+18]
		if b, ok := core.BodyText(string(src)); ok && b.Spell() != string(src) {
			t.Fatal("an accepted body has another spelling")
		}
	}
	out, err := chain.Out(f, entropy, raw[:1:1], src)
	if err != nil || !bytes.Equal(out, raw) {
		t.Fatalf("%s: made again it is %x, not %x (%v)", kind, out, raw, err)
	}
}

// everyPlan makes the plan of every intent and, wrongly, of every verdict: no combination panics.
func everyPlan(t *testing.T, s core.Session, now int64) {
	t.Helper()
	entropy := (&stream{}).draw(128)
	for _, s := range []core.Session{
		s, s.With("x"), s.Rotated(), s.SignedIn(core.SignIn{Subject: "ann", Payload: "x"}), s.Cleared(), s.Cleared().With("x"), s.Undecodable(), s.Reloaded(),
		s.Lasting(1, 1), s.Lowered(1), s.Silent(), s.With("x").Doubted(), s.With("x").Reloaded(), s.Lowered(0).With("x").Lasting(0, 1),
	} {
		for v := core.Keep; v <= core.Outage; v++ {
			p, err := s.Plan(v, now, entropy)
			if v == s.Decide(now) && s.Standing() == core.Refused && !s.Changed() && (p.Send.Action == core.SendToken || err != nil) {
				t.Fatalf("a refused token that nobody acts on gives %v, %v", p, err)
			}
		}
	}
}

// FuzzBody reads any bytes as a record's body: what is accepted has one spelling, and a tombstone is never a session.
func FuzzBody(f *testing.F) {
	f.Add(body(teaBody, nil))
	f.Add(body(core.Body{Family: core.Family{1}, Created: 1, Authenticated: 2, Subject: "ann", Payload: "tea"}, nil))
	f.Add(body(core.Body{Gone: core.RotatedAway, Successor: core.Key(repeat("k", 32))}, nil))
	f.Add("")
	f.Add("\x01\x81")
	f.Fuzz(func(t *testing.T, s string) {
		var b core.Body
		var ok bool
		need.Proportion(t, len(s), func() { b, ok = core.BodyText(s) })
		next, dead := core.Successor(core.Record{Body: s})
		if dead != (ok && b.Gone != 0) || dead != (next != "") {
			t.Fatalf("Successor says %v, the body %v", dead, b.Gone != 0)
		}
		if !ok {
			return
		}
		if b.Spell() != s {
			t.Fatalf("%x is spelled %x", s, b.Spell())
		}
		if b.Gone != 0 && (b.Payload != "" || b.Subject != "" || b.Created != 0) {
			t.Fatal("a tombstone says more than where the session went")
		}
	})
}
