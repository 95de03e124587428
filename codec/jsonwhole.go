package codec

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

// value walks the value at i, and returns where it ends. What does not fit the node is left to encoding/json, which
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
	return end
}

func (w *jsonWalk) list(n *node, i int) (end int) {
	i = skipSpace(w.data, i+1)
	for w.data[i] != ']' {
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
		_, i = w.name(i)
		i = skipSpace(w.data, w.value(n.elem, i))
		if w.data[i] == ',' {
			i = skipSpace(w.data, i+1)
		}
	}
	return i + 1
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
		name, i2 := w.name(i)
		field := n.fields[string(name)]
		if field != nil {
			i = skipSpace(w.data, w.value(field, i2))
		} else {
			w.whole = false
			i, _ = skipValue(w.data, i2)
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
