package core_test

import (
	"errors"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// Renewal: what it promises to who comes with the old token, and what it refuses to who abuses it.

// renewedDesk is a session that was renewed an hour after noon: its old token, its successor's, and their keys.
type renewedDesk struct {
	*testing.T
	*shelf
	p        *core.Policy
	old, new core.Token
	oldKey   core.Key
	newKey   core.Key
}

func newRenewedDesk(t *testing.T, change func(*core.Config)) renewedDesk {
	t.Helper()
	c := config(t, renewed)
	if change != nil {
		change(&c)
	}
	w, p := newShelf(), compile(t, c)
	first := w.must(t, w.open(p, noon, core.Tokens{}).With("tea"), noon)
	second := w.must(t, w.open(p, noon+hour, core.One(first.Send.Token)), noon+hour)
	if second.Verdict != core.Renew || second.Send.Action != core.SendToken {
		t.Fatal(second)
	}
	return renewedDesk{t, w, p, first.Send.Token, second.Send.Token, first.Create.Key, second.Create.Key}
}

// at opens a token.
func (d renewedDesk) at(now int64, token core.Token) core.Session {
	return d.open(d.p, now, core.One(token))
}

// Whoever comes with the old token has the session and is handed the one successor, until that was seen and for a minute more.
func TestRenewedTokenLeadsOn(t *testing.T) {
	d := newRenewedDesk(t, nil)
	handed := func(now int64) {
		t.Helper()
		s := d.at(now, d.old)
		if payload, _ := s.Payload(); s.Standing() != core.Live || payload != "tea" || s.Settled(now) {
			t.Fatalf("noon%+d: %v, %q", now-noon, s, payload)
		}
		if p := d.must(t, s, now); p.Send.Action != core.SendToken || p.Send.Token != d.new || p.Send.Until != noon+day {
			t.Errorf("noon%+d: %v is handed %q", now-noon, p, string(p.Send.Token))
		}
	}
	for _, now := range []int64{noon + hour, noon + hour + 10*minute, noon + 2*hour} { // nobody has seen the successor
		handed(now)
	}
	const seen = noon + 3*hour
	if p := d.must(t, d.at(seen, d.new), seen); p.Verdict != core.Adopt || p.Send.Action != core.SendNothing {
		t.Fatal(p)
	}
	handed(seen + minute - 1)
	s := d.at(seen+minute, d.old)
	if s.Refusal() != core.Reused || s.Handle() == "" || !s.Settled(seen+minute) {
		t.Errorf("after the grace: %v", s)
	}
	if s := d.at(seen+minute, d.new); s.Standing() != core.Live {
		t.Errorf("the successor: %v", s)
	}
}

// Every racer is handed the winner's successor, whatever else it wants, and the losers leave nothing behind.
func TestRenewRacersShareASuccessor(t *testing.T) {
	c := config(t, renewed)
	w, p := newShelf(), compile(t, c)
	first := w.must(t, w.open(p, noon, core.Tokens{}).With("tea"), noon).Send.Token
	const now = noon + hour
	racers := make([]core.Session, 8)
	for i := range racers {
		racers[i] = w.open(p, now, core.One(first))
	}
	won := w.must(t, racers[0], now)
	for i, s := range racers[1:] {
		if i == 3 {
			s = s.With("milk") // on the condition of what it read, which is still so
		}
		plan, err := w.commit(s, now)
		if plan.Verdict != core.Renew || !errors.Is(err, errConflict) {
			t.Fatalf("racer %d: %v, %v", i, plan, err)
		}
		if plan = w.must(t, w.ask(s.Reloaded(), now), now); plan.Send.Token != won.Send.Token {
			t.Errorf("racer %d: %v sends another token", i, plan)
		}
	}
	if len(w.records) != 2 {
		t.Errorf("%d records are left", len(w.records))
	}
	kept := w.open(p, now, core.One(won.Send.Token))
	if payload, _ := kept.Payload(); payload != "milk" {
		t.Errorf("the session holds %q", payload)
	}
}

// A token asks twice at the most, two tokens four times; and a pointer to itself is no loop.
func TestPointerQuestions(t *testing.T) {
	d := newRenewedDesk(t, nil)
	asks := func(tokens core.Tokens) (n int, s core.Session) {
		s = d.p.Begin(noon+hour, tokens)
		for q, ok := s.Next(); ok; q, ok = s.Next() {
			if n++; n > 4 {
				t.Fatal("it asks without end")
			}
			s = s.Answer(noon+hour, core.Answer{Status: core.Found, Record: d.records[q.Key]})
		}
		return n, s
	}
	if n, s := asks(core.One(d.old)); n != 2 || s.Standing() != core.Live {
		t.Error("one token:", n, s)
	}
	id := decodeToken(d.old)[1:]
	itself := core.Body{Family: core.Family{1}, Gone: core.RenewedAway, Successor: d.oldKey}
	itself.Hidden = oracleHidden(vector{t, "", map[string]string{"kind": `"desk"`, "audience": `""`, "tenant": `""`}}, id, id)
	rec := d.records[d.oldKey]
	rec.Body = itself.Spell()
	d.records[d.oldKey] = rec
	if n, s := asks(core.One(d.old)); n != 2 || s.Refusal() != core.Reused {
		t.Error("a pointer to itself:", n, s)
	}
	forged := d.old[:40] + "AAAA"
	asking := d.p.Begin(noon, core.One(forged))
	key, _ := asking.Next()
	d.records[key.Key] = rec // copied to where it hides nothing
	if n, s := asks(core.Tokens{First: forged, Second: d.old, Count: 2}); n != 3 || s.Standing() == core.Live {
		t.Error("two tokens:", n, s)
	}
}

// A store that cannot answer the second question grants nothing.
func TestPointerUnanswered(t *testing.T) {
	d := newRenewedDesk(t, nil)
	for status, want := range map[core.Status]core.Refusal{core.Missing: core.Unknown, core.Garbled: core.Undecodable, core.Unasked: core.NotRefused} {
		s := d.p.Begin(noon+hour, core.One(d.old)).Answer(noon+hour, core.Answer{Status: core.Found, Record: d.records[d.oldKey]})
		s = s.Answer(noon+hour, core.Answer{Status: status})
		if s.Refusal() != want || s.Standing() == core.Live || (status == core.Unasked) != (s.Standing() == core.Unavailable) {
			t.Errorf("%v: %v", status, s)
		}
		if p := d.must(t, s, noon+hour); p.Send.Action != core.SendNothing {
			t.Errorf("%v: %v", status, p)
		}
	}
}

// Only a session's own token renews it, only when its predecessor leads to it no more, and only where a token gets out.
func TestRenewWhen(t *testing.T) {
	d := newRenewedDesk(t, nil)
	decides := func(now int64, s core.Session, want core.Verdict) {
		t.Helper()
		if got := s.Decide(now); got != want {
			t.Errorf("noon%+d: %v, want %v", now-noon, got, want)
		}
	}
	late := noon + 2*hour + 30*minute
	decides(late, d.at(late, d.old), core.Touch) // by a pointer: no chain of two
	decides(late, d.at(late, d.new), core.Adopt) // not seen yet: its predecessor leads to it
	d.must(t, d.at(late, d.new), late)
	decides(late+minute-1, d.at(late+minute-1, d.new), core.Keep) // due by its age, but its predecessor still leads to it
	decides(late+minute, d.at(late+minute, d.new), core.Renew)
	decides(late+minute, d.at(late+minute, d.new).Silent(), core.Touch)
	decides(late+minute, d.at(late+minute, d.new).Cleared(), core.Clear)
	decides(late+minute, d.at(late+minute, d.new).Rotated(), core.Rotate)

	// A session from before its kind was renewed counts from its beginning.
	w, before := newShelf(), compile(t, func() core.Config {
		c := config(t, renewed)
		c.Lifetime.Renew = 0
		return c
	}())
	token := w.must(t, w.open(before, noon, core.Tokens{}).With("tea"), noon).Send.Token
	decides(noon+hour-1, w.open(d.p, noon+hour-1, core.One(token)), core.Touch)
	decides(noon+hour, w.open(d.p, noon+hour, core.One(token)), core.Renew)
	// And one from while it was is read where it is no more.
	if s := d.open(before, late, core.One(d.old)); s.Standing() != core.Live {
		t.Error("renewal was switched off:", s)
	}
}

// How a session was come to is not forgotten over a conflict: who came by a pointer is still handed the successor and adopts
// nothing, and nor does who made it.
func TestReloadedRenewal(t *testing.T) {
	const now = noon + hour
	d := newRenewedDesk(t, nil)
	led := d.at(now, d.old)
	d.must(t, d.at(now, d.old).With("theirs"), now)
	s := d.ask(led.Reloaded(), now)
	if s.Settled(now) || s.Decide(now) != core.Keep {
		t.Errorf("by a pointer: %v, settled %v", s.Decide(now), s.Settled(now))
	}
	if p := d.must(t, s.With("mine"), now); p.Send.Token != d.new {
		t.Errorf("by a pointer: %v", p)
	}
	w, p := d.shelf, d.p
	first := w.must(t, w.open(p, noon, core.Tokens{}).With("tea"), noon).Send.Token
	made := w.must(t, w.open(p, now, core.One(first)), now)
	w.must(t, w.open(p, now, core.One(first)).With("theirs"), now)
	if s = w.ask(made.Next.Reloaded(), now); s.Standing() != core.Live || s.Decide(now) != core.Keep || !s.Settled(now) {
		t.Errorf("by making: %v, %v", s, s.Decide(now))
	}
	// What came by a pointer does not follow a second one.
	d.must(t, d.at(now, d.new), now)
	d.must(t, d.at(now+hour, d.new), now+hour)
	if s = d.ask(led.With("late").Reloaded(), now+hour); s.Standing() != core.Lost || s.Refusal() != core.Reused || s.Decide(now+hour) != core.Refuse {
		t.Errorf("two renewals later: %v, %v, %v", s, s.Refusal(), s.Decide(now+hour))
	}
	// Whose time ran out meanwhile is handed nothing.
	d = newRenewedDesk(t, nil)
	if plan := d.must(t, d.at(now, d.old), now+3*hour); plan.Send.Action != core.SendNothing {
		t.Error("over by now:", plan)
	}
}

// A token and its successor are one session, which is not ambiguous; its own token says more.
func TestTwoTokensOfOneSession(t *testing.T) {
	d := newRenewedDesk(t, nil)
	for _, tokens := range []core.Tokens{{First: d.old, Second: d.new, Count: 2}, {First: d.new, Second: d.old, Count: 2}} {
		s := d.open(d.p, noon+hour, tokens)
		if s.Standing() != core.Live || s.Decide(noon+hour) != core.Adopt {
			t.Errorf("%v, %v", s, s.Decide(noon+hour))
		}
	}
}

// A logout ends the session under every token that it had, in whatever order it meets the renewal.
func TestRenewAgainstLogout(t *testing.T) {
	d := newRenewedDesk(t, nil)
	d.must(t, d.at(noon+hour, d.old).Cleared(), noon+hour)
	for _, token := range []core.Token{d.old, d.new} {
		if s := d.at(noon+hour, token); s.Refusal() != core.Unknown {
			t.Error("after a logout with the old token:", s)
		}
	}
	// The logout has read the record before it became a pointer.
	c := config(t, renewed)
	w, p := newShelf(), compile(t, c)
	first := w.must(t, w.open(p, noon, core.Tokens{}).With("tea"), noon).Send.Token
	logout, err := w.plan(w.open(p, noon+hour, core.One(first)).Cleared(), noon+hour)
	if err != nil {
		t.Fatal(err)
	}
	second := w.must(t, w.open(p, noon+hour, core.One(first)), noon+hour).Send.Token
	if err := w.carry(logout); err != nil {
		t.Fatal(err)
	}
	if s := w.open(p, noon+hour, core.One(second)); s.Refusal() != core.Unknown {
		t.Error("after a logout across the renewal:", s)
	}
	// The renewal finds its session ended.
	first = w.must(t, w.open(p, noon, core.Tokens{}).With("tea"), noon).Send.Token
	renewal := w.open(p, noon+hour, core.One(first))
	w.must(t, w.open(p, noon+hour, core.One(first)).Cleared(), noon+hour)
	before := len(w.records)
	if plan, err := w.commit(renewal, noon+hour); !errors.Is(err, errEnded) || len(w.records) != before {
		t.Error("a renewal after the logout:", plan, err)
	}
}

// The hidden ID is the successor's and nobody else can tell: two renewals of equal sessions share nothing, and the record alone
// opens nothing.
func TestHiddenSuccessor(t *testing.T) {
	d := newRenewedDesk(t, nil)
	b, _ := core.BodyText(d.records[d.oldKey].Body)
	hidden := b.Hidden
	if hidden == decodeToken(d.new)[1:] || hidden == decodeToken(d.old)[1:] {
		t.Error("it is not hidden")
	}
	guess := core.Token(oracleText("\x01" + hidden))
	if s := d.at(noon+hour, guess); s.Refusal() != core.Unknown {
		t.Error("what the record holds opens", s)
	}
	if got := oracleHidden(vector{t, "", map[string]string{"kind": `"desk"`, "audience": `""`, "tenant": `""`}},
		decodeToken(d.old)[1:], decodeToken(d.new)[1:]); got != hidden {
		t.Errorf("by SPEC.md alone %x is hidden", got)
	}
}

// A chain that draws entropy draws it for the token that is handed over as well, and the token opens.
func TestHandedThroughAChain(t *testing.T) {
	for _, chain := range []core.Chain{{crypto.Sign(ring(t, ringText))}, {crypto.Seal(ring(t, ringText))}} {
		d := newRenewedDesk(t, func(c *core.Config) { c.Chain = chain })
		for _, s := range []core.Session{d.at(noon+hour, d.old), d.at(noon+hour, d.old).With("milk"), d.at(noon+hour+10*minute, d.old)} {
			v := s.Decide(noon + hour)
			if n := s.Entropy(v); n != chain.Entropy() {
				t.Errorf("%v draws %d bytes, the chain %d", v, n, chain.Entropy())
			}
			p := d.must(t, s, noon+hour)
			if sent := d.at(noon+hour, p.Send.Token); p.Send.Action != core.SendToken || sent.Standing() != core.Live {
				t.Errorf("%v sends %v", v, p)
			}
		}
	}
}

// Every byte of entropy that a renewal or a handing over asks for shows in its plan, and with one less nothing is planned.
func TestEntropyOfRenewal(t *testing.T) {
	d := newRenewedDesk(t, func(c *core.Config) { c.Chain = core.Chain{taker{3}} })
	w := newShelf()
	first := w.must(t, w.open(d.p, noon, core.Tokens{}).With("tea"), noon).Send.Token
	for v, s := range map[core.Verdict]core.Session{
		core.Renew: w.open(d.p, noon+hour, core.One(first)), core.Keep: d.at(noon+hour, d.old), core.Save: d.at(noon+hour, d.old).With("milk"),
	} {
		if got := s.Decide(noon + hour); got != v {
			t.Fatalf("%v, want %v", got, v)
		}
		entropy := (&stream{}).draw(s.Entropy(v))
		want, err := s.Plan(v, noon+hour, entropy)
		if err != nil || len(entropy) == 0 {
			t.Fatal(v, len(entropy), err)
		}
		for i := range entropy {
			entropy[i] ^= 1
			if got, _ := s.Plan(v, noon+hour, entropy); got == want {
				t.Errorf("%v: byte %d of %d is not used", v, i, len(entropy))
			}
			entropy[i] ^= 1
		}
		p, err := s.Plan(v, noon+hour, entropy[1:])
		if err == nil || p.Create.Key != "" || p.Replace.Key != "" || p.Send.Action != core.SendNothing {
			t.Errorf("%v: with a byte less it plans %v, %v", v, p, err)
		}
	}
}
