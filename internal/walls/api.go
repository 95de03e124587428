package walls

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// API prints what the root module exports, one package after the other by import path: commands and internal packages
// are left out. It is a text for readers of diffs: names are sorted, fields stand in their order (they can be set by
// position), methods under their type, a promoted one included, and a struct says whether == works on it.
func (b *Build) API() (string, error) {
	own := b.Own()
	slices.SortFunc(own, func(a, b Package) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	var w strings.Builder
	for _, p := range own {
		if p.Name == "main" || slices.Contains(strings.Split(p.ImportPath, "/"), "internal") {
			continue
		}
		pkg, err := b.importer.Import(p.ImportPath)
		if err != nil {
			return "", fmt.Errorf("API of %s: %w", p.ImportPath, err)
		}
		printPackage(&w, pkg)
	}
	return w.String(), nil
}

func printPackage(w *strings.Builder, pkg *types.Package) {
	if w.Len() > 0 {
		w.WriteString("\n")
	}
	fmt.Fprintf(w, "package %s // %s\n\n", pkg.Name(), pkg.Path())
	scope := pkg.Scope()
	order := [...]func(o types.Object) bool{
		func(o types.Object) bool { _, ok := o.(*types.Const); return ok },
		func(o types.Object) bool { _, ok := o.(*types.Var); return ok },
		func(o types.Object) bool { _, ok := o.(*types.Func); return ok },
		func(o types.Object) bool { _, ok := o.(*types.TypeName); return ok },
	}
	for _, isWanted := range order {
		for _, name := range scope.Names() {
			if o := scope.Lookup(name); o.Exported() && isWanted(o) {
				printObject(w, o)
			}
		}
	}
}

func printObject(w *strings.Builder, o types.Object) {
	qualify := qualifierIn(o.Pkg())
	switch o := o.(type) {
	case *types.Const:
		fmt.Fprintf(w, "%s = %s\n", types.ObjectString(o, qualify), o.Val().ExactString())
	case *types.TypeName:
		printType(w, o, qualify)
	default:
		fmt.Fprintln(w, types.ObjectString(o, qualify))
	}
}

// qualifierIn names other packages of this repository by their name, as code does, and those of others by their path.
func qualifierIn(own *types.Package) types.Qualifier {
	return func(p *types.Package) string {
		if p == own {
			return ""
		}
		if _, ok := ownRoom(p.Path()); ok {
			return p.Name()
		}
		return p.Path()
	}
}

func printType(w *strings.Builder, o *types.TypeName, qualify types.Qualifier) {
	if o.IsAlias() {
		fmt.Fprintln(w, types.ObjectString(o, qualify))
		return
	}
	named, _ := o.Type().(*types.Named)
	fmt.Fprintf(w, "type %s%s ", o.Name(), typeParams(named, qualify))
	switch t := named.Underlying().(type) {
	case *types.Struct:
		w.WriteString("struct")
		if types.Comparable(t) {
			w.WriteString(" // comparable")
		}
		w.WriteString("\n")
		hidden := false
		for f := range t.Fields() {
			if !f.Exported() {
				hidden = true
				continue
			}
			embedded := ""
			if f.Embedded() {
				embedded = "embedded "
			}
			fmt.Fprintf(w, "\t%s%s %s\n", embedded, f.Name(), types.TypeString(f.Type(), qualify))
		}
		if hidden {
			w.WriteString("\t// and fields that are not exported\n")
		}
	case *types.Interface:
		w.WriteString("interface\n")
		printInterface(w, t, qualify)
	default:
		fmt.Fprintln(w, types.TypeString(t, qualify))
	}
	if !types.IsInterface(named) {
		printMethods(w, named, qualify)
	}
}

// typeParams returns a type's parameters with their constraints, "[T any]".
func typeParams(named *types.Named, qualify types.Qualifier) string {
	if named.TypeParams().Len() == 0 {
		return ""
	}
	var all []string
	for p := range named.TypeParams().TypeParams() {
		all = append(all, p.Obj().Name()+" "+types.TypeString(p.Constraint(), qualify))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// printInterface prints all methods, embedded ones too. One that is not exported matters to a reader: nobody else can
// implement the interface.
func printInterface(w *strings.Builder, t *types.Interface, qualify types.Qualifier) {
	for e := range t.EmbeddedTypes() {
		if !types.IsInterface(e) || t.NumMethods() == 0 {
			fmt.Fprintf(w, "\t%s\n", types.TypeString(e, qualify))
		}
	}
	hidden := false
	for m := range t.Methods() {
		if !m.Exported() {
			hidden = true
			continue
		}
		fmt.Fprintf(w, "\t%s%s\n", m.Name(), signature(m, qualify))
	}
	if hidden {
		w.WriteString("\t// and methods that are not exported: only its own package implements it\n")
	}
}

func printMethods(w *strings.Builder, named *types.Named, qualify types.Qualifier) {
	onValue := types.NewMethodSet(named)
	for sel := range types.NewMethodSet(types.NewPointer(named)).Methods() {
		m, _ := sel.Obj().(*types.Func)
		if !m.Exported() {
			continue
		}
		star := "*"
		if onValue.Lookup(m.Pkg(), m.Name()) != nil {
			star = ""
		}
		fmt.Fprintf(w, "\tfunc (%s) %s%s\n", star+named.Obj().Name(), m.Name(), signature(m, qualify))
	}
}

func signature(m *types.Func, qualify types.Qualifier) string {
	return strings.TrimPrefix(types.TypeString(m.Signature(), qualify), "func")
}
