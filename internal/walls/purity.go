package walls

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/satchel-go/satchel/internal/tree"
)

// impurePackages may not be used at all by a pure room: each brings in time, chance, the world outside or another thread.
// The import table says the same once more, by naming what is allowed; here stands why.
var impurePackages = map[string]string{
	"context":       "takes a context",
	"crypto/rand":   "draws randomness",
	"hash/maphash":  "draws randomness",
	"log":           "writes to the outside",
	"math/rand":     "draws randomness",
	"math/rand/v2":  "draws randomness",
	"net":           "reaches the outside",
	"net/http":      "reaches the outside",
	"os":            "reaches the outside",
	"os/exec":       "reaches the outside",
	"os/signal":     "reaches the outside",
	"runtime":       "looks at the machine",
	"runtime/debug": "looks at the machine",
	"syscall":       "reaches the outside",
	"testing":       "belongs in tests",
	"unsafe":        "is unsafe",
}

// impureFuncs are single functions and methods of packages that are otherwise pure, as types.Func.FullName spells them.
var impureFuncs = map[string]string{
	"time.Now": "reads the clock", "time.Since": "reads the clock", "time.Until": "reads the clock",
	"time.Sleep": "waits", "time.After": "waits", "time.AfterFunc": "waits", "time.Tick": "waits",
	"time.NewTimer": "waits", "time.NewTicker": "waits",
	"time.LoadLocation":                   "reaches the outside",
	"crypto/cipher.NewGCMWithRandomNonce": "draws randomness",
	"iter.Pull":                           "starts a coroutine",
	"iter.Pull2":                          "starts a coroutine",
	"fmt.Print":                           "writes to the outside",
	"fmt.Printf":                          "writes to the outside",
	"fmt.Println":                         "writes to the outside",
	"(*sync.WaitGroup).Go":                "starts a goroutine",
	"(reflect.Value).UnsafePointer":       "is unsafe",
	"(reflect.Value).Send":                "uses a channel",
	"(reflect.Value).Recv":                "uses a channel",
	"reflect.Select":                      "uses a channel",
	"reflect.MakeChan":                    "uses a channel",
	"log/slog.Default":                    "writes to the outside",
	"log/slog.Debug":                      "writes to the outside",
	"log/slog.Info":                       "writes to the outside",
	"log/slog.Warn":                       "writes to the outside",
	"log/slog.Error":                      "writes to the outside",
}

// unordered are the functions whose result comes in the order of a map. As an argument of an ordering function they are
// allowed.
var (
	unordered = []string{
		"maps.Keys", "maps.Values", "maps.All", "(reflect.Value).MapRange", "(reflect.Value).MapKeys", "(*sync.Map).Range",
	}
	ordering = []string{"slices.Sorted", "slices.SortedFunc", "slices.SortedStableFunc", "maps.Collect", "maps.Insert"}
)

// Purity type-checks one room of the root module, tests apart, and returns what makes it impure.
func (b *Build) Purity(room string) ([]Fault, error) {
	p, ok := b.packages[path.Join(tree.ModulePath, room)]
	if !ok {
		return nil, fmt.Errorf("no package in %s", room)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("purity of %s: %w", room, err)
		}
		files = append(files, f)
	}
	faults, err := b.purity(p.ImportPath, fset, files)
	for i := range faults {
		faults[i].File = path.Join(room, filepath.Base(faults[i].File))
	}
	return faults, err
}

// purity checks the files of one package.
func (b *Build) purity(imp string, fset *token.FileSet, files []*ast.File) ([]Fault, error) {
	c := &checker{
		fset: fset, markers: readMarkers(fset, files),
		types: &types.Info{
			Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
			Types: map[ast.Expr]types.TypeAndValue{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		},
	}
	pkg, err := (&types.Config{Importer: b.importer}).Check(imp, fset, files, c.types)
	if err != nil {
		return nil, fmt.Errorf("purity of %s: %w", imp, err)
	}
	c.pkg = pkg
	for _, f := range files {
		c.imports(f)
		c.directives(f)
		var parents []ast.Node
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil {
				parents = parents[:len(parents)-1]
				return true
			}
			c.node(n, parents)
			parents = append(parents, n)
			return true
		})
	}
	c.markers.unused(c.faultf)
	return inOrder(c.faults), nil
}

// checker looks at one package.
type checker struct {
	fset    *token.FileSet
	types   *types.Info
	pkg     *types.Package
	markers markers
	faults  []Fault
}

