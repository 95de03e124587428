package codec

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// checkJSON reports why data is not one JSON text in UTF-8, without halves of surrogate pairs, whose objects name each member
// once, or nil.
func checkJSON(data []byte) error {
	if !utf8.Valid(data) {
		return errNotText
	}
	if !json.Valid(data) {
		var text json.RawMessage
		return json.Unmarshal(data, &text) // for its offset
	}
	if !pairedSurrogates(data) {
		return errHalf
	}
	if _, once := skipValue(data, 0); !once {
		return errTwice
	}
	return nil
}

// The functions below walk a text that json.Valid accepted, which has bounded its depth.

func skipSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\t' || data[i] == '\n' || data[i] == '\r') {
		i++
	}
	return i
}

// skipString returns where the string at i ends.
func skipString(data []byte, i int) int {
	for i++; data[i] != '"'; i++ {
		if data[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// skipValue returns where the value at i ends, and whether no object inside it names a member twice.
func skipValue(data []byte, i int) (int, bool) {
	i = skipSpace(data, i)
	switch data[i] {
	case '"':
		return skipString(data, i), true
	case '{':
		var seen names
		once := true
		end := eachMember(data, i, func(name, _ []byte, ok bool) {
			once = once && ok && seen.add(name)
		})
		return end, once
	case '[':
		return skipArray(data, i)
	}
	for i < len(data) && strings.IndexByte(",]} \t\r\n", data[i]) < 0 {
		i++
	}
	return i, true
}

func skipArray(data []byte, i int) (int, bool) {
	once := true
	i = skipSpace(data, i+1)
	for data[i] != ']' {
		end, ok := skipValue(data, i)
		once = once && ok
		if i = skipSpace(data, end); data[i] == ',' {
			i = skipSpace(data, i+1)
		}
	}
	return i + 1, once
}

// eachMember calls f with the name (without quotes and escapes) and the text of each member of the object at i, and
// returns where the object ends. once says whether no object inside the value names a member twice.
func eachMember(data []byte, i int, f func(name, value []byte, once bool)) int {
	i = skipSpace(data, i+1)
	for data[i] != '}' {
		end := skipString(data, i)
		name := unquoted(data[i:end])
		i = skipSpace(data, skipSpace(data, end)+1) // after the colon
		end, once := skipValue(data, i)
		f(name, data[i:end], once)
		if i = skipSpace(data, end); data[i] == ',' {
			i = skipSpace(data, i+1)
		}
	}
	return i + 1
}

// unquoted returns what a string says. Two spellings of one name are one name.
func unquoted(text []byte) []byte {
	if !bytes.ContainsRune(text, '\\') {
		return text[1 : len(text)-1]
	}
	var s string
	if json.Unmarshal(text, &s) != nil {
		return text // not reached: the text is valid
	}
	return []byte(s)
}

// names is a set that is a list while it is short.
type names struct {
	list [][]byte
	set  map[string]bool
}

const shortList = 16

// add reports whether name is new.
func (n *names) add(name []byte) bool {
	if n.set == nil {
		for _, have := range n.list {
			if bytes.Equal(have, name) {
				return false
			}
		}
		if n.list = append(n.list, name); len(n.list) > shortList {
			n.set = map[string]bool{}
			for _, have := range n.list {
				n.set[string(have)] = true
			}
		}
		return true
	}
	if n.set[string(name)] {
		return false
	}
	n.set[string(name)] = true
	return true
}

// member is a name and the compact text of its value.
type member struct {
	name  string
	value []byte
}

// splitJSON parts an object into one of the members that are known and the other members, sorted by name and joined by
// commas. What is no object comes back as it is: the type judges it.
func splitJSON(data []byte, known map[string]*node) (rest []byte, unknown string) {
	start := skipSpace(data, 0)
	if data[start] != '{' {
		return data, ""
	}
	var kept, others []member
	eachMember(data, start, func(name, value []byte, _ bool) {
		m := member{string(name), value}
		if known[m.name] != nil {
			kept = append(kept, m)
		} else {
			others = append(others, m)
		}
	})
	if len(others) == 0 {
		return data, ""
	}
	slices.SortFunc(others, func(a, b member) int { return cmp.Compare(a.name, b.name) })
	return []byte("{" + joined(kept) + "}"), joined(others)
}

func joined(members []member) string {
	var out bytes.Buffer
	for i, m := range members {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(quoted(m.name))
		out.WriteByte(':')
		if json.Compact(&out, m.value) != nil {
			out.WriteString("null") // not reached: the text is valid
		}
	}
	return out.String()
}

// quoted writes a name as encoding/json does, without HTML escapes.
func quoted(name string) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(name) //nolint:errchkjson // a string always encodes
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// appendMembers appends the members of an Unknown to an object of which the closing brace is still to come. A name that
// the type knows is dropped.
func appendMembers(buf *bytes.Buffer, unknown string, known map[string]*node) {
	eachMember([]byte("{"+unknown+"}"), 0, func(name, value []byte, _ bool) {
		if known[string(name)] != nil {
			return
		}
		if buf.Bytes()[buf.Len()-1] != '{' {
			buf.WriteByte(',')
		}
		buf.Write(quoted(string(name)))
		buf.WriteByte(':')
		buf.Write(value)
	})
}
