package satchel_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
)

// Two and three requests are under way with one cookie. They are committed in each order, having read the session before all
// commits or in between, and their answers reach the browser in each order. Then
//
//   - who only reads, and who fails, tells the browser nothing, but for the successor of a token that was to be renewed;
//   - after a logout that was done, no token that the browser was ever handed reads the session that it was of;
//   - one change beside readers is as if it had been alone, in every order;
//   - the last answer that tells something is what the browser has: the token of a sign-in is the subject's, and whatever
//     arrives behind it is a token that reads a session;
//   - without a logout a browser whose session lives on is never left without one.
//
// Cookies know each other by name alone, so nothing can be promised beyond that. Of two answers with tokens the browser keeps
// the one that arrives last. Where requests find no session each begins its own, and all but one stay behind until their time is
// over; and a logout that arrives behind what another request has begun takes that from the browser, because it may not be reply
// from the session that was to be left.
//
// The last promise has one exception (stranded).
//
// Answers may be lost as well, each subset of them. Then
//
//   - where nobody rotated, signed in or logged out, a browser whose session lived has it, with every change that a store has;
//   - who is not told that somebody signed in is not that subject: nothing but its own answer hands that session over.
func TestAnswersInAnyOrder(t *testing.T) {
	for name, s := range homes {
		for start, age := range map[string]time.Duration{"live": 15 * time.Minute, "idle": 45 * time.Minute} {
			t.Run(name+"/"+start, func(t *testing.T) {
				strands := 0
				for first := range wants {
					for second := range wants {
						strands += run(t, s, age, []wanted{wants[first], wants[second]}).check()
						for third := range wants {
							strands += run(t, s, age, []wanted{wants[first], wants[second], wants[third]}).check()
						}
					}
				}
				if may := s.sends != "" && start == "live"; may != (strands > 0) {
					t.Errorf("%d orders left the browser with a dead token", strands)
				}
			})
		}
	}
}

// check holds a batch to what must be so in each order of its answers, and returns how many of the orders strand the browser.
func (b *batch) check() (strands int) {
	b.Helper()
	b.tellsNothingMore()
	lives := b.endedStaysEnded()
	for _, order := range losses(len(b.answers)) {
		b.survivesLoss(order)
	}
	for _, order := range orders(len(b.answers)) {
		arrived, last := b.arrive(order)
		about, items, ok := b.look(b.browser(arrived...))
		switch strand := b.stranded(last); {
		case b.alone(about.Handle, about.Subject, items, ok), b.any(done("clear")):
		case strand && !ok:
			strands++
		case lives != ok:
			b.Errorf("%v, arrived in the order %v: a session lives (%v), and the browser has one (%v)", b, order, lives, ok)
		case b.live && ok && last.name != "sign-in" && about.Handle != b.was:
			b.Errorf("%v, arrived in the order %v: the browser has another session than it had", b, order)
		}
		if last.name == "sign-in" && ok && about.Subject != "ann" || last.clear && ok {
			b.Errorf("%v, arrived in the order %v: the last was %s, and the browser is %q (%v)", b, order, last.name, about.Subject, ok)
		}
	}
	return strands
}

// arrive returns the lines of answers that arrive in that order, and the last answer that tells something.
func (b *batch) arrive(order []int) (arrived [][]string, last reply) {
	arrived = [][]string{b.began}
	for _, i := range order {
		arrived = append(arrived, b.answers[i].lines)
		if b.answers[i].sent || b.answers[i].clear {
			last = b.answers[i]
		}
	}
	return arrived, last
}

// survivesLoss holds a browser to which only these answers come, in that order, to what must be so all the same.
func (b *batch) survivesLoss(order []int) {
	b.Helper()
	arrived, _ := b.arrive(order)
	about, items, ok := b.look(b.browser(arrived...))
	told := slices.ContainsFunc(order, func(i int) bool { return b.answers[i].name == "sign-in" && b.answers[i].sent })
	if ok && about.Subject != "" && !told {
		b.Errorf("%v, of which only %v arrived: the browser is %q, and was not told so", b, order, about.Subject)
	}
	if !b.live || b.any(func(a reply) bool { return a.name == "rotate" || a.name == "sign-in" || a.name == "clear" }) {
		return
	}
	if !ok || about.Handle != b.was {
		b.Errorf("%v, of which only %v arrived: the browser has lost its session (%v)", b, order, ok)
	}
	if b.home.stored && len(items) != 1+b.changes() {
		b.Errorf("%v, of which only %v arrived: the browser's session holds %q", b, order, items)
	}
}

