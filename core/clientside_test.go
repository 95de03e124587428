package core_test

import (
	"maps"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// clientWorld is a client-side kind with what the server keeps of it.
type clientWorld struct {
	*shelf

	t      *testing.T
	p      *core.Policy
	ended  map[core.Family]uint64
	learnt map[core.Family]int64 // when a rotation was logged
	below  map[core.Key]int64    // by subject record
	all    int64
	stamps core.Token
}

func newClientWorld(t *testing.T, change func(*core.Config)) *clientWorld {
	t.Helper()
	c := config(t, sealed)
	change(&c)
	return &clientWorld{shelf: newShelf(), t: t, p: compile(t, c), ended: map[core.Family]uint64{}, learnt: map[core.Family]int64{}, below: map[core.Key]int64{}}
}

// visit is one exchange: what came is read, asked about, changed and committed.
func (w *clientWorld) visit(now int64, token core.Token, change func(core.Session) core.Session) (core.Session, core.Plan, error) {
	w.t.Helper()
	tokens := core.One(token)
	tokens.Stamp = w.stamps
	s := w.p.Begin(now, tokens)
	for q, ok := s.Next(); ok; q, ok = s.Next() {
		a := core.Answer{Status: core.Missing}
		if rec, kept := w.records[q.Key]; q.Ask == core.AskRecord && kept {
			a = core.Answer{Status: core.Found, Record: rec}
		}
		if q.Ask == core.AskEnded {
			a = w.log(q)
		}
		s = s.Answer(now, a)
	}
	read := s
	s = change(s)
	if !s.Clears() {
		s = s.InEpoch(w.all)
	}
	p, err := w.commit(s, now)
	if err == nil && p.Revoke != (core.Ending{}) {
		w.ended[p.Revoke.Family], w.learnt[p.Revoke.Family] = max(w.ended[p.Revoke.Family], p.Revoke.Below), now
	}
	if err == nil && p.Stamp.Action != core.SendNothing {
		w.stamps = p.Stamp.Token
	}
	return read, p, err
}

// log says whether a session has ended.
func (w *clientWorld) log(q core.Question) core.Answer {
	below := w.ended[q.Family]
	switch {
	case q.Everyone < w.all, q.Subject != "" && q.Epoch < w.below[q.Subject], below == core.WholeFamily:
		return core.Answer{Status: core.Found}
	case q.Serial < below:
		return core.Answer{Status: core.Found, Record: core.Record{Seen: w.learnt[q.Family]}}
	}
	return core.Answer{Status: core.Missing}
}

func reads(s core.Session) core.Session { return s }

func (w *clientWorld) says(now int64, token core.Token, want core.Refusal) {
	w.t.Helper()
	s, _, _ := w.visit(now, token, reads)
	if (s.Standing() == core.Live) != (want == core.NotRefused) || s.Refusal() != want {
		w.t.Errorf("the token gives %v, %v; want %v", s, s.Refusal(), want)
	}
}

func (w *clientWorld) sends(now int64, token core.Token, change func(core.Session) core.Session) core.Token {
	w.t.Helper()
	_, p, err := w.visit(now, token, change)
	if err != nil || p.Send.Action != core.SendToken {
		w.t.Fatalf("%v, %v", p, err)
	}
	return p.Send.Token
}

func sets(payload string) func(core.Session) core.Session {
	return func(s core.Session) core.Session { return s.With(payload) }
}

func revocable(c *core.Config) { c.Revocable = true }
func anchored(c *core.Config) {
	c.Anchored, c.Window = true, 5*second
	c.Lifetime.Idle, c.Lifetime.Touch = 30*minute, minute
}

// A logout ends every copy of a client-side session that can be ended, and so does a rotation each older one.
func TestClientSideEnds(t *testing.T) {
	for name, kind := range map[string]func(*core.Config){"revocable": revocable, "anchored": anchored} {
		t.Run(name, func(t *testing.T) {
			w := newClientWorld(t, kind)
			one := w.sends(noon, "", sets("tea"))
			two := w.sends(noon+second, one, sets("tea, milk"))
			three := w.sends(noon+2*second, two, core.Session.Rotated)
			w.says(noon+2*second, three, core.NotRefused)
			for _, old := range []core.Token{one, two} {
				if s, _, _ := w.visit(noon+2*second, old, reads); s.Standing() == core.Live {
					t.Errorf("an old copy reads after a rotation")
				}
			}
			_, p, err := w.visit(noon+3*second, three, core.Session.Cleared)
			if err != nil || p.Send.Action != core.SendClear {
				t.Fatal(p, err)
			}
			for _, copied := range []core.Token{one, two, three} {
				if s, _, _ := w.visit(noon+4*second, copied, reads); s.Standing() == core.Live {
					t.Errorf("a copy reads after the logout")
				}
			}
			if len(w.records) != 0 {
				t.Errorf("%d records are left", len(w.records))
			}
		})
	}
}

// An old state is refused where it is anchored, after the window in which requests may have been on their way.
func TestAnchorRefusesOldStates(t *testing.T) {
	w := newClientWorld(t, anchored)
	rich := w.sends(noon, "", sets("ten coins"))
	poor := w.sends(noon+minute, rich, sets("no coins"))
	w.says(noon+minute, poor, core.NotRefused)
	w.says(noon+minute+5*second-1, rich, core.NotRefused)
	w.says(noon+minute+5*second, rich, core.Superseded)
	w.says(noon+minute+5*second, poor, core.NotRefused)
	if _, _, err := w.visit(noon+minute+1, rich, sets("twenty coins")); err == nil {
		t.Error("a change of an older state is no conflict")
	}
	if s, _, _ := w.visit(noon+hour, poor, reads); s.Standing() != core.Refused || s.Refusal() != core.Idle {
		t.Errorf("after its idle time: %v", s)
	}
}

// A store that knows nothing of a newer token (a replica that lags) is not believed, and one out of reach grants nothing.
func TestAnchorUnknown(t *testing.T) {
	w := newClientWorld(t, anchored)
	older := w.sends(noon, "", sets("tea"))
	before := map[core.Key]core.Record{}
	maps.Copy(before, w.records)
	newer := w.sends(noon+20*minute, older, sets("milk"))
	w.records = before
	w.says(noon+20*minute, newer, core.Unknown)
	w.says(noon+40*minute, newer, core.Unknown) // that it has idled away is what the replica does not know better
	w.records = map[core.Key]core.Record{}
	w.says(noon+20*minute, newer, core.Unknown)
	s := w.p.Begin(noon+20*minute, core.One(newer)).Answer(noon+20*minute, core.Answer{Status: core.Unasked})
	if s.Standing() != core.Unavailable {
		t.Error(s)
	}
}

// Epochs: whoever signed in before all of a subject's or everyone's sessions were ended is out, and who came later is in.
func TestEpochs(t *testing.T) {
	w := newClientWorld(t, revocable)
	signIn := func(subject string, epoch int64) func(core.Session) core.Session {
		return func(s core.Session) core.Session {
			return s.SignedIn(core.SignIn{Subject: subject, Payload: "tea", Epoch: epoch})
		}
	}
	ann, bob, visitor := w.sends(noon, "", signIn("ann", 0)), w.sends(noon, "", signIn("bob", 0)), w.sends(noon, "", sets("tea"))
	w.below[w.p.RosterKey("", "ann")] = 1
	w.says(noon, ann, core.Ended)
	w.says(noon, bob, core.NotRefused)
	again := w.sends(noon, "", signIn("ann", 1))
	w.says(noon, again, core.NotRefused)
	w.all = 1
	for _, token := range []core.Token{bob, visitor, again} {
		w.says(noon, token, core.Ended)
	}
	w.says(noon, w.sends(noon, "", sets("tea")), core.NotRefused)
	w.says(noon, w.sends(noon, visitor, signIn("ann", 1)), core.NotRefused)
}

func stamped(c *core.Config) { c.Lifetime.Idle, c.Lifetime.Touch = 30*minute, minute }

// A client-side session idles away unless it is used; its use travels in a stamp, and its token is never sent again for that.
func TestStamps(t *testing.T) {
	w := newClientWorld(t, stamped)
	token := w.sends(noon, "", sets("tea"))
	other := w.sends(noon, "", sets("milk"))
	now := noon
	var stamps []core.Token
	for range 10 {
		now += 20 * minute
		s, p, err := w.visit(now, token, reads)
		if s.Standing() != core.Live || err != nil || p.Send.Action != core.SendNothing || p.Stamp.Action != core.SendToken {
			t.Fatalf("%v, %v, %v, stamp %v", s, p, err, p.Stamp.Action)
		}
		stamps = append(stamps, p.Stamp.Token)
		if _, p, _ := w.visit(now+minute-1, token, reads); p.Verdict != core.Keep {
			t.Errorf("within the touch interval: %v", p)
		}
	}
	w.says(now, other, core.Idle) // a stamp is of its family alone
	for name, stamp := range map[string]core.Token{"none": "", "an old one": stamps[0], "a forged one": stamps[9][:len(stamps[9])-2] + "AA", "a token": token} {
		w.stamps = stamp
		if s, _, _ := w.visit(now, token, reads); s.Refusal() != core.Idle {
			t.Errorf("with %s the session lives: %v", name, s)
		}
	}
	w.stamps = stamps[9]
	w.says(now+30*minute-1, token, core.NotRefused)
	w.says(now+30*minute-1, stamps[9], core.UnknownVersion)
	w.stamps = stamps[9]
	w.says(now+30*minute, token, core.Idle)
	_, p, err := w.visit(now+minute, token, core.Session.Cleared)
	if err != nil || p.Send.Action != core.SendClear || p.Stamp.Action != core.SendClear {
		t.Errorf("a logout leaves the stamp: %v, %v", p, err)
	}
}

// A stamp from the future lengthens nothing beyond the skew: where the seal knows its time, and where a chain knows none.
func TestStampFromTheFuture(t *testing.T) {
	for name, chain := range map[string]core.Chain{"sealed": {crypto.Seal(ring(t, ringText))}, "signed": {crypto.Sign(ring(t, ringText))}} {
		w := newClientWorld(t, func(c *core.Config) {
			stamped(c)
			c.Chain = chain
		})
		token := w.sends(noon, "", sets("tea"))
		now := noon
		for range 2 {
			now += 20 * minute
			if _, p, err := w.visit(now, token, reads); err != nil || p.Stamp.Action != core.SendToken {
				t.Fatal(name, p, err)
			}
		}
		stamp := w.stamps
		for _, at := range []struct {
			now  int64
			want core.Refusal
		}{
			{noon + 10*minute, core.NotRefused}, // by its token alone
			{noon + 30*minute, core.Idle},
			{now - 5*second - 1, core.Idle},
			{now - 5*second, core.NotRefused},
			{now + 30*minute - 1, core.NotRefused},
			{now + 30*minute, core.Idle},
		} {
			w.stamps = stamp
			w.says(at.now, token, at.want)
		}
	}
}

// What ended is remembered for the longest life that the kind gives to any session, however short this one's is by now.
func TestEndingOutlivesALongerLife(t *testing.T) {
	w := newClientWorld(t, func(c *core.Config) { c.Revocable, c.Lifetime.Longest = true, 30*day })
	token := w.sends(noon, "", func(s core.Session) core.Session { return s.With("tea") })
	// A logout is remembered for all tokens of the session, also those of a sign-in that its own token knows nothing of; a rotation for
	// those that are older than it.
	for until, change := range map[int64]func(core.Session) core.Session{noon + 1 + 30*day: core.Session.Cleared, noon + 30*day: core.Session.Rotated} {
		if _, p, err := w.visit(noon+1, token, change); err != nil || p.Revoke.Until != until {
			t.Errorf("a change is remembered until noon%+d, want %+d: %v", p.Revoke.Until-noon, until-noon, err)
		}
		clear(w.ended)
	}
}
