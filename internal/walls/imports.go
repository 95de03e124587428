package walls

import (
	"fmt"
	"slices"
	"strconv"
)

// Imports holds every import of the source to the table, test files with what tests may import besides. It reads the
// files themselves, so that one for another system or of a nested module is held to its row as well.
func (t *Table) Imports(src *Source) []Fault {
	var faults []Fault
	for _, f := range src.Files {
		r, ok := t.row(f.Room)
		if !ok {
			faults = append(faults, Fault{File: f.Room, Text: "this folder has no row in the import table: " +
				"decide which room it is (CONTRIBUTING.md) and add one"})
			continue
		}
		if f.Test {
			// A test may look where bytes lie, to find memory that is shared and should not be.
			r = row{room: r.room, may: append(slices.Clone(r.may), t.tests...), std: []string{"any", "unsafe"}}
		}
		for _, spec := range f.Syntax.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue // the parser has refused it already
			}
			if own, ok := ownRoom(imp); ok && (own == f.Room || f.Test) {
				continue // a test in its external package imports its own room, and may import any other
			}
			if !t.allows(r, imp) {
				faults = append(faults, faultAt(src.position(spec), "room %s may not import %s", r.room, imp))
			}
		}
	}
	return inOrder(faults)
}

// Reach holds what each package comes to link to the table: a module that arrives through another module is refused
// although no file of ours names it.
func (t *Table) Reach(build *Build) []Fault {
	var faults []Fault
	for _, p := range build.Own() {
		room, _ := ownRoom(p.ImportPath)
		modules, limited := t.mayReach(room)
		if !limited {
			continue
		}
		for _, dep := range p.Deps {
			if _, own := ownRoom(dep); own || isStd(dep) {
				continue
			}
			if !slices.ContainsFunc(modules, func(m string) bool { return inModule(dep, m) }) {
				faults = append(faults, Fault{File: room, Text: fmt.Sprintf("links %s, which the import table does not give it", dep)})
			}
		}
	}
	return inOrder(faults)
}
