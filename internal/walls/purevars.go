package walls

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// immutable are types whose pointer methods change nothing that anyone can see, so that a package variable may hold one.
var immutable = []string{"encoding/base64.Encoding", "encoding/base32.Encoding", "regexp.Regexp", "strings.Replacer"}

// packageVar returns the package variable, of this package or another, in which an expression's storage lies.
func (c *checker) packageVar(e ast.Expr) *types.Var {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.SelectorExpr:
			if v := c.global(x.Sel); v != nil {
				return v
			}
			e = x.X
		case *ast.Ident:
			return c.global(x)
		default:
			return nil
		}
	}
}

func (c *checker) global(id *ast.Ident) *types.Var {
	v, ok := c.types.Uses[id].(*types.Var)
	if !ok || v.IsField() || v.Pkg() == nil || v.Parent() != v.Pkg().Scope() {
		return nil
	}
	return v
}

// assigned refuses an assignment into a package variable, however deep.
func (c *checker) assigned(targets ...ast.Expr) {
	for _, e := range targets {
		if e != nil {
			c.mutable(e, "assigns")
		}
	}
}

// mutable refuses an expression whose storage is a package variable's. Nothing excuses it: memory that may be is of a type
// that guards itself, and is changed by its methods.
func (c *checker) mutable(e ast.Expr, does string) {
	v := c.packageVar(e)
	if v == nil {
		return
	}
	c.faultf(e.Pos(), "%s the package variable %s; make it a constant, a function or an argument", does, v.Name())
}

// builtin refuses the builtin functions that write to their first argument, or into its spare room.
func (c *checker) builtin(call *ast.CallExpr) {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok || len(call.Args) == 0 {
		return
	}
	if b, ok := c.types.Uses[id].(*types.Builtin); ok && slices.Contains([]string{"append", "clear", "copy", "delete"}, b.Name()) {
		c.mutable(call.Args[0], b.Name()+" writes to")
	}
}

// method refuses a method that may change the package variable it is called on: one with a pointer receiver, unless the type
// is known to be immutable.
func (c *checker) method(sel *ast.SelectorExpr) {
	s, ok := c.types.Selections[sel]
	if !ok || s.Kind() != types.MethodVal {
		return
	}
	f, _ := s.Obj().(*types.Func)
	recv := f.Signature().Recv().Type()
	ptr, ok := recv.(*types.Pointer)
	if !ok {
		return
	}
	v := c.packageVar(sel.X)
	if v == nil || c.excused(v) {
		return
	}
	if named, ok := ptr.Elem().(*types.Named); ok {
		obj := named.Obj()
		if obj.Pkg() != nil && slices.Contains(immutable, obj.Pkg().Path()+"."+obj.Name()) {
			return
		}
	}
	c.faultf(sel.Pos(), "%s may change the package variable %s; if it only remembers pure results where nobody outside can tell, "+
		"or is room to work in, say so at its declaration: //walls:memory REASON", f.Name(), v.Name())
}

// excused reports whether a package variable is marked, at its declaration, as memory of pure results.
func (c *checker) excused(v *types.Var) bool {
	return v.Pkg() == c.pkg && c.markers.excuse(c.fset, v.Pos(), "memory")
}

// marker is one //walls: comment. It excuses the line that it ends, or the one after it.
type marker struct {
	pos    token.Pos
	word   string
	reason string
	used   bool
}

type markers map[string]map[int]*marker // by file, then by line

const markerPrefix = "//walls:"

func readMarkers(fset *token.FileSet, files []*ast.File) markers {
	all := markers{}
	for _, f := range files {
		lines := map[int]*marker{}
		all[fset.Position(f.Pos()).Filename] = lines
		for _, group := range f.Comments {
			for _, line := range group.List {
				if text, ok := strings.CutPrefix(line.Text, markerPrefix); ok {
					word, reason, _ := strings.Cut(text, " ")
					lines[fset.Position(line.Pos()).Line] = &marker{pos: line.Pos(), word: word, reason: strings.TrimSpace(reason)}
				}
			}
		}
	}
	return all
}

func (m markers) excuse(fset *token.FileSet, pos token.Pos, word string) bool {
	at := fset.Position(pos)
	for _, line := range []int{at.Line, at.Line - 1} {
		if mark := m[at.Filename][line]; mark != nil && mark.word == word && mark.reason != "" {
			mark.used = true
			return true
		}
	}
	return false
}

// unused reports the markers that excused nothing.
func (m markers) unused(faultf func(pos token.Pos, format string, args ...any)) {
	for _, lines := range m {
		for _, mark := range lines {
			switch {
			case mark.word != "order" && mark.word != "memory":
				faultf(mark.pos, "no such marker: %s%s", markerPrefix, mark.word)
			case mark.reason == "":
				faultf(mark.pos, "%s%s gives no reason", markerPrefix, mark.word)
			case !mark.used:
				faultf(mark.pos, "%s%s excuses nothing here; take it out", markerPrefix, mark.word)
			}
		}
	}
}
