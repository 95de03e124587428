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
	name  string
	s     Session
	after func(Session) Session // what happened since the application's wish, if anything
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
	rows := []stand{{name: "absent", s: at(Absent, 0, found{})}}
	for r := Malformed; r <= Ended; r++ {
		rows = append(rows, stand{name: r.String(), s: at(Refused, r, found{})})
		if p.Place() == ServerSide && (r == Undecodable || r >= Rotated) {
			rows[len(rows)-1].s.live = live
		}
		if p.config.Revocable && p.Place() == ClientSide && (r == Rotated || r == Ended || r == Idle) {
			rows[len(rows)-1].s.live.body.Family = Family{1}
		}
	}
	rows = append(rows, stand{name: "live", s: at(Live, 0, live)})
	if p.Place() == ServerSide {
		rows = append(rows, serverStands(at, live)...)
	}
	if p.stamped() {
		touched, idled := live, live
		touched.seen, idled.seen = -touchAge, -idle
		rows = append(rows, stand{name: "live, touch due", s: at(Live, 0, touched)}, stand{name: "live, idle by now", s: at(Live, 0, idled)},
			stand{name: "live, touch due, no token gets out", s: at(Live, 0, touched).Silent()})
	}
	live.seen, live.body.Created, live.body.Authenticated = 0, -absolute, -absolute
	rows = append(rows, stand{name: "live, expired by now", s: at(Live, 0, live)})
	return append(rows, stand{name: "unavailable", s: at(Unavailable, 0, found{})})
}

// serverStands returns those that only a record can have.
func serverStands(at func(Standing, Refusal, found) Session, live found) []stand {
	stood := func(name string, standing Standing, r Refusal, change func(*found)) stand {
		f := live
		change(&f)
		return stand{name: name, s: at(standing, r, f)}
	}
	touched := func(f *found) { f.seen = -touchAge }
	due := func(f *found) { f.body.Issued, f.body.Adopted = -renewAge, -renewAge }
	unseen := func(f *found) { f.body.Issued = -1 }
	led := func(f *found) { f.way, f.body.Issued = byPointer, -1 }
	reused := stood("reused, where that ends it", Refused, Reused, func(*found) {})
	ends := reused.s.policy.config
	ends.EndReused = true
	reused.s.policy = &Policy{config: ends, limits: reused.s.policy.limits}
	late := stood("live, renewal due, no token gets out", Live, 0, due)
	late.s = late.s.Silent()
	other := stood("live, changed by others since", Live, 0, func(*found) {})
	other.after = func(s Session) Session {
		s.live.body.Payload = "theirs"
		return s
	}
	return []stand{
		reused,
		stood("live, touch due", Live, 0, touched),
		stood("live, renewal due", Live, 0, due), late,
		stood("live, a successor not seen yet", Live, 0, unseen),
		stood("live, by a renewed token", Live, 0, led),
		stood("live, by a renewed token, touch due", Live, 0, func(f *found) { touched(f); led(f) }),
		other,
		stood("live, idle by now", Live, 0, func(f *found) { f.seen = -idle }),
		stood("lost, gone", Lost, Unknown, touched),
		stood("lost, rotated away", Lost, Superseded, func(f *found) { f.body = body{Gone: rotated, Successor: "s"} }),
	}
}

const (
	touchAge = 10_000
	renewAge = 1_000_000
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
	chain, life := Chain{plain{}}, Lifetime{Absolute: absolute}
	noted, renewed := life, life
	noted.Idle, noted.Touch = idle, touchAge
	renewed.Idle, renewed.Touch, renewed.Renew, renewed.Grace = idle, touchAge, renewAge, 60_000
	for _, c := range []struct {
		title string
		Config
	}{
		{"SERVER-SIDE", Config{Place: ServerSide, Lifetime: renewed}},
		{"CLIENT-SIDE, UNREVOCABLE: an old copy of a token opens until its absolute life is over", Config{Place: ClientSide, Lifetime: life, Chain: chain}},
		{
			"CLIENT-SIDE, REVOCABLE, WITH AN IDLE TIME: what clear, recreate and rotate end is logged before anything is sent",
			Config{Place: ClientSide, Lifetime: noted, Chain: chain, Revocable: true},
		},
	} {
		page.WriteString("\n" + c.title + "\n")
		c.Kind = "cart"
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
  +token  a token is sent      -token  the client's copy is cleared      +stamp  a stamp is sent
Entries of verdicts: see decide.go. "refuse" and "outage" are errors to the application, and nothing is done.

Two wishes have no column: to give the session lifetimes of its own is as to rotate, and to lower its level is, of a live one, as to save.

Reading sends nothing, and writes nothing but the note of a use. Renewal, which is asked for by name, does both.
`

func printTable(w *strings.Builder, p *Policy) {
	var order []string
	names := map[string][]string{}
	for _, row := range stands(p) {
		var line strings.Builder
		for _, wish := range wishes {
			s := wish.want(row.s)
			if row.after != nil {
				s = row.after(s)
			}
			v := s.Decide(0)
			plan, err := s.Plan(v, 0, make([]byte, s.Entropy(v)))
			cell := v.String() + [...]string{"", " +token", " -token"}[plan.Send.Action] + [...]string{"", " +stamp", " -stamp"}[plan.Stamp.Action]
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
	fmt.Fprintf(w, "\n%-37s", "")
	for _, wish := range wishes {
		fmt.Fprintf(w, "%-17s", wish.name)
	}
	for _, cells := range order {
		for _, name := range names[cells][:len(names[cells])-1] {
			fmt.Fprintf(w, "\n%s", name)
		}
		fmt.Fprintf(w, "\n%-37s%s\n", names[cells][len(names[cells])-1], cells)
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

// Two wishes have no column of their own.
func TestDecideWithoutAColumn(t *testing.T) {
	for _, place := range []Place{ServerSide, ClientSide} {
		c := Config{Kind: "cart", Place: place, Lifetime: Lifetime{Absolute: absolute}}
		if place == ClientSide {
			c.Chain = Chain{plain{}}
		} else {
			c.Lifetime.Idle, c.Lifetime.Touch, c.Lifetime.Renew, c.Lifetime.Grace = idle, touchAge, renewAge, 60_000
		}
		for _, row := range stands(compiled(t, c)) {
			if got, want := decided(row.s.Lasting(0, 1)), decided(row.s.Rotated()); got != want {
				t.Errorf("%s: lasting is %v, rotated %v", row.name, got, want)
			}
			s, want := row.s, decided(row.s.With("new"))
			if s.live.body.Level = 2; s.standing != Live && s.standing != Lost && s.standing != Unavailable && s.refusal != Ambiguous {
				want = s.Decide(0) // there is nothing to lower
			}
			if got := decided(s.Lowered(1)); got != want {
				t.Errorf("%s: lowered is %v, want %v", row.name, got, want)
			}
			if got, want := decided(s.Lowered(2)), decided(row.s.With("kept")); s.standing == Live && got != want {
				t.Errorf("%s: lowered to its own level is %v, want %v", row.name, got, want)
			}
		}
	}
}

func decided(s Session) Verdict { return s.Decide(0) }
