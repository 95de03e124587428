package codec

import (
	"bytes"
	"errors"
	"slices"
	"unicode/utf8"
)

// The major types of RFC 8949, section 3.1.
const (
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5
	majorTag   = 6
	majorOther = 7
)

// What is wrong with an item, in words that hold nothing of it.
var (
	errEndsEarly = errors.New("payload ends early")
	errMalformed = errors.New("malformed item")
	errAfter     = errors.New("bytes after the item")
	errTag       = errors.New("tag")
	errNotText   = errors.New("text is not UTF-8")
	errHalf      = errors.New("text has half of a surrogate pair")
	errTooDeep   = errors.New("too many levels")
	errTooMany   = errors.New("too many elements")
	errNoName    = errors.New("a key names no field")
	errTwice     = errors.New("a key occurs twice")
)

// checkCBOR reports why data is not one item within the limits of this package, or nil. It is what Encode holds its
// output to, so it accepts no more than Decode does.
func checkCBOR(data []byte) error {
	next, err := skipItem(data, 0, 0)
	if err == nil && next != len(data) {
		err = errAfter
	}
	return err
}

// textsAreUTF8 reports whether all text of a well-formed item is UTF-8. The heads of an item and of what is in it follow each other, so
// that no level needs to be known.
func textsAreUTF8(data []byte) bool {
	for i := 0; i < len(data); {
		major, arg := data[i]>>5, uint64(data[i]&31)
		if arg < 24 {
			i++ // most heads are one byte
		} else {
			var err error
			if major, arg, i, err = head(data, i); err != nil {
				return false
			}
		}
		if major != majorBytes && major != majorText {
			continue
		}
		if arg > uint64(len(data)-i) || major == majorText && !utf8.Valid(data[i:i+int(arg)]) {
			return false
		}
		i += int(arg)
	}
	return true
}

// head reads the first byte of an item and its argument (RFC 8949, section 3).
func head(data []byte, i int) (major byte, arg uint64, next int, err error) {
	if i >= len(data) {
		return 0, 0, i, errEndsEarly
	}
	major, low := data[i]>>5, data[i]&31
	i++
	if low < 24 {
		return major, uint64(low), i, nil
	}
	if low > 27 {
		return 0, 0, i, errMalformed // reserved, or an indefinite length
	}
	size := 1 << (low - 24)
	if len(data)-i < size {
		return 0, 0, i, errEndsEarly
	}
	for _, b := range data[i : i+size] {
		arg = arg<<8 | uint64(b)
	}
	return major, arg, i + size, nil
}

// skipItem returns where the item at i ends. level is the number of arrays and maps around it.
func skipItem(data []byte, i, level int) (int, error) {
	start := i
	major, arg, i, err := head(data, i)
	if err != nil {
		return i, err
	}
	switch major {
	case majorBytes, majorText:
		if arg > uint64(len(data)-i) {
			return i, errEndsEarly
		}
		end := i + int(arg)
		if major == majorText && !utf8.Valid(data[i:end]) {
			return i, errNotText
		}
		return end, nil
	case majorArray, majorMap:
		return skipElements(data, i, level+1, major, arg)
	case majorTag:
		return i, errTag
	case majorOther:
		if data[start] == 0xf8 && arg < 32 {
			return i, errMalformed // a simple value in the wrong size
		}
	}
	return i, nil
}

func skipElements(data []byte, i, level int, major byte, n uint64) (int, error) {
	if level > maxDepth {
		return i, errTooDeep
	}
	if (major == majorArray && n > maxElements) || (major == majorMap && n > maxPairs) {
		return i, errTooMany
	}
	if major == majorMap {
		n *= 2
	}
	var err error
	for ; n > 0; n-- {
		if i, err = skipItem(data, i, level); err != nil {
			return i, err
		}
	}
	return i, nil
}

