package satchel_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rowsOfItems is how many items the checklist has.
const rowsOfItems = 60

var (
	itemRow  = regexp.MustCompile(`(?m)^\| (\d+) \|(.*)\|$`)
	testName = regexp.MustCompile("`(Test[A-Za-z0-9_]*)`")
	itemTest = regexp.MustCompile(`^TestItem(\d+)_`)
)

// heldByOthers are the items whose tests are named after a clause of ASVS.
var heldByOthers = map[string][]string{"57": {"TestASVS1124ConstantTime"}}

// heldByItsName reports whether a row names a test that is named after its item, or those that stand for one.
func heldByItsName(item string, held [][]string) bool {
	names := map[string]bool{}
	own := false
	for _, n := range held {
		names[n[1]] = true
		own = own || strings.HasPrefix(n[1], "TestItem"+item+"_")
	}
	others, stand := heldByOthers[item]
	for _, n := range others {
		stand = stand && names[n]
	}
	return own != stand // with one of its own the exception is out of date
}

// faultsOfConformance says what is wrong with the table of a page: each item has one row, in order, with a test named
// after it that there is, or with a reason why it is not the library's, and a line of the design that leaves it out; and each test that is named after an item is in that one's row.
func faultsOfConformance(page, design string, tests map[string]bool) (faults []string) {
	rows := itemRow.FindAllStringSubmatch(page, -1)
	if len(rows) != rowsOfItems {
		faults = append(faults, strconv.Itoa(len(rows))+" rows")
	}
	named := map[string]string{} // the rows of a test
	for i, row := range rows {
		if row[1] != strconv.Itoa(i+1) {
			faults = append(faults, "row "+strconv.Itoa(i+1)+" is of item "+row[1])
		}
		what, by, _ := strings.Cut(row[2], " | ")
		held := testName.FindAllStringSubmatch(by, -1)
		reason := strings.Contains(what, "not the library's")
		if (len(held) > 0) == reason {
			faults = append(faults, "item "+row[1]+" has neither a test nor a reason, or both")
		}
		switch {
		case reason && !regexp.MustCompile(`(?m)^- .*\(item `+row[1]+` `).MatchString(design):
			faults = append(faults, "item "+row[1]+" is left out, and the design does not say so")
		case !reason && !heldByItsName(row[1], held):
			faults = append(faults, "item "+row[1]+" has no test of its name, or is an exception without need")
		}
		for _, n := range held {
			named[n[1]] += " " + row[1] + " "
		}
	}
	for _, n := range testName.FindAllStringSubmatch(page, -1) {
		if !tests[n[1]] {
			faults = append(faults, "there is no "+n[1])
		}
	}
	for test := range tests {
		if item := itemTest.FindStringSubmatch(test); len(item) > 1 && !strings.Contains(named[test], " "+item[1]+" ") {
			faults = append(faults, test+" is not in the row of its item")
		}
	}
	slices.Sort(faults)
	return slices.Compact(faults)
}

// CONFORMANCE.md has all items of the checklist, and each test that it names, and each that is named after an item, is where it says.
func TestConformance(t *testing.T) {
	page, err := os.ReadFile("CONFORMANCE.md")
	must(t, err)
	design, err := os.ReadFile("DESIGN.md")
	must(t, err)
	tests := map[string]bool{}
	for _, f := range theSource(t).TestsNamed("Test") {
		tests[f.Name] = true
	}
	for _, fault := range faultsOfConformance(string(page), string(design), tests) {
		t.Error(fault)
	}

	// Each fault is seen.
	for what, edit := range map[string][2]string{
		"there is no TestItem8_ANameTellsNoProducts": {"`TestItem8_ANameTellsNoProduct`", "`TestItem8_ANameTellsNoProducts`"},
		"TestItem8_ANameTellsNoProduct is not in":    {"| `TestItem8_ANameTellsNoProduct` |", "| `TestItem9_NoTokenInAURL` |"},
		"item 8 has no test of its name":             {"| `TestItem8_ANameTellsNoProduct` |", "| `TestSignIn` |"},
		"item 57 has no test of its name":            {"`TestASVS1124ConstantTime`", "`TestSignIn`"},
		"item 8 is left out, and": {
			"| 8 | a default name tells no product (CS, Name Fingerprinting) | `TestItem8_ANameTellsNoProduct` |", "| 8 | not the library's | |",
		},
		"59 rows":             {"\n| 60 |", "\n60 |"},
		"row 8 is of item 9":  {"\n| 8 |", "\n| 9 |"},
		"item 8 has neither":  {"`TestItem8_ANameTellsNoProduct`", ""},
		"item 48 has neither": {"not the library's", "left out"},
	} {
		planted := strings.Replace(string(page), edit[0], edit[1], 1)
		if !slices.ContainsFunc(faultsOfConformance(planted, string(design), tests), func(f string) bool { return strings.HasPrefix(f, what) }) {
			t.Errorf("nobody sees that %s", what)
		}
	}
	without := strings.Replace(string(design), "(item 48 ", "(", 1)
	if !slices.Contains(faultsOfConformance(string(page), without, tests), "item 48 is left out, and the design does not say so") {
		t.Error("nobody sees that the design leaves item 48 out")
	}
}
