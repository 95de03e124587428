package walls

import (
	"fmt"
	"slices"
	"strings"

	"github.com/satchel-go/satchel/internal/tree"
)

// Table is the import table: for each room what it may import. It is written as text, for a reader first:
//
//	module cbor = github.com/fxamacker/cbor/v2 github.com/x448/float16
//	std pure    = bytes errors …
//	tests       = rapid
//	codec       : core cbor : pure encoding/json
//
// A module line names a module, and after it the modules that come with it. A std line names a set of packages of the
// standard library; the set any, all of it but for unsafe and plugin, is built in. The tests line says what test files
// may import besides what their room may. A room line names a folder (… at its end means every folder under it, and the
// folder itself; the longest match counts; "." is the root package), then the rooms and modules that it may import (any: all
// of them; -: none), then what of the standard library.
type Table struct {
	modules map[string][]string
	std     map[string][]string
	tests   []string
	rooms   []row
}

type row struct {
	room string // a folder, or one with a trailing "..."
	may  []string
	std  []string
}

// ParseTable reads a table.
func ParseTable(text string) (*Table, error) {
	t := &Table{modules: map[string][]string{}, std: map[string][]string{}}
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := t.add(line); err != nil {
			return nil, fmt.Errorf("import table, line %d: %w", i+1, err)
		}
	}
	return t, nil
}

func (t *Table) add(line string) error {
	if name, list, ok := strings.Cut(line, "="); ok {
		switch name := strings.Fields(name); {
		case len(name) == 2 && name[0] == "module":
			t.modules[name[1]] = strings.Fields(list)
		case len(name) == 2 && name[0] == "std":
			t.std[name[1]] = append(t.std[name[1]], strings.Fields(list)...)
		case len(name) == 1 && name[0] == "tests":
			t.tests = strings.Fields(list)
		default:
			return fmt.Errorf("unknown line %q", line)
		}
		return nil
	}
	cols := strings.Split(line, ":")
	if len(cols) != 3 {
		return fmt.Errorf("%q has not three columns", line)
	}
	r := row{room: strings.TrimSpace(cols[0]), may: strings.Fields(cols[1]), std: strings.Fields(cols[2])}
	if slices.ContainsFunc(t.rooms, func(o row) bool { return o.room == r.room }) {
		return fmt.Errorf("room %s has two rows", r.room)
	}
	t.rooms = append(t.rooms, r)
	return nil
}

// row returns the row for a folder: its own, or that of the longest pattern above it.
func (t *Table) row(room string) (best row, ok bool) {
	for _, r := range t.rooms {
		if r.room == room {
			return r, true
		}
		if inPattern(room, r.room) && len(r.room) > len(best.room) {
			best, ok = r, true
		}
	}
	return best, ok
}

// allows reports whether a row lets a package be imported, by its import path.
func (t *Table) allows(r row, imp string) bool {
	if own, ok := ownRoom(imp); ok {
		return slices.ContainsFunc(r.may, func(m string) bool { return m == "any" || inPattern(own, m) })
	}
	if isStd(imp) {
		return t.allowsStd(r, imp)
	}
	return slices.ContainsFunc(r.may, func(m string) bool {
		return m == "any" || len(t.modules[m]) > 0 && inModule(imp, t.modules[m][0])
	})
}

func (t *Table) allowsStd(r row, imp string) bool {
	for _, word := range r.std {
		switch set, isSet := t.std[word]; {
		case word == imp, isSet && slices.Contains(set, imp):
			return true
		case word == "any":
			if !slices.Contains([]string{"unsafe", "plugin", "C"}, imp) {
				return true
			}
		}
	}
	return false
}

// ownRoom returns the folder of a package of this repository.
func ownRoom(imp string) (room string, ok bool) {
	if imp == tree.ModulePath {
		return ".", true
	}
	return strings.CutPrefix(imp, tree.ModulePath+"/")
}

// isStd reports whether a package belongs to the standard library: its first element has no dot.
func isStd(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	return !strings.Contains(first, ".")
}

func inModule(imp, module string) bool { return imp == module || strings.HasPrefix(imp, module+"/") }

// inPattern reports whether a room is meant by a name that may end in "/...".
func inPattern(room, name string) bool {
	under, tail := strings.CutSuffix(name, "/...")
	return room == name || tail && (room == under || strings.HasPrefix(room, under+"/"))
}

// mayReach returns which modules a room may come to link: those of its own row and of the rooms that the row lets it
// import. The second result is false if there is no limit.
func (t *Table) mayReach(room string) (modules []string, limited bool) {
	seen := map[string]bool{}
	limited = true
	var visit func(r row)
	visit = func(r row) {
		if seen[r.room] {
			return
		}
		seen[r.room] = true
		for _, m := range r.may {
			if m == "any" {
				limited = false
			}
			modules = append(modules, t.modules[m]...)
			for _, o := range t.rooms {
				if inPattern(strings.TrimSuffix(o.room, "/..."), m) {
					visit(o)
				}
			}
		}
	}
	if r, ok := t.row(room); ok {
		visit(r)
	}
	return modules, limited
}
