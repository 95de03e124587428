package core_test

import (
	"testing"

	"github.com/satchel-go/satchel/core"
)

// The vectors of the parts of a body, and of renewal.

// parts reads the parts that a body has beside its subject.
func (v vector) parts(b *core.Body) {
	v.t.Helper()
	if v.has("methods") {
		b.Level, b.Methods = uint8(v.number("level")), v.text("methods")
	}
	if v.has("own-idle") {
		b.Idle, b.Absolute = v.number("own-idle"), v.number("own-absolute")
	}
	if v.has("issued") {
		b.Issued, b.Adopted = v.number("issued"), v.number("adopted")
	}
	if v.has("everyone") {
		b.Everyone, b.Epoch = v.number("everyone"), v.number("epoch")
	}
	if v.has("serial") {
		b.Serial = uint64(v.number("serial"))
	}
}

// renewal renews a session at made, and comes with the old token at now.
func (v vector) renewal() {
	v.t.Helper()
	p := v.policy()
	made, now := v.number("made"), v.number("now")
	old := core.Tokens{First: core.Token(v.text("token")), Count: 1, Tenant: v.text("tenant")}
	asking := p.Begin(made, old)
	q, _ := asking.Next()
	if string(q.Key) != v.hex("key") {
		v.t.Fatalf("asks for %x, want %s", string(q.Key), v.word("key"))
	}
	before := core.Record{Revision: 1, Seen: made, Deadline: made + hour, Body: v.hex("before")}
	s := p.Begin(made, old).Answer(made, core.Answer{Status: core.Found, Record: before})
	plan, err := s.Plan(core.Renew, made, []byte(v.hex("entropy")))
	if err != nil {
		v.t.Fatal(err)
	}
	if plan.Replace.Record.Body != v.hex("body") || string(plan.Create.Key) != v.hex("key-2") || string(plan.Send.Token) != v.text("successor") {
		v.t.Errorf("leaves %x, and sends %q", plan.Replace.Record.Body, string(plan.Send.Token))
	}
	id, next := decodeRaw(v.text("token"))[1:], v.hex("entropy")
	want := "\x01\x40" + before.Body[2:18] + oracleKey(v.text("kind"), v.text("audience"), v.text("tenant"), next) + oracleHidden(v, id, next)
	if want != v.hex("body") {
		v.t.Errorf("by SPEC.md alone it leaves %x", want)
	}

	s = p.Begin(now, old).Answer(now, core.Answer{Status: core.Found, Record: core.Record{Revision: 2, Seen: made, Deadline: noon + day, Body: v.hex("body")}})
	q, asks := s.Next()
	if asks != v.has("body-2") || asks && string(q.Key) != v.hex("key-2") {
		v.t.Fatalf("asks %v for %x, refusal %v", asks, string(q.Key), s.Refusal())
	}
	if asks {
		s = s.Answer(now, core.Answer{Status: core.Found, Record: core.Record{Revision: 1, Seen: now, Deadline: noon + day, Body: v.hex("body-2")}})
	}
	v.outcome(s)
	if s.Standing() != core.Live {
		return
	}
	plan, err = s.Plan(core.Keep, now, nil)
	if err != nil || string(plan.Send.Token) != v.text("successor") {
		v.t.Errorf("is handed %q, want the successor's token: %v", string(plan.Send.Token), err)
	}
}

