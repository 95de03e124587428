package core_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// searched is what a search found.
type searched struct {
	states int
	broken string   // the rule, if a history breaks one
	trace  []string // the shortest history that does
}

// search visits every distinct state that can be reached, in the order of the length of its history, and adds to the traces, if
// there are any, what it asked of its store.
func search(t testing.TB, f fault, z size, wanted *traces) searched {
	t.Helper()
	life := searchL
	if z.renews {
		life = renewedL
	}
	w := &world{
		policy: compile(t, core.Config{Kind: "cart", Place: core.ServerSide, Lifetime: life}),
		fault:  f, size: z,
		sessions: newNumbers[core.Session](), plans: newNumbers[core.Plan](), keys: newNumbers[core.Key](),
		records: newNumbers[core.Record](), tokens: newNumbers[core.Token](),
	}
	first := w.begin()
	seen := map[state]struct{}{first: {}}
	states, origins := []state{first}, []origin{{from: -1, label: "a session begins, and token 0 is sent"}}
	asked, raw := newAsked[state](w), map[rawEdge]bool{}
	for at := 0; at < len(states); at++ {
		s := states[at]
		broken := w.check(&s)
		if int(s.outages) < z.outages && (strings.HasPrefix(broken, "a live record is left") || strings.HasPrefix(broken, "the session is lost")) {
			broken = "" // what nobody could be told of may be left, or lost
		}
		if broken != "" {
			var trace []string
			for i := int32(at); i >= 0; i = origins[i].from {
				trace = append([]string{origins[i].label}, trace...)
			}
			return searched{len(states), broken, trace}
		}
		for _, m := range w.moves(&s) {
			if edge := m.raw(&s); wanted != nil && !raw[edge] {
				raw[edge] = true
				asked.note(t, &s, lastStep[state]{at, m.by, m.undone, m.to})
			}
			if _, ok := seen[m.to]; !ok {
				if len(states) == 3_000_000 {
					t.Fatal("too many states for a test")
				}
				seen[m.to] = struct{}{}
				states, origins = append(states, m.to), append(origins, origin{int32(at), m.label, m.by, m.undone})
			}
		}
	}
	if wanted != nil {
		asked.write(t, wanted, states, origins)
	}
	return searched{states: len(states)}
}

// origin is how a state was reached first.
type origin struct {
	from   int32
	label  string
	by     byte
	undone bool
}

// all is every wish.
var all = []wish{wishRead, wishSave, wishRotate, wishRotateSave, wishEnd, wishEndAndBegin, wishSaveElseEnd, wishSet}

// TestSearch visits all that interleavings of two and three actors can reach. In none of it does a token read the session
// after a completed end or after it was rotated away, is an acknowledged change lost, does a session outlive its
// deadlines, or is one lost or left behind. What was asked of the store is written down as traces, for every store to be held to.
func TestSearch(t *testing.T) {
	wanted := &traces{edges: map[string]bool{}}
	for _, size := range []struct {
		name string
		size
		least int // fewer states than these were no search
	}{
		{"two actors", size{actors: 2, exchanges: 1, clock: 4, split: true, wishes: all}, 40_000},
		{"two actors, two exchanges each", size{actors: 2, exchanges: 2, clock: 1, wishes: []wish{wishSave, wishRotate, wishRotateSave, wishEnd, wishSaveElseEnd}}, 40_000},
		{"three actors", size{actors: 3, exchanges: 1, clock: 1, wishes: all}, 40_000},
		{"two actors, an outage", size{actors: 2, exchanges: 1, clock: 4, outages: 1, wishes: all}, 40_000},
		{"two actors, two outages", size{actors: 2, exchanges: 1, clock: 1, outages: 2, wishes: all}, 3_000},
		{"renewal, two actors", size{renews: true, actors: 2, exchanges: 1, clock: 4, split: true, wishes: all}, 100_000},
		{"renewal, two actors, two exchanges each", size{renews: true, actors: 2, exchanges: 2, from: 1, clock: 5, wishes: []wish{wishRead}}, 30_000},
		{"renewal, two actors, changes", size{renews: true, actors: 2, exchanges: 2, from: 1, clock: 3, wishes: []wish{wishRead, wishSet, wishSave}}, 100_000},
		{"renewal, two actors, logouts", size{renews: true, actors: 2, exchanges: 2, from: 1, clock: 3, wishes: []wish{wishRead, wishRotate, wishEnd}}, 90_000},
		{"renewal, three actors", size{renews: true, actors: 3, exchanges: 1, from: 1, clock: 2, split: true, wishes: []wish{wishRead, wishSave, wishSet, wishRotate, wishEnd}}, 90_000},
		{"renewal, an outage", size{renews: true, actors: 2, exchanges: 1, from: 1, clock: 4, outages: 1, wishes: all}, 100_000},
	} {
		t.Run(size.name, func(t *testing.T) {
			got := search(t, noFault, size.size, wanted)
			if got.broken != "" {
				t.Fatalf("%s:\n%s", got.broken, strings.Join(got.trace, "\n"))
			}
			if got.states < size.least {
				t.Errorf("%d states", got.states)
			}
			t.Logf("%d states", got.states)
		})
	}
	for _, anchored := range []bool{true, false} {
		newClientSearch(t, anchored, noClientFault, clientSizes[0]).search(t, wanted)
	}
	if t.Failed() || len(wanted.edges) < 2500 {
		t.Fatalf("%d edges", len(wanted.edges))
	}
	core.Golden(t, "../store/storetest/testdata/traces.txt", wanted.page())
}

// TestSearchFinds takes each rule out, and shows the shortest history by which that does harm.
func TestSearchFinds(t *testing.T) {
	var page strings.Builder
	page.WriteString("For each rule that is taken out, the shortest history that the search finds to do harm. Printed by TestSearchFinds.\n")
	for f := noFault + 1; f < faults; f++ {
		z := size{actors: 2, exchanges: 1, clock: 4, split: true, wishes: all}
		if f.renewal() {
			z = size{renews: true, actors: 2, exchanges: 2, from: 1, clock: 4, wishes: []wish{wishRead, wishEnd}}
		}
		got := search(t, f, z, nil)
		if got.broken == "" {
			t.Errorf("%s: nothing is found", faultNames[f])
			continue
		}
		fmt.Fprintf(&page, "\n%s\n", strings.ToUpper(faultNames[f][:1])+faultNames[f][1:])
		for _, line := range got.trace {
			fmt.Fprintf(&page, "  %s\n", line)
		}
		fmt.Fprintf(&page, "  → %s\n", got.broken)
	}
	core.Golden(t, "testdata/search.txt", page.String())
}
