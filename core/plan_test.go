package core_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// TestPlans prints the plan of each verdict in full, under fixed entropy: what is written, ended and sent, to the byte.
func TestPlans(t *testing.T) {
	var page strings.Builder
	page.WriteString(plansHead)
	for _, kind := range []string{stored, signed, sealed, bare} {
		w, p := newShelf(), policyOf(t, kind)
		begin := w.open(p, noon, core.Tokens{}).SignedIn(core.SignIn{Subject: "ann", Payload: "tea"})
		if kind == bare {
			if begin.Fits() == nil {
				t.Error("somebody is signed in to be forgotten")
			}
			begin = w.open(p, noon, core.Tokens{}).With("tea")
		}
		first := w.must(t, begin, noon).Send.Token
		now := noon + 10*minute
		live, none := w.open(p, now, core.One(first)), w.open(p, now, core.Tokens{})
		old := first
		if kind == stored {
			old = w.must(t, none.With("milk"), now).Send.Token
			w.must(t, w.open(p, now, core.One(old)).Rotated(), now)
		}
		another := w.must(t, none.With("another"), now).Send.Token
		both := w.open(p, now, core.Tokens{First: first, Second: another, Count: 2})
		for _, row := range []struct {
			name string
			s    core.Session
		}{
			{"absent, save", none.With("milk")},
			{"absent, sign in", none.SignedIn(core.SignIn{Subject: "ann", Payload: "milk"})},
			{"live, read", live},
			{"live, save", live.With("milk")},
			{"live, rotate", live.Rotated()},
			{"live, rotate and save", live.Rotated().With("milk")},
			{"live, bob signs in", live.SignedIn(core.SignIn{Subject: "bob", Payload: "milk"})},
			{"live, clear", live.Cleared()},
			{"live, clear and save", live.Cleared().With("milk")},
			{"rotated away, clear", w.open(p, now, core.One(old)).Cleared()},
			{"ambiguous, save", both.With("milk")},
		} {
			v := row.s.Decide(now)
			if kind == bare && strings.Contains(row.name, "sign") || old == first && strings.HasPrefix(row.name, "rotated") {
				continue // a foreign record has no subject; only a stored one leaves a tombstone here
			}
			entropy := make([]byte, row.s.Entropy(v))
			for i := range entropy {
				entropy[i] = byte(0x10 + i)
			}
			plan, err := row.s.Plan(v, now, entropy)
			if err != nil {
				t.Fatal(row.name, err)
			}
			fmt.Fprintf(&page, "\n%s: %s\n", kind, row.name)
			printPlan(&page, plan, len(entropy), kind == bare)
		}
	}
	printRenewals(t, &page)
	core.Golden(t, "testdata/plans.txt", page.String())
}

// printRenewals adds what becomes of a token that is an hour old.
func printRenewals(t *testing.T, page *strings.Builder) {
	d := newRenewedDesk(t, func(c *core.Config) { c.EndReused = true })
	w := newShelf()
	due := w.open(d.p, noon+hour, core.One(w.must(t, w.open(d.p, noon, core.Tokens{}).With("tea"), noon).Send.Token))
	row := func(name string, s core.Session, now int64) {
		t.Helper()
		v := s.Decide(now)
		entropy := make([]byte, s.Entropy(v))
		for i := range entropy {
			entropy[i] = byte(0x10 + i)
		}
		plan, err := s.Plan(v, now, entropy)
		if err != nil {
			t.Fatal(name, err)
		}
		fmt.Fprintf(page, "\n%s: %s\n", renewed, name)
		printPlan(page, plan, len(entropy), false)
	}
	row("an hour old, read", due, noon+hour)
	row("an hour old, save", due.With("milk"), noon+hour)
	row("an hour old, no token gets out, read", due.Silent(), noon+hour)
	row("by a renewed token, read", d.at(noon+hour, d.old), noon+hour)
	row("by a renewed token, ten minutes later, save", d.at(noon+hour+10*minute, d.old).With("milk"), noon+hour+10*minute)
	row("a successor not seen yet, read", d.at(noon+hour, d.new), noon+hour)
	row("live for a week of its own, by signing in", due.SignedIn(core.SignIn{Subject: "ann", Payload: "hers", Level: 2}).Lasting(day, 7*day), noon+hour)
	d.must(t, d.at(noon+hour, d.new), noon+hour)
	row("a renewed token after its grace, read", d.at(noon+2*hour, d.old), noon+2*hour)
}

const plansHead = `Plans in full, printed by TestPlans. Entropy is 10 11 12 … in hex; a session was made at 1794000000000 and is opened
ten minutes later, by its token. The kinds: cart is server-side, api server-side with signed IDs, prefs sealed and client-side, old
server-side and bare, desk server-side with tokens that are renewed each hour.
`

func printPlan(w *strings.Builder, p core.Plan, entropy int, raw bool) {
	fmt.Fprintf(w, "  verdict  %v, with %d bytes of entropy\n", p.Verdict, entropy)
	if p.Create.Key != "" {
		fmt.Fprintf(w, "  create   %x\n", string(p.Create.Key))
		printRecord(w, p.Create.Record, raw)
	}
	if p.Replace.Key != "" {
		fmt.Fprintf(w, "  replace  %x at %d\n", string(p.Replace.Key), p.Replace.At)
		printRecord(w, p.Replace.Record, raw)
	}
	if p.Touch.Key != "" {
		fmt.Fprintf(w, "  touch    %x at %d\n           seen %d, deadline %d\n", string(p.Touch.Key), p.Touch.At, p.Touch.Seen, p.Touch.Deadline)
	}
	if p.End.Key != "" {
		fmt.Fprintf(w, "  end      %x at %d\n", string(p.End.Key), p.End.At)
	}
	fmt.Fprintf(w, "  client   %v", p.Send.Action)
	if p.Send.Action == core.SendToken {
		fmt.Fprintf(w, " %s\n           until %d", string(p.Send.Token), p.Send.Until)
	}
	payload, _ := p.Next.Payload()
	fmt.Fprintf(w, "\n  next     %v, %q of %q, created %d, authenticated %d, changed %v\n",
		p.Next.Standing(), payload, p.Next.Subject(), p.Next.Created(), p.Next.Authenticated(), p.Next.Changed())
}

func printRecord(w *strings.Builder, r core.Record, raw bool) {
	fmt.Fprintf(w, "           revision %d, seen %d, deadline %d\n", r.Revision, r.Seen, r.Deadline)
	b, ok := core.BodyText(r.Body)
	switch {
	case raw || !ok:
		fmt.Fprintf(w, "           body %q\n", r.Body)
	case b.Gone == core.RenewedAway:
		fmt.Fprintf(w, "           family %x, leads on to %x,\n           hidden %x\n", b.Family, string(b.Successor), b.Hidden)
	case b.Gone != 0:
		fmt.Fprintf(w, "           family %x, went on as %x\n", b.Family, string(b.Successor))
	default:
		fmt.Fprintf(w, "           family %x, created %d, authenticated %d, subject %q, payload %q\n",
			b.Family, b.Created, b.Authenticated, b.Subject, b.Payload)
		if b.Issued != 0 {
			fmt.Fprintf(w, "           issued %d, adopted %d, level %d, idle %d, absolute %d\n", b.Issued, b.Adopted, b.Level, b.Idle, b.Absolute)
		}
	}
}
