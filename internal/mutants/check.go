package mutants

import (
	"fmt"
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/satchel-go/satchel/internal/walls"
)

// heldFiles are the test files of which every test must be seen to fail, beside those that are named rule_…, race_… and
// fault_…. What holds the adapters to the rules are scenarios.
var heldFiles = []string{"aftermath_test.go", "faults_test.go", "lock_test.go", "newer_test.go", "steps_test.go", "within_test.go"}

var (
	heldFile = regexp.MustCompile(`^(rule|race|fault)_\w*test\.go$`)
	heldTest = regexp.MustCompile(`^TestRule\d`)
)

// isHeld reports whether a test claims to show a rule, by its name or that of its file.
func isHeld(file, test string) bool {
	if strings.HasPrefix(file, "adapters/") {
		return heldTest.MatchString(test)
	}
	return heldTest.MatchString(test) || heldFile.MatchString(path.Base(file)) || slices.Contains(heldFiles, file)
}

// scenarios is where the scenarios of adapters are. One that has a line "fault …" shows that a fault of other libraries is absent,
// and must be seen to fail through net/http.
const scenarios = "adapters/adaptertest/scenarios"

func heldScenarios(top string) ([]walls.Func, error) {
	files, err := filepath.Glob(filepath.Join(top, filepath.FromSlash(scenarios), "*.txt"))
	if err != nil {
		return nil, fmt.Errorf("find the scenarios: %w", err)
	}
	var all []walls.Func
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read a scenario: %w", err)
		}
		if strings.Contains("\n"+string(text), "\nfault ") {
			all = append(all, walls.Func{Room: "adapters/nethttp", Name: "TestAdapter/" + strings.TrimSuffix(filepath.Base(name), ".txt")})
		}
	}
	return all, nil
}

// Check returns all that is wrong with the book beside the source: a mutant whose place in the code is gone, a test that is not there, a
// test of a rule that nothing shows to fail, a rule without a mutant.
func (b *Book) Check(src *walls.Source) []error {
	var faults []error
	fail := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	tests := testsOf(src)
	scenarios, err := heldScenarios(src.Top)
	if err != nil {
		return []error{err}
	}
	for _, f := range scenarios {
		tests[f] = true
	}
	mutated := map[walls.Func]bool{}
	titles, rules := map[string]bool{}, [Rules + 1]int{}
	for _, m := range b.Mutants {
		rules[m.Rule]++
		if !strings.HasSuffix(m.Title, ".") || titles[m.Title] {
			fail("%s: %q is no sentence of its own", m.At, m.Title)
		}
		titles[m.Title] = true
		faults = append(faults, m.check(src.Top)...)
		for _, f := range m.Fails {
			if _, ok := tests[outer(f)]; !ok {
				fail("%s: there is no test %s in %s", m.At, f.Name, f.Room)
			}
			mutated[f] = true
		}
	}
	for n := 1; n <= Rules; n++ {
		if rules[n] == 0 {
			fail("%s: no mutant of rule %d", Folder, n)
		}
	}
	return append(faults, b.checkHeld(tests, mutated)...)
}

// check returns what is wrong with one mutant beside its title and tests' names.
func (m Mutant) check(top string) []error {
	var faults []error
	if len(m.Edits) == 0 || len(m.Fails) == 0 {
		faults = append(faults, fmt.Errorf("%s: a mutant needs an edit and a test that fails", m.At))
	}
	for _, e := range m.Edits {
		if e.Old == e.New || strings.HasSuffix(e.File, "_test.go") {
			faults = append(faults, fmt.Errorf("%s: an edit changes code, and not a test, of %s", m.At, e.File))
		}
	}
	if _, err := m.Mutated(top); err != nil {
		faults = append(faults, err)
	}
	return faults
}

// checkHeld returns the tests of rules that nothing shows to fail, and the exceptions that are none.
func (b *Book) checkHeld(tests, mutated map[walls.Func]bool) []error {
	var faults []error
	for f, held := range tests {
		if held && !mutated[f] && b.Exceptions[f] == "" {
			faults = append(faults, fmt.Errorf("%s in %s: no mutant in %s makes it fail, and no exception says why", f.Name, f.Room, Folder))
		}
	}
	for f := range b.Exceptions {
		if !tests[f] || mutated[f] {
			faults = append(faults, fmt.Errorf("%s in %s: is an exception for nothing; take it off %s", f.Name, f.Room, exceptionsFile))
		}
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return faults
}

// outer returns the test that a subtest is a part of.
func outer(f walls.Func) walls.Func {
	f.Name, _, _ = strings.Cut(f.Name, "/")
	return f
}

// testsOf returns all tests and fuzz targets of the source, and whether they are held.
func testsOf(src *walls.Source) map[walls.Func]bool {
	files := map[walls.Func]string{}
	for _, f := range src.Files {
		for _, decl := range f.Syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && f.Test && fn.Recv == nil {
				files[walls.Func{Room: f.Room, Name: fn.Name.Name}] = f.Name
			}
		}
	}
	tests := map[walls.Func]bool{}
	for _, f := range src.TestsNamed("Test") {
		tests[f] = isHeld(files[f], f.Name)
	}
	for _, f := range src.FuzzTargets() { // by their seeds
		tests[f] = false
	}
	return tests
}
