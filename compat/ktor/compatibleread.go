package ktor

import (
	"reflect"
	"strings"
	"unicode/utf8"
)

// compatibleReader reads one backward-compatible text: as it was written or, asKtor, with the faults of Ktor's reader.
type compatibleReader struct{ asKtor bool }

func (r compatibleReader) root(n *node, text string, into reflect.Value) error {
	if !utf8.ValidString(text) {
		return faultf("is not UTF-8")
	}
	return r.object(n, text, into)
}

// object reads the pairs of a class. Of names that are one without their case the first value counts, under the first
// spelling, which has to be the property's.
func (r compatibleReader) object(n *node, text string, into reflect.Value) error {
	pairs, err := parsePairs(text)
	if err != nil {
		return err
	}
	spelled, values := map[string]string{}, map[string]string{} // by folded name
	for _, p := range pairs {
		name := foldName(p.name)
		if _, seen := spelled[name]; !seen {
			spelled[name] = p.name
		}
		if _, seen := values[name]; !seen && !p.bare {
			values[name] = p.value
		}
	}
	for _, p := range pairs {
		if _, known := n.class.byName[spelled[foldName(p.name)]]; !known {
			return faultf("has a property that the type does not")
		}
	}
	for i := range n.class.properties {
		p := &n.class.properties[i]
		value, ok := values[foldName(p.name)]
		switch {
		case ok:
		case p.hasDefault && spelled[foldName(p.name)] == "":
			value = p.fallback
		default:
			return within(p.name, faultf("is missing"))
		}
		if err := r.value(p.node, value, into.Field(p.index)); err != nil {
			return within(p.name, err)
		}
	}
	return nil
}

// value reads one value with its prefix.
func (r compatibleReader) value(n *node, text string, into reflect.Value) error {
	if text == "#n" {
		return n.setNull(into)
	}
	return n.lift(into, func(v reflect.Value) error { return r.content(n, text, v) })
}

func (r compatibleReader) content(n *node, text string, into reflect.Value) error {
	rest, ok := cutPrefix(n.kind, text)
	if !ok {
		return faultf("is of another Kotlin type than the text")
	}
	switch n.kind {
	case kindList, kindSet:
		return r.collection(n, rest, into)
	case kindMap:
		if r.asKtor {
			return r.mapAsKtor(n, rest, into)
		}
		return r.mapEntries(n, rest, into)
	case kindClass:
		if r.asKtor {
			var err error
			if rest, err = percentDecode(rest, false); err != nil { // once too often
				return err
			}
		}
		return r.object(n, rest, into)
	case kindBoolean:
		if rest != "t" && rest != "f" {
			return faultf("is neither true nor false")
		}
	}
	return readScalar(n, text, into)
}

// collection reads the elements of a list or set. Ktor does not undo their own escape, and reads nothing as one element.
func (r compatibleReader) collection(n *node, text string, into reflect.Value) error {
	list, err := percentDecode(text, false)
	if err != nil {
		return err
	}
	g := n.gathering(into, writeScalar)
	if list == "" && !r.asKtor {
		return nil
	}
	for item := range strings.SplitSeq(list, "&") {
		if !r.asKtor {
			if item, err = percentDecode(item, false); err != nil {
				return err
			}
		}
		if err := g.add(func(v reflect.Value) error { return r.value(n.elem, item, v) }); err != nil {
			return err
		}
	}
	return nil
}

// mapEntries reads the pairs of a map as they are written.
func (r compatibleReader) mapEntries(n *node, text string, into reflect.Value) error {
	into.Set(reflect.MakeMap(n.typ))
	return eachItem(text, func(item string) error {
		key, value, ok := strings.Cut(item, "=")
		if !ok {
			return faultf("is a map that has a key without a value")
		}
		return readEntry(n, key, value, into, r.value)
	})
}

// mapAsKtor reads the pairs of a map as a query, and a space in a key as "+".
func (r compatibleReader) mapAsKtor(n *node, text string, into reflect.Value) error {
	decoded, err := percentDecode(text, false)
	if err != nil {
		return err
	}
	pairs, err := parsePairs(decoded)
	if err != nil {
		return err
	}
	into.Set(reflect.MakeMap(n.typ))
	seen := map[string]bool{}
	for _, p := range pairs {
		if p.bare {
			return faultf("is a map that has a key without a value")
		}
		if seen[foldName(p.name)] {
			continue
		}
		seen[foldName(p.name)] = true
		key, value := reflect.New(n.typ.Key()).Elem(), reflect.New(n.typ.Elem()).Elem()
		if err := r.value(n.key, strings.ReplaceAll(p.name, " ", "+"), key); err != nil {
			return err
		}
		if err := r.value(n.elem, p.value, value); err != nil {
			return err
		}
		into.SetMapIndex(key, value)
	}
	return nil
}
