package promises_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/internal/promises"
	"github.com/satchel-go/satchel/internal/tree"
	"github.com/satchel-go/satchel/internal/walls"
)

// Every store of the page has a row in each of its tables, is checked by a test that can open it, and is proved by tests that are there.
func TestPage(t *testing.T) {
	top, err := tree.Top(".")
	if err != nil {
		t.Fatal(err)
	}
	src, err := walls.ReadSource(top)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[promises.Proof]bool{}
	for _, f := range src.TestsNamed("Test") {
		tests[promises.Proof{Room: f.Room, Test: f.Name}] = true
	}
	kit, err := os.ReadFile(filepath.Join(top, "store", "storetest", "storetest.go"))
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^\t\{"([a-z-]+)", "`).FindAllSubmatch(kit, -1) {
		cases[string(found[1])] = true
	}
	if len(tests) < 100 || len(cases) < 30 {
		t.Fatalf("%d tests and %d cases were found", len(tests), len(cases))
	}

	guarantees, lost, proved := promises.Table(t, "compare-and-swap"), promises.Table(t, "what a failover"), promises.Table(t, "guarantee")
	for store := range guarantees {
		if len(lost[store]) != 1 || len(proved[store]) == 0 {
			t.Errorf("%s lacks a row in another table", store)
		}
	}
	for _, store := range slices.Concat(slices.Collect(maps.Keys(lost)), slices.Collect(maps.Keys(proved))) {
		if guarantees[store] == nil && !strings.HasPrefix(store, "each") {
			t.Errorf("%s has no row in the first table", store)
		}
	}
	for _, table := range []map[string][][]string{lost, proved} {
		for store, rows := range table {
			for _, cells := range rows {
				all, err := promises.Proofs(cells[len(cells)-1])
				if err != nil {
					t.Errorf("%s: %v", store, err)
				}
				for _, p := range all {
					if p.Case != "" && !cases[p.Case] || p.Case == "" && !tests[p] {
						t.Errorf("%s is to be proved by %+v, which is not there", store, p)
					}
				}
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(top, "docs", "stores.md"))
	if err != nil {
		t.Fatal(err)
	}
	inText := regexp.MustCompile("`([a-z/.]+)` (Test[A-Za-z]+)").FindAllSubmatch(text, -1)
	for _, found := range inText {
		if p := (promises.Proof{Room: string(found[1]), Test: string(found[2])}); !tests[p] {
			t.Errorf("the page names %+v, which is not there", p)
		}
	}
	checked := map[string]bool{}
	call := regexp.MustCompile(`promises\.Check(?:Around)?\(t, "([^"]+)"`)
	for _, f := range src.Files {
		if !f.Test {
			continue
		}
		text, err := os.ReadFile(filepath.Join(top, f.Name))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range call.FindAllSubmatch(text, -1) {
			checked[string(found[1])] = true
		}
	}
	for store := range guarantees {
		if !checked[store] {
			t.Errorf("no test checks the row of %s", store)
		}
	}
}

func TestProofs(t *testing.T) {
	all, err := promises.Proofs("case `race-touch`, `store/bolt` TestKit")
	if want := []promises.Proof{{Case: "race-touch"}, {Room: "store/bolt", Test: "TestKit"}}; err != nil || !slices.Equal(all, want) {
		t.Errorf("%+v, %v", all, err)
	}
	for _, bad := range []string{"", "race-touch", "`store/bolt`", "case `a` b", "`store/bolt` Kit"} {
		if all, err := promises.Proofs(bad); err == nil {
			t.Errorf("%q: %+v", bad, all)
		}
	}
}
