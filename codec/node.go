package codec

import "reflect"

// node is what a payload looks like at one place of a type. Together the nodes of a type tell whether a payload holds
// something that its values do not: they are walked along a payload, which need not have been written by this type.
type node struct {
	sort   sort
	null   bool             // null is a value of its own here
	quoted bool             // written as text of what it would be
	size   int              // the bits of a float, the length of an array; -1 for a slice
	own    reflect.Type     // of what writes itself
	key    *node            // of a table
	elem   *node            // of a list or a table
	fields map[string]*node // of an object, by their encoded keys
	order  []*node          // the same, in the order of an object that is written as an array
	sorted []keyed          // the same, in ascending order of their keys, which is that of a payload
}

// keyed is a field of an object.
type keyed struct {
	key  string
	node *node
}

// field returns the field of a key, and the place in sorted behind it. It looks first from the given place on: fields come in order,
// and some are left out.
func (n *node) field(key []byte, from int) (field *node, next int) {
	for i, f := range n.sorted[from:] {
		if f.key == string(key) {
			return f.node, from + i + 1
		}
	}
	return n.fields[string(key)], from
}

// sort is a sort of node.
type sort uint8

const (
	sortOpaque sort = iota // a type that writes itself: what it does not know is for it to refuse
	sortBinary             // one that does so as bytes
	sortBool
	sortInteger
	sortFloat
	sortText
	sortBytes
	sortInstant
	sortList   // a slice or an array
	sortObject // a struct
	sortTable  // a map
)
