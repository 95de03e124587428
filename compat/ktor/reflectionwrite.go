package ktor

import (
	"reflect"
	"strings"
	"unicode/utf8"
)

// reflectionWriter writes the reflection text.
type reflectionWriter struct{ corrected bool }

// value writes one value with its prefix.
func (w reflectionWriter) value(n *node, v reflect.Value) (string, error) {
	if n.isNull(v) {
		if !n.nullable {
			return "", errNull()
		}
		return "#n", nil
	}
	v = n.value(v)
	switch n.kind {
	case kindOptional:
		held, ok := v.Interface().(optional).held()
		if !ok {
			return "#om", nil
		}
		text, err := w.value(n.elem, held)
		return "#op" + text, err
	case kindList, kindSet:
		prefix := "#cl"
		if n.kind == kindSet {
			prefix = "#cs"
		}
		elements, err := n.elements(v, w.element)
		return prefix + componentEncode(strings.Join(elements, "&")), err
	case kindMap:
		text, err := w.mapEntries(n, v)
		return "#m" + componentEncode(text), err
	case kindClass, kindSealed:
		text, err := w.object(n, v)
		return "##" + text, err
	default:
		return writeScalar(n, v)
	}
}

// element writes a value inside a collection. Ktor's own escape leaves "&", at which its reader then splits.
func (w reflectionWriter) element(n *node, v reflect.Value) (string, error) {
	text, err := w.value(n, v)
	if err != nil {
		return "", err
	}
	if !strings.Contains(text, "&") {
		return componentEncode(text), nil
	}
	if !w.corrected {
		return "", faultf("holds \"&\" inside of a collection, at which Ktor would split it (Corrected writes it safely)")
	}
	return strings.ReplaceAll(componentEncode(text), "&", "%26"), nil
}

// mapEntries writes the pairs of a map. Ktor's reader splits a pair at the first "=".
func (w reflectionWriter) mapEntries(n *node, v reflect.Value) (string, error) {
	var b strings.Builder
	err := n.entries(v, w.element, func(key, value string) error {
		if strings.Contains(key, "=") {
			if !w.corrected {
				return faultf("has a key with \"=\", at which Ktor would split it (Corrected writes it safely)")
			}
			key = strings.ReplaceAll(key, "=", "%3D")
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(key + "=" + value)
		return nil
	})
	return b.String(), err
}

// object writes the object form: pairs sorted by name, and the class's name if it is a subclass of a sealed class.
func (w reflectionWriter) object(n *node, v reflect.Value) (string, error) {
	c := n.class
	if n.kind == kindSealed {
		if v.IsNil() {
			return "", errNull()
		}
		var err error
		if c, v, err = n.sealed.instance(v); err != nil {
			return "", err
		}
	}
	var b strings.Builder
	for _, i := range c.sorted {
		p := c.properties[i]
		text, err := w.value(p.node, v.Field(p.index))
		if err != nil {
			return "", within(p.name, err)
		}
		appendPair(&b, p.name, text)
	}
	if c.name != "" {
		appendPair(&b, typeToken, c.name)
	}
	return b.String(), nil
}

func appendPair(b *strings.Builder, name, value string) {
	if b.Len() > 0 {
		b.WriteByte('&')
	}
	b.WriteString(formEncode(name))
	b.WriteByte('=')
	b.WriteString(formEncode(value))
}

// writeParameters refuses what readParameters would drop.
func writeParameters(all Parameters) (string, error) {
	if len(all) > maxPairs {
		return "", faultf("has more pairs than Ktor reads")
	}
	var b strings.Builder
	for _, p := range all {
		if p.Name == "" {
			return "", faultf("has a pair without a name, which Ktor drops")
		}
		if strings.Contains(p.Name, " ") {
			return "", faultf("has a name with a space, which Ktor writes as + and reads as that")
		}
		if !utf8.ValidString(p.Name) || !utf8.ValidString(p.Value) {
			return "", faultf("is not UTF-8")
		}
		appendPair(&b, p.Name, p.Value)
	}
	return b.String(), nil
}
