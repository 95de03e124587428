package core_test

import (
	"errors"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// family and times of a plan's session, as the world would read them next.
func reopen(t *testing.T, w *shelf, p *core.Policy, now int64, plan core.Plan) core.Session {
	t.Helper()
	s := w.open(p, now, core.One(plan.Send.Token))
	if s.Standing() != core.Live {
		t.Fatalf("what was sent gives %v", s)
	}
	return s
}

func TestRotationKeepsFamilyAndCreation(t *testing.T) {
	for _, kind := range []string{stored, signed, sealed} {
		w, p := newShelf(), policyOf(t, kind)
		first := w.must(t, w.open(p, noon, core.Tokens{}).SignedIn(core.SignIn{Subject: "ann", Payload: "tea"}), noon)
		before := reopen(t, w, p, noon, first)
		second := w.must(t, w.open(p, noon+20*minute, core.One(first.Send.Token)).Rotated(), noon+20*minute)
		after := reopen(t, w, p, noon+20*minute, second)
		if second.Send.Token == first.Send.Token {
			t.Errorf("%s: the same token", kind)
		}
		if after.Handle() != before.Handle() || after.Created() != noon || after.Authenticated() != noon || after.Subject() != "ann" {
			t.Errorf("%s: rotation gives handle %s, created noon%+d, authenticated noon%+d, %q",
				kind, after.Handle(), after.Created()-noon, after.Authenticated()-noon, after.Subject())
		}
		if payload, _ := after.Payload(); payload != "tea" {
			t.Errorf("%s: rotation gives payload %q", kind, payload)
		}
		if second.Send.Until != noon+day {
			t.Errorf("%s: rotation lengthens the absolute life by %d ms", kind, second.Send.Until-noon-day)
		}
		if kind == sealed {
			continue // an old copy opens until its life is over, as its placement says
		}
		if s := w.open(p, noon+20*minute, core.One(first.Send.Token)); s.Refusal() != core.Rotated && s.Refusal() != core.Superseded {
			t.Errorf("%s: the old token gives %v", kind, s)
		}
	}
}

// To sign in resets the absolute life, keeps when the session began, and leaves nothing of the earlier subject.
func TestSignIn(t *testing.T) {
	for _, kind := range []string{stored, signed, sealed} {
		w, p := newShelf(), policyOf(t, kind)
		first := w.must(t, w.open(p, noon, core.Tokens{}).SignedIn(core.SignIn{Subject: "ann", Payload: "ann's"}), noon)
		later := noon + 20*minute
		s := w.open(p, later, core.One(first.Send.Token))
		second := w.must(t, s.With("ann's, changed").SignedIn(core.SignIn{Subject: "bob", Payload: "bob's"}), later)
		after := reopen(t, w, p, later, second)
		payload, _ := after.Payload()
		if after.Subject() != "bob" || payload != "bob's" {
			t.Errorf("%s: %q with %q", kind, after.Subject(), payload)
		}
		if after.Created() != noon || after.Authenticated() != later || second.Send.Until != later+day {
			t.Errorf("%s: created noon%+d, authenticated noon%+d, until noon%+d",
				kind, after.Created()-noon, after.Authenticated()-noon, second.Send.Until-noon)
		}
	}
}

// What was cleared and what is set then are two sessions.
func TestClearThenSetIsAnother(t *testing.T) {
	for _, kind := range []string{stored, signed, sealed} {
		w, p := newShelf(), policyOf(t, kind)
		first := w.must(t, w.open(p, noon, core.Tokens{}).SignedIn(core.SignIn{Subject: "ann", Payload: "tea"}), noon)
		before := reopen(t, w, p, noon, first)
		second := w.must(t, w.open(p, noon+minute, core.One(first.Send.Token)).Cleared().With("milk"), noon+minute)
		after := reopen(t, w, p, noon+minute, second)
		payload, _ := after.Payload()
		if after.Handle() == before.Handle() || after.Created() != noon+minute || after.Subject() != "" || payload != "milk" {
			t.Errorf("%s: %q of %q, created noon%+d", kind, payload, after.Subject(), after.Created()-noon)
		}
		if kind != sealed {
			if s := w.open(p, noon+minute, core.One(first.Send.Token)); s.Refusal() != core.Unknown {
				t.Errorf("%s: the old token gives %v", kind, s)
			}
		}
	}
}

// Later wants replace earlier ones: every order of three gives what the last words mean.
func TestWantsCompose(t *testing.T) {
	w, p := newShelf(), policyOf(t, stored)
	first := w.must(t, w.open(p, noon, core.Tokens{}).SignedIn(core.SignIn{Subject: "ann", Payload: "tea"}), noon)
	s := w.open(p, noon, core.One(first.Send.Token))
	save := func(s core.Session) core.Session { return s.With("milk") }
	in := func(s core.Session) core.Session { return s.SignedIn(core.SignIn{Subject: "bob", Payload: "bob's"}) }
	for _, test := range []struct {
		name    string
		wants   []func(core.Session) core.Session
		verdict core.Verdict
		payload string
		subject string
	}{
		{"save, rotate", []func(core.Session) core.Session{save, core.Session.Rotated}, core.Rotate, "milk", "ann"},
		{"rotate, save", []func(core.Session) core.Session{core.Session.Rotated, save}, core.Rotate, "milk", "ann"},
		{"sign in, save", []func(core.Session) core.Session{in, save}, core.Rotate, "milk", "bob"},
		{"save, sign in", []func(core.Session) core.Session{save, in}, core.Rotate, "bob's", "bob"},
		{"sign in, rotate", []func(core.Session) core.Session{in, core.Session.Rotated}, core.Rotate, "bob's", "bob"},
		{"sign in, clear", []func(core.Session) core.Session{in, core.Session.Cleared}, core.Clear, "", ""},
		{"save, clear, rotate", []func(core.Session) core.Session{save, core.Session.Cleared, core.Session.Rotated}, core.Clear, "", ""},
		{"clear, save, rotate", []func(core.Session) core.Session{core.Session.Cleared, save, core.Session.Rotated}, core.Recreate, "milk", ""},
		{"clear, sign in, save", []func(core.Session) core.Session{core.Session.Cleared, in, save}, core.Recreate, "milk", "bob"},
		{"clear, save, clear", []func(core.Session) core.Session{core.Session.Cleared, save, core.Session.Cleared}, core.Clear, "", ""},
		{"save what is there", []func(core.Session) core.Session{save, func(s core.Session) core.Session { return s.With("tea") }}, core.Keep, "tea", "ann"},
	} {
		next := s
		for _, want := range test.wants {
			next = want(next)
		}
		payload, _ := next.Payload()
		if v := next.Decide(noon); v != test.verdict || payload != test.payload || next.Subject() != test.subject {
			t.Errorf("%s: %v, %q of %q; want %v, %q of %q", test.name, v, payload, next.Subject(), test.verdict, test.payload, test.subject)
		}
		if !next.Changed() {
			t.Errorf("%s: not changed", test.name)
		}
	}
}

// Too large is an error that names size and limit, before a record or a token is made.
func TestTooLarge(t *testing.T) {
	for _, test := range []struct {
		name        string
		kind        string
		change      func(*core.Config)
		want        func(core.Session) core.Session
		what        string
		size, limit int
	}{
		{"payload", stored, nil, func(s core.Session) core.Session { return s.With(repeat("x", 1<<20+1)) }, "payload", 1<<20 + 1, 1 << 20},
		{"a smaller limit", stored, func(c *core.Config) { c.MaxPayload = 3 }, func(s core.Session) core.Session { return s.With("four") }, "payload", 4, 3},
		{"subject", stored, nil, func(s core.Session) core.Session {
			return s.SignedIn(core.SignIn{Subject: repeat("x", 256), Payload: ""})
		}, "subject", 256, 255},
		{"token", sealed, nil, func(s core.Session) core.Session { return s.With(repeat("x", 3004)) }, "token", 4098, 4096},
		{"token, signing in", sealed, nil, func(s core.Session) core.Session {
			return s.SignedIn(core.SignIn{Subject: "ann", Payload: repeat("x", 2994)})
		}, "token", 4098, 4096},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := config(t, test.kind)
			if test.change != nil {
				test.change(&c)
			}
			s := test.want(compile(t, c).Begin(noon, core.Tokens{}))
			for _, err := range []error{s.Fits(), planError(s)} {
				var large *core.TooLargeError
				if !errors.As(err, &large) {
					t.Fatalf("error %v", err)
				}
				if large.What != test.what || large.Size != test.size || large.Limit != test.limit || large.Kind != test.kind {
					t.Errorf("%v", large)
				}
			}
			p, _ := s.Plan(s.Decide(noon), noon, make([]byte, 128))
			if p.Create.Key != "" || p.Send.Action != core.SendNothing {
				t.Error("something is to be done all the same")
			}
		})
	}
	// The largest that fit do: the limit is exact in both directions for a payload, and for a token by its longest key id.
	s := compile(t, config(t, sealed)).Begin(noon, core.Tokens{}).With(repeat("x", 3003))
	if p, err := s.Plan(core.Create, noon, (&stream{}).draw(s.Entropy(core.Create))); err != nil || len(p.Send.Token) > 4096 {
		t.Errorf("%v, %d characters", err, len(p.Send.Token))
	}
}

func planError(s core.Session) error {
	v := s.Decide(noon)
	_, err := s.Plan(v, noon, make([]byte, s.Entropy(v)))
	return err
}
