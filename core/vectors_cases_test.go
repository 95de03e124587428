package core_test

import (
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// The cases of the vectors, each with the sentence that says what it shows.

func writeIDs(t *testing.T) {
	plain, sign, seal := serverScene("none"), serverScene("sign"), serverScene("seal")
	good(t, plain).write(t, "id-plain", "An ID without a chain: version 1 and 32 bytes, 44 characters.")
	x := plain
	x.audience, x.tenant = "shop.example", "tenant 7"
	good(t, x).write(t, "id-plain-tenant", "Audience and tenant change the key, and not the token.")
	x = plain
	x.subject, x.payload = "ann", "\x00\xff\"\\"
	good(t, x).write(t, "id-plain-subject", "A session of a subject, with a payload that is no text.")
	good(t, sign).write(t, "id-signed", "An ID under a signature.")
	good(t, seal).write(t, "id-sealed", "An ID under a seal.")
	x = sign
	x.audience, x.tenant = "shop.example", "tenant 7"
	good(t, x).write(t, "id-signed-tenant", "Audience and tenant are bound into a signature, and into the key.")
	good(t, plain).without("entropy", "body", "until", "subject", "payload", "deadline").set("expect", "unknown").
		write(t, "id-unknown", "A well-formed ID under which nothing is kept.")

	for _, r := range []struct {
		name, about string
		refusal     core.Refusal
		damage      func(string) string
	}{
		{"padded", "Padding is no part of a token's spelling.", core.Malformed, func(s string) string { return s + "=" }},
		{"newline", "A line break within a token.", core.Malformed, func(s string) string { return s[:20] + "\n" + s[20:] }},
		{"newline-after", "A line break after a token.", core.Malformed, func(s string) string { return s + "\n" }},
		{"blank", "A blank before a token.", core.Malformed, func(s string) string { return " " + s }},
		{"short", "43 characters.", core.Malformed, func(s string) string { return s[:43] }},
		{"long", "45 characters.", core.Malformed, func(s string) string { return s + "A" }},
		{"empty", "An empty token, which came all the same.", core.Malformed, func(string) string { return "" }},
		{"standard-alphabet", "The alphabet of base64, not of base64url.", core.Malformed, func(s string) string { return s[:43] + "/" }},
		{"version-0", "A version that no program makes.", core.UnknownVersion, flip(0, 1)},
		{"version-2", "The version of a payload token.", core.UnknownVersion, flip(0, 3)},
	} {
		bad(t, plain, r.refusal, r.damage).write(t, "id-"+r.name, r.about)
	}
	id := repeat("i", 32)
	for _, r := range []struct {
		name, about string
		refusal     core.Refusal
		damage      func(string) string
	}{
		{"bit", "One bit of the ID is another.", core.Forged, flip(10, 1)},
		{"mac", "One bit of the mac is another.", core.Forged, flip(-1, 1)},
		{"other-kind", "Signed for another kind.", core.Forged, forged(t, sign, ringK1, 1, id, func(f *core.Frame) { f.Kind = "prefs" })},
		{"other-purpose", "Signed for another purpose.", core.Forged, forged(t, sign, ringK1, 1, id, func(f *core.Frame) { f.Purpose = "payload" })},
		{"other-tenant", "Signed for another tenant.", core.Forged, forged(t, sign, ringK1, 1, id, func(f *core.Frame) { f.Tenant = "tenant 8" })},
		{"moved-border", "Kind and audience run together alike, and are bound apart.", core.Forged, forged(t, sign, ringK1, 1, id, func(f *core.Frame) { f.Kind, f.Audience = "car", "t" })},
		{"unknown-key", "Signed by a key that the ring does not have.", core.UnknownKey, forged(t, sign, ringOther, 1, id, nil)},
		{"revoked-key", "Signed by a key that was revoked.", core.RevokedKey, forged(t, sign, strings.Replace(secretRing("kx"), "revoked", "primary", 1), 1, id, nil)},
		{"31-bytes", "A signed ID of 31 bytes.", core.Malformed, forged(t, sign, ringK1, 1, id[1:], nil)},
		{"not-signed", "An ID that is not signed, where IDs are: its first byte is no length of a key id.", core.Malformed, func(string) string { return oracleText("\x01" + id) }},
	} {
		bad(t, sign, r.refusal, r.damage).write(t, "id-signed-"+r.name, r.about)
	}

	one := good(t, plain)
	other := forgedEntropy(t, plain)
	one.without("entropy", "until").text("second", other.text("token")).set("key-2", other.word("key")).set("body-2", other.word("body")).
		set("expect", "ambiguous").without("subject", "payload").
		write(t, "two-live", "Two tokens of one name, and both give a session.")
	twice := good(t, plain).without("entropy", "until")
	twice.set("second", twice.values["token"]).write(t, "two-equal", "The same token twice is one.")
	mixed := good(t, plain).without("entropy", "until")
	mixed.text("second", "not a token").write(t, "two-one-malformed", "Of two tokens one is malformed: the other is the session.")
}

// secretRing is a ring of one key of the vectors, as its text in ringBoth.
func secretRing(id string) string {
	for entry := range strings.SplitSeq(ringBoth, "; ") {
		if strings.HasPrefix(entry, id+":") {
			return entry
		}
	}
	return ""
}

// forgedEntropy is another session of the scene.
func forgedEntropy(t *testing.T, x scene) vector {
	t.Helper()
	d := good(t, x)
	v := vector{t, "a draft", d.values}
	s := v.policy().Begin(noon, core.Tokens{}).With("milk")
	p, err := s.Plan(core.Create, noon, []byte(repeat("z", 48)))
	if err != nil {
		t.Fatal(err)
	}
	d.text("token", string(p.Send.Token)).hex("key", string(p.Create.Key)).hex("body", p.Create.Record.Body)
	return v
}

func writePayloads(t *testing.T) {
	seal := clientScene("seal")
	good(t, seal).write(t, "payload-sealed", "A client-side session, sealed.")
	x := seal
	x.subject, x.payload = "ann", ""
	good(t, x).write(t, "payload-sealed-subject", "A subject, and an empty payload.")
	x = seal
	x.audience, x.tenant, x.payload = "shop.example", "tenant 7", "\x00\xff"
	good(t, x).write(t, "payload-sealed-tenant", "Audience and tenant are bound into a seal.")
	good(t, clientScene("sign")).write(t, "payload-signed", "A client-side session that anyone may read.")
	good(t, clientScene("sign, seal")).write(t, "payload-signed-sealed", "Two transforms: signed, then sealed.")
	for _, l := range []struct {
		name, about string
		absolute    int64
	}{
		{"31h", "A life of 31 hours: epochs of one hour.", 31 * hour},
		{"31h-1ms", "A life a millisecond longer: epochs of two hours.", 31*hour + 1},
		{"400d", "A life of 400 days: epochs of 512 hours.", 400 * day},
		{"unlimited", "An unlimited life: epochs of 512 hours.", 0},
	} {
		x = seal
		x.absolute = l.absolute
		good(t, x).write(t, "payload-life-"+l.name, l.about)
	}
	for _, l := range []struct {
		name, about string
		now         int64
		refusal     core.Refusal
	}{
		{"last-moment", "A millisecond before its life is over.", noon + day - 1, core.NotRefused},
		{"expired", "The instant at which its life is over.", noon + day, core.Expired},
		{"one-epoch-late", "An epoch past its life its tag is still tried.", noon + day + hour, core.Expired},
		{"stale", "A millisecond later it is not.", noon + day + hour + 1, core.Stale},
		{"within-skew", "Made by a clock that is five seconds ahead.", noon - 5*second, core.NotRefused},
		{"future", "Made by a clock that is further ahead.", noon - 5*second - 1, core.Future},
	} {
		d := good(t, seal).number("now", l.now)
		if l.refusal != core.NotRefused {
			d.set("expect", l.refusal.String())
		}
		d.write(t, "payload-"+l.name, l.about)
	}
	tea := body(core.Body{Created: noon, Payload: "dark"}, nil)
	for _, r := range []struct {
		name, about string
		refusal     core.Refusal
		damage      func(string) string
	}{
		{"tag", "One bit of the tag is another.", core.Forged, flip(-1, 1)},
		{"sealed-at", "The time in the clear is another.", core.Forged, flip(10, 1)},
		{"exponent", "The length of its epoch is another.", core.Forged, flip(4, 1)},
		{"nonce", "One bit of the nonce is another.", core.Forged, flip(11, 0x80)},
		{"exponent-10", "A length of epochs that there is not.", core.Malformed, flip(4, 10)},
		{"id-length-0", "A key id of no bytes.", core.Malformed, flip(1, 2)},
		{"id-length-255", "A key id longer than the token.", core.Malformed, flip(1, 0xfd)},
		{"id-upper-case", "A key id outside its alphabet.", core.Malformed, flip(2, 0x20)},
		{"cut", "No room for a tag.", core.Malformed, func(s string) string { return s[:40] }},
		{"trailing-bits", "The bits that are left over in the last character are not zero.", core.Malformed, trailing},
		{"version-1", "The version of an ID token.", core.UnknownVersion, flip(0, 3)},
		{"version-3", "The version of a newer program.", core.UnknownVersion, flip(0, 1)},
		{"other-tenant", "Sealed for another tenant.", core.Forged, forged(t, seal, ringK1, 2, tea, func(f *core.Frame) { f.Tenant = "t" })},
		{"other-audience", "Sealed for another audience.", core.Forged, forged(t, seal, ringK1, 2, tea, func(f *core.Frame) { f.Audience = "a" })},
		{"other-secret", "Another secret under a key id of the ring.", core.Forged, forged(t, seal, strings.Replace(ringOther, "k9", "k1", 1), 2, tea, nil)},
		{"unknown-key", "Sealed by a key that the ring does not have.", core.UnknownKey, forged(t, seal, ringOther, 2, tea, nil)},
		{"revoked-key", "Sealed by a key that was revoked.", core.RevokedKey, forged(t, seal, strings.Replace(secretRing("kx"), "revoked", "primary", 1), 2, tea, nil)},
		{"newer-body", "Authentic, with a body of a newer program.", core.Undecodable, forged(t, seal, ringK1, 2, "\x02"+tea[1:], nil)},
		{"no-body", "Authentic, and empty.", core.Undecodable, forged(t, seal, ringK1, 2, "", nil)},
		{"tombstone", "Authentic, and a tombstone, which only a record may be.", core.Undecodable, forged(t, seal, ringK1, 2, body(core.Body{Gone: core.RotatedAway, Successor: core.Key(repeat("k", 32))}, nil), nil)},
	} {
		bad(t, seal, r.refusal, r.damage).write(t, "payload-"+r.name, r.about)
	}
	for _, state := range []string{"retiring", "pending"} {
		id := map[string]string{"retiring": "k0", "pending": "kn"}[state]
		bad(t, seal, core.NotRefused, forged(t, seal, strings.Replace(secretRing(id), state, "primary", 1), 2, tea, nil)).
			set("expect", "ok").text("subject", "").text("payload", "dark").
			write(t, "payload-"+state+"-key", "Sealed by a key that is "+state+" here: it opens.")
	}
}

// trailing sets a bit that spells nothing, in a token that has one.
func trailing(s string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, s[len(s)-1])
	return s[:len(s)-1] + alphabet[last|1:last|1+1]
}

