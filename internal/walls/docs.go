package walls

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// Docs refuses a package without a package comment and an exported name without a doc comment. Commands and internal packages need the
// package comment only. A constant or variable may be covered by a comment on its line, or by its group's; the methods Error
// and Unwrap are said by their names.
func Docs(src *Source) []Fault {
	var faults []Fault
	documented, first := map[string]bool{}, map[string]File{}
	for _, f := range src.Files {
		if f.Test {
			continue
		}
		if _, ok := first[f.Room]; !ok {
			first[f.Room] = f
		}
		if strings.TrimSpace(f.Syntax.Doc.Text()) != "" {
			documented[f.Room] = true
		}
		if f.Syntax.Name.Name != "main" && !strings.Contains("/"+f.Room+"/", "/internal/") {
			faults = append(faults, src.undocumented(f)...)
		}
	}
	for room, f := range first {
		if !documented[room] {
			faults = append(faults, faultAt(src.position(f.Syntax.Name), "package %s has no package comment (doc.go)", f.Syntax.Name.Name))
		}
	}
	return inOrder(faults)
}

func (s *Source) undocumented(f File) []Fault {
	var faults []Fault
	missing := func(n ast.Node, name string) {
		faults = append(faults, faultAt(s.position(n), "%s has no doc comment", name))
	}
	for _, decl := range f.Syntax.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			said := d.Recv != nil && (d.Name.Name == "Error" || d.Name.Name == "Unwrap")
			if name, exported := exportedFunc(d); exported && d.Doc == nil && !said {
				missing(d, name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				for _, name := range undocumentedNames(d, spec) {
					missing(name, name.Name)
				}
			}
		}
	}
	return faults
}

// undocumentedNames returns what one line of a declaration exports without a word. A group's comment covers constants and
// variables, but not types.
func undocumentedNames(d *ast.GenDecl, spec ast.Spec) (names []*ast.Ident) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if spec.Name.IsExported() && spec.Doc == nil && (d.Doc == nil || d.Lparen != token.NoPos) {
			names = append(names, spec.Name)
		}
	case *ast.ValueSpec:
		if spec.Doc == nil && spec.Comment == nil && d.Doc == nil {
			names = slices.DeleteFunc(slices.Clone(spec.Names), func(n *ast.Ident) bool { return !n.IsExported() })
		}
	}
	return names
}

// exportedFunc returns the name of a function or method, and whether a user of the package can see it.
func exportedFunc(d *ast.FuncDecl) (name string, exported bool) {
	if d.Recv == nil {
		return d.Name.Name, d.Name.IsExported()
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name + "." + d.Name.Name, x.IsExported() && d.Name.IsExported()
		default:
			return d.Name.Name, false
		}
	}
}
