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
