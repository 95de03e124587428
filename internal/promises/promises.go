// Package promises holds docs/stores.md to the code. Each module's tests check the rows of its own stores, because only they can open
// them; the rows' proofs are checked once for all, from the sources.
package promises

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/internal/tree"
	"github.com/satchel-go/satchel/store"
)

const page = "docs/stores.md"

// Inside is what a row says of a store that has what the one inside has.
const Inside = "as inside"

// row is what the page's first table says of one store.
type row struct{ swap, survives, lost, processes, feed, stale string }

// Table returns the rows of the page's table that has the column, by store, without the header. A cell has no ticks.
func Table(tb testing.TB, column string) map[string][][]string {
	tb.Helper()
	top, err := tree.Top(".")
	if err != nil {
		tb.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(top, page))
	if err != nil {
		tb.Fatal(err)
	}
	rows, inside := map[string][][]string{}, false
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch name := strings.Trim(cells[0], "`"); {
		case !strings.HasPrefix(line, "|"):
			inside = false
		case name == "store":
			inside = strings.Contains(line, "| "+column+" ")
		case inside && !strings.HasPrefix(name, "---"):
			rows[name] = append(rows[name], cells[1:])
		}
	}
	if len(rows) == 0 {
		tb.Fatalf("%s has no table with the column %q", page, column)
	}
	return rows
}

func find(tb testing.TB, name string) row {
	tb.Helper()
	cells := Table(tb, "compare-and-swap")[name]
	if len(cells) != 1 || len(cells[0]) != 6 {
		tb.Fatalf("%s has not one row of 6 for %s: %q", page, name, cells)
	}
	c := cells[0]
	return row{c[0], c[1], c[2], c[3], c[4], c[5]}
}

// spell returns the row that guarantees make.
func spell(g store.Guarantees) row {
	yes := map[bool]string{true: "yes", false: "no"}
	stale := "0"
	if g.MaxStale > 0 {
		stale = "MaxStale"
	}
	return row{
		swap:      yes[g.CompareAndSwap],
		survives:  map[store.Durability]string{store.Volatile: "nothing", store.Process: "process", store.Machine: "power"}[g.Durability],
		lost:      yes[g.Failover],
		processes: map[bool]string{true: "several", false: "one"}[g.Shared],
		feed:      yes[g.Feed],
		stale:     stale,
	}
}

// Check holds the row of a store to what it declares. The name stands in the row's first cell.
func Check(tb testing.TB, name string, s store.Store) {
	tb.Helper()
	if want, got := find(tb, name), spell(s.Guarantees()); got != want {
		tb.Errorf("%s says of %s\n%+v, and it declares\n%+v", page, name, want, got)
	}
	if _, feeds := s.(store.Feed); feeds != s.Guarantees().Feed {
		tb.Errorf("%s declares Feed %v, and is one: %v", name, !feeds, feeds)
	}
}

// CheckAround holds the row of a store around another to what it declares: what the one inside declares wherever the row says so. around
// is tried with all that an inner store can declare.
func CheckAround(tb testing.TB, name string, around func(inner store.Store) store.Store) {
	tb.Helper()
	want := find(tb, name)
	for bits := range 16 {
		g := store.Guarantees{
			CompareAndSwap: bits&1 > 0, Durability: store.Durability(bits % 3), Failover: bits&2 > 0, Shared: bits&4 > 0, Feed: bits&8 > 0,
		}
		var inner store.Store = declaring{store.NewMemory(), g}
		if g.Feed {
			inner = announcing{store.NewBus(inner), g}
		}
		s := around(inner)
		if _, feeds := s.(store.Feed); feeds != s.Guarantees().Feed {
			tb.Errorf("%s around %+v declares Feed %v, and is one: %v", name, g, !feeds, feeds)
		}
		inside, got := spell(g), spell(s.Guarantees())
		for i, cell := range want.cells() {
			if cell == Inside {
				cell = inside.cells()[i]
			}
			if got := got.cells()[i]; got != cell {
				tb.Errorf("%s says of %s %q in column %d, and around %+v it declares %q", page, name, cell, i+2, g, got)
			}
		}
	}
}

func (r row) cells() [6]string {
	return [6]string{r.swap, r.survives, r.lost, r.processes, r.feed, r.stale}
}

// declaring declares what a test says.
type declaring struct {
	*store.Memory
	g store.Guarantees
}

// Guarantees returns what the test said.
func (d declaring) Guarantees() store.Guarantees { return d.g }

// announcing is one that is a feed as well.
type announcing struct {
	*store.Bus
	g store.Guarantees
}

// Guarantees returns what the test said.
func (a announcing) Guarantees() store.Guarantees { return a.g }

// Proof is a test that a row names, or a case of the kit.
type Proof struct{ Room, Test, Case string }

// Proofs returns what a cell names: "case `name`" and "`room` TestName", with commas between them.
func Proofs(cell string) (all []Proof, err error) {
	for part := range strings.SplitSeq(cell, ", ") {
		ticked, named, _ := strings.Cut(strings.TrimPrefix(part, "case "), " ")
		name := strings.Trim(ticked, "`")
		switch {
		case strings.HasPrefix(part, "case ") && named == "":
			all = append(all, Proof{Case: name})
		case strings.HasPrefix(named, "Test"):
			all = append(all, Proof{Room: name, Test: named})
		default:
			return nil, fmt.Errorf("%q is neither a case nor a test", part)
		}
	}
	return all, nil
}
