package core

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// plain is a transform that changes nothing, so that client-side policies need no key here.
type plain struct{}

func (plain) Entropy() int  { return 0 }
func (plain) Overhead() int { return 0 }
func (plain) Out(_ Frame, _, dst, src []byte) ([]byte, error) {
	return append(dst, src...), nil
}

func (plain) In(_ Frame, dst, src []byte) ([]byte, Refusal) { return append(dst, src...), NotRefused }

// stand is one left-hand side of the decision table: a session as Begin and Answer leave it.
type stand struct {
	name string
	s    Session
}

// stands returns every standing that a session of a policy can have, with its age where that makes a difference.
func stands(p *Policy) []stand {
	live := found{key: "k", revision: 1, seen: 0, body: body{Payload: "kept"}}
	if p.Place() == ClientSide {
		live.key, live.revision = "", 0
	}
	one := Session{policy: p, tokens: Tokens{First: "t", Count: 1}}
	at := func(standing Standing, r Refusal, f found) Session {
		s := one
		s.standing, s.refusal, s.live = standing, r, f
		return s
	}
	rows := []stand{{"absent", at(Absent, 0, found{})}}
	for r := Malformed; r <= Superseded; r++ {
		rows = append(rows, stand{r.String(), at(Refused, r, found{})})
		if p.Place() == ServerSide && (r == Undecodable || r == Rotated || r == Expired || r == Idle || r == Superseded) {
			rows[len(rows)-1].s.live = live
		}
	}
	rows = append(rows, stand{"live", at(Live, 0, live)})
	if p.Place() == ServerSide {
		idled, grave := live, live
		live.seen, idled.seen = -touchAge, -idle
		grave.body = body{Gone: rotated, Successor: "s"}
		rows = append(rows,
			stand{"live, touch due", at(Live, 0, live)}, stand{"live, idle by now", at(Live, 0, idled)},
			stand{"lost, gone", at(Lost, Unknown, live)}, stand{"lost, rotated away", at(Lost, Superseded, grave)})
	}
	live.seen, live.body.Created, live.body.Authenticated = 0, -absolute, -absolute
	rows = append(rows, stand{"live, expired by now", at(Live, 0, live)})
	return append(rows, stand{"unavailable", at(Unavailable, 0, found{})})
}

const (
	touchAge = 10_000
	idle     = 1 << 30
	absolute = 1 << 40
)

// wishes are the columns' wants, by what an application calls.
var wishes = []struct {
	name string
	want func(Session) Session
}{
	{"read", func(s Session) Session { return s }},
	{"save equal", func(s Session) Session { return s.With("kept") }},
	{"save", func(s Session) Session { return s.With("new") }},
	{"rotate", func(s Session) Session { return s.Rotated() }},
	{"rotate, save", func(s Session) Session { return s.Rotated().With("new") }},
	{"sign in", func(s Session) Session { return s.SignedIn(SignIn{Subject: "ann", Payload: "new"}) }},
	{"clear", func(s Session) Session { return s.With("new").Cleared() }},
	{"clear, save", func(s Session) Session { return s.Cleared().With("new") }},
	{"clear, sign in", func(s Session) Session { return s.Cleared().SignedIn(SignIn{Subject: "ann", Payload: "new"}) }},
}

// TestDecide prints the whole policy as one page.
func TestDecide(t *testing.T) {
	var page strings.Builder
	page.WriteString(decideHead)
	for _, place := range []Place{ServerSide, ClientSide} {
		c := Config{Kind: "cart", Place: place, Lifetime: Lifetime{Absolute: absolute}}
		if place == ServerSide {
			page.WriteString("\nSERVER-SIDE\n")
			c.Lifetime.Idle, c.Lifetime.Touch = idle, touchAge
		} else {
			page.WriteString("\nCLIENT-SIDE, UNREVOCABLE: an old copy of a token opens until its absolute life is over\n")
			c.Chain = Chain{plain{}}
		}
		p, err := c.Compile()
		if err != nil {
			t.Fatal(err)
		}
		printTable(&page, p)
	}
	golden(t, "testdata/decide.txt", page.String())
}

const decideHead = `What becomes of a session: the whole policy, printed from Session.Decide and Session.Plan by TestDecide.

A row is a standing (for a refused token its refusal) and, where it makes a difference, an age; rows that agree share a
line. A column is what the application wants. A cell is the verdict, then what the client sees where that is not "kept":
  +token  a token is sent      -token  the client's copy is cleared
Entries of verdicts: see decide.go. "refuse" and "outage" are errors to the application, and nothing is done.
`

func printTable(w *strings.Builder, p *Policy) {
	var order []string
	names := map[string][]string{}
	for _, row := range stands(p) {
		var line strings.Builder
		for _, wish := range wishes {
			s := wish.want(row.s)
			v := s.Decide(0)
			plan, err := s.Plan(v, 0, make([]byte, s.Entropy(v)))
			cell := v.String() + [...]string{"", " +token", " -token"}[plan.Send.Action]
			if err != nil {
				cell = err.Error()
			}
			fmt.Fprintf(&line, "%-17s", cell)
		}
		cells := strings.TrimRight(line.String(), " ")
		if names[cells] == nil {
			order = append(order, cells)
		}
		names[cells] = append(names[cells], row.name)
	}
	fmt.Fprintf(w, "\n%-23s", "")
	for _, wish := range wishes {
		fmt.Fprintf(w, "%-17s", wish.name)
	}
	for _, cells := range order {
		for _, name := range names[cells][:len(names[cells])-1] {
			fmt.Fprintf(w, "\n%s", name)
		}
		fmt.Fprintf(w, "\n%-23s%s\n", names[cells][len(names[cells])-1], cells)
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	lines := strings.Split(got, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	got = strings.Join(lines, "\n")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; look at the change, and write it with -update if it is meant:\n%s", path, got)
	}
}
