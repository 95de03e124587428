package codec

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// structWalk is one struct with those embedded in it, whose fields share one space of names.
type structWalk struct {
	*walker
	top     bool
	asArray bool
	node    *node
}

func (w *walker) visitStruct(t reflect.Type, path string, level int) *node {
	s := structWalk{walker: w, top: level == 0, node: &node{sort: sortObject, fields: map[string]*node{}}}
	s.fields(t, path, level, s.top)
	for _, key := range slices.Sorted(maps.Keys(s.node.fields)) {
		s.node.sorted = append(s.node.sorted, keyed{key, s.node.fields[key]})
	}
	if !s.top {
		return s.node
	}
	w.shape.known = s.node.fields
	if s.asArray && w.shape.keeps() {
		w.problemf(path, "is written as an array, which has no place for unknown fields")
	}
	return s.node
}

// fields visits the fields of t, which is the struct itself (outermost says whether the whole type) or embedded in it.
func (s *structWalk) fields(t reflect.Type, path string, level int, outermost bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		at := path + "." + f.Name
		tag := s.dialect.tag(f.Tag)
		name, options, _ := strings.Cut(tag, ",")
		embedded := f.Anonymous && name == ""
		switch {
		case f.Name == "_":
			s.layout(options, at)
		case f.Anonymous && f.Type == unknownType && outermost:
			s.shape.keeper = i
		case tag == "-":
			// Left out by the author of the type, who said so.
		case embedded && f.Type.Kind() == reflect.Struct && f.Type != unknownType:
			s.embed(f.Type, at, level)
		case embedded && f.Type.Kind() == reflect.Pointer:
			s.problemf(at, "is an embedded pointer: embed the struct itself, or give the field a name")
		case !f.IsExported():
			s.problemf(at, "is not exported and would be lost: export it, or leave it out by the tag %q", "-")
		default:
			s.field(f, name, options, at, level)
		}
	}
}

// embed visits the fields that an embedded struct lends to the one around it.
func (s *structWalk) embed(t reflect.Type, path string, level int) {
	if s.around[t] {
		s.problemf(path, "is recursive: a value might have no end")
		return
	}
	s.around[t] = true
	s.fields(t, path, level, false)
	delete(s.around, t)
}

// field visits a field with a key of its own.
func (s *structWalk) field(f reflect.StructField, name, options, path string, level int) {
	if name == "" || !s.dialect.nameOK(name) {
		name = f.Name
	}
	key, err := s.dialect.key(name, options)
	if err != nil {
		s.problemf(path, "has the key %q, which is no integer", name)
		return
	}
	if s.node.fields[string(key)] != nil {
		s.problemf(path, "has the same key as another field")
	}
	n := s.inside(f.Type, path, level)
	if s.dialect.quotes(f.Type, options) {
		if n.sort == sortOpaque || n.sort == sortInstant {
			s.problemf(path, "is to be quoted, and its type writes itself: what it writes could not be read")
		}
		n.quoted = true
	}
	s.node.fields[string(key)] = n
	s.node.order = append(s.node.order, n)
}

// layout reads the options that a struct has on its blank field.
func (s *structWalk) layout(options, path string) {
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "toarray":
			s.asArray = true
		case "toindefarray":
			s.problemf(path, "asks for an indefinite length, which is no deterministic encoding")
		}
	}
}
