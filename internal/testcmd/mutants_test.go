package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/internal/mutants"
	"github.com/satchel-go/satchel/internal/tree"
)

// mutable is a package with a function of each shape that mutants are woven into.
const mutable = `package core

import "strings"

const limit = 10

type words[T any] []T

func (w words[T]) count(_ int, extra ...T) (n int) {
	return len(w) + len(extra)
}

func larger[A, B ~int](a A, b B) int {
	return max(int(a), int(b))
}

var said []string

func say(word string) {
	said = append(said, strings.ToLower(word))
}

func end(bool) {
	said = append(said, "end")
}

// dead takes the process down, and returns nothing that one could wait for.
func dead() chan int {
	go func() { panic("dead") }()
	return nil
}
`

const mutableTest = `package core

import "testing"

func TestCount(t *testing.T) {
	if (words[int]{1, 2}).count(0, 3) != 3 {
		t.Error("wrong")
	}
}

func TestLarger(t *testing.T) {
	if larger(1, 2) != 2 {
		t.Fatal("wrong")
	}
}

func TestSay(t *testing.T) {
	if say("A"); said[0] != "a" {
		t.Error(said)
	}
}

func TestLimit(t *testing.T) {
	end(true)
	if limit != 10 {
		t.Error(limit)
	}
}

func TestSub(t *testing.T) {
	for _, name := range []string{"one", "two"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "one" {
				end(true)
			}
		})
	}
}

func TestWeak(t *testing.T) { larger(0, 0) }

func TestSkips(t *testing.T) { t.Skip() }
`

// mutation spells a mutant of the file above.
func mutation(title, edit, tests string) string {
	return "== " + title + "\nin core/core.go\n" + edit + "fails core " + tests + "\n\n"
}

var mixedMutants = mutation("Nothing is counted.", "-\treturn len(w) + len(extra)\n+\treturn 0\n", "TestCount") +
	mutation("The smaller one is larger.", "-\treturn max(int(a), int(b))\n+\treturn min(int(a), int(b))\n", "TestLarger") +
	mutation("Nothing is said.", "-\tsaid = append(said, strings.ToLower(word))\n+\tsaid = []string{\"\"}\n", "TestCount TestSay") +
	mutation("The limit is eleven.", "-const limit = 10\n+const limit = 11\n", "TestLimit") +
	mutation("The end is the end of all.", "-\tsaid = append(said, \"end\")\n+\tselect {\n+\tcase <-dead():\n+\t}\n", "TestLimit TestSay TestSub/one TestSub/two")

// others is how many rules there are beside the first, with a mutant each.
const others = mutants.Rules - 1

func mutableHouse(t *testing.T, first string) {
	t.Helper()
	files := map[string]string{
		"go.mod":            "module " + tree.ModulePath + "\n\ngo 1.26\n",
		"core/core.go":      mutable,
		"core/core_test.go": mutableTest,
	}
	for n := 2; n <= mutants.Rules; n++ {
		files[fmt.Sprintf("testdata/mutants/%02d-rule.txt", n)] = mutation(fmt.Sprint(n, " is another."), "-\treturn max(int(a), int(b))\n+\treturn "+fmt.Sprint(n)+"+int(a)\n", "TestLarger")
	}
	files["testdata/mutants/01-deletion-wins.txt"] = first
	plant(t, files)
}

