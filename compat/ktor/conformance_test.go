package ktor_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The table has all 59 items, each once and in order, and every test that it names exists.
func TestConformanceTable(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	there := testNames(t)
	rows := regexp.MustCompile(`(?m)^\| (\d+) \|.*$`).FindAllStringSubmatch(string(text), -1)
	for i, row := range rows {
		if row[1] != strconv.Itoa(i+1) {
			t.Errorf("row %d is of item %s", i+1, row[1])
		}
		cells := strings.Split(row[0], " | ")
		named := regexp.MustCompile("`((?:Test|Fuzz|Example)[A-Za-z0-9_]*)`").FindAllStringSubmatch(cells[len(cells)-1], -1)
		if len(named) == 0 && !strings.Contains(row[0], "not here:") {
			t.Errorf("item %s has neither a test nor a reason", row[1])
		}
		for _, n := range named {
			if !there[n[1]] {
				t.Errorf("item %s: there is no %s", row[1], n[1])
			}
		}
	}
	if len(rows) != 59 {
		t.Errorf("%d items", len(rows))
	}
	// All of the known answers have their rows, and what the page names elsewhere exists as well.
	for k := 1; k <= 16; k++ {
		if k != 8 && !strings.Contains(string(text), "\n| K"+strconv.Itoa(k)+" ") && (k != 9 || !strings.Contains(string(text), "to K9 |")) {
			t.Errorf("K%d has no row", k)
		}
	}
	for _, n := range regexp.MustCompile("`((?:Test|Fuzz|Example)[A-Za-z0-9_]*)`").FindAllStringSubmatch(string(text), -1) {
		if !there[n[1]] {
			t.Errorf("there is no %s", n[1])
		}
	}
	readersAreFuzzed(t, string(text))
}

// readersAreFuzzed looks for what reads bytes in this package: the methods In, Decode, decode and Find, which go through transforms, codecs,
// encodings and cookies. A type that has one is in the page's table of readers, under the name that it is known by.
func readersAreFuzzed(t *testing.T, page string) {
	t.Helper()
	_, table, _ := strings.Cut(page, "## Readers")
	known := map[string]string{
		"tagged": "`MessageAuthentication`", "encryption": "`Encrypt`", "migration": "`Migrating`",
		"spelling": "the Cookie field", "Encoding": "the four encodings", "reflection[T]": "`Reflection`", "compatible[T]": "`BackwardCompatible`",
		"kotlinJSON[T]": "`JSON`",
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	method := regexp.MustCompile(`(?m)^func \((?:\w+ )?\*?([\w\[\]]+)\) (?:In|Decode|decode|Find)\(`)
	found := 0
	for _, file := range files {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range method.FindAllStringSubmatch(string(code), -1) {
			found++
			if name := known[m[1]]; name == "" || !strings.Contains(table, name) {
				t.Errorf("%s reads, and stands in no row of the readers", m[1])
			}
		}
	}
	if found < len(known) {
		t.Errorf("%d readers of %d", found, len(known))
	}
}

// testNames are the tests of the whole repository.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Example)[A-Za-z0-9_]*)\(`)
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != "../..":
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
			names[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
