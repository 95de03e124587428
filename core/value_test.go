package core_test

import (
	"testing"

	"github.com/satchel-go/satchel/core"
)

// What core hands out are values: they compare with ==, and so are keys of maps. This does not compile otherwise.
var (
	_ map[core.Session]bool
	_ map[core.Plan]bool
	_ map[core.Question]bool
	_ map[core.Answer]bool
	_ map[core.Tokens]bool
	_ map[core.Lifetime]bool
)

// Two that know and want the same are equal, however they came to it; and no method changes its receiver.
func TestSessionsAreValues(t *testing.T) {
	w, p := newShelf(), policyOf(t, stored)
	first := w.must(t, w.open(p, noon, core.Tokens{}).With("tea"), noon).Send.Token
	s := w.open(p, noon, core.One(first))
	kept := s
	s.With("x")
	s.Rotated()
	s.SignedIn(core.SignIn{Subject: "ann", Payload: "x"})
	s.Cleared()
	s.Undecodable()
	s.Reloaded()
	s.Lasting(0, hour)
	s.Lowered(1)
	s.Silent()
	s.Answer(noon, core.Answer{})
	with := s.With("x")
	if _, err := with.Plan(core.Save, noon, nil); err != nil {
		t.Fatal(err)
	}
	if s != kept {
		t.Error("a method changed its receiver")
	}
	for name, pair := range map[string][2]core.Session{
		"opened twice":     {s, w.open(p, noon, core.One(first))},
		"the last payload": {s.With("x"), s.With("y").With("x")},
		"either order":     {s.With("x").Rotated(), s.Rotated().With("x")},
		"cleared anew":     {s.With("x").Cleared(), s.SignedIn(core.SignIn{Subject: "ann", Payload: "y"}).Cleared()},
		"rotated twice":    {s.Rotated(), s.Rotated().Rotated()},
		"lasting twice":    {s.Lasting(0, hour), s.Lasting(1, minute).Lasting(0, hour)},
		"lowered twice":    {s.Lowered(1), s.Lowered(1).Lowered(2)},
		"lowered, lasting": {s.Lowered(1).Lasting(0, hour), s.Lasting(0, hour).Lowered(1)},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: two sessions", name)
		}
	}
	seen := map[core.Session]string{}
	for name, s := range map[string]core.Session{
		"read": s, "save": s.With("x"), "another save": s.With("y"), "rotate": s.Rotated(), "clear": s.Cleared(),
		"sign in": s.SignedIn(core.SignIn{Subject: "ann", Payload: "x"}), "another signs in": s.SignedIn(core.SignIn{Subject: "bob", Payload: "x"}), "undecodable": s.Undecodable(),
	} {
		if other, ok := seen[s]; ok {
			t.Errorf("%s and %s are one", name, other)
		}
		seen[s] = name
	}
}
