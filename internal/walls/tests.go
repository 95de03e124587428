package walls

import (
	"go/ast"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Tests holds the test files to the ways of this repository:
//
//   - a fuzz target has seeds, in testdata/fuzz/<Name> or by f.Add;
//   - a test skips only through the package internal/need, so that CI fails instead;
//   - a test that counts allocations is named TestAlloc…, because ./test runs those without -race, which distorts them;
//   - no test sleeps.
func Tests(src *Source) []Fault {
	var faults []Fault
	for _, f := range src.Files {
		if !f.Test {
			continue
		}
		for _, decl := range f.Syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil {
				faults = append(faults, src.testFunc(f, fn)...)
			}
		}
	}
	return inOrder(faults)
}

// Func is a function of a test file, by which the test command knows it.
type Func struct{ Room, Name string }

// FuzzTargets returns every fuzz target of the repository.
func (s *Source) FuzzTargets() []Func {
	return s.funcs(isFuzzTarget)
}

// TestsNamed returns every test whose name begins with prefix.
func (s *Source) TestsNamed(prefix string) []Func {
	return s.funcs(func(fn *ast.FuncDecl) bool {
		return fn.Recv == nil && strings.HasPrefix(fn.Name.Name, prefix) && takes(fn.Type, "T") != ""
	})
}

func (s *Source) funcs(is func(fn *ast.FuncDecl) bool) (all []Func) {
	for _, f := range s.Files {
		for _, decl := range f.Syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && f.Test && is(fn) {
				all = append(all, Func{Room: f.Room, Name: fn.Name.Name})
			}
		}
	}
	return all
}

func isFuzzTarget(fn *ast.FuncDecl) bool {
	return fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Fuzz") && takes(fn.Type, "F") != ""
}

func (s *Source) testFunc(f File, fn *ast.FuncDecl) []Fault {
	var faults []Fault
	isFuzz := isFuzzTarget(fn)
	if isFuzz && !s.hasSeeds(f, fn) {
		faults = append(faults, faultAt(s.position(fn), "fuzz target %s has no seeds: f.Add some, or put them into testdata/fuzz/%[1]s",
			fn.Name.Name))
	}
	var scopes []*ast.FuncType // the functions around the node, outermost first
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			scopes = append(scopes, n.Type)
			ast.Inspect(n.Body, visit)
			scopes = scopes[:len(scopes)-1]
			return false
		case *ast.CallExpr:
			recv, name := calledOn(n)
			switch {
			case recv == "testing" && name == "AllocsPerRun" && strings.HasPrefix(fn.Name.Name, "Test") &&
				!strings.HasPrefix(fn.Name.Name, "TestAlloc"):
				faults = append(faults, faultAt(s.position(n), "%s counts allocations: name it TestAlloc…, so that it runs without -race",
					fn.Name.Name))
			case recv == "time" && name == "Sleep" && !usesSynctest(f):
				faults = append(faults, faultAt(s.position(n), "a test sleeps: hand in the clock, or use testing/synctest"))
			case (name == "Skip" || name == "Skipf" || name == "SkipNow") && !isFuzz && skipsTest(recv, fn.Type, scopes):
				faults = append(faults, faultAt(s.position(n), "a test skips by itself: ask internal/need, which fails in CI"))
			}
		}
		return true
	}
	ast.Inspect(fn.Body, visit)
	return faults
}

// usesSynctest reports whether a file works with a fake clock, where sleeping costs nothing.
func usesSynctest(f File) bool {
	for _, spec := range f.Syntax.Imports {
		if spec.Path.Value == `"testing/synctest"` {
			return true
		}
	}
	return false
}

// calledOn splits a call of the form a.b(…).
func calledOn(call *ast.CallExpr) (recv, name string) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	if id, ok := sel.X.(*ast.Ident); ok {
		recv = id.Name
	}
	return recv, sel.Sel.Name
}

// skipsTest reports whether recv is a test's handle: the parameter of that name in the innermost function that has one is a
// *testing.T, *testing.B or testing.TB, and not the handle of rapid, which only skips an input.
func skipsTest(recv string, outer *ast.FuncType, scopes []*ast.FuncType) bool {
	for _, fn := range slices.Backward(append([]*ast.FuncType{outer}, scopes...)) {
		for _, p := range fn.Params.List {
			for _, name := range p.Names {
				if name.Name == recv {
					return testingType(p.Type) != ""
				}
			}
		}
	}
	return false
}

// testingType returns T, B, F or TB for a parameter of a type of package testing.
func testingType(e ast.Expr) string {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if sel, ok := e.(*ast.SelectorExpr); ok {
		if id, ok := sel.X.(*ast.Ident); ok && id.Name == "testing" {
			return sel.Sel.Name
		}
	}
	return ""
}

// takes returns the name of the parameter of a function whose only parameter is a *testing.<kind>.
func takes(fn *ast.FuncType, kind string) string {
	if len(fn.Params.List) != 1 || len(fn.Params.List[0].Names) != 1 || testingType(fn.Params.List[0].Type) != kind {
		return ""
	}
	return fn.Params.List[0].Names[0].Name
}

// hasSeeds reports whether a fuzz target has a corpus of its own or adds seeds: itself by f.Add, or by handing f to a
// function that it calls.
func (s *Source) hasSeeds(f File, fn *ast.FuncDecl) bool {
	dir := filepath.Join(s.Top, filepath.FromSlash(f.Room), "testdata", "fuzz", fn.Name.Name)
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return true
	}
	handle, found := takes(fn.Type, "F"), false
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if recv, name := calledOn(call); recv == handle && name == "Add" {
			found = true
		}
		return true
	})
	return found || s.handsOn(f, fn, handle)
}

// handsOn reports whether fn calls a function of its own package with its handle, and that function calls Add on it.
func (s *Source) handsOn(f File, fn *ast.FuncDecl, handle string) bool {
	called := map[string]bool{}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		id, ok := call.Fun.(*ast.Ident)
		for _, arg := range call.Args {
			if a, isIdent := arg.(*ast.Ident); ok && isIdent && a.Name == handle {
				called[id.Name] = true
			}
		}
		return true
	})
	for _, o := range s.Files {
		if o.Room != f.Room || !o.Test {
			continue
		}
		for _, decl := range o.Syntax.Decls {
			if d, ok := decl.(*ast.FuncDecl); ok && d.Recv == nil && called[d.Name.Name] && callsAdd(d) {
				return true
			}
		}
	}
	return false
}

// callsAdd reports whether a function calls Add on a parameter that is a *testing.F.
func callsAdd(fn *ast.FuncDecl) bool {
	handles := map[string]bool{}
	for _, p := range fn.Type.Params.List {
		for _, name := range p.Names {
			handles[name.Name] = testingType(p.Type) == "F"
		}
	}
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			recv, name := calledOn(call)
			found = found || name == "Add" && handles[recv]
		}
		return true
	})
	return found
}
