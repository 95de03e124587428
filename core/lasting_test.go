package core_test

import (
	"testing"

	"github.com/satchel-go/satchel/core"
)

// Lifetimes of a session's own, and the level of a sign-in.

// A remembered session outlives its kind's lifetimes and ends at its own; a sign-in without a word goes back.
func TestLasting(t *testing.T) {
	w, p := newShelf(), policyOf(t, renewed)
	in := core.SignIn{Subject: "ann", Payload: "tea"}
	first := w.must(t, w.open(p, noon, core.Tokens{}).SignedIn(in).Lasting(7*day, 30*day), noon)
	if first.Send.Until != noon+30*day || first.Create.Record.Deadline != noon+7*day {
		t.Errorf("until noon%+d, kept until noon%+d", first.Send.Until-noon, first.Create.Record.Deadline-noon)
	}
	token, now := first.Send.Token, noon
	for range 4 {
		now += 7*day - 1
		s := w.open(p, now, core.One(token))
		if s.Standing() != core.Live {
			t.Fatalf("noon%+d: %v", now-noon, s)
		}
		if used, unused := s.Until(); used != noon+30*day || unused > now+7*day {
			t.Errorf("over at noon%+d and noon%+d", used-noon, unused-noon)
		}
		if plan := w.must(t, s, now); plan.Send.Action == core.SendToken {
			token = plan.Send.Token // renewed, with all that it had
		}
	}
	if s := w.open(p, noon+30*day-1, core.One(token)); s.Standing() != core.Live {
		t.Error("a millisecond before its end:", s)
	}
	if s := w.open(p, noon+30*day, core.One(token)); s.Refusal() != core.Expired {
		t.Error("at its end:", s)
	}
	again := w.must(t, w.open(p, now, core.One(token)).SignedIn(in), now)
	if again.Send.Until != now+day {
		t.Errorf("signed in again it lives %d ms", again.Send.Until-now)
	}
}

// Order does not matter, and a session of nobody begins with its own lifetimes.
func TestLastingInAnyOrder(t *testing.T) {
	w, p := newShelf(), policyOf(t, renewed)
	in := core.SignIn{Subject: "ann", Payload: "tea"}
	none := w.open(p, noon, core.Tokens{})
	if decided(none.Lasting(0, hour)) != core.Keep {
		t.Error("a lifetime alone begins a session")
	}
	for name, s := range map[string]core.Session{
		"before the sign-in": none.Lasting(0, hour).SignedIn(in), "after it": none.SignedIn(in).Lasting(0, hour),
		"of nobody": none.Lasting(0, hour).With("tea"), "of nobody, after": none.With("tea").Lasting(0, hour),
		"and cleared before": none.With("x").Cleared().With("tea").Lasting(0, hour),
	} {
		if plan := w.must(t, s, noon); plan.Send.Until != noon+hour || plan.Create.Record.Deadline != noon+hour {
			t.Errorf("%s: %v, until noon%+d", name, plan, plan.Send.Until-noon)
		}
	}
}

// Of two sign-ins of one exchange the second counts, with what is said after it: the first one's lifetimes go with its subject.
func TestLastingOfTheLastSignIn(t *testing.T) {
	w, p := newShelf(), policyOf(t, renewed)
	ann, bob := core.SignIn{Subject: "ann", Payload: "ann's"}, core.SignIn{Subject: "bob", Payload: "bob's"}
	none := w.open(p, noon, core.Tokens{})
	visitor := func() core.Session { return w.open(p, noon, core.One(w.must(t, none.With("tea"), noon).Send.Token)) }
	for name, s := range map[string]core.Session{"anew": none, "of a visitor": visitor(), "cleared": visitor().Cleared()} {
		if plan := w.must(t, s.SignedIn(ann).Lasting(7*day, 30*day).SignedIn(bob), noon); plan.Send.Until != noon+day {
			t.Errorf("%s: bob has ann's %d ms", name, plan.Send.Until-noon)
		}
	}
	if plan := w.must(t, none.SignedIn(ann).Lasting(0, 30*day).SignedIn(bob).Lasting(0, hour), noon); plan.Send.Until != noon+hour {
		t.Errorf("bob has %d ms, and was given an hour", plan.Send.Until-noon)
	}
}