// appendHead appends a head in its shortest form.
func appendHead(dst []byte, major byte, arg uint64) []byte {
	major <<= 5
	switch {
	case arg < 24:
		return append(dst, major|byte(arg))
	case arg < 1<<8:
		return append(dst, major|24, byte(arg))
	case arg < 1<<16:
		return append(dst, major|25, byte(arg>>8), byte(arg))
	case arg < 1<<32:
		return append(dst, major|26, byte(arg>>24), byte(arg>>16), byte(arg>>8), byte(arg))
	}
	dst = append(dst, major|27)
	for shift := 56; shift >= 0; shift -= 8 {
		dst = append(dst, byte(arg>>shift))
	}
	return dst
}

// shortestHead returns how many bytes appendHead appends.
func shortestHead(arg uint64) int {
	switch {
	case arg < 24:
		return 1
	case arg < 1<<8:
		return 2
	case arg < 1<<16:
		return 3
	case arg < 1<<32:
		return 5
	}
	return 9
}

// pair is a key in its shortest form and its value, as they stand in a payload.
type pair struct{ key, value []byte }

// nextPair cuts the pair at i.
func nextPair(data []byte, i int) (p pair, next int, err error) {
	end, err := skipItem(data, i, 1)
	if err != nil {
		return p, i, err
	}
	major, arg, after, err := head(data, i)
	if err != nil {
		return p, i, err
	}
	if major > majorText || major == majorBytes {
		return p, i, errNoName
	}
	p.key = data[i:end:end]
	if after-i > shortestHead(arg) {
		p.key = append(appendHead(nil, major, arg), data[after:end]...)
	}
	if next, err = skipItem(data, end, 1); err != nil {
		return p, i, err
	}
	p.value = data[end:next:next]
	return p, next, nil
}

// splitCBOR parts a map into a map of the pairs that are known and the other pairs, in ascending order of their keys.
// What is no map comes back as it is: the type judges it.
func splitCBOR(data []byte, known map[string]*node) (rest []byte, unknown string, err error) {
	if err := checkCBOR(data); err != nil {
		return nil, "", err
	}
	major, n, i, _ := head(data, 0)
	if major != majorMap {
		return data, "", nil
	}
	var others []pair
	var kept []byte
	first := i
	for range n {
		p, next, err := nextPair(data, i)
		if err != nil {
			return nil, "", err
		}
		switch {
		case known[string(p.key)] == nil:
			if others == nil { // as a rule there are none, and nothing is copied
				kept = append(make([]byte, 0, len(data)), data[first:i]...)
			}
			others = append(others, p)
		case others != nil:
			kept = append(kept, data[i:next]...)
		}
		i = next
	}
	if len(others) == 0 {
		return data, "", nil
	}
	slices.SortFunc(others, func(a, b pair) int { return bytes.Compare(a.key, b.key) })
	var out []byte
	for i, p := range others {
		if i > 0 && bytes.Equal(p.key, others[i-1].key) {
			return nil, "", errTwice
		}
		out = append(append(out, p.key...), p.value...)
	}
	return append(appendHead(nil, majorMap, n-uint64(len(others))), kept...), string(out), nil
}

// mergeCBOR puts pairs of an Unknown among those of a map that Encode made, both in ascending order. A key that the type
// knows is dropped, also where Encode left it out for being empty.
func mergeCBOR(item []byte, unknown string, known map[string]*node) ([]byte, error) {
	major, n, i, err := head(item, 0)
	if err != nil || major != majorMap {
		return nil, errMalformed
	}
	all := make([]pair, 0, n+4)
	for range n {
		p, next, err := nextPair(item, i)
		if err != nil {
			return nil, err
		}
		all, i = append(all, p), next
	}
	others := []byte(unknown)
	for i := 0; i < len(others); {
		p, next, err := nextPair(others, i)
		if err != nil {
			return nil, err
		}
		if known[string(p.key)] == nil {
			all = append(all, p)
		}
		i = next
	}
	slices.SortFunc(all, func(a, b pair) int { return bytes.Compare(a.key, b.key) })
	out := appendHead(make([]byte, 0, len(item)+len(others)+8), majorMap, uint64(len(all)))
	for _, p := range all {
		out = append(append(out, p.key...), p.value...)
	}
	return out, nil
}
