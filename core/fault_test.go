package core

import "testing"

// The tests of this file hold faults that a reading of the first core found. Each failed before its mend.

func compiled(t testing.TB, c Config) *Policy {
	t.Helper()
	p, err := c.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func planned(t testing.TB, s Session, now int64) Plan {
	t.Helper()
	v := s.Decide(now)
	entropy := make([]byte, s.Entropy(v))
	for i := range entropy {
		entropy[i] = byte(i + 1)
	}
	p, err := s.Plan(v, now, entropy)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var serverSide = Config{
	Kind: "cart", Place: ServerSide,
	Lifetime: Lifetime{Idle: 1_000, Absolute: 10_000, Touch: 100},
}

// begun creates a session at now and returns its plan.
func begun(t testing.TB, p *Policy, now int64, payload string) Plan {
	t.Helper()
	return planned(t, p.Begin(now, Tokens{}).With(payload), now)
}

// opened is the exchange of a later request that carries the plan's token and finds rec.
func opened(p *Policy, now int64, token Token, rec Record) Session {
	return p.Begin(now, One(token)).Answer(now, Answer{Found, rec})
}

// A logout that finds a tombstone ends what lives under its successor, and does not delete the tombstone itself, which
// would lose the way to it.
func TestLogoutFollowsTombstone(t *testing.T) {
	p := compiled(t, serverSide)
	first := begun(t, p, 0, "a")
	rotated := planned(t, opened(p, 1, first.Send.Token, first.Create.Record).Rotated(), 1)
	next, ok := Successor(rotated.Replace.Record)
	if !ok || next != rotated.Create.Key {
		t.Fatalf("the tombstone names %v, %v, want %v", next, ok, rotated.Create.Key)
	}
	s := opened(p, 2, first.Send.Token, rotated.Replace.Record)
	if s.Standing() != Refused || s.Refusal() != Rotated {
		t.Fatalf("the old token is %v", s)
	}
	if got := planned(t, s.Cleared(), 2).End.Key; got != next {
		t.Errorf("logout ends %v, want the successor %v", got, next)
	}
	if got := planned(t, s.Cleared().With("b"), 2).End.Key; got != next {
		t.Errorf("logout and a new session end %v, want the successor %v", got, next)
	}
}

// The same when the session was live as this request began, and is found rotated away after a conflict.
func TestLogoutAfterLosingFollowsTombstone(t *testing.T) {
	p := compiled(t, serverSide)
	first := begun(t, p, 0, "a")
	s := opened(p, 1, first.Send.Token, first.Create.Record)
	rotated := planned(t, s.Rotated(), 1)
	s = s.With("b").Reloaded().Answer(2, Answer{Found, rotated.Replace.Record})
	if s.Standing() != Lost || s.Decide(2) != Refuse {
		t.Fatalf("after the conflict %v, %v", s, s.Decide(2))
	}
	if got, want := planned(t, s.Cleared(), 2).End.Key, rotated.Create.Key; got != want {
		t.Errorf("logout ends %v, want the successor %v", got, want)
	}
}

// A session that reaches its deadline during an exchange is not revived by what the exchange writes.
func TestNoWritePastDeadline(t *testing.T) {
	p := compiled(t, serverSide)
	first := begun(t, p, 0, "a")
	s := opened(p, 999, first.Send.Token, first.Create.Record)
	for name, s := range map[string]Session{
		"save": s.With("b"), "rotate": s.Rotated(), "sign in": s.SignedIn(SignIn{Subject: "ann", Payload: "b"}),
	} {
		if got := s.Decide(999); got == Refuse {
			t.Errorf("%s before the deadline: %v", name, got)
		}
		if got := s.Decide(1_000); got != Refuse {
			t.Errorf("%s at the deadline: %v, want %v", name, got, Refuse)
		}
	}
	if got := s.Decide(1_000); got != Keep {
		t.Errorf("a read at the deadline: %v, want %v", got, Keep)
	}
	cleared := s.Cleared()
	if got := cleared.Decide(1_000); got != Clear {
		t.Errorf("a logout at the deadline: %v, want %v", got, Clear)
	}
}

// Who signs in is the subject from then on, in the same exchange too, and nobody is after a logout.
func TestSubjectFollowsIntent(t *testing.T) {
	p := compiled(t, serverSide)
	ann := planned(t, p.Begin(0, Tokens{}).SignedIn(SignIn{Subject: "ann", Payload: "a"}), 0)
	s := opened(p, 1, ann.Send.Token, ann.Create.Record)
	for _, test := range []struct {
		name string
		s    Session
		want string
	}{
		{"read", s, "ann"},
		{"save", s.With("b"), "ann"},
		{"bob signs in", s.SignedIn(SignIn{Subject: "bob", Payload: "b"}), "bob"},
		{"cleared", s.Cleared(), ""},
		{"cleared, saved", s.Cleared().With("b"), ""},
		{"cleared, bob signs in", s.Cleared().SignedIn(SignIn{Subject: "bob", Payload: "b"}), "bob"},
		{"absent, bob signs in", p.Begin(1, Tokens{}).SignedIn(SignIn{Subject: "bob", Payload: "b"}), "bob"},
	} {
		if got := test.s.Subject(); got != test.want {
			t.Errorf("%s: subject %q, want %q", test.name, got, test.want)
		}
	}
	nobody := s.SignedIn(SignIn{Subject: "", Payload: "b"})
	if err := nobody.Fits(); err == nil {
		t.Error("nobody signed in, over the session of ann")
	}
}

// A token that no client could be sent is a fault of set-up, seen there; and a rotation is held to the limit as a save is.
func TestTokenLimit(t *testing.T) {
	c := serverSide
	c.MaxToken = 43
	if _, err := c.Compile(); err == nil {
		t.Error("a server-side policy whose tokens of 44 characters exceed its limit of 43 compiles")
	}
	c.MaxToken = 44
	compiled(t, c)

	c = Config{Kind: "cart", Place: ClientSide, Chain: Chain{plain{}}}
	roomy := compiled(t, c)
	sent := begun(t, roomy, 0, "a payload of a certain length").Send.Token
	c.MaxToken = len(sent) - 1
	s := compiled(t, c).Begin(0, One(sent)).Rotated()
	if _, err := s.Plan(s.Decide(0), 0, nil); err == nil {
		t.Error("a rotation sends a token over the limit")
	}
}
