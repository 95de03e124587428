package ktor

import (
	"math"
	"reflect"
	"strconv"
	"strings"
)

// writeJSON writes one value.
func writeJSON(n *node, v reflect.Value) (string, error) {
	var w jsonWriter
	err := w.value(n, v)
	if err != nil {
		return "", err
	}
	return w.String(), nil
}

type jsonWriter struct{ strings.Builder }

func (w *jsonWriter) value(n *node, v reflect.Value) error {
	if n.isNull(v) {
		if !n.nullable {
			return errNull()
		}
		w.WriteString("null")
		return nil
	}
	v = n.value(v)
	switch n.kind {
	case kindClass:
		return w.object(n.class, v, "")
	case kindSealed:
		c, held, err := n.sealed.instance(v)
		if err != nil {
			return err
		}
		return w.object(c, held, c.name)
	case kindList, kindSet:
		elements, err := n.elements(v, writeJSON)
		w.WriteString("[" + strings.Join(elements, ",") + "]")
		return err
	case kindMap:
		return w.mapEntries(n, v)
	case kindString, kindEnum, kindUUID, kindChar:
		text, err := jsonText(n, v)
		w.quoted(text)
		return err
	default:
		text, err := jsonLiteral(n, v)
		w.WriteString(text)
		return err
	}
}

// jsonText returns what a string in JSON says.
func jsonText(n *node, v reflect.Value) (string, error) {
	if n.kind == kindChar {
		return writeChar(v)
	}
	return writeText(n, v)
}

// jsonLiteral returns numbers and booleans, which are not quoted.
func jsonLiteral(n *node, v reflect.Value) (string, error) {
	switch n.kind {
	case kindInt:
		return writeInt(v)
	case kindFloat, kindDouble:
		if math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0) {
			return "", faultf("is not finite, which JSON cannot hold")
		}
		return javaFloat(v.Float(), v.Type().Bits()), nil
	case kindBoolean:
		return strconv.FormatBool(v.Bool()), nil
	default:
		return strconv.FormatInt(v.Int(), 10), nil
	}
}

// object writes a class; name is its own where the declared type is a sealed class, or "".
func (w *jsonWriter) object(c *class, v reflect.Value, name string) error {
	w.WriteByte('{')
	separator := ""
	if name != "" {
		w.quoted(discriminator)
		w.WriteByte(':')
		w.quoted(name)
		separator = ","
	}
	for _, p := range c.properties {
		text, err := writeJSON(p.node, v.Field(p.index))
		if err != nil {
			return within(p.name, err)
		}
		if p.hasDefault && text == p.fallback {
			continue
		}
		w.WriteString(separator)
		w.quoted(p.name)
		w.WriteString(":" + text)
		separator = ","
	}
	w.WriteByte('}')
	return nil
}

func (w *jsonWriter) mapEntries(n *node, v reflect.Value) error {
	w.WriteByte('{')
	separator := ""
	err := n.entries(v, writeJSON, func(key, value string) error {
		if key[0] != '"' { // a number or boolean
			key = `"` + key + `"`
		}
		w.WriteString(separator + key + ":" + value)
		separator = ","
		return nil
	})
	w.WriteByte('}')
	return err
}

// quoted writes a string with the escapes of Kotlin: of what must be escaped, the short one where there is one.
func (w *jsonWriter) quoted(text string) {
	w.WriteByte('"')
	from := 0
	for i := range len(text) {
		var escape string
		switch c := text[i]; c {
		case '"', '\\':
			escape = `\` + string(rune(c))
		case '\b':
			escape = `\b`
		case '\t':
			escape = `\t`
		case '\n':
			escape = `\n`
		case '\f':
			escape = `\f`
		case '\r':
			escape = `\r`
		default:
			if c >= 0x20 {
				continue
			}
			escape = `\u00` + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15])
		}
		w.WriteString(text[from:i] + escape)
		from = i + 1
	}
	w.WriteString(text[from:])
	w.WriteByte('"')
}
