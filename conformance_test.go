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

// faultsOfConformance says what is wrong with the table of a page: each item has one row, in order, with a test that there is, or with a
// reason why it is not the library's; and each test that is named after an item is in that one's row.
func faultsOfConformance(page string, tests map[string]bool) (faults []string) {
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
		if reason := strings.Contains(what, "not the library's"); (len(held) > 0) == reason {
			faults = append(faults, "item "+row[1]+" has neither a test nor a reason, or both")
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
	tests := map[string]bool{}
	for _, f := range theSource(t).TestsNamed("Test") {
		tests[f.Name] = true
	}
	for _, fault := range faultsOfConformance(string(page), tests) {
		t.Error(fault)
	}

	// Each fault is seen.
	for what, edit := range map[string][2]string{
		"there is no TestItem8_ANameTellsNoProducts": {"`TestItem8_ANameTellsNoProduct`", "`TestItem8_ANameTellsNoProducts`"},
		"TestItem8_ANameTellsNoProduct is not in":    {"| `TestItem8_ANameTellsNoProduct` |", "| `TestItem9_NoTokenInAURL` |"},
		"59 rows":             {"\n| 60 |", "\n60 |"},
		"row 8 is of item 9":  {"\n| 8 |", "\n| 9 |"},
		"item 8 has neither":  {"`TestItem8_ANameTellsNoProduct`", ""},
		"item 48 has neither": {"not the library's", "left out"},
	} {
		planted := strings.Replace(string(page), edit[0], edit[1], 1)
		if !slices.ContainsFunc(faultsOfConformance(planted, tests), func(f string) bool { return strings.HasPrefix(f, what) }) {
			t.Errorf("nobody sees that %s", what)
		}
	}
}