// What the kind does not allow is an error, and somebody's session is lengthened by signing in only.
func TestLastingLimits(t *testing.T) {
	w, p := newShelf(), policyOf(t, renewed)
	in := core.SignIn{Subject: "ann", Payload: "tea"}
	none := w.open(p, noon, core.Tokens{})
	live := w.open(p, noon, core.One(w.must(t, none.SignedIn(in), noon).Send.Token))
	nobodys := w.open(p, noon, core.One(w.must(t, none.With("tea"), noon).Send.Token))
	seal := policyOf(t, sealed)
	foreign := policyOf(t, bare)
	for name, c := range map[string]struct {
		s    core.Session
		fits bool
	}{
		"the longest": {none.SignedIn(in).Lasting(7*day, 30*day), true}, "longer": {none.SignedIn(in).Lasting(7*day, 30*day+1), false},
		"longer idle": {none.SignedIn(in).Lasting(7*day+1, 0), false}, "without limit": {none.SignedIn(in).Lasting(0, core.MaxInstant), false},
		"negative": {none.SignedIn(in).Lasting(-1, 0), false}, "negative life": {none.SignedIn(in).Lasting(0, -1), false},
		"shortened": {live.Lasting(hour, hour), true}, "lengthened": {live.Lasting(0, day+1), false},
		"idles longer": {live.Lasting(2*hour+1, 0), false}, "lengthened, signing in": {live.Lasting(0, 2*day).SignedIn(in), true},
		"lengthened, beginning anew": {live.Cleared().With("x").Lasting(0, 2*day), true}, "nobody's, lengthened": {nobodys.Lasting(day, 2*day), true},
		"client-side": {seal.Begin(noon, core.Tokens{}).With("x").Lasting(0, hour), true}, "client-side, longer": {seal.Begin(noon, core.Tokens{}).With("x").Lasting(0, 2*day), false},
		"client-side, idle": {seal.Begin(noon, core.Tokens{}).With("x").Lasting(1, hour), false},
		"foreign":           {foreign.Begin(noon, core.Tokens{}).With("x").Lasting(0, 0), false},
	} {
		if err := c.s.Fits(); (err == nil) != c.fits {
			t.Errorf("%s: %v", name, err)
		}
	}
	if plan := w.must(t, live.Lasting(hour, hour), noon); plan.Verdict != core.Rotate || plan.Send.Until != noon+hour {
		t.Errorf("shortened: %v", plan)
	}
}