// Every mutant is tried, in every shape of function, and the results are written down.
func TestMutants(t *testing.T) {
	// Three tests do not fail: what is counted does not depend on what is said, and nothing of these on the end.
	mutableHouse(t, mixedMutants)
	var out strings.Builder
	if err := run(t.Context(), &out, []string{"mutants"}); !errors.Is(err, errFailed) {
		t.Errorf("%v, of\n%s", err, &out)
	}
	files, _ := filepath.Glob("results/mutants-20*.txt")
	if len(files) != 1 {
		t.Fatalf("results: %v, of\n%s", files, &out)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		fmt.Sprint(5+others) + " mutants, 5 tests seen to fail, 0 by hanging, 3 survived", "rule 1, deletion wins\n",
		"   1  core              TestCount                                    fails    Nothing is counted.\n",
		"   1  core              TestCount                                    PASSES   Nothing is said.\n",
		"   1  core              TestSay                                      PASSES   The end is the end of all.\n",
		"   1  core              TestLimit                                    dies     The end is the end of all.\n",
		"   1  core              TestLimit                                    fails    The limit is eleven.\n",
		"   1  core              TestSub/one                                  dies     The end is the end of all.\n",
		"   1  core              TestSub/two                                  PASSES   The end is the end of all.\n",
		"  12  core              TestLarger                                   fails    12 is another.\n",
		"NOT SEEN TO FAIL:\n",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the results lack %q:\n%s", want, text)
		}
	}

	// One rule is tried without results.
	if err := os.RemoveAll("results"); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := run(t.Context(), &out, []string{"mutants", "12"}); err != nil || !strings.Contains(out.String(), "1 mutants, 1 tests seen to fail") {
		t.Errorf("%v, of\n%s", err, &out)
	}
	if _, err := os.Stat("results"); err == nil {
		t.Error("a part has left results")
	}
}

// What shows nothing is said to: a mutant that does not compile, woven or alone, and a test that fails or skips in any case.
func TestMutantsThatShowNothing(t *testing.T) {
	for name, c := range map[string]struct{ first, want string }{
		"woven":          {mutation("It is broken.", "-\treturn len(w) + len(extra)\n+\treturn \"\"\n", "TestCount"), "01-deletion-wins.txt:1: THE MUTANT DOES NOT COMPILE"},
		"alone":          {mutation("It is broken.", "-const limit = 10\n+const limit = ten\n", "TestLimit"), "01-deletion-wins.txt:1: THE MUTANT DOES NOT COMPILE"},
		"a test skips":   {mutation("It is weak.", "-\treturn len(w) + len(extra)\n+\treturn 0\n", "TestSkips"), "does not pass as the code is: TestSkips in core SKIPS"},
		"a test is weak": {mutation("It is weak.", "-\treturn len(w) + len(extra)\n+\treturn 0\n", "TestWeak"), "0 OF 1 TESTS FAIL  It is weak."},
	} {
		t.Run(name, func(t *testing.T) {
			mutableHouse(t, c.first)
			var out strings.Builder
			if err := run(t.Context(), &out, []string{"mutants"}); !errors.Is(err, errFailed) || !strings.Contains(out.String(), c.want) {
				t.Errorf("%v, want %q in\n%s", err, c.want, &out)
			}
			if tried := strings.Count(out.String(), "  1 of 1 tests fail  "); name != "a test skips" && tried != others {
				t.Errorf("%d of %d other mutants were tried:\n%s", tried, others, &out)
			}
		})
	}
}

func TestVerdicts(t *testing.T) {
	const head = "\x16=== RUN   TestA\n\x16=== RUN   TestA/sub\n\x16--- FAIL: TestA/sub (0.00s)\nprinted\x16--- PASS: TestA (0.00s)\n\x16=== RUN   TestB\n"
	for text, want := range map[string]map[string]verdict{
		head + "\x16--- FAIL: TestB (0.00s)\n":                 {"TestA": passes, "TestA/sub": fails, "TestB": fails},
		head + "\x16--- SKIP: TestB (0.00s)\n":                 {"TestA": passes, "TestA/sub": fails, "TestB": skips},
		head + "fatal error: all goroutines are asleep\n":      {"TestA": passes, "TestA/sub": fails, "TestB": dies},
		head + "panic: test timed out after 30s\n":             {"TestA": passes, "TestA/sub": fails, "TestB": hangs},
		head + "a log: panic: test timed out after 30s\n":      {"TestA": passes, "TestA/sub": fails, "TestB": dies},
		"\x16=== NAME  TestB\n    b_test.go:1: --- PASS (x)\n": {},
	} {
		if got := verdictsOf(text); !maps.Equal(got, want) {
			t.Errorf("got %v, want %v, of %q", got, want, text)
		}
	}
}
