package codec

import (
	"bytes"
	"math"
	"math/bits"
)

// null and the booleans (RFC 8949, section 3.3).
const (
	cborFalse = 0xf4
	cborTrue  = 0xf5
	cborNull  = 0xf6
)

// wholeCBOR reports whether values of a type hold all that the item at i says, and returns where that ends. Of what is not
// well-formed it may say either: cbor refuses that. It looks at every item in place of trusting cbor, which drops elements
// that an array has no room for, rounds, reads null and simple values as zeros and numbers, and a list as bytes.
func wholeCBOR(n *node, data []byte, i int) (end int, whole bool) {
	major, arg, next, err := head(data, i)
	if err != nil {
		return i, false
	}
	if data[i] == cborNull {
		return next, n.null
	}
	switch n.sort {
	case sortOpaque:
		end, err = skipItem(data, i, 0)
		return end, err == nil
	case sortBool:
		return next, data[i] == cborFalse || data[i] == cborTrue
	case sortInteger:
		return next, major <= 1
	case sortFloat:
		return next, holdsNumber(major, arg, next-i, n.size)
	case sortList:
		return wholeElements(n, data, next, arg, major == majorArray && n.fits(arg))
	case sortTable:
		return wholePairs(n, data, next, arg, major == majorMap)
	case sortObject:
		if major == majorArray {
			return wholeRow(n, data, next, arg)
		}
		return wholeFields(n, data, next, arg, major == majorMap)
	default:
		return wholeText(n, data, next, major, arg)
	}
}

// fits reports whether so many elements have room.
func (n *node) fits(count uint64) bool { return n.size < 0 || count <= uint64(n.size) }

// wholeText walks the text or bytes that begin at i.
func wholeText(n *node, data []byte, i int, major byte, size uint64) (end int, whole bool) {
	end, whole = wholeString(data, i, size, major == majorBytes || major == majorText)
	switch n.sort {
	case sortText:
		return end, whole && major == majorText
	case sortInstant:
		return end, whole && major == majorText && bytes.HasSuffix(data[i:end], []byte{'Z'}) && holdsFraction(data[i:end])
	case sortBytes:
		return end, whole && major == majorBytes && n.fits(size)
	default: // sortBinary
		return end, whole && major == majorBytes
	}
}

// wholeString ends bytes or text that begin at i and hold so many bytes. ok says what is known of them already.
func wholeString(data []byte, i int, size uint64, ok bool) (end int, whole bool) {
	if !ok || size > uint64(len(data)-i) {
		return i, false
	}
	return i + int(size), true
}

// holdsNumber reports whether a float of that many bits holds a number whose head has that size, to the last bit.
func holdsNumber(major byte, arg uint64, size, bitsOf int) bool {
	mantissa := 53
	if bitsOf == 32 {
		mantissa = 24
	}
	switch {
	case major == 1:
		arg++ // the number is -1 - arg; 2⁶⁴, which this takes for 0, overflows and is refused
		fallthrough
	case major == 0:
		return arg == 0 || bits.Len64(arg)-bits.TrailingZeros64(arg) <= mantissa
	case major == majorOther && size == 9:
		f := math.Float64frombits(arg)
		return bitsOf == 64 || math.IsNaN(f) || float64(float32(f)) == f
	default:
		return major == majorOther && size >= 3 // a shorter float; else it is a simple value
	}
}

func wholeElements(n *node, data []byte, i int, count uint64, whole bool) (end int, _ bool) {
	for ; count > 0 && whole; count-- {
		i, whole = wholeCBOR(n.elem, data, i)
	}
	return i, whole
}

func wholePairs(n *node, data []byte, i int, count uint64, whole bool) (end int, _ bool) {
	for ; count > 0 && whole; count-- {
		if n.key.sort == sortBytes { // filled up, or cut, to the length of the key's type it would be another
			if _, size, _, err := head(data, i); err != nil || size != uint64(n.key.size) {
				return i, false
			}
		}
		if i, whole = wholeCBOR(n.key, data, i); whole {
			i, whole = wholeCBOR(n.elem, data, i)
		}
	}
	return i, whole
}

// wholeRow walks a struct that is written as an array. One of another length is refused.
func wholeRow(n *node, data []byte, i int, count uint64) (end int, whole bool) {
	if count != uint64(len(n.order)) {
		return i, false
	}
	whole = true
	for _, field := range n.order {
		if i, whole = wholeCBOR(field, data, i); !whole {
			break
		}
	}
	return i, whole
}

func wholeFields(n *node, data []byte, i int, count uint64, whole bool) (end int, _ bool) {
	for from := 0; count > 0 && whole; count-- {
		key, value, ok := fieldKey(data, i)
		var field *node
		field, from = n.field(key, from)
		if !ok || field == nil {
			return i, false
		}
		i, whole = wholeCBOR(field, data, value)
	}
	return i, whole
}

// fieldKey returns the key at i in its shortest form, and where its value begins.
func fieldKey(data []byte, i int) (key []byte, value int, ok bool) {
	major, arg, after, err := head(data, i)
	if err != nil || major > majorText || major == majorBytes {
		return nil, i, false
	}
	value = after
	if major == majorText {
		if value, ok = wholeString(data, after, arg, true); !ok {
			return nil, i, false
		}
	}
	if after-i > shortestHead(arg) {
		return append(appendHead(nil, major, arg), data[after:value]...), value, true
	}
	return data[i:value], value, true
}
