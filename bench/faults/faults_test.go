package faults

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write TABLE.md anew")

// verdict is what a peer was seen to do.
type verdict string

const (
	has  verdict = "**has it**"
	free verdict = "free of it"
	none verdict = "–" // it cannot have it, or it was not looked into
)

func hasIf(is bool) verdict {
	if is {
		return has
	}
	return free
}

// fault is one line of the table.
type fault struct {
	title string
	// looked at in scs, gorilla's CookieStore, gorilla's FilesystemStore and fiber's session; nil is none
	scs, cookies, files, fiber func(t *testing.T) verdict
	satchel                    func(t *testing.T) verdict // as these, and always free
	expected                   [4]verdict
	// tests of Satchel's that show it absent: names of test functions, or files of adapters/adaptertest/scenarios
	shown []string
}

var peerNames = [4]string{"scs 2.9.0", "gorilla CookieStore 1.4.0", "gorilla FilesystemStore", "fiber session 3.5.0"}

func (f fault) looks() [4]func(t *testing.T) verdict {
	return [4]func(t *testing.T) verdict{f.scs, f.cookies, f.files, f.fiber}
}

// Each peer does what the table says of it.
func TestFaults(t *testing.T) {
	for i, f := range all {
		for p, look := range f.looks() {
			t.Run(fmt.Sprintf("%02d/%s", i+1, peerNames[p]), func(t *testing.T) {
				got := none
				if look != nil {
					got = look(t)
				}
				if got != f.expected[p] {
					t.Errorf("%s: %s, and the table says %q", f.title, got, f.expected[p])
				}
			})
		}
		t.Run(fmt.Sprintf("%02d/Satchel", i+1), func(t *testing.T) {
			if got := f.satchel(t); got != free {
				t.Errorf("%s: %s", f.title, got)
			}
		})
	}
}

// What the table names as Satchel's own proof exists, and the table is the one that is committed.
func TestTable(t *testing.T) {
	if len(all) != 25 {
		t.Fatalf("%d faults, want 25", len(all))
	}
	rooms := testsOfTheRepository(t)
	var b strings.Builder
	b.WriteString("# Who survives what\n\nWritten by `go test ./faults -update`. Each cell was seen by a test of this folder, Satchel's by the one that its\n" +
		"peers had; a dash is where the fault cannot concern a peer, or where it was not asked. What further parts some faults have is asked below,\n" +
		"under Clauses. Satchel's column names the tests of the rooms, too, that hold the fault off; that they exist is a test as well.\n\n")
	fmt.Fprintf(&b, "|  | fault | %s | Satchel |\n|%s\n", strings.Join(peerNames[:], " | "), strings.Repeat(" --- |", 7))
	shown := func(names []string) string {
		var found []string
		for _, name := range names {
			room, ok := rooms[name]
			if !ok {
				t.Errorf("the repository has no test %s", name)
			}
			found = append(found, fmt.Sprintf("`%s` %s", room, name))
		}
		return strings.Join(found, ", ")
	}
	for i, f := range all {
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s | %s | free of it: %s |\n", i+1, f.title,
			f.expected[0], f.expected[1], f.expected[2], f.expected[3], shown(f.shown))
	}
	b.WriteString(othersTable())
	b.WriteString(clausesTable(shown))
	if *update {
		if err := os.WriteFile("TABLE.md", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile("TABLE.md")
	if err != nil || string(kept) != b.String() {
		t.Error("TABLE.md is not what the tests say; write it anew by go test ./faults -update", err)
	}
	t.Log("\n" + b.String())
}

var testFunc = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// testsOfTheRepository maps each test function and each scenario to the first folder that has it.
func testsOfTheRepository(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	top := filepath.Join("..", "..")
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel == "bench" || strings.HasPrefix(d.Name(), ".") && rel != "." {
				return filepath.SkipDir
			}
			return nil
		}
		room := filepath.ToSlash(filepath.Dir(rel))
		if room == "adapters/adaptertest/scenarios" {
			found[d.Name()] = "adapters/adaptertest"
			return nil
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range testFunc.FindAllStringSubmatch(string(text), -1) {
			if _, ok := found[m[1]]; !ok {
				found[m[1]] = strings.Replace(room, ".", "satchel", 1)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
