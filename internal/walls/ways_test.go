package walls

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// planted is one file and what a check must say about it: "line: text" each, text's beginning being enough.
type planted struct {
	name, text string
	want       []string
}

func (p planted) check(t *testing.T, check func(src *Source) []Fault) {
	t.Helper()
	src, err := Planted(p.name, p.text)
	if err != nil {
		t.Fatal(err)
	}
	src.Top = t.TempDir()
	faults := check(src)
	same := slices.EqualFunc(faults, p.want, func(f Fault, want string) bool {
		return strings.HasPrefix(fmt.Sprintf("%d: %s", f.Line, f.Text), want)
	})
	if !same {
		t.Errorf("%s:\n%s\ngot %v, want %q", p.name, p.text, faults, p.want)
	}
}

func TestTestsAreHeldToTheWays(t *testing.T) {
	for _, p := range []planted{
		{"a_test.go", "package p\nfunc FuzzX(f *testing.F) { f.Fuzz(func(t *testing.T, b []byte) { t.Skip() }) }", []string{"2: fuzz target FuzzX has no seeds"}},
		{"a_test.go", "package p\nfunc FuzzX(f *testing.F) { f.Add(nil); f.Fuzz(nil) }", nil},
		{"a_test.go", "package p\nfunc FuzzX(f *testing.F) { seed(f, 1) }\nfunc seed(f *testing.F, n int) { f.Add(n) }", nil},
		{"a_test.go", "package p\nfunc FuzzX(f *testing.F) { seed(f) }\nfunc seed(f *testing.F) { other.Add(f) }", []string{"2: fuzz target FuzzX has no seeds"}},
		{"a_test.go", "package p\nfunc FuzzX(f *testing.F) { wg.Add(1) }", []string{"2: fuzz target FuzzX has no seeds"}},
		{"a_test.go", "package p\nfunc TestX(t *testing.T) { t.Skip() }", []string{"2: a test skips by itself"}},
		{"a_test.go", "package p\nfunc TestX(t *testing.T) { t.Run(\"\", func(tt *testing.T) {\ntt.SkipNow(); t.Skipf(\"\") }) }", []string{"3: a test skips by itself"}},
		{"a_test.go", "package p\nfunc need(tb testing.TB) { tb.Skip() }", []string{"2: a test skips by itself"}},
		{"a_test.go", "package p\nfunc TestX(t *testing.T) { rapid.Check(t, func(t *rapid.T) { t.Skip() }) }", nil},
		{"a_test.go", "package p\nfunc TestX(t *testing.T) { time.Sleep(1) }", []string{"2: a test sleeps"}},
		{"a_test.go", "package p\nimport \"testing/synctest\"\nfunc TestX(t *testing.T) { time.Sleep(1) }", nil},
		{"a_test.go", "package p\nfunc TestX(t *testing.T) { testing.AllocsPerRun(1, f) }", []string{"2: TestX counts allocations"}},
		{"a_test.go", "package p\nfunc TestAllocX(t *testing.T) { testing.AllocsPerRun(1, f) }", nil},
		{"a.go", "package p\nfunc TestX(t *testing.T) { t.Skip() }", nil},
	} {
		p.check(t, Tests)
	}
}

