package mutants_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/internal/mutants"
	"github.com/satchel-go/satchel/internal/tree"
	"github.com/satchel-go/satchel/internal/walls"
)

// The mutants fit the code as it is, and each test that is named after a rule has one.
func TestMutantsFitTheCode(t *testing.T) {
	top, err := tree.Top(".")
	if err != nil {
		t.Fatal(err)
	}
	src, err := walls.ReadSource(top)
	if err != nil {
		t.Fatal(err)
	}
	book, err := mutants.Read(top)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range book.Check(src) {
		t.Error(fault)
	}
}

// plant writes files under a new folder, with an empty text for each rule that has none.
func plant(t *testing.T, files map[string]string) string {
	t.Helper()
	top := t.TempDir()
	for n := 1; n <= mutants.Rules; n++ {
		name := fmt.Sprintf("testdata/mutants/%02d-rule.txt", n)
		if _, ok := files[name]; !ok {
			files[name] = ""
		}
	}
	for name, text := range files {
		full := filepath.Join(top, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return top
}

const core = "package core\n\nfunc one() int {\n\treturn 1\n}\n\nfunc two() int {\n\treturn 2\n}\n"

// A mutant is read as it is written, and its edits are made in whole lines.
func TestRead(t *testing.T) {
	top := plant(t, map[string]string{
		"core/core.go": core,
		"testdata/mutants/03-reading-writes-nothing.txt": "# why\n\n== One is another.\nin core/core.go\n func one() int {\n-\treturn 1\n+\treturn 3\n+\n" +
			"in core/core.go\n-\treturn 2\n\nfails core TestA TestB\nfails . TestA\n",
		"testdata/mutants/03-rule.txt":    "",
		"testdata/mutants/exceptions.txt": "# none\ncore TestC: it is about the compiler: no edit shows it\n",
	})
	if err := os.Remove(filepath.Join(top, "testdata", "mutants", "03-rule.txt")); err != nil {
		t.Fatal(err)
	}
	book, err := mutants.Read(top)
	if err != nil {
		t.Fatal(err)
	}
	want := mutants.Mutant{
		Rule: 3, Title: "One is another.", At: "testdata/mutants/03-reading-writes-nothing.txt:3",
		Edits: []mutants.Edit{
			{File: "core/core.go", Old: "func one() int {\n\treturn 1\n", New: "func one() int {\n\treturn 3\n\n"},
			{File: "core/core.go", Old: "\treturn 2\n"},
		},
		Fails: []walls.Func{{Room: "core", Name: "TestA"}, {Room: "core", Name: "TestB"}, {Room: ".", Name: "TestA"}},
	}
	if len(book.Mutants) != 1 || !reflect.DeepEqual(book.Mutants[0], want) || book.Names[3] != "reading writes nothing" {
		t.Errorf("got %+v, want %+v", book.Mutants, want)
	}
	if reason := book.Exceptions[walls.Func{Room: "core", Name: "TestC"}]; reason != "it is about the compiler: no edit shows it" {
		t.Errorf("the exception's reason is %q", reason)
	}
	got, err := want.Mutated(top)
	if text := "package core\n\nfunc one() int {\n\treturn 3\n\n}\n\nfunc two() int {\n}\n"; err != nil || got["core/core.go"] != text {
		t.Errorf("mutated: %q, %v, want %q", got, err, text)
	}
	if rooms := fmt.Sprint(want.Rooms(), want.Tests("core"), want.Mark()); rooms != "[. core] [TestA TestB]03-reading-writes-nothing.txt@3" {
		t.Error(rooms)
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"in core/core.go\n":             "before the first sentence",
		"== A.\n-\told\n":               "is no part of a mutant",
		"== A.\nin core/core.go\nold\n": "is no part of a mutant",
	} {
		if _, err := mutants.Read(plant(t, map[string]string{"testdata/mutants/01-rule.txt": text})); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for name, text := range map[string]string{
		fmt.Sprintf("%d-rule.txt", mutants.Rules+1): "", "1-rule.txt": "", "02-again.txt": "", "notes.txt": "", "exceptions.txt": "core TestA\n",
	} {
		if _, err := mutants.Read(plant(t, map[string]string{"testdata/mutants/" + name: text})); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

// Each planted fault is found, and nothing else.
func TestCheck(t *testing.T) {
	mutant := "== A.\nin core/core.go\n-\treturn 1\n+\treturn 3\nfails core TestRule1A\n"
	for name, c := range map[string]struct {
		first, exceptions, tests string
		want                     string
	}{
		"nothing":              {first: mutant},
		"no sentence":          {first: strings.Replace(mutant, "A.", "A", 1), want: `"A" is no sentence of its own`},
		"the sentence twice":   {first: mutant + mutant, want: `"A." is no sentence of its own`},
		"lines that are gone":  {first: strings.Replace(mutant, "return 1", "return 9", 1), want: "the old lines are found 0 times in core/core.go"},
		"half a line":          {first: strings.Replace(mutant, "\treturn 1", "return 1", 1), want: "the old lines are found 0 times"},
		"lines found twice":    {first: strings.Replace(mutant, "-\treturn 1", "-}", 1), want: "the old lines are found 2 times"},
		"no file":              {first: strings.Replace(mutant, "core.go", "gone.go", 1), want: "gone.go"},
		"nothing changed":      {first: strings.Replace(mutant, "3", "1", 1), want: "an edit changes code"},
		"a test changed":       {first: strings.Replace(mutant, "core.go\n-\treturn 1", "core_test.go\n-import \"testing\"", 1), want: "an edit changes code, and not a test"},
		"no test named":        {first: mutant + "\n== B.\nin core/core.go\n-\treturn 1\n", want: "a mutant needs an edit and a test"},
		"no such test":         {first: strings.Replace(mutant, "TestRule1A", "TestRule1A TestGone", 1), want: "there is no test TestGone in core"},
		"a rule without":       {first: "", exceptions: "core TestRule1A: why\n", want: "no mutant of rule 1"},
		"a test without":       {first: mutant, tests: "func TestRule2B(t *testing.T) {}\n", want: "TestRule2B in core: no mutant"},
		"a subtest":            {first: strings.Replace(mutant, "TestRule1A", "TestRule1A/sub TestRule1A", 1)},
		"a subtest of none":    {first: strings.Replace(mutant, "TestRule1A", "TestRule1A TestGone/sub", 1), want: "there is no test TestGone/sub in core"},
		"with its reason":      {first: mutant, tests: "func TestRule2B(t *testing.T) {}\n", exceptions: "core TestRule2B: why\n"},
		"an exception of none": {first: mutant, exceptions: "core TestGone: why\n", want: "TestGone in core: is an exception for nothing"},
		"a test of no rule":    {first: mutant, tests: "func TestRules(t *testing.T) {}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{
				"core/core.go":                    core,
				"core/core_test.go":               "package core\n\nimport \"testing\"\n\nfunc TestRule1A(t *testing.T) {}\n\n" + c.tests,
				"testdata/mutants/01-rule.txt":    c.first,
				"testdata/mutants/exceptions.txt": c.exceptions,
			}
			for n := 2; n <= mutants.Rules; n++ {
				files[fmt.Sprintf("testdata/mutants/%02d-rule.txt", n)] = strings.Replace(mutant, "A.", fmt.Sprint(n, "."), 1)
			}
			top := plant(t, files)
			src, err := walls.ReadSource(top)
			if err != nil {
				t.Fatal(err)
			}
			book, err := mutants.Read(top)
			if err != nil {
				t.Fatal(err)
			}
			// An exception for a test that other rules' mutants make fail is one for nothing; that is not what is looked at here.
			var faults []string
			for _, f := range book.Check(src) {
				if c.first != "" || !strings.Contains(f.Error(), "exception for nothing") {
					faults = append(faults, f.Error())
				}
			}
			if c.want == "" && len(faults) > 0 || c.want != "" && (len(faults) != 1 || !strings.Contains(faults[0], c.want)) {
				t.Errorf("got %q, want %q", faults, c.want)
			}
		})
	}
}

// A test in a file of rules is held to them whatever its name.
func TestCheckKnowsFilesOfRules(t *testing.T) {
	test := func(name string) string {
		return "package core\n\nimport \"testing\"\n\nfunc " + name + "(t *testing.T) {}\n"
	}
	top := plant(t, map[string]string{
		"core/rule_late_test.go": test("TestA"), "core/race_rotate_test.go": test("TestB"), "core/fault_test.go": test("TestC"),
		"lock_test.go": test("TestD"), "core/lock_test.go": test("TestE"), "core/ruler_test.go": test("TestF"),
		"adapters/adaptertest/scenarios/one.txt": "title one\nfault 7\n", "adapters/adaptertest/scenarios/two.txt": "title fault\n",
	})
	src, err := walls.ReadSource(top)
	if err != nil {
		t.Fatal(err)
	}
	book, err := mutants.Read(top)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, f := range book.Check(src) {
		if name, _, ok := strings.Cut(f.Error(), ": no mutant in"); ok {
			got += name + "; "
		}
	}
	if want := "TestA in core; TestAdapter/one in adapters/nethttp; TestB in core; TestC in core; TestD in .; "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What changes more than functions is built alone.
func TestWeaveLeavesAlone(t *testing.T) {
	top := plant(t, map[string]string{"core/core.go": core + "\nconst three = 3\n"})
	edit := func(file, from, to string) []mutants.Edit { return []mutants.Edit{{File: file, Old: from, New: to}} }
	woven, err := mutants.Weave(top, []mutants.Mutant{
		{At: "x.txt:1", Edits: edit("core/core.go", "\treturn 1\n", "\treturn 3\n")},
		{At: "x.txt:2", Edits: edit("core/core.go", "const three = 3\n", "const three = 4\n")},
		{At: "x.txt:3", Edits: edit("core/core.go", "func two() int {\n", "func too() int {\n")},
		{At: "x.txt:4", Edits: edit("core/core.go", "const three = 3\n", "")},
	})
	if err != nil || fmt.Sprint(woven.Alone) != "[1 2 3]" || len(woven.Files) != 2 {
		t.Errorf("alone %v, %d files, %v", woven.Alone, len(woven.Files), err)
	}
	if text := woven.Files["core/core.go"]; !strings.Contains(text, "func one__1() int {\n\treturn 3\n}") || strings.Contains(text, "too") {
		t.Error(text)
	}
	if _, err := mutants.Weave(top, []mutants.Mutant{{At: "x.txt:1", Edits: edit("core/core.go", "\treturn 1\n", "\treturn (\n")}}); err == nil {
		t.Error("what cannot be parsed is woven")
	}
}
