package codec

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strconv"
)

// jsonWalk goes along a text and the nodes of a type together, to see what of the text the type's values do not hold. It
// works on a text that checkJSON accepted, and trusts nothing else of it.
type jsonWalk struct {
	data  []byte
	whole bool // nothing has been found yet
}

// wholeJSON reports whether values of a type hold all that a text says. It puts blanks in place of the members that the
// type does not know: encoding/json would take one for a field that differs from it in case alone.
func wholeJSON(data []byte, root *node) bool {
	w := jsonWalk{data: data, whole: true}
	w.value(root, 0)
	return w.whole
}

// value walks the value at i, and returns where it ends. What does not fit the node at all is left to encoding/json, which
// refuses it.
func (w *jsonWalk) value(n *node, i int) (end int) {
	i = skipSpace(w.data, i)
	switch {
	case n.sort == sortObject && w.data[i] == '{':
		return w.object(n, i)
	case n.sort == sortTable && w.data[i] == '{':
		return w.table(n, i)
	case n.sort == sortList && w.data[i] == '[':
		return w.list(n, i)
	}
	end, _ = skipValue(w.data, i)
	w.whole = w.whole && holdsJSON(n, w.data[i:end])
	return end
}

// holdsJSON reports whether a value of a type holds what a text says that is no object or array of its own.
func holdsJSON(n *node, text []byte) bool {
	switch {
	case text[0] == 'n':
		return n.null
	case n.quoted && text[0] == '"':
		inner := unquoted(text)
		bare := *n
		bare.quoted = false
		return json.Valid(inner) && pairedSurrogates(inner) && holdsJSON(&bare, bytes.TrimSpace(inner))
	}
	switch n.sort {
	case sortFloat:
		return holdsDecimal(text, n.size)
	case sortBytes:
		return text[0] == '"' && holdsBase64(unquoted(text))
	case sortInstant:
		return holdsFraction(text)
	default:
		return true
	}
}

// holdsBase64 reports whether a text is the one that is written for the bytes that it gives: encoding/json skips line feeds, and
// bits behind the last byte.
func holdsBase64(text []byte) bool {
	if bytes.ContainsAny(text, "\r\n") {
		return false
	}
	var out [3]byte
	last := text[max(0, len(text)-4):]
	_, err := base64.StdEncoding.Strict().Decode(out[:], last)
	return err == nil
}

// holdsFraction reports whether a text of an instant after RFC 3339 says nothing below a nanosecond.
func holdsFraction(text []byte) bool {
	i := bytes.IndexAny(text, ".,")
	if i < 0 {
		return true
	}
	for n, c := range text[i+1:] {
		if c < '0' || c > '9' {
			break
		}
		if n >= 9 && c != '0' {
			return false
		}
	}
	return true
}

func (w *jsonWalk) list(n *node, i int) (end int) {
	i = skipSpace(w.data, i+1)
	for count := 0; w.data[i] != ']'; count++ {
		w.whole = w.whole && count != n.size // encoding/json drops what is more than an array holds
		i = skipSpace(w.data, w.value(n.elem, i))
		if w.data[i] == ',' {
			i = skipSpace(w.data, i+1)
		}
	}
	return i + 1
}

func (w *jsonWalk) table(n *node, i int) (end int) {
	i = skipSpace(w.data, i+1)
	for w.data[i] != '}' {
		name, at := w.name(i)
		w.whole = w.whole && holdsKey(n.key, name)
		i = skipSpace(w.data, w.value(n.elem, at))
		if w.data[i] == ',' {
			i = skipSpace(w.data, i+1)
		}
	}
	return i + 1
}

// holdsKey reports whether a name is the one that is written for the key that it is read as. Of two names that are read as
// one key, only one can be that.
func holdsKey(n *node, name []byte) bool {
	switch n.sort {
	case sortInteger:
		digits := bytes.TrimPrefix(name, []byte{'-'})
		return len(digits) > 0 && (digits[0] > '0' && digits[0] <= '9' || string(name) == "0")
	case sortOpaque:
		key := reflect.New(n.own)
		in, reads := reflect.TypeAssert[encoding.TextUnmarshaler](key)
		if !reads || in.UnmarshalText(bytes.Clone(name)) != nil {
			return false
		}
		out, writes := reflect.TypeAssert[encoding.TextMarshaler](key.Elem())
		if !writes {
			return false
		}
		text, err := out.MarshalText()
		return err == nil && bytes.Equal(text, name)
	default:
		return true
	}
}

// name reads the name at i, and returns where its value begins.
func (w *jsonWalk) name(i int) (name []byte, value int) {
	end := skipString(w.data, i)
	return unquoted(w.data[i:end]), skipSpace(w.data, skipSpace(w.data, end)+1) // after the colon
}

func (w *jsonWalk) object(n *node, i int) (end int) {
	comma := -1 // the one behind the last member that stays
	i = skipSpace(w.data, i+1)
	for w.data[i] != '}' {
		start := i
		name, at := w.name(i)
		field := n.fields[string(name)]
		if field != nil {
			i = skipSpace(w.data, w.value(field, at))
		} else {
			w.whole = false
			i, _ = skipValue(w.data, at)
			i = skipSpace(w.data, i)
			w.blank(start, i)
		}
		switch {
		case w.data[i] == ',' && field != nil:
			comma = i
		case w.data[i] == ',':
			w.data[i] = ' '
		case field == nil && comma >= 0:
			w.data[comma] = ' ' // nothing follows it now
		}
		if w.data[i] != '}' {
			i = skipSpace(w.data, i+1)
		}
	}
	return i + 1
}

func (w *jsonWalk) blank(from, to int) {
	for i := from; i < to; i++ {
		w.data[i] = ' '
	}
}

// pairedSurrogates reports whether each \u escape of a half of a surrogate pair stands beside its other half.
// encoding/json reads half a pair as U+FFFD. The text is valid, so a backslash stands inside of text only.
func pairedSurrogates(data []byte) bool {
	for {
		i := bytes.IndexByte(data, '\\')
		if i < 0 {
			return true
		}
		if data = data[i:]; data[1] != 'u' {
			data = data[2:]
			continue
		}
		first := escape(data)
		data = data[6:]
		switch {
		case first < 0xd800 || first > 0xdfff:
		case first > 0xdbff || len(data) < 6 || data[0] != '\\' || data[1] != 'u':
			return false
		default:
			if second := escape(data); second < 0xdc00 || second > 0xdfff {
				return false
			}
			data = data[6:]
		}
	}
}

// escape returns the number of the \u escape that data begins with.
func escape(data []byte) uint64 {
	n, _ := strconv.ParseUint(string(data[2:6]), 16, 16) // four hex digits, because the text is valid
	return n
}
