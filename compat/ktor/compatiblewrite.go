package ktor

import (
	"reflect"
	"strings"
)

// compatibleWriter writes the backward-compatible text. What Ktor's reader would get wrong is found afterwards.
type compatibleWriter struct{ corrected bool }

// value writes one value with its prefix.
func (w compatibleWriter) value(n *node, v reflect.Value) (string, error) {
	if n.isNull(v) {
		return "#n", nil
	}
	v = n.value(v)
	switch n.kind {
	case kindList, kindSet:
		elements, err := n.elements(v, w.element)
		return "#cl" + componentEncode(strings.Join(elements, "&")), err
	case kindMap:
		text, err := w.mapEntries(n, v)
		return "#m" + componentEncode(text), err
	case kindClass:
		text, err := w.object(n, v)
		return "##" + text, err
	default:
		return writeScalar(n, v)
	}
}

// inner writes a value inside a collection, where Ktor writes null under the name of the property instead.
func (w compatibleWriter) inner(n *node, v reflect.Value) (string, error) {
	if n.isNull(v) {
		return "", faultf("holds null inside of a collection, which Ktor cannot write there")
	}
	return w.value(n, v)
}

// element writes an element of a list. Ktor escapes it once more than its reader undoes; the corrected form does not.
func (w compatibleWriter) element(n *node, v reflect.Value) (string, error) {
	text, err := w.inner(n, v)
	if !w.corrected {
		return componentEncode(text), err
	}
	if err == nil && strings.ContainsAny(text, "&%") {
		return "", faultf("holds \"&\" or \"%%\" in a list, for which there is no form that Ktor reads right")
	}
	return text, err
}

// mapEntries writes the pairs of a map. Ktor's reader takes "&", "=" and "+" there as a query does; the corrected form
// escapes them.
func (w compatibleWriter) mapEntries(n *node, v reflect.Value) (string, error) {
	escape := componentEncode
	if w.corrected {
		escape = func(s string) string {
			return strings.NewReplacer("&", "%26", "=", "%3D", "+", "%2B").Replace(componentEncode(s))
		}
	}
	var pairs []string
	err := n.entries(v, w.inner, func(key, value string) error {
		if w.corrected && !strings.ContainsAny(value, "&+") {
			value = componentEncode(value) // as Ktor, which reads "=" in a value right
		} else {
			value = escape(value)
		}
		pairs = append(pairs, escape(key)+"="+value)
		return nil
	})
	return strings.Join(pairs, "&"), err
}

// object writes the pairs of a class in the order of its declaration.
func (w compatibleWriter) object(n *node, v reflect.Value) (string, error) {
	var b strings.Builder
	for _, p := range n.class.properties {
		text, err := w.value(p.node, v.Field(p.index))
		if err != nil {
			return "", within(p.name, err)
		}
		appendPair(&b, p.name, text)
	}
	return b.String(), nil
}
