package core_test

import (
	"testing"

	"github.com/satchel-go/satchel/core"
)

// planSorts are a session of every sort of policy and every verdict that it can come to.
func planSorts(t testing.TB, kind string, change func(*core.Config)) map[core.Verdict]core.Session {
	t.Helper()
	c := config(t, kind)
	if change != nil {
		change(&c)
	}
	w, p := newShelf(), compile(t, c)
	first := w.must(t, w.open(p, noon, core.Tokens{}).With("tea"), noon).Send.Token
	live := w.open(p, noon+minute, core.One(first))
	sorts := map[core.Verdict]core.Session{}
	for _, s := range []core.Session{
		w.open(p, noon+minute, core.Tokens{}), w.open(p, noon+minute, core.Tokens{}).With("x"), live, live.With("x"), live.Rotated(),
		live.Rotated().With("x"), live.SignedIn(core.SignIn{Subject: "ann", Payload: "x"}), live.Cleared(), live.Cleared().With("x"),
		w.open(p, noon+2*day, core.One(first)), w.open(p, noon, core.Tokens{Count: 3}).With("x"),
	} {
		if s.Fits() == nil { // a foreign session has no place for a subject
			sorts[s.Decide(noon+minute)] = s
		}
	}
	return sorts
}

// Each byte of entropy is used exactly once: the family, the ID and what each transform is dealt are the entropy, in
// this order, with nothing left over. The transforms of this test show what they were dealt.
func TestEntropyIsUsedOnce(t *testing.T) {
	dealt := core.Chain{taker{3}, taker{5}}
	for _, kind := range []string{stored, sealed, bare} {
		for v, s := range planSorts(t, kind, func(c *core.Config) { c.Chain = dealt }) {
			n := s.Entropy(v)
			entropy := (&stream{}).draw(n)
			p, err := s.Plan(v, noon+minute, entropy)
			if err != nil {
				t.Fatal(kind, v, err)
			}
			if p.Send.Action != core.SendToken || kind == bare && v == core.Save { // which sends the token that came again
				if n != 0 {
					t.Errorf("%s, %v: asks for %d bytes and sends no token", kind, v, n)
				}
				continue
			}
			if got := takenApart(t, kind, v, p); got != string(entropy) {
				t.Errorf("%s, %v: uses %x of %x", kind, v, got, entropy)
			}
		}
	}
}

// takenApart finds the entropy of a plan again in what it sends and writes.
func takenApart(t *testing.T, kind string, v core.Verdict, p core.Plan) string {
	t.Helper()
	raw := decodeToken(p.Send.Token)
	kept, id := p.Create.Record.Body, ""
	if kind == bare {
		raw = "." + string(p.Send.Token) // no version
	}
	// version, what the last transform was dealt, what the first was, and what they frame
	last, first, src := raw[1:6], raw[6:9], raw[9:]
	switch kind {
	case sealed:
		kept = src
	case stored:
		id = src
	case bare:
		id = unhex(t, src)
	}
	family := ""
	if kind != bare && (v == core.Create || v == core.Recreate) {
		family = kept[2:18]
	}
	return family + id + first + last
}

// Equal plans come of equal entropy and of no other: every byte shows.
func TestEveryByteOfEntropyShows(t *testing.T) {
	for _, kind := range []string{stored, signed, sealed, bare} {
		for v, s := range planSorts(t, kind, nil) {
			n := s.Entropy(v)
			entropy := (&stream{}).draw(n)
			want, err := s.Plan(v, noon+minute, entropy)
			if err != nil {
				t.Fatal(err)
			}
			if again, _ := s.Plan(v, noon+minute, append(entropy[:n:n], "more than it asked for"...)); again != want {
				t.Errorf("%s, %v: uses more than it asked for", kind, v)
			}
			for i := range entropy {
				entropy[i] ^= 1
				if got, _ := s.Plan(v, noon+minute, entropy); got == want {
					t.Errorf("%s, %v: byte %d of %d is not used", kind, v, i, n)
				}
				entropy[i] ^= 1
			}
			if n > 0 {
				p, err := s.Plan(v, noon+minute, entropy[:n-1])
				if err == nil || p.Create.Key != "" || p.Replace.Key != "" || p.End.Key != "" || p.Send.Action != core.SendNothing {
					t.Errorf("%s, %v: with a byte less it plans %v, %v", kind, v, p, err)
				}
			}
			if again, _ := s.Plan(v, noon+minute, entropy); again != want {
				t.Errorf("%s, %v: writes to its entropy", kind, v)
			}
		}
	}
}
