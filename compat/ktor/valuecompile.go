package ktor

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/satchel-go/satchel/codec"
)

// dialect is what a format can hold.
type dialect struct {
	codec string
	// refuse returns why a node cannot stand at its place, or "".
	refuse func(n *node, at place) string
	// refuseClass returns what is wrong with a class as a whole.
	refuseClass func(c *class, s *settings) []string
}

// place is where a node stands.
type place struct {
	element  bool // in a list, set or map
	key      bool // of a map
	optional bool // directly in an Optional
}

// walker turns a Go type into nodes and gathers everything wrong with it.
type walker struct {
	dialect  dialect
	settings *settings
	around   map[reflect.Type]bool // the types that the present one stands in
	problems []string
}

// shape is what a codec knows of its type before it sees a value: its nodes, or why it is unusable.
type shape struct {
	typ  reflect.Type
	root *node
	err  error
}

// compile fills the shape; write is how the codec writes a value, for the defaults.
func (s *shape) compile(d dialect, set *settings, write writer) {
	w := &walker{dialect: d, settings: set, around: map[reflect.Type]bool{}, problems: slices.Clone(set.problems)}
	name := s.typ.String()
	s.root = w.visit(s.typ, name, place{}, words{})
	if n := s.root; n != nil && (n.pointer || n.kind != kindClass && n.kind != kindSealed) {
		w.problemf(name, "is no session's type, which is a struct or an interface that Sealed names")
	}
	if len(w.problems) == 0 {
		w.setDefaults(s.root, name, write)
	}
	if len(w.problems) > 0 {
		s.err = &failure{kind: codec.ErrUnusable, codec: d.codec, typ: name, reason: strings.Join(w.problems, "; ")}
	}
}

// Check returns an error that wraps codec.ErrUnusable and lists everything wrong with the type, or nil.
func (s *shape) Check() error { return s.err }

// failed turns a fault into the error of a codec; nil stays nil.
func (s *shape) failed(kind error, codecName string, err error) error {
	if err == nil {
		return nil
	}
	f := new(fault)
	if !errors.As(err, &f) {
		f.why = fmt.Sprintf("failed with a %T", err)
	}
	return &failure{kind: kind, codec: codecName, typ: s.typ.String(), reason: f.Error()}
}

func (w *walker) problemf(path, format string, args ...any) {
	w.problems = append(w.problems, path+" "+fmt.Sprintf(format, args...))
}

// visit returns the node for the type at path, or nil if there is a problem with it.
func (w *walker) visit(t reflect.Type, path string, at place, tag words) *node {
	n := &node{typ: t}
	if t.Kind() == reflect.Pointer {
		switch t.Elem().Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
			w.problemf(path, "is a pointer to what may be nil itself: give it without, and tag it %q", "nullable")
			return nil
		}
		n.typ, n.pointer, n.nullable = t.Elem(), true, true
	}
	if tag.nullable {
		switch n.typ.Kind() {
		case reflect.Slice, reflect.Map, reflect.Interface:
			n.nullable = true
		default:
			w.problemf(path, "is tagged nullable, which is for slices, maps and interfaces; of others take a pointer")
		}
	}
	if w.around[n.typ] {
		w.problemf(path, "is recursive: a value might have no end")
		return nil
	}
	w.around[n.typ] = true
	defer delete(w.around, n.typ)
	if !w.scalar(n, tag) && !w.container(n, path, tag) {
		return nil
	}
	if why := w.dialect.refuse(n, at); why != "" {
		w.problemf(path, "%s", why)
		return nil
	}
	return n
}

// scalar handles types without parts.
func (w *walker) scalar(n *node, tag words) bool {
	switch t := n.typ; {
	case t == bigIntType:
		n.kind = kindBigInteger
	case t == bigDecimalType:
		n.kind = kindBigDecimal
	case t.Kind() == reflect.Array && t.Len() == 16 && t.Elem().Kind() == reflect.Uint8:
		n.kind = kindUUID
	case t.Kind() == reflect.String:
		n.kind = kindString
		if names := w.settings.enums[t]; names != nil {
			n.kind, n.enum = kindEnum, map[string]bool{}
			for _, name := range names {
				n.enum[name] = true
			}
		}
	default:
		k, ok := numberKinds[t.Kind()]
		if !ok {
			return false
		}
		n.kind = k
		if tag.char && t.Kind() == reflect.Int32 {
			n.kind = kindChar
		}
		if tag.long && t.Kind() == reflect.Int {
			n.kind = kindLong
		}
	}
	return true
}

