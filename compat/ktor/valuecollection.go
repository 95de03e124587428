package ktor

import (
	"reflect"
	"slices"
	"strings"
)

// writer writes one value in one format; null is the text it has there.
type writer func(n *node, v reflect.Value) (string, error)

// elements returns the texts of a list's or set's elements, in the order of the slice, or sorted for a Go map. A slice
// that holds an element of a set twice is refused: it would not come back.
func (n *node) elements(v reflect.Value, write writer) ([]string, error) {
	var texts []string
	if n.isMap {
		for _, key := range v.MapKeys() { //walls:order sorted below
			text, err := write(n.elem, key)
			if err != nil {
				return nil, err
			}
			texts = append(texts, text)
		}
		slices.Sort(texts)
		return texts, nil
	}
	seen := map[string]bool{}
	for i := range v.Len() {
		text, err := write(n.elem, v.Index(i))
		if err != nil {
			return nil, err
		}
		if n.kind == kindSet {
			if seen[text] {
				return nil, faultf("is a set that holds an element twice")
			}
			seen[text] = true
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// entries calls each with the texts of a map's keys and values, sorted by key as Go sorts it: a Go map has no order of its
// own.
func (n *node) entries(v reflect.Value, write writer, each func(key, value string) error) error {
	keys := v.MapKeys()
	slices.SortFunc(keys, compareKeys)
	for _, k := range keys {
		key, err := write(n.key, k)
		if err != nil {
			return err
		}
		value, err := write(n.elem, v.MapIndex(k))
		if err != nil {
			return err
		}
		if err := each(key, value); err != nil {
			return err
		}
	}
	return nil
}

func compareKeys(a, b reflect.Value) int {
	switch a.Kind() {
	case reflect.String:
		return strings.Compare(a.String(), b.String())
	case reflect.Bool:
		switch {
		case a.Bool() == b.Bool():
			return 0
		case b.Bool():
			return -1
		}
		return 1
	case reflect.Array:
		return strings.Compare(writeUUID(a), writeUUID(b))
	case reflect.Struct:
		return strings.Compare(a.Interface().(BigDecimal).String(), b.Interface().(BigDecimal).String())
	}
	switch i, j := a.Int(), b.Int(); {
	case i < j:
		return -1
	case i > j:
		return 1
	}
	return 0
}

// gather fills a list or set with elements as they are read.
type gather struct {
	node  *node
	into  reflect.Value
	write writer // gives no two elements of a set the same text
	seen  map[string]bool
}

// gathering empties into, which is then a list or set and not null.
func (n *node) gathering(into reflect.Value, write writer) *gather {
	if n.isMap {
		into.Set(reflect.MakeMap(n.typ))
	} else {
		into.Set(reflect.MakeSlice(n.typ, 0, 0))
	}
	return &gather{node: n, into: into, write: write, seen: map[string]bool{}}
}

// add reads one element. One that a set has already is passed over, as Kotlin does.
func (g *gather) add(read func(v reflect.Value) error) error {
	elem := reflect.New(g.into.Type().Elem()).Elem()
	if g.node.isMap {
		elem = reflect.New(g.into.Type().Key()).Elem()
	}
	if err := read(elem); err != nil {
		return err
	}
	switch {
	case g.node.isMap:
		g.into.SetMapIndex(elem, reflect.ValueOf(struct{}{}))
		return nil
	case g.node.kind == kindSet:
		text, err := g.write(g.node.elem, elem)
		if err != nil {
			return err
		}
		if g.seen[text] {
			return nil
		}
		g.seen[text] = true
	}
	g.into.Set(reflect.Append(g.into, elem))
	return nil
}
