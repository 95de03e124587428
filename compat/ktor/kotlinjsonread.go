package ktor

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// readJSON reads one text into a value. The grammar is checked first and as a whole (RFC 8259), so the reader behind it
// only has to look at what it finds; its recursion is as deep as the type, whatever the text.
func readJSON(n *node, text string, into reflect.Value) error {
	if !utf8.ValidString(text) {
		return faultf("is not UTF-8")
	}
	if !json.Valid([]byte(text)) {
		return faultf("is not JSON")
	}
	r := jsonReader{text: text}
	return r.value(n, into)
}

func (r *jsonReader) value(n *node, into reflect.Value) error {
	first := r.next()
	if first == 'n' {
		r.at += len("null")
		return n.setNull(into)
	}
	return n.lift(into, func(v reflect.Value) error {
		switch n.kind {
		case kindClass:
			return r.object(n.class, false, v)
		case kindSealed:
			return r.sealed(n.sealed, v)
		case kindList, kindSet:
			return r.collection(n, v)
		case kindMap:
			return r.mapEntries(n, v)
		case kindString, kindEnum, kindUUID, kindChar:
			text, err := r.quoted()
			if err != nil {
				return err
			}
			return fromJSONText(n, text, v)
		}
		return fromJSONLiteral(n, r.literal(), v)
	})
}

// fromJSONText reads what a string in JSON says.
func fromJSONText(n *node, text string, into reflect.Value) error {
	if n.kind != kindChar {
		return readText(n, text, into)
	}
	if utf8.RuneCountInString(text) != 1 {
		return faultf("is no Char, which is a string of one")
	}
	return readChar(text, into)
}

// fromJSONLiteral reads numbers and booleans.
func fromJSONLiteral(n *node, text string, into reflect.Value) error {
	switch n.kind {
	case kindBoolean:
		if text != "true" && text != "false" {
			return faultf("is neither true nor false")
		}
		into.SetBool(text == "true")
		return nil
	case kindFloat, kindDouble:
		bits := into.Type().Bits()
		x, err := strconv.ParseFloat(text, bits)
		if err != nil || !isDecimal(text) || math.IsInf(x, 0) {
			return faultf("is no number of its range")
		}
		into.SetFloat(x)
		return nil
	}
	return readInt(text, map[kind]int{kindInt: 32, kindLong: 64, kindShort: 16, kindByte: 8}[n.kind], into)
}

// object reads a class. Its declared type may be a sealed class, and then one of its members is the discriminator.
func (r *jsonReader) object(c *class, ofSealed bool, into reflect.Value) error {
	seen := make([]bool, len(c.properties))
	hadType := !ofSealed
	err := r.members(func(name string) error {
		if name == discriminator && !hadType {
			hadType = true
			r.skip()
			return nil
		}
		i, known := c.byName[name]
		if !known {
			return faultf("has a property that the type does not")
		}
		p := &c.properties[i]
		if seen[i] {
			return within(p.name, faultf("stands there twice"))
		}
		seen[i] = true
		if err := r.value(p.node, into.Field(p.index)); err != nil {
			return within(p.name, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range c.properties {
		p := &c.properties[i]
		if seen[i] {
			continue
		}
		if !p.hasDefault {
			return within(p.name, faultf("is missing"))
		}
		fallback := jsonReader{text: p.fallback}
		if err := fallback.value(p.node, into.Field(p.index)); err != nil {
			return within(p.name, err)
		}
	}
	return nil
}

// sealed reads an object of a sealed class. Its discriminator is mostly the first member, but may be any.
func (r *jsonReader) sealed(s *sealed, into reflect.Value) error {
	var c *class
	ahead := *r
	if err := ahead.members(func(name string) error {
		if c != nil || name != discriminator || ahead.next() != '"' {
			ahead.skip()
			return nil
		}
		token, err := ahead.quoted()
		if c = s.byName[token]; c == nil {
			err = faultf("has a type that Sealed does not name")
		}
		return err
	}); err != nil {
		return err
	}
	if c == nil {
		return faultf("has no type, which a subclass of a sealed class needs")
	}
	return c.create(into, func(v reflect.Value) error { return r.object(c, true, v) })
}

func (r *jsonReader) collection(n *node, into reflect.Value) error {
	g := n.gathering(into, writeJSON)
	filled, err := r.enter('[')
	for filled && err == nil {
		if err = g.add(func(v reflect.Value) error { return r.value(n.elem, v) }); err == nil {
			filled = r.more()
		}
	}
	return err
}

func (r *jsonReader) mapEntries(n *node, into reflect.Value) error {
	into.Set(reflect.MakeMap(n.typ))
	return r.members(func(name string) error {
		key, value := reflect.New(n.typ.Key()).Elem(), reflect.New(n.typ.Elem()).Elem()
		if err := readKey(n.key, name, key); err != nil {
			return err
		}
		if into.MapIndex(key).IsValid() {
			return faultf("is a map with a key twice")
		}
		if err := r.value(n.elem, value); err != nil {
			return err
		}
		into.SetMapIndex(key, value)
		return nil
	})
}

// readKey reads the name of a member as the key of a map. Numbers have to be spelled as they are written.
func readKey(n *node, name string, into reflect.Value) error {
	switch n.kind {
	case kindString, kindEnum, kindUUID:
		return readText(n, name, into)
	}
	if err := fromJSONLiteral(n, name, into); err != nil {
		return err
	}
	if again, err := jsonLiteral(n, into); err != nil || again != name {
		return faultf("is a map with a key that is spelled in another way than Kotlin does")
	}
	return nil
}
