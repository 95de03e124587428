package ktor

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
)

// words are what a field's tag says beside its name.
type words struct {
	hasDefault, nullable, set, char, long bool
}

// parseTag splits the tag of a field; bad is a word that it does not know.
func parseTag(tag string) (name string, ws words, bad string) {
	name, options, _ := strings.Cut(tag, ",")
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "":
		case "default":
			ws.hasDefault = true
		case "nullable":
			ws.nullable = true
		case "set":
			ws.set = true
		case "char":
			ws.char = true
		case "long":
			ws.long = true
		default:
			bad = option
		}
	}
	return name, ws, bad
}

// class returns the class that a struct stands for.
func (w *walker) class(t reflect.Type, path, name string) *class {
	c := &class{typ: t, name: name, byName: map[string]int{}, byFold: map[string]int{}}
	for i := range t.NumField() {
		f := t.Field(i)
		at := path + "." + f.Name
		tag, tagged := f.Tag.Lookup("ktor")
		switch property, ws, bad := parseTag(tag); {
		case tag == "-":
		case f.Anonymous:
			w.problemf(at, "is embedded, which Kotlin does not know: give it a name, or list its fields")
		case !f.IsExported():
			w.problemf(at, "is not exported and would be lost: export it, or leave it out by the tag %q", "-")
		case !tagged || property == "":
			w.problemf(at, "does not say which property it is: tag it as in `ktor:\"userId\"`, or %q to leave it out", "-")
		case bad != "":
			w.problemf(at, "is tagged %q, which is none of default, nullable, set, char and long", bad)
		default:
			w.property(c, i, property, at, ws)
		}
	}
	c.sorted = make([]int, len(c.properties))
	for i := range c.sorted {
		c.sorted[i] = i
	}
	slices.SortFunc(c.sorted, func(a, b int) int {
		return cmp.Or(compareUTF16(c.properties[a].name, c.properties[b].name), a-b)
	})
	for _, why := range w.dialect.refuseClass(c, w.settings) {
		w.problemf(path, "%s", why)
	}
	return c
}

// property adds the field at index to a class.
func (w *walker) property(c *class, index int, name, path string, ws words) {
	if _, twice := c.byName[name]; twice {
		w.problemf(path, "is the property %q, as another field is", name)
	}
	f := c.typ.Field(index)
	if leaf := leafOf(f.Type); ws.char && leaf.Kind() != reflect.Int32 || ws.long && leaf.Kind() != reflect.Int {
		w.problemf(path, "is tagged char, which is for rune, or long, which is for int, and holds %v", leaf)
	}
	if ws.set && f.Type.Kind() != reflect.Slice {
		w.problemf(path, "is tagged set, which is for slices")
	}
	n := w.visit(f.Type, path, place{}, ws)
	if n == nil {
		return
	}
	c.byName[name] = len(c.properties)
	c.byFold[foldName(name)] = len(c.properties)
	c.properties = append(c.properties, property{name: name, index: index, node: n, hasDefault: ws.hasDefault})
}

// leafOf returns the type that a field's words char and long are about: of what it holds in the end.
func leafOf(t reflect.Type) reflect.Type {
	for range maxLevels {
		switch {
		case isOptional(t):
			t = reflect.Zero(t).Interface().(optional).elem()
		case t.Kind() == reflect.Pointer, t.Kind() == reflect.Slice, t.Kind() == reflect.Map:
			t = t.Elem()
		default:
			return t
		}
	}
	return t // a type like []R named R, which is refused as recursive
}

// maxLevels is deeper than any type of sense.
const maxLevels = 64

// names returns what is wrong with the names of a class in the two text formats. Their writer makes "+" of a space in a
// name, and their reader leaves that.
func (c *class) names(folded string) (problems []string) {
	if !c.foldsApart() {
		problems = append(problems, "has properties whose names differ in case alone, "+folded)
	}
	if len(c.properties) >= maxPairs {
		problems = append(problems, "has more properties than Ktor reads")
	}
	for _, p := range c.properties {
		if strings.Contains(p.name, " ") {
			problems = append(problems, "has a property with a space in its name, of which Ktor makes +")
		}
	}
	return problems
}

// foldsApart reports whether no two properties have names that Ktor takes for one.
func (c *class) foldsApart() bool { return len(c.byFold) == len(c.byName) }

// setDefaults gives every property that has a default its text, as write writes it.
func (w *walker) setDefaults(n *node, path string, write writer) {
	switch {
	case n == nil:
	case n.class != nil:
		w.classDefaults(n.class, path, write)
	case n.sealed != nil:
		for _, c := range n.sealed.classes {
			w.classDefaults(c, path+"("+c.name+")", write)
		}
	default:
		w.setDefaults(n.elem, path+"[]", write)
	}
}

func (w *walker) classDefaults(c *class, path string, write writer) {
	defaults := reflect.Zero(c.typ)
	if v, ok := w.settings.defaults[c.typ]; ok {
		defaults = v
	}
	for i := range c.properties {
		p := &c.properties[i]
		w.setDefaults(p.node, path+"."+p.name, write)
		if !p.hasDefault {
			continue
		}
		text, err := write(p.node, defaults.Field(p.index))
		if err != nil {
			w.problemf(path+"."+p.name, "has a default that cannot be written (say another by Defaults): %v", err)
		}
		p.fallback = text
	}
}
