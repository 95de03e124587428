package core_test

import (
	"encoding/base64"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// craft spells a token that no plan would send.
func craft(t testing.TB, version byte, chain core.Chain, f core.Frame, src string) core.Token {
	t.Helper()
	entropy := make([]byte, chain.Entropy())
	for i := range entropy {
		entropy[i] = byte(i)
	}
	out, err := chain.Out(f, entropy, []byte{version}, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return core.Token(base64.RawURLEncoding.EncodeToString(out))
}

// frameOf is what a policy's chain is told, with one field changed.
func frameOf(c core.Config, now int64, change func(f *core.Frame)) core.Frame {
	f := core.Frame{
		Kind: c.Kind, Audience: c.Audience, Purpose: core.PurposeID, Version: 1,
		Now: now, Life: c.Lifetime.Absolute, Skew: c.Lifetime.Skew,
	}
	if c.Place == core.ClientSide {
		f.Purpose, f.Version = core.PurposePayload, 2
	}
	if change != nil {
		change(&f)
	}
	return f
}

// ringOf gives another primary key.
func ringOf(t testing.TB, id, state string) *crypto.Keyring {
	if state == "primary" {
		return ring(t, id+":primary:"+secretOf(id))
	}
	return ring(t, "zz:primary:CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk\n"+id+":"+state+":"+secretOf(id))
}

func secretOf(id string) string {
	switch id {
	case "k1":
		return "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
	case "kx":
		return "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM"
	}
	return "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"
}

// body spells what a session or a tombstone says, and damage to it.
func body(b core.Body, damage func(s []byte) []byte) string {
	s := []byte(b.Spell())
	if damage != nil {
		s = damage(s)
	}
	return string(s)
}

var teaBody = core.Body{Family: core.Family{1}, Created: noon, Payload: "tea"}

// TestRefusals shows every refusal as a client can cause it: by the text of a token, or by the record that a well-formed
// one finds. Where rec is nil the token must be refused before anything is asked.
func TestRefusals(t *testing.T) {
	sign, seal := config(t, signed), config(t, sealed)
	id := repeat("i", 32)
	signedID := func(change func(f *core.Frame)) core.Token {
		return craft(t, 1, sign.Chain, frameOf(sign, noon, change), id)
	}
	sealedTea := func(src string, change func(f *core.Frame)) core.Token {
		return craft(t, 2, seal.Chain, frameOf(seal, noon, change), src)
	}
	tea := body(teaBody, nil)
	plainID := craft(t, 1, nil, core.Frame{}, id)
	live := core.Record{Revision: 1, Seen: noon, Deadline: noon + 30*minute, Body: tea}
	with := func(change func(r *core.Record)) *core.Record {
		r := live
		change(&r)
		return &r
	}
	found := func(b string) *core.Record { return with(func(r *core.Record) { r.Body = b }) }
	missing := &core.Record{}

	seen := map[core.Refusal]bool{core.Ambiguous: true, core.Reused: true} // in TestTwoTokens and TestReused
	for _, test := range []struct {
		name  string
		kind  string
		token core.Token
		rec   *core.Record
		now   int64
		want  core.Refusal
	}{
		{"an ID", stored, plainID, &live, noon, core.NotRefused},
		{"empty", stored, "", nil, noon, core.Malformed},
		{"one character short", stored, plainID[:43], nil, noon, core.Malformed},
		{"one character long", stored, plainID + "A", nil, noon, core.Malformed},
		{"16 KiB", stored, core.Token(repeat("A", core.MaxTokenLength)), nil, noon, core.Malformed},
		{"another's format", stored, "550e8400-e29b-41d4-a716-446655440000-abcdefg", nil, noon, core.UnknownVersion},
		{"standard base64", stored, plainID[:43] + "+", nil, noon, core.Malformed},
		{"NUL", stored, plainID[:43] + "\x00", nil, noon, core.Malformed},
		{"not ASCII", stored, plainID[:42] + "é", nil, noon, core.Malformed},
		{"version 0", stored, craft(t, 0, nil, core.Frame{}, id), nil, noon, core.UnknownVersion},
		{"version of a payload", stored, craft(t, 2, nil, core.Frame{}, id), nil, noon, core.UnknownVersion},
		{"never issued", stored, plainID, missing, noon, core.Unknown},

		{"a signed ID", signed, signedID(nil), &live, noon, core.NotRefused},
		{"signed, empty", signed, "", nil, noon, core.Malformed},
		{"signed, too long", signed, core.Token(repeat("A", core.MaxTokenLength+1)), nil, noon, core.Malformed},
		{"not signed", signed, plainID, nil, noon, core.Malformed},
		{"signed, cut short", signed, signedID(nil)[:60], nil, noon, core.Forged},
		{"signed, one bit", signed, signedID(nil)[:10] + "A" + signedID(nil)[11:], nil, noon, core.Forged},
		{"signed for another kind", signed, signedID(func(f *core.Frame) { f.Kind = "cart" }), nil, noon, core.Forged},
		{"signed for another purpose", signed, signedID(func(f *core.Frame) { f.Purpose = core.PurposePayload }), nil, noon, core.Forged},
		{"signed for another audience", signed, signedID(func(f *core.Frame) { f.Audience = "" }), nil, noon, core.Forged},
		{"signed for another tenant", signed, signedID(func(f *core.Frame) { f.Tenant = "t" }), nil, noon, core.Forged},
		{"signed for another version", signed, signedID(func(f *core.Frame) { f.Version = 2 }), nil, noon, core.Forged},
		{"kind and audience moved", signed, signedID(func(f *core.Frame) { f.Kind, f.Audience = "apis", "hop.example" }), nil, noon, core.Forged},
		{
			"signed by a key unknown here", signed,
			craft(t, 1, core.Chain{crypto.Sign(ringOf(t, "k9", "primary"))}, frameOf(sign, noon, nil), id),
			nil, noon, core.UnknownKey,
		},
		{
			"signed by a revoked key", signed,
			craft(t, 1, core.Chain{crypto.Sign(ringOf(t, "kx", "primary"))}, frameOf(sign, noon, nil), id),
			nil, noon, core.RevokedKey,
		},
		{
			"signed, an ID of 31 bytes", signed,
			craft(t, 1, sign.Chain, frameOf(sign, noon, nil), id[1:]),
			nil, noon, core.Malformed,
		},

		{"sealed", sealed, sealedTea(tea, nil), nil, noon, core.NotRefused},
		{"sealed, empty", sealed, "", nil, noon, core.Malformed},
		{"sealed, only a version", sealed, "Ag", nil, noon, core.Malformed},
		{"sealed, an ID's version", sealed, craft(t, 1, seal.Chain, frameOf(seal, noon, nil), tea), nil, noon, core.UnknownVersion},
		{"sealed for another kind", sealed, sealedTea(tea, func(f *core.Frame) { f.Kind = "cart" }), nil, noon, core.Forged},
		{"sealed for another purpose", sealed, sealedTea(tea, func(f *core.Frame) { f.Purpose = core.PurposeID }), nil, noon, core.Forged},
		{"sealed for another audience", sealed, sealedTea(tea, func(f *core.Frame) { f.Audience = "a" }), nil, noon, core.Forged},
		{"sealed for another tenant", sealed, sealedTea(tea, func(f *core.Frame) { f.Tenant = "t" }), nil, noon, core.Forged},
		{
			"sealed by a revoked key", sealed,
			craft(t, 2, core.Chain{crypto.Seal(ringOf(t, "kx", "primary"))}, frameOf(seal, noon, nil), tea),
			nil, noon, core.RevokedKey,
		},
		{
			"sealed by a key unknown here", sealed,
			craft(t, 2, core.Chain{crypto.Seal(ringOf(t, "k9", "primary"))}, frameOf(seal, noon, nil), tea),
			nil, noon, core.UnknownKey,
		},
		{
			"another's secret under our key id", sealed,
			craft(t, 2, core.Chain{crypto.Seal(ring(t, "k1:primary:"+secretOf("k9")))}, frameOf(seal, noon, nil), tea),
			nil, noon, core.Forged,
		},
		{"sealed beyond the skew", sealed, sealedTea(tea, nil), nil, noon - 5*second - 1, core.Future},
		{"sealed within the skew", sealed, sealedTea(tea, nil), nil, noon - 5*second, core.NotRefused},
		{"sealed a life ago", sealed, sealedTea(tea, nil), nil, noon + day, core.Expired},
		{"sealed long ago", sealed, sealedTea(tea, nil), nil, noon + day + hour + 1, core.Stale},
		{"sealed, no body", sealed, sealedTea("", nil), nil, noon, core.Undecodable},
		{"sealed, a newer body", sealed, sealedTea("\x02"+tea[1:], nil), nil, noon, core.Undecodable},
		{"sealed, a tombstone", sealed, sealedTea(body(core.Body{Gone: core.RotatedAway, Successor: core.Key(id)}, nil), nil), nil, noon, core.Undecodable},
		{"sealed, a pointer", sealed, sealedTea(body(core.Body{Gone: core.RenewedAway, Successor: core.Key(id), Hidden: id}, nil), nil), nil, noon, core.Undecodable},
		{
			"sealed now, of a session of the future", sealed,
			sealedTea(body(core.Body{Created: noon + 5*second + 1}, nil), nil), nil, noon, core.Future,
		},

		{"a record of a newer program", stored, plainID, found("\x02" + tea[1:]), noon, core.Undecodable},
		{"an empty record", stored, plainID, found(""), noon, core.Undecodable},
		{"a record cut short", stored, plainID, found(tea[:23]), noon, core.Undecodable},
		{"a record with unknown flags", stored, plainID, found(tea[:1] + "\x02" + tea[2:]), noon, core.Undecodable},
		{"a subject of no bytes", stored, plainID, found(tea[:1] + "\x01" + tea[2:24] + "\x00\x00\x00\x00\x00\x00" + "\x00tea"), noon, core.Undecodable},
		{"a subject cut short", stored, plainID, found(tea[:1] + "\x01" + tea[2:24] + "\x00\x00\x00\x00\x00\x00" + "\x04ann"), noon, core.Undecodable},
		{"a tombstone", stored, plainID, found(body(core.Body{Gone: core.RotatedAway, Successor: core.Key(id)}, nil)), noon + minute - 1, core.Rotated},
		{"an old tombstone", stored, plainID, found(body(core.Body{Gone: core.RotatedAway, Successor: core.Key(id)}, nil)), noon + minute, core.Superseded},
		{"a tombstone without a successor", stored, plainID, found(body(core.Body{Gone: core.RotatedAway}, nil)), noon, core.Undecodable},
		{"a tombstone with half a successor", stored, plainID, found(body(core.Body{Gone: core.RotatedAway, Successor: "half"}, nil)), noon, core.Undecodable},
		{"a pointer that hides nothing", stored, plainID, found(body(core.Body{Gone: core.RenewedAway, Successor: core.Key(id), Hidden: id}, nil)), noon, core.Undecodable},
		{"a pointer cut short", stored, plainID, found(body(core.Body{Gone: core.RenewedAway, Successor: core.Key(id), Hidden: id}, nil)[:81]), noon, core.Undecodable},
		{"a pointer with more", stored, plainID, found(body(core.Body{Gone: core.RenewedAway, Successor: core.Key(id), Hidden: id}, nil) + "x"), noon, core.Undecodable},
		{"idle", stored, plainID, &live, noon + 30*minute, core.Idle},
		{"expired", stored, plainID, with(func(r *core.Record) { r.Seen, r.Deadline = noon+day-1, noon+day }), noon + day, core.Expired},
		{"a session of the future", stored, plainID, &live, noon - 5*second - 1, core.Future},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := policyOf(t, test.kind)
			s := p.Begin(test.now, core.One(test.token))
			if test.token == "" {
				s = p.Begin(test.now, core.Tokens{Count: 1})
			}
			if _, asks := s.Next(); asks != (test.rec != nil) {
				t.Fatalf("asks %v, refusal %v", asks, s.Refusal())
			}
			if test.rec == missing {
				s = s.Answer(test.now, core.Answer{Status: core.Missing})
			} else if test.rec != nil {
				s = s.Answer(test.now, core.Answer{Status: core.Found, Record: *test.rec})
			}
			if s.Refusal() != test.want {
				t.Fatalf("%v, want %v", s.Refusal(), test.want)
			}
			want := core.Refused
			if test.want == core.NotRefused {
				want = core.Live
			}
			if s.Standing() != want {
				t.Fatalf("standing %v, want %v", s.Standing(), want)
			}
			if _, ok := s.Payload(); ok != (want == core.Live) {
				t.Errorf("a payload: %v", ok)
			}
			seen[test.want] = true
		})
	}
	for r := core.NotRefused; r <= core.Reused; r++ {
		if !seen[r] {
			t.Errorf("%v is nowhere shown", r)
		}
	}
}

// A record that a store could not make sense of, and one that could not be had, are different things, and neither is a
// session.
func TestGarbledAndUnasked(t *testing.T) {
	p := policyOf(t, stored)
	s := p.Begin(noon, core.One(craft(t, 1, nil, core.Frame{}, repeat("i", 32))))
	if g := s.Answer(noon, core.Answer{Status: core.Garbled}); g.Standing() != core.Refused || g.Refusal() != core.Undecodable {
		t.Errorf("garbled: %v", g)
	}
	if u := s.Answer(noon, core.Answer{Status: core.Unasked}); u.Standing() != core.Unavailable || u.Refusal() != core.NotRefused {
		t.Errorf("unasked: %v", u)
	}
}
