package fuzz_test

import (
	"go/ast"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/internal/walls"
)

// row is one row of README.md: a reader, by its folder and name, and its target and laws.
type row struct{ room, reader, targetRoom, target, laws string }

var (
	cells   = regexp.MustCompile("^\\| `(\\S+) (\\S+)` \\| `(\\S+) (\\S+)` \\| (.+) \\|$")
	excused = regexp.MustCompile("^\\| `(\\S+)` \\| (.+) \\|$")
)

// table reads README.md: its rows, and the folders that it excuses.
func table(t *testing.T) (rows []row, none map[string]bool) {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	none = map[string]bool{}
	headed := false // without its header above it a row is no row for whoever reads the page
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		headed = strings.HasPrefix(line, "| ---") || headed && strings.HasPrefix(line, "|")
		if strings.HasPrefix(line, "| `") && !headed {
			t.Errorf("README.md: a row without a header above it: %s", line)
		}
		if m := cells.FindStringSubmatch(line); m != nil {
			rows = append(rows, row{m[1], m[2], m[3], m[4], m[5]})
		} else if m := excused.FindStringSubmatch(line); m != nil {
			none[m[1]] = true
		} else if strings.HasPrefix(line, "| `") {
			t.Errorf("README.md: no row of the table: %s", line)
		}
	}
	return rows, none
}

// TestEveryReaderHasATarget holds README.md to the code, in both directions. That each target has seeds is one of the walls.
func TestEveryReaderHasATarget(t *testing.T) {
	src, err := walls.ReadSource("..")
	if err != nil {
		t.Fatal(err)
	}
	rows, none := table(t)
	targets := src.FuzzTargets()
	declared := map[string]bool{} // functions, methods and types by "room name"
	reads := map[string]string{}  // rooms that have a function with a reader's name, and one such
	for _, f := range src.Files {
		ourOwn := strings.HasPrefix(f.Room, "internal/") || strings.HasPrefix(f.Room, "bench") // who read what this repository wrote
		for _, decl := range f.Syntax.Decls {
			for _, name := range namesOf(decl) {
				declared[f.Room+" "+name] = true
			}
			if fn, ok := decl.(*ast.FuncDecl); ok && !f.Test && !ourOwn && isReader(fn) {
				reads[f.Room] = fn.Name.Name
				if named := f.Room + " " + fn.Name.Name; fn.Recv == nil && fn.Name.IsExported() && !none[f.Room] && !hasReader(rows, f.Room, fn.Name.Name) {
					t.Errorf("%s is a reader: write its row, with a fuzz target", named)
				}
			}
		}
	}
	for _, r := range rows {
		if !declared[r.room+" "+r.reader] {
			t.Errorf("%s has no %s", r.room, r.reader)
		}
		if !slices.Contains(targets, walls.Func{Room: r.targetRoom, Name: r.target}) {
			t.Errorf("%s has no target %s, which is to hold %s", r.targetRoom, r.target, r.reader)
		}
	}
	for _, target := range targets {
		if !slices.ContainsFunc(rows, func(r row) bool { return r.targetRoom == target.Room && r.target == target.Name }) {
			t.Errorf("the target %s of %s has no row", target.Name, target.Room)
		}
	}
	for room, name := range reads {
		if has := slices.ContainsFunc(rows, func(r row) bool { return r.room == room }); has == none[room] {
			t.Errorf("%s reads, by %s: it has a row %v, and is excused %v", room, name, has, none[room])
		}
		delete(none, room)
	}
	for room := range none {
		t.Errorf("%s is excused, and has nothing that is named like a reader", room)
	}
}

func hasReader(rows []row, room, name string) bool {
	return slices.ContainsFunc(rows, func(r row) bool { return r.room == room && r.reader == name })
}

var readerName = regexp.MustCompile(`^([Pp]arse|[Rr]ead|[Dd]ecode|[Uu]nmarshal)([A-Z]|$)`)

// isReader reports whether a function is named like a reader, and takes a text.
func isReader(fn *ast.FuncDecl) bool {
	if !readerName.MatchString(fn.Name.Name) {
		return false
	}
	return slices.ContainsFunc(fn.Type.Params.List, func(p *ast.Field) bool {
		switch x := p.Type.(type) {
		case *ast.Ident:
			return x.Name == "string" || x.Name == "Token"
		case *ast.ArrayType:
			id, ok := x.Elt.(*ast.Ident)
			return ok && x.Len == nil && id.Name == "byte"
		}
		return false
	})
}

// namesOf returns what a declaration declares: functions, methods as Type.Method, and types.
func namesOf(decl ast.Decl) (names []string) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return []string{d.Name.Name}
		}
		of := d.Recv.List[0].Type
		if star, ok := of.(*ast.StarExpr); ok {
			of = star.X
		}
		switch x := of.(type) { // a generic type
		case *ast.IndexExpr:
			of = x.X
		case *ast.IndexListExpr:
			of = x.X
		}
		if id, ok := of.(*ast.Ident); ok {
			return []string{id.Name + "." + d.Name.Name}
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if named, ok := spec.(*ast.TypeSpec); ok {
				names = append(names, named.Name.Name)
			}
		}
	}
	return names
}