// The error of a lifetime that is too long names it, its value, the bound and the option.
func TestLastingSaysWhatIsTooLong(t *testing.T) {
	w, p := newShelf(), policyOf(t, renewed)
	none := w.open(p, noon, core.Tokens{}).With("tea")
	for want, s := range map[string]core.Session{
		"core: Absolute of 5184000000 ms is over the kind's Longest, 2592000000 ms": none.Lasting(0, 60*day),
		"core: Idle of 691200000 ms is over the kind's LongestIdle, 604800000 ms":   none.Lasting(8*day, 0),
		"core: Absolute without limit is over the kind's Longest, 2592000000 ms":    none.Lasting(0, core.MaxInstant),
		"core: Idle of a session's own is negative":                                 none.Lasting(-1, 0),
	} {
		if err := s.Fits(); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A policy that became stricter cuts what was given under an earlier one, and a client-side life of its own holds as well.
func TestLastingUnderAnotherPolicy(t *testing.T) {
	w, c := newShelf(), config(t, renewed)
	p := compile(t, c)
	token := w.must(t, w.open(p, noon, core.Tokens{}).With("tea").Lasting(0, 30*day), noon).Send.Token
	c.Lifetime.Longest = 0
	if s := w.open(compile(t, c), noon, core.One(token)); func() bool { used, _ := s.Until(); return used != noon+day }() {
		t.Error("a longer life stands where the kind allows none")
	}
	// A short idle time is noted often enough: in use it does not idle away.
	short := w.must(t, w.open(p, noon, core.Tokens{}).With("tea").Lasting(10*second, 0), noon).Send.Token
	for now := noon; now < noon+10*minute; now += 9 * second {
		s := w.open(p, now, core.One(short))
		if s.Standing() != core.Live {
			t.Fatalf("noon%+d: %v", now-noon, s)
		}
		w.must(t, s, now)
	}
	// And not more often than in each tenth of it, also where the kind has no idle time, and so no interval.
	c.Lifetime.Idle, c.Lifetime.Touch, c.Lifetime.LongestIdle, c.Lifetime.Renew, c.Lifetime.Grace = 0, 0, 0, 0, 0
	alone := compile(t, c)
	own := w.must(t, w.open(alone, noon, core.Tokens{}).With("tea").Lasting(10*hour, 0), noon).Send.Token
	for after, want := range map[int64]core.Verdict{1: core.Keep, hour - 1: core.Keep, hour: core.Touch} {
		if s := w.open(alone, noon+after, core.One(own)); s.Decide(noon+after) != want {
			t.Errorf("a use after %d ms: %v, want %v", after, s.Decide(noon+after), want)
		}
	}
	seal := policyOf(t, sealed)
	remembered := w.must(t, seal.Begin(noon, core.Tokens{}).With("x").Lasting(0, hour), noon)
	if s := seal.Begin(noon+hour, core.One(remembered.Send.Token)); s.Refusal() != core.Expired || remembered.Send.Until != noon+hour {
		t.Error("client-side:", s)
	}
}

// A level comes down by a wish, and up by signing in alone.
func TestLevel(t *testing.T) {
	w, p := newShelf(), policyOf(t, renewed)
	in := core.SignIn{Subject: "ann", Payload: "tea", Level: 3, Methods: "pwd hwk"}
	token := w.must(t, w.open(p, noon, core.Tokens{}).SignedIn(in), noon).Send.Token
	level := func(want uint8) {
		t.Helper()
		if s := w.open(p, noon, core.One(token)); s.Level() != want || s.Methods() != "pwd hwk" || s.Subject() != "ann" {
			t.Errorf("level %d by %q, want %d", s.Level(), s.Methods(), want)
		}
	}
	level(3)
	for _, step := range []struct {
		to, want uint8
		verdict  core.Verdict
	}{{3, 3, core.Keep}, {255, 3, core.Keep}, {2, 2, core.Save}, {3, 2, core.Keep}, {0, 0, core.Save}} {
		s := w.open(p, noon, core.One(token)).Lowered(step.to)
		if s.Level() != step.want {
			t.Errorf("to %d: reads %d before the commit", step.to, s.Level())
		}
		if plan := w.must(t, s, noon); plan.Verdict != step.verdict {
			t.Errorf("to %d: %v", step.to, plan)
		}
		level(step.want)
	}
	for name, lower := range map[string]func(core.Session) core.Session{
		"lowered twice, up": func(s core.Session) core.Session { return s.Lowered(1).Lowered(2) },
		"lowered and saved": func(s core.Session) core.Session { return s.Lowered(1).With("x") },
	} {
		next := w.must(t, lower(w.open(p, noon, core.One(token)).SignedIn(in)), noon)
		if token = next.Send.Token; next.Next.Level() != 1 {
			t.Errorf("%s: level %d", name, next.Next.Level())
		}
	}
	token = w.must(t, w.open(p, noon, core.One(token)).SignedIn(in), noon).Send.Token
	level(3)
	if plan := w.must(t, w.open(p, noon, core.One(token)).Lowered(2).Rotated().With("milk"), noon); plan.Next.Level() != 2 {
		t.Error("lowered, rotated and saved:", plan.Next.Level())
	}
}

// A change is conditional on the value that it was made from, and on nothing else.
func TestOvertaken(t *testing.T) {
	w, p := newShelf(), policyOf(t, renewed)
	in := core.SignIn{Subject: "ann", Payload: "tea", Level: 2}
	var token core.Token
	for name, c := range map[string]struct {
		others []func(core.Session) core.Session
		want   bool
	}{
		"nothing":          {nil, false},
		"saved":            {[]func(core.Session) core.Session{func(s core.Session) core.Session { return s.With("milk") }}, true},
		"saved, and back":  {[]func(core.Session) core.Session{func(s core.Session) core.Session { return s.With("milk") }, func(s core.Session) core.Session { return s.With("tea") }}, false},
		"its level is low": {[]func(core.Session) core.Session{func(s core.Session) core.Session { return s.Lowered(1) }}, false},
	} {
		token = w.must(t, w.open(p, noon, core.Tokens{}).SignedIn(in), noon).Send.Token
		mine := w.open(p, noon, core.One(token)).With("coffee")
		for _, change := range c.others {
			w.must(t, change(w.open(p, noon, core.One(token))), noon)
		}
		s := w.ask(mine.Reloaded(), noon)
		if s.Overtaken() != c.want || (s.Decide(noon) == core.Refuse) != c.want {
			t.Errorf("%s: overtaken %v, %v", name, s.Overtaken(), s.Decide(noon))
		}
		if !c.want {
			if next := w.must(t, s, noon).Next; len(c.others) == 1 && next.Level() != 1 {
				t.Errorf("%s: what others changed is lost", name)
			}
		}
		if s := w.ask(w.open(p, noon, core.One(token)).Rotated().Reloaded(), noon); s.Overtaken() {
			t.Errorf("%s: a rotation has a condition", name)
		}
	}
}