func writeRecords(t *testing.T) {
	family := repeat("f", 16)
	ann := core.Body{Family: core.Family([]byte(family)), Created: noon, Authenticated: noon + minute, Subject: "ann", Payload: "tea"}
	tea := core.Body{Family: core.Family([]byte(family)), Created: noon, Payload: "tea"}
	grave := core.Body{Family: core.Family([]byte(family)), Gone: core.RotatedAway, Successor: core.Key(repeat("k", 32))}
	draftOf := func(kept string, now int64) *draft {
		d := policyDraft("record", serverScene("none")).without("tenant")
		return d.number("now", now).number("seen", noon).number("deadline", noon+30*minute).hex("body", kept)
	}
	full := func(b core.Body, now int64) *draft {
		d := draftOf(b.Spell(), now).hex("family", family)
		if b.Gone != 0 {
			return d.hex("successor", string(b.Successor)).set("expect", "rotated")
		}
		return d.number("created", b.Created).number("authenticated", b.Authenticated).text("subject", b.Subject).text("payload", b.Payload)
	}
	full(tea, noon).write(t, "record-plain", "A session of nobody.")
	full(ann, noon+minute).write(t, "record-subject", "A session of a subject.")
	long := ann
	long.Subject, long.Payload = repeat("\xff", 255), ""
	full(long, noon+minute).write(t, "record-subject-255", "A subject of 255 bytes, and an empty payload.")
	full(grave, noon).write(t, "record-tombstone", "A tombstone names its successor's key.")
	full(grave, noon+minute-1).write(t, "record-tombstone-race", "Answers of requests from before the rotation may still be on their way.")
	full(grave, noon+minute).set("expect", "superseded").write(t, "record-tombstone-old", "A minute after the rotation they are not.")
	full(tea, noon+30*minute-1).write(t, "record-last-moment", "A millisecond before it has idled away.")
	full(tea, noon+30*minute).set("expect", "idle").write(t, "record-idle", "The instant at which it has.")
	full(tea, noon+day).number("seen", noon+day-1).number("deadline", noon+day).set("expect", "expired").
		write(t, "record-expired", "The instant at which its absolute life is over.")
	full(ann, noon+day).number("seen", noon+day-1).number("deadline", noon+day+minute).
		write(t, "record-signed-in-later", "The absolute life runs from the sign-in.")
	full(tea, noon+minute).number("deadline", noon+minute).set("expect", "idle").
		write(t, "record-stored-deadline", "The deadline that is stored is shorter than the policy's, and holds.")
	full(tea, noon-5*second-1).set("expect", "future").write(t, "record-future", "Made by a clock that is too far ahead.")

	spelled := tea.Spell()
	for name, kept := range map[string]string{
		"empty": "", "newer": "\x02" + spelled[1:], "flag-2": "\x01\x02" + spelled[2:], "flag-81": "\x01\x81" + spelled[2:],
		"cut": spelled[:23], "cut-subject": ann.Spell()[:32], "subject-0": "\x01\x01" + spelled[2:24] + repeat("\x00", 7) + "tea",
		"tombstone-31": grave.Spell()[:49], "tombstone-33": grave.Spell() + "k",
	} {
		draftOf(kept, noon).set("expect", "undecodable").write(t, "record-bad-"+name, map[string]string{
			"empty": "No bytes at all.", "newer": "A version of a newer program.", "flag-2": "A flag that has no meaning yet.",
			"flag-81": "A tombstone has no subject.", "cut": "Cut within its instant.", "cut-subject": "Cut within its second instant.",
			"subject-0": "A subject of no bytes is spelled without the flag.", "tombstone-31": "A successor of 31 bytes.",
			"tombstone-33": "A successor of 33 bytes.",
		}[name])
	}
}

