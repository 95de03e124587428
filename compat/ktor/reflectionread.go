package ktor

import (
	"reflect"
	"strings"
	"unicode/utf8"
)

// reflectionReader reads one reflection text. Its recursion is as deep as the type, whatever the text.
type reflectionReader struct {
	sawUnknown bool // there was a name that the type does not know
}

func (r *reflectionReader) root(n *node, text string, into reflect.Value) error {
	if !utf8.ValidString(text) {
		return faultf("is not UTF-8")
	}
	return r.object(n, text, into)
}

// object reads the object form.
func (r *reflectionReader) object(n *node, text string, into reflect.Value) error {
	pairs, err := parsePairs(text)
	if err != nil {
		return err
	}
	values := map[string]string{} // the first of each name counts
	for _, p := range pairs {
		name := foldName(p.name)
		if _, twice := values[name]; !twice && !p.bare {
			values[name] = p.value
		}
	}
	token, hasToken := values[typeToken]
	delete(values, typeToken)
	if n.kind == kindClass {
		switch {
		case hasToken && n.class.name == "":
			r.sawUnknown = true // a subclass of a sealed class that no Sealed names: writing it would lose its name
		case hasToken && token != n.class.name:
			return faultf("is of another class than its $type says")
		}
		return r.class(n.class, values, into)
	}
	c := n.sealed.byName[token]
	if c == nil {
		return faultf("has no $type, or one that Sealed does not name")
	}
	return c.create(into, func(v reflect.Value) error { return r.class(c, values, v) })
}

func (r *reflectionReader) class(c *class, values map[string]string, into reflect.Value) error {
	known := 0
	for i := range c.properties {
		p := &c.properties[i]
		text, ok := values[foldName(p.name)]
		switch {
		case ok:
			known++
		case p.hasDefault:
			text = p.fallback
		default:
			return within(p.name, faultf("is missing"))
		}
		if err := r.value(p.node, text, into.Field(p.index)); err != nil {
			return within(p.name, err)
		}
	}
	r.sawUnknown = r.sawUnknown || known < len(values)
	return nil
}

// value reads one value with its prefix. A text of "#" alone is null, as any that begins with "#n".
func (r *reflectionReader) value(n *node, text string, into reflect.Value) error {
	if !strings.HasPrefix(text, "#") {
		return faultf("does not begin with #")
	}
	if text == "#" || text[1] == 'n' {
		return n.setNull(into)
	}
	return n.lift(into, func(v reflect.Value) error { return r.content(n, text, v) })
}

func (r *reflectionReader) content(n *node, text string, into reflect.Value) error {
	switch n.kind {
	case kindOptional:
		return r.optional(n, text, into)
	case kindList, kindSet, kindMap, kindClass, kindSealed:
		rest, ok := cutPrefix(n.kind, text)
		switch {
		case !ok:
			return faultf("is of another Kotlin type than the text")
		case n.kind == kindMap:
			return r.mapEntries(n, rest, into)
		case n.kind == kindList, n.kind == kindSet:
			return r.collection(n, rest, into)
		}
		return r.object(n, rest, into)
	}
	return readScalar(n, text, into)
}

// optional reads an Optional. One that is present with null is empty, as Optional.ofNullable says.
func (r *reflectionReader) optional(n *node, text string, into reflect.Value) error {
	if strings.HasPrefix(text, "#om") {
		return nil
	}
	rest, ok := strings.CutPrefix(text, "#op")
	if !ok {
		return faultf("is no Optional in the text")
	}
	if rest == "#" || strings.HasPrefix(rest, "#n") {
		return nil
	}
	held := reflect.New(n.elem.typ).Elem()
	if err := r.value(n.elem, rest, held); err != nil {
		return err
	}
	into.Addr().Interface().(optionalSlot).hold(held)
	return nil
}

// collection reads the elements of a list or set. Empty ones are dropped.
func (r *reflectionReader) collection(n *node, text string, into reflect.Value) error {
	g := n.gathering(into, reflectionWriter{corrected: true}.value)
	return eachItem(text, func(item string) error {
		one, err := percentDecode(item, false)
		if err != nil {
			return err
		}
		return g.add(func(v reflect.Value) error { return r.value(n.elem, one, v) })
	})
}

// mapEntries reads the pairs of a map. Of a key that occurs twice the last counts; without "=" the key is the value too.
func (r *reflectionReader) mapEntries(n *node, text string, into reflect.Value) error {
	into.Set(reflect.MakeMap(n.typ))
	return eachItem(text, func(item string) error {
		rawKey, rawValue, ok := strings.Cut(item, "=")
		if !ok {
			rawValue = item
		}
		return readEntry(n, rawKey, rawValue, into, r.value)
	})
}

// eachItem decodes a collection and calls each with what stands between "&", but for nothing.
func eachItem(text string, each func(item string) error) error {
	list, err := percentDecode(text, false)
	if err != nil {
		return err
	}
	for item := range strings.SplitSeq(list, "&") {
		if item == "" {
			continue
		}
		if err := each(item); err != nil {
			return err
		}
	}
	return nil
}

// reader reads one value in one format.
type reader func(n *node, text string, into reflect.Value) error

// readEntry decodes and reads a key and its value and puts them into a map.
func readEntry(n *node, rawKey, rawValue string, into reflect.Value, read reader) error {
	key, value := reflect.New(n.typ.Key()).Elem(), reflect.New(n.typ.Elem()).Elem()
	text, err := percentDecode(rawKey, false)
	if err != nil {
		return err
	}
	if err := read(n.key, text, key); err != nil {
		return err
	}
	if text, err = percentDecode(rawValue, false); err != nil {
		return err
	}
	if err := read(n.elem, text, value); err != nil {
		return err
	}
	into.SetMapIndex(key, value)
	return nil
}

// readParameters reads names with plain texts. A name without "=" has no value in Ktor, and none here.
func readParameters(text string) (Parameters, error) {
	if !utf8.ValidString(text) {
		return nil, faultf("is not UTF-8")
	}
	pairs, err := parsePairs(text)
	if err != nil {
		return nil, err
	}
	all := Parameters{}
	for _, p := range pairs {
		if !p.bare {
			all = append(all, Parameter{Name: strings.Clone(p.name), Value: strings.Clone(p.value)})
		}
	}
	return all, nil
}
