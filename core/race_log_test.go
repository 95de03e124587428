package core_test

import (
	"testing"

	"github.com/satchel-go/satchel/core"
)

// For a minute after a node has learnt that a client-side session was rotated, a late save under an older token begins none: its answer
// could take the place of the new token. Whoever signs in or out does so; and what was ended, and not rotated, is free at once.
func TestRotationKnownByTheLog(t *testing.T) {
	w := newClientWorld(t, revocable)
	old := w.sends(noon, "", sets("tea"))
	learnt := noon + minute
	w.sends(learnt, old, core.Session.Rotated)
	asking := w.p.Begin(noon, core.One(old))
	q, _ := asking.Next()

	signs := func(s core.Session) core.Session { return s.SignedIn(core.SignIn{Subject: "ann", Payload: "tea"}) }
	rotates := func(s core.Session) core.Session { return s.Rotated().With("milk") }
	for name, at := range map[string]struct {
		now     int64
		change  func()
		refusal core.Refusal
		late    core.Verdict // of a late save
	}{
		"at once":                {learnt, func() {}, core.Rotated, core.Refuse},
		"within a minute":        {learnt + minute - 1, func() {}, core.Rotated, core.Refuse},
		"a minute later":         {learnt + minute, func() {}, core.Ended, core.Create},
		"learnt nobody knows":    {learnt, func() { w.learnt[q.Family] = 0 }, core.Ended, core.Create},
		"ended with everyone's":  {learnt, func() { w.all = 1 }, core.Ended, core.Create},
		"ended after a rotation": {learnt, func() { w.ended[q.Family] = core.WholeFamily }, core.Ended, core.Create},
	} {
		t.Run(name, func(t *testing.T) {
			w.learnt[q.Family], w.all, w.ended[q.Family] = learnt, 0, 2
			at.change()
			s := w.p.Begin(at.now, core.One(old))
			s = s.Answer(at.now, w.log(q))
			if s.Standing() != core.Refused || s.Refusal() != at.refusal {
				t.Fatalf("%v", s)
			}
			for what, want := range map[string]struct {
				change  func(core.Session) core.Session
				verdict core.Verdict
			}{
				"read": {reads, core.Keep}, "save": {sets("milk"), at.late}, "rotate and save": {rotates, at.late},
				"sign in": {signs, core.Create}, "log out": {core.Session.Cleared, core.Clear},
				"log out and sign in": {func(s core.Session) core.Session { return signs(s.Cleared()) }, core.Recreate},
			} {
				session := want.change(s)
				v := session.Decide(at.now)
				if v != want.verdict {
					t.Errorf("%s: %v, want %v", what, v, want.verdict)
				}
				p, err := session.Plan(v, at.now, w.stream.draw(session.Entropy(v)))
				if err != nil {
					t.Fatal(err)
				}
				ends := p.Revoke.Family == q.Family && p.Revoke.Below == core.WholeFamily
				if ends != (v == core.Clear || v == core.Recreate) {
					t.Errorf("%s: it ends %+v", what, p.Revoke)
				}
			}
		})
	}
}
