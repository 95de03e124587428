package walls

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/satchel-go/satchel/internal/tree"
)

var build = sync.OnceValues(func() (*Build, error) {
	top, err := tree.Top(".")
	if err != nil {
		return nil, err
	}
	return LoadBuild(context.Background(), top) // shared by tests, so by none of their contexts
})

// Each file under testdata/impure is a package of planted faults; a comment // want "…" stands on each line that must be
// found, and nothing else may be.
func TestPurityFindsPlantedFaults(t *testing.T) {
	names, err := filepath.Glob("testdata/*pure/*.go")
	if err != nil || len(names) < 8 {
		t.Fatalf("planted faults: %d files, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".go"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want := wanted(t, string(text))
			if strings.Contains(name, "impure") == (len(want) == 0) {
				t.Fatalf("%d faults are planted", len(want))
			}
			// The wants end here: the check shall see the comments as a person would write them.
			var got []string
			for _, f := range checkText(t, name, wantComment.ReplaceAllString(string(text), "")) {
				got = append(got, fmt.Sprintf("%d: %s", f.Line, f.Text))
			}
			for _, g := range got {
				if i := slices.IndexFunc(want, func(w string) bool { return strings.HasPrefix(g, w) }); i >= 0 {
					want = slices.Delete(want, i, i+1)
				} else {
					t.Errorf("found what was not planted: line %s", g)
				}
			}
			for _, w := range want {
				t.Errorf("planted and not found: line %s", w)
			}
		})
	}
}

var (
	wantComment = regexp.MustCompile(` *// want .*`)
	wantText    = regexp.MustCompile(`"([^"]*)"`)
)

func wanted(t *testing.T, text string) (want []string) {
	t.Helper()
	for i, line := range strings.Split(text, "\n") {
		for _, m := range wantText.FindAllStringSubmatch(wantComment.FindString(line), -1) {
			want = append(want, fmt.Sprintf("%d: %s", i+1, m[1]))
		}
	}
	return want
}

func checkText(t *testing.T, name, text string) []Fault {
	t.Helper()
	b, err := build()
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	faults, err := b.purity("impure", fset, []*ast.File{f})
	if err != nil {
		t.Fatal(err)
	}
	return faults
}

// Every entry of the two lists is spelled as the type checker spells it, or it would never be found.
func TestImpureNamesExist(t *testing.T) {
	b, err := build()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Concat(slices.Sorted(maps.Keys(impureFuncs)), unordered, ordering, immutable) {
		if !exists(t, b, name) {
			t.Errorf("there is no %s", name)
		}
	}
	for imp := range impurePackages {
		if b.packages[imp].Export == "" && imp != "unsafe" {
			t.Errorf("there is no package %s", imp)
		}
	}
}

// exists finds "path.Name", "(path.Type).Method" or "(*path.Type).Method".
func exists(t *testing.T, b *Build, name string) bool {
	t.Helper()
	full, method, isMethod := strings.Cut(name, ").")
	full = strings.TrimLeft(full, "(*")
	dot := strings.LastIndex(full, ".")
	pkg, err := b.importer.Import(full[:dot])
	if err != nil {
		t.Fatal(err)
	}
	o := pkg.Scope().Lookup(full[dot+1:])
	if o == nil || !isMethod {
		return o != nil
	}
	m, _, _ := types.LookupFieldOrMethod(types.NewPointer(o.Type()), false, pkg, method)
	f, ok := m.(*types.Func)
	return ok && f.FullName() == name
}