func (c *checker) faultf(pos token.Pos, format string, args ...any) {
	c.faults = append(c.faults, faultAt(c.fset.Position(pos), format, args...))
}

func (c *checker) imports(f *ast.File) {
	for _, spec := range f.Imports {
		imp := strings.Trim(spec.Path.Value, `"`)
		if why, ok := impurePackages[imp]; ok {
			c.faultf(spec.Pos(), "imports %s, which %s", imp, why)
		}
	}
}

// directives refuses the comments by which the compiler is told to break the language's rules.
func (c *checker) directives(f *ast.File) {
	for _, group := range f.Comments {
		for _, line := range group.List {
			if strings.HasPrefix(line.Text, "//go:linkname") {
				c.faultf(line.Pos(), "go:linkname is unsafe")
			}
		}
	}
}

// node checks one node; parents are those around it, outermost first.
func (c *checker) node(n ast.Node, parents []ast.Node) {
	switch n := n.(type) {
	case *ast.GoStmt:
		c.faultf(n.Pos(), "starts a goroutine")
	case *ast.SelectStmt:
		c.faultf(n.Pos(), "select")
	case *ast.ChanType:
		c.faultf(n.Pos(), "channel type")
	case *ast.FuncDecl:
		if n.Recv == nil && n.Name.Name == "init" {
			c.faultf(n.Pos(), "init runs before anyone has asked; give the value to whoever needs it")
		}
	case *ast.RangeStmt:
		c.rangeStmt(n)
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			c.assigned(n.Lhs...)
		}
	case *ast.IncDecStmt:
		c.assigned(n.X)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			c.mutable(n.X, "takes the address of")
		}
	case *ast.CallExpr:
		c.builtin(n)
	case *ast.SelectorExpr:
		c.method(n)
	case *ast.Ident:
		c.use(n, parents)
	}
}

func (c *checker) rangeStmt(n *ast.RangeStmt) {
	if n.Tok == token.ASSIGN {
		c.assigned(n.Key, n.Value)
	}
	// A loop that binds nothing sees only how many there are.
	if _, isMap := coreOf(c.types.TypeOf(n.X)).(*types.Map); isMap && n.Key != nil && !c.markers.excuse(c.fset, n.Pos(), "order") {
		c.faultf(n.Pos(), "ranges over a map, in an order that differs from run to run; sort the keys, or say why it cannot show: "+
			"//walls:order REASON")
	}
}

// coreOf returns what a type is made of; of a type parameter, what all its types are made of.
func coreOf(t types.Type) types.Type {
	iface, ok := t.Underlying().(*types.Interface)
	if !ok {
		return t.Underlying()
	}
	for embedded := range iface.EmbeddedTypes() {
		if union, ok := embedded.(*types.Union); ok && union.Len() > 0 {
			return union.Term(0).Type().Underlying()
		}
	}
	return iface
}

// use checks what an identifier stands for.
func (c *checker) use(id *ast.Ident, parents []ast.Node) {
	f, ok := c.types.Uses[id].(*types.Func)
	if !ok {
		return
	}
	name := f.Origin().FullName()
	if why, ok := impureFuncs[name]; ok {
		c.faultf(id.Pos(), "%s: %s", why, name)
	}
	if slices.Contains(unordered, name) && !c.isOrdered(parents) && !c.markers.excuse(c.fset, id.Pos(), "order") {
		c.faultf(id.Pos(), "%s gives the order of a map; sort it, or say why it cannot show: //walls:order REASON", name)
	}
}

// isOrdered reports whether the call that an identifier belongs to is the argument of an ordering function.
func (c *checker) isOrdered(parents []ast.Node) bool {
	for i := len(parents) - 1; i > 0; i-- {
		if _, ok := parents[i].(*ast.CallExpr); !ok {
			continue // the selector or instantiation between the name and its call
		}
		outer, ok := parents[i-1].(*ast.CallExpr)
		if !ok {
			return false
		}
		f, ok := c.types.Uses[calledName(outer.Fun)].(*types.Func)
		return ok && slices.Contains(ordering, f.Origin().FullName())
	}
	return false
}

// calledName returns the identifier by which a function is called.
func calledName(fun ast.Expr) *ast.Ident {
	switch fun := ast.Unparen(fun).(type) {
	case *ast.Ident:
		return fun
	case *ast.SelectorExpr:
		return fun.Sel
	case *ast.IndexExpr:
		return calledName(fun.X)
	case *ast.IndexListExpr:
		return calledName(fun.X)
	}
	return nil
}