// changes counts the requests that changed the value. It began with one item, and each adds one.
func (b *batch) changes() (n int) {
	for _, a := range b.answers {
		if (a.name == "save" || a.name == "update") && a.err == nil {
			n++
		}
	}
	return n
}

// tellsNothingMore: who only reads, and who fails, tells nothing.
func (b *batch) tellsNothingMore() {
	b.Helper()
	for _, a := range b.answers {
		reader := a.name == "read"
		if a.clear && (a.err != nil || reader) || a.sent && (a.err != nil || reader && !strings.Contains(b.home.sends, "read")) {
			b.Errorf("%v: %s tells the browser something", b, a.name)
		}
	}
}

// endedStaysEnded: no token reads a session that was logged out of. It returns whether any reads a session.
func (b *batch) endedStaysEnded() (lives bool) {
	b.Helper()
	for _, lines := range append([][]string{b.began}, b.lines()...) {
		about, _, ok := b.look(b.browser(lines))
		lives = lives || ok
		if ok && about.Handle == b.was && b.any(done("clear")) {
			b.Errorf("%v: after the logout a token reads the session", b)
		}
	}
	return lives
}

// alone reports whether at most one request was more than a reader, and holds the browser to what that one did.
func (b *batch) alone(h core.Handle, subject string, items []string, ok bool) bool {
	b.Helper()
	var one reply
	for _, a := range b.answers {
		if a.name == "read" {
			continue
		}
		if one.name != "" {
			return false
		}
		one = a
	}
	if b.stranded(reply{wanted: wanted{name: "read"}, sent: true}) {
		return false
	}
	if one.err != nil {
		b.Errorf("%v: %v", b, one.err)
	}
	fine := ok == b.live && (!b.live || h == b.was)
	switch one.name {
	case "save", "update":
		fine = ok && (len(items) == 2) == b.live && len(items) > 0 && (h == b.was) == b.live && subject == ""
	case "sign-in":
		fine = ok && subject == "ann"
	case "clear":
		fine = !ok
	}
	if !fine {
		b.Errorf("%v: the browser has %q of %q (%v)", b, items, subject, ok)
	}
	return true
}

// stranded reports whether the browser's last token may be dead beside a session that lives. A rotation and a sign-in
// make every other token dead at once, or they would protect from nobody. That includes one that another answer is bringing: where
// reading renews, and where a change of a client-side session is a new token. If that arrives last, the browser has a dead
// token and its visitor signs in again, which is the side to err on. Sessions of a store without renewal send no token but by
// rotating, and an anchor lets only one of two changes be, so they know no such order.
func (b *batch) stranded(last reply) bool {
	return b.live && last.sent && strings.Contains(b.home.sends, last.name) &&
		b.any(func(a reply) bool { return a.sent && (a.name == "rotate" || a.name == "sign-in") })
}

func (b *batch) any(is func(reply) bool) bool { return slices.ContainsFunc(b.answers, is) }

func done(name string) func(reply) bool {
	return func(a reply) bool { return a.name == name && a.err == nil }
}

func (b *batch) lines() (all [][]string) {
	for _, a := range b.answers {
		all = append(all, a.lines)
	}
	return all
}

// losses returns all orders of each subset of n, but for the whole.
func losses(n int) (all [][]int) {
	for kept := range 1<<n - 1 {
		var at []int
		for i := range n {
			if kept&(1<<i) != 0 {
				at = append(at, i)
			}
		}
		for _, order := range orders(len(at)) {
			for i, j := range order {
				order[i] = at[j]
			}
			all = append(all, order)
		}
	}
	return all
}

// orders returns all orders of n.
func orders(n int) (all [][]int) {
	if n == 0 {
		return [][]int{nil}
	}
	for _, rest := range orders(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(rest), at, n-1))
		}
	}
	return all
}
