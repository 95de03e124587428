package core_test

import (
	"testing"

	"github.com/satchel-go/satchel/core"
)

// A renewed token after its grace.

// After the grace a renewed token changes nothing, ends the session where that was asked for, and a logout with it works.
func TestReused(t *testing.T) {
	const seen, now = noon + hour, noon + hour + 2*minute
	for _, ends := range []bool{false, true} {
		d := newRenewedDesk(t, func(c *core.Config) { c.EndReused = ends })
		d.must(t, d.at(seen, d.new), seen)
		for name, tokens := range map[string]core.Tokens{
			"alone": core.One(d.old), "behind another": {First: "?", Second: d.old, Count: 2}, "before another": {First: d.old, Second: "?", Count: 2},
		} {
			s := d.open(d.p, now, tokens)
			if _, ok := s.Payload(); s.Refusal() != core.Reused || ok {
				t.Fatalf("%s: %v", name, s)
			}
			if v := s.Decide(now); (v == core.Clear) != ends || !ends && v != core.Keep {
				t.Errorf("%s: a read is %v", name, v)
			}
			if p := d.must(t, s.Cleared(), now); p.End.Key != d.newKey {
				t.Errorf("%s: a logout ends %v", name, p.End.Key)
			}
			rec := d.records[d.newKey]
			if rec.Body != "" {
				t.Errorf("%s: the session lives on", name)
			}
			d = newRenewedDesk(t, func(c *core.Config) { c.EndReused = ends })
			d.must(t, d.at(seen, d.new), seen)
		}
		// Beside a token that lives it is only an old cookie.
		if s := d.open(d.p, now, core.Tokens{First: d.old, Second: d.new, Count: 2}); s.Standing() != core.Live {
			t.Error("beside its successor:", s)
		}
		s := d.at(now, d.old)
		p := d.must(t, s.SignedIn(core.SignIn{Subject: "ann", Payload: "hers"}), now)
		if _, kept := d.records[d.newKey]; kept == ends || p.Send.Action != core.SendToken {
			t.Errorf("ends %v, and signing in is %v, the earlier session kept: %v", ends, p, kept)
		}
	}
}

// Behind a renewed token another one that was refused does not hide which session it was of.
func TestReusedBeforeAnother(t *testing.T) {
	d := newRenewedDesk(t, func(c *core.Config) { c.EndReused = true })
	d.must(t, d.at(noon+hour, d.new), noon+hour)
	other := d.must(t, d.open(d.p, noon, core.Tokens{}).With("other"), noon).Send.Token
	d.must(t, d.at(noon+1, other).Rotated(), noon+1)
	for _, tokens := range []core.Tokens{{First: d.old, Second: other, Count: 2}, {First: other, Second: d.old, Count: 2}} {
		s := d.open(d.p, noon+2*hour, tokens)
		p, err := d.plan(s, noon+2*hour)
		if s.Refusal() != core.Reused || err != nil || p.End.Key != d.newKey {
			t.Errorf("%v: %v ends %v", s, p, p.End.Key)
		}
	}
}