func writeRings(t *testing.T) {
	id := repeat("i", 32)
	for _, k := range []struct{ name, about, kind, audience, tenant string }{
		{"plain", "The key of an ID.", "cart", "", ""},
		{"audience", "An audience makes it another.", "cart", "shop.example", ""},
		{"tenant", "The same text as a tenant makes it yet another.", "cart", "", "shop.example"},
		{"long", "Labels at their longest.", repeat("k", 64), repeat("a", 255), repeat("t", 300)},
	} {
		x := serverScene("none")
		x.kind, x.audience, x.tenant = k.kind, k.audience, k.tenant
		policyDraft("key", x).hex("id", id).hex("key", oracleKey(k.kind, k.audience, k.tenant, id)).write(t, "key-"+k.name, k.about)
	}
	const secret = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
	const other = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
	for _, k := range []struct{ name, about, text, reveals string }{
		{"lines", "One key a line, with comments and blanks.", "# made today\n k1 : primary : " + secret + " # ours\n\nk0:retiring:" + other + "\n", "k1:primary:" + secret + "\nk0:retiring:" + other + "\n"},
		{"commas", "On one line, as in an environment variable.", "k1:primary:" + secret + ",k0:revoked:" + other, "k1:primary:" + secret + "\nk0:revoked:" + other + "\n"},
		{"no-primary", "No key is primary.", "k1:retiring:" + secret, ""},
		{"two-primary", "Two keys are.", "k1:primary:" + secret + ";k0:primary:" + other, ""},
		{"same-secret", "One secret under two ids.", "k1:primary:" + secret + ";k0:retiring:" + secret, ""},
		{"same-id", "One id for two secrets.", "k1:primary:" + secret + ";k1:retiring:" + other, ""},
		{"short", "A secret of 31 bytes.", "k1:primary:" + secret[:41] + "A", ""},
		{"zeros", "A secret of zeros.", "k1:primary:" + repeat("A", 43), ""},
		{"trailing-bits", "A secret in another spelling.", "k1:primary:" + secret[:42] + "F", ""},
		{"upper-case", "An id outside its alphabet.", "K1:primary:" + secret, ""},
		{"long-id", "An id of nine characters.", "k12345678:primary:" + secret, ""},
		{"state", "A state that there is not.", "k1:active:" + secret, ""},
		{"fields", "Two fields.", "primary:" + secret, ""},
		{"empty", "No key.", "# none\n", ""},
	} {
		d := (&draft{values: map[string]string{}}).set("type", "keyring").set("expect", "refused").text("text", k.text)
		if k.reveals != "" {
			d.set("expect", "ok").text("reveals", k.reveals)
		}
		d.write(t, "keyring-"+k.name, k.about)
	}
}