func writeParts(t *testing.T) {
	base := core.Body{Family: core.Family([]byte(repeat("f", 16))), Created: noon, Payload: "tea"}
	write := func(name, about string, b core.Body, now int64, more func(d *draft)) {
		x := serverScene("none")
		d := policyDraft("record", x).without("tenant").number("now", now).number("seen", noon).number("deadline", noon+40*day)
		d.hex("family", string(b.Family[:])).number("created", b.Created).number("authenticated", b.Authenticated)
		d.text("subject", b.Subject).text("payload", b.Payload)
		more(d)
		v := vector{t, "a draft", d.values}
		v.parts(&b)
		d.hex("body", b.Spell()).write(t, "record-"+name, about)
	}
	ann := base
	ann.Authenticated, ann.Subject = noon, "ann"
	write("assurance", "How sure a sign-in was, and how it was done.", ann, noon, func(d *draft) { d.number("level", 2).text("methods", "pwd otp") })
	write("methods", "Methods without a level.", ann, noon, func(d *draft) { d.number("level", 0).text("methods", "pwd") })
	own := func(idle, absolute int64) func(*draft) {
		return func(d *draft) {
			d.number("longest-idle", 7*day).number("longest", 30*day).number("own-idle", idle).number("own-absolute", absolute)
		}
	}
	write("own-life", "Lifetimes of its own, longer than its kind's.", base, noon+7*day-1, own(7*day, 30*day))
	write("own-idle", "The instant at which it has idled away by its own time.", base, noon+minute, func(d *draft) {
		own(minute, 0)(d)
		d.set("expect", "idle")
	})
	write("own-longest", "A life of its own that is longer than the kind allows by now.", base, noon+30*day, func(d *draft) {
		own(core.MaxInstant, 400*day)(d)
		d.number("seen", noon+30*day-1).set("expect", "expired")
	})
	write("renewal", "A successor that was not seen yet.", base, noon+minute, func(d *draft) { d.number("issued", noon).number("adopted", 0) })
	write("epochs", "The epochs of everyone and of its subject.", ann, noon, func(d *draft) { d.number("everyone", 3).number("epoch", 7) })
	write("serial", "A serial number.", base, noon, func(d *draft) { d.number("serial", 1<<40) })
	write("all", "Every part at once.", ann, noon+minute, func(d *draft) {
		d.number("level", 255).text("methods", repeat("m", 255))
		own(minute+1, hour)(d)
		d.number("issued", noon).number("adopted", noon).number("everyone", 1).number("epoch", 0).number("serial", 1)
	})

	raw := func(name, about, kept string) {
		d := policyDraft("record", serverScene("none")).without("tenant").number("now", noon).number("seen", noon).number("deadline", noon+hour)
		d.hex("body", kept).set("expect", "undecodable")
		if name == "pointer-nothing" {
			d.hex("successor", repeat("k", 32)) // a logout follows it all the same
		}
		d.write(t, "record-bad-"+name, about)
	}
	spelled := base.Spell()
	head, created, rest := spelled[2:18], spelled[18:24], spelled[24:]
	zero := repeat("\x00", 12)
	raw("limits-0", "Lifetimes of its own that are the kind's are spelled without the flag.", "\x01\x04"+head+created+zero+rest)
	raw("issued-0", "A token that was never issued is spelled without the flag.", "\x01\x08"+head+created+zero+rest)
	raw("epochs-0", "Epochs of nothing are spelled without the flag.", "\x01\x10"+head+created+zero+rest)
	raw("serial-0", "No serial number is spelled without the flag.", "\x01\x20"+head+created+zero[:8]+rest)
	raw("assurance-alone", "A level of nobody.", "\x01\x02"+head+created+"\x02\x03pwd"+rest)
	raw("cut-limits", "Cut within its lifetimes.", "\x01\x04"+head+created+zero[:11])
	raw("flag-c0", "A pointer is no tombstone.", "\x01\xc0"+head+repeat("k", 64))
	raw("flag-41", "A pointer has no subject.", "\x01\x41"+head+repeat("k", 64))
	raw("pointer-63", "A pointer whose hidden ID has 31 bytes.", "\x01\x40"+head+repeat("k", 63))
	raw("pointer-65", "A pointer whose hidden ID has 33 bytes.", "\x01\x40"+head+repeat("k", 65))
	raw("pointer-nothing", "A pointer whose hidden ID has another key than it names.", "\x01\x40"+head+repeat("k", 64))
}

func writeRenewals(t *testing.T) {
	id, next := repeat("i", 32), repeat("n", 32)
	family := core.Family([]byte(repeat("f", 16)))
	const made = noon + hour
	write := func(name, about, refusal string, now int64, x scene, after core.Body, damage func(body string) string) {
		d := policyDraft("renewal", x).number("renew", hour).number("grace", minute)
		d.text("token", oracleText("\x01"+id)).text("successor", oracleText("\x01"+next)).hex("entropy", next)
		before := core.Body{Family: family, Created: noon, Issued: noon, Adopted: noon, Payload: "tea"}
		d.hex("key", oracleKey(x.kind, x.audience, x.tenant, id)).hex("key-2", oracleKey(x.kind, x.audience, x.tenant, next))
		d.number("made", made).hex("before", before.Spell())
		v := vector{t, "a draft", d.values}
		d.hex("body", "\x01\x40"+string(family[:])+v.hex("key-2")+oracleHidden(v, id, next))
		kept := after.Spell()
		if damage != nil {
			kept = damage(kept)
		}
		d.number("now", now).hex("body-2", kept)
		if d.set("expect", refusal); refusal == "ok" {
			d.text("subject", "").text("payload", "tea")
		}
		d.write(t, "renewal-"+name, about)
	}
	x := serverScene("none")
	successor := func(adopted int64) core.Body {
		return core.Body{Family: family, Created: noon, Issued: made, Adopted: adopted, Payload: "tea"}
	}
	write("unseen", "A renewed token leads to its successor until that was seen.", "ok", noon+20*hour, x, successor(0), nil)
	write("grace", "A millisecond before the grace is over.", "ok", made+minute-1, x, successor(made), nil)
	write("reused", "The instant at which it is.", "reused", made+minute, x, successor(made), nil)
	tenant := x
	tenant.audience, tenant.tenant = "shop.example", "tenant 7"
	write("tenant", "Audience and tenant are bound into what hides the successor.", "ok", made, tenant, successor(0), nil)
	write("twice", "The successor was renewed in turn.", "reused", made+2*hour, x,
		core.Body{Family: family, Gone: core.RenewedAway, Successor: core.Key(repeat("k", 32)), Hidden: repeat("\x00", 32)}, nil)
	write("rotated", "The successor was rotated away just now.", "rotated", made+hour, x,
		core.Body{Family: family, Gone: core.RotatedAway, Successor: core.Key(repeat("k", 32))}, nil)
	write("expired", "The session is over.", "expired", noon+day, x, successor(0), nil)
	write("damaged", "The successor's record cannot be read.", "undecodable", made, x, successor(0), func(string) string { return "\x02" })
}