// numberKinds says which Kotlin type a Go type of fixed size is; int is Kotlin's Int, which it is mostly meant for.
var numberKinds = map[reflect.Kind]kind{
	reflect.Bool: kindBoolean, reflect.Int8: kindByte, reflect.Int16: kindShort, reflect.Int32: kindInt, reflect.Int: kindInt,
	reflect.Int64: kindLong, reflect.Float32: kindFloat, reflect.Float64: kindDouble,
}

// container handles types with parts.
func (w *walker) container(n *node, path string, tag words) bool {
	inner := words{char: tag.char, long: tag.long}
	switch t := n.typ; {
	case isOptional(t):
		n.kind = kindOptional
		n.elem = w.visit(reflect.Zero(t).Interface().(optional).elem(), path+".value", place{optional: true}, inner)
		return n.elem != nil
	case t == reflect.TypeFor[time.Time]():
		w.problemf(path, "is a time.Time, which Kotlin has in many spellings: take the Long or String that it is there")
		return false
	case t.Kind() == reflect.Slice:
		n.kind = kindList
		if tag.set {
			n.kind = kindSet
		}
		n.elem = w.visit(t.Elem(), path+"[]", place{element: true}, inner)
		return n.elem != nil
	case t.Kind() == reflect.Map && t.Elem() == emptyType:
		n.kind, n.isMap = kindSet, true
		n.elem = w.visit(t.Key(), path+"[]", place{element: true}, words{})
		return n.elem != nil && w.asKey(n.elem, path)
	case t.Kind() == reflect.Map:
		n.kind = kindMap
		n.key = w.visit(t.Key(), path+"{}", place{element: true, key: true}, words{})
		n.elem = w.visit(t.Elem(), path+"[]", place{element: true}, inner)
		return n.key != nil && n.elem != nil && w.asKey(n.key, path)
	case t.Kind() == reflect.Struct:
		n.kind = kindClass
		n.class = w.class(t, path, w.subclassName(t))
		return true
	case t.Kind() == reflect.Interface && w.settings.sealed[t] != nil:
		n.kind = kindSealed
		n.sealed = w.sealed(w.settings.sealed[t], path)
		return true
	case t.Kind() == reflect.Interface:
		w.problemf(path, "is an interface that no Sealed names")
	default:
		w.problemf(path, "is a %v, which stands for no Kotlin type here", t)
	}
	return false
}

// asKey refuses keys of which two may look the same to Go and not to Kotlin, or the other way round.
func (w *walker) asKey(n *node, path string) bool {
	switch n.kind {
	case kindInt, kindLong, kindShort, kindByte, kindBoolean, kindString, kindEnum, kindUUID, kindBigDecimal:
		if !n.pointer {
			return true
		}
	}
	w.problemf(path, "has keys of type %v", n.typ)
	return false
}

// sealed returns the subclasses at path.
func (w *walker) sealed(classes []Subclass, path string) *sealed {
	s := &sealed{byName: map[string]*class{}, byType: map[reflect.Type]*class{}}
	for _, sub := range classes {
		t := structOf(sub.typ)
		if t == nil || w.around[t] {
			w.problemf(path, "has the subclass %v, which is recursive or no struct", sub.typ)
			continue
		}
		w.around[t] = true
		c := w.class(t, path+"("+sub.name+")", sub.name)
		delete(w.around, t)
		c.pointer = sub.typ.Kind() == reflect.Pointer
		if s.byName[sub.name] != nil || s.byType[sub.typ] != nil || sub.name == "" {
			w.problemf(path, "has the subclass %q twice, or one without a name", sub.name)
		}
		s.byName[sub.name], s.byType[sub.typ] = c, c
		s.classes = append(s.classes, c)
	}
	return s
}

// subclassName returns the name that a struct has as a subclass of some sealed class, or "".
func (w *walker) subclassName(t reflect.Type) string {
	for _, classes := range w.settings.sealed { //walls:order a struct has one name, whichever sealed class says so
		for _, c := range classes {
			if structOf(c.typ) == t {
				return c.name
			}
		}
	}
	return ""
}