func TestSeedsInTestdataCount(t *testing.T) {
	src, err := Planted("room/a_test.go", "package p\nfunc FuzzX(f *testing.F) { f.Fuzz(nil) }")
	if err != nil {
		t.Fatal(err)
	}
	src.Top = t.TempDir()
	dir := filepath.Join(src.Top, "room", "testdata", "fuzz", "FuzzX")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if faults := Tests(src); len(faults) != 1 {
		t.Errorf("an empty folder counts as seeds: %v", faults)
	}
	if err := os.WriteFile(filepath.Join(dir, "one"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if faults := Tests(src); len(faults) != 0 {
		t.Errorf("a seed does not count: %v", faults)
	}
}

func TestDocsAreHeldToTheWays(t *testing.T) {
	for _, p := range []planted{
		{"a.go", "package p", []string{"1: package p has no package comment"}},
		{"a.go", "// Package p is.\npackage p\nfunc X() {}\nfunc x() {}", []string{"3: X has no doc comment"}},
		{"a.go", "// Package p is.\npackage p\ntype T int\nfunc (t *T) M() {}\nfunc (t t2) M() {}", []string{"3: T has no doc comment", "4: T.M has no doc comment"}},
		{"a.go", "// Package p is.\npackage p\n// The group.\ntype (\nT int\n// U is.\nU int\n)", []string{"5: T has no doc comment"}},
		{"a.go", "// Package p is.\npackage p\n// T is.\ntype T[K any] int\nfunc (t T[K]) M() {}", []string{"5: T.M has no doc comment"}},
		{"a.go", "// Package p is.\npackage p\nconst (\nA = 1\nB = 2 // B is.\n// C is.\nC = 3\n)", []string{"4: A has no doc comment"}},
		{"a.go", "// Package p is.\npackage p\n// The group.\nconst (\nA = 1\n)\nvar X, y int", []string{"7: X has no doc comment"}},
		{"a.go", "// Package p is.\npackage p\n// E is.\ntype E int\nfunc (E) Error() string\nfunc Unwrap() {}", []string{"6: Unwrap has no doc comment"}},
		{"a.go", "// Command p is.\npackage main\nfunc X() {}", nil},
		{"internal/a.go", "// Package p is.\npackage p\nfunc X() {}", nil},
		{"a_test.go", "package p\nfunc X() {}", nil},
	} {
		p.check(t, Docs)
	}
}

func TestWordsAreHeldToTheWays(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"see /ro" + "ot/go/bin", "a path of one machine"},
		{"/ho" + "me/ann/src", "a path of one machine"},
		{"cd /wo" + "rk/main", "a path of one machine"},
		{"open /Us" + "ers/ann/x", "a path of one machine"},
		{`C:` + `\Users\ann`, "a path of one machine"},
		{"https://example.org/ro" + "ot/x and ../wo" + "rk/x", ""},
		{"https://proxy.golang" + ".org", "the host of a package registry"},
		{"\"resolved\": \"https://registry.npmjs" + ".org/x\"", "the host of a package registry"},
		{"https://repo1.maven" + ".org/maven2", "the host of a package registry"},
		{"the Go module proxy", ""},
		{"// TO" + "DO: later", "work left for later"},
		{"context.TO" + "DO()", ""},
		{"// FIX" + "ME", "work left for later"},
		{"errors.New(\"Not imple" + "mented\")", "work left for later"},
		{"autodo, methodology", ""},
		{"binary\x00 TO" + "DO", ""},
	} {
		faults := wordsIn("a.txt", []byte("first\n"+c.text+"\n"))
		if c.want == "" && len(faults) > 0 ||
			c.want != "" && (len(faults) != 1 || !strings.HasPrefix(faults[0].Text, c.want) || faults[0].Line != 2) {
			t.Errorf("%q: got %v, want %q", c.text, faults, c.want)
		}
	}
}

func TestWordsReadsEveryText(t *testing.T) {
	top := t.TempDir()
	for _, name := range []string{".ci/run", "testdata/x.txt", "testdata/fuzz/FuzzX/seed", ".git/config", ".cache/log", "web/node_modules/x.js"} {
		full := filepath.Join(top, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte("FIX"+"ME"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	faults, err := Words(top)
	if err != nil {
		t.Fatal(err)
	}
	if len(faults) != 2 || faults[0].File != ".ci/run" || faults[1].File != "testdata/x.txt" {
		t.Errorf("got %v", faults)
	}
}

func TestSizesAreHeldToTheList(t *testing.T) {
	long := planted{name: "long.go", text: "package p\n" + strings.Repeat("\n", maxLines), want: []string{"0: 351 lines"}}
	long.check(t, func(src *Source) []Fault { return Sizes(src, nil) })
	long.want = nil
	long.check(t, func(src *Source) []Fault { return Sizes(src, map[string]string{"long.go": "one table"}) })
	long.want = []string{"0: is listed as long and is not"}
	long.check(t, func(src *Source) []Fault {
		return Sizes(src, map[string]string{"long.go": "one table", "short.go": "was long once"})
	})
	short := planted{name: "short.go", text: "package p\n" + strings.Repeat("\n", maxLines-1)}
	short.check(t, func(src *Source) []Fault { return Sizes(src, nil) })
}
