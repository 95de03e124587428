package ktor

import "bytes"

// cutLast is Ktor's split at the last c. Where there is no c the left part is all of s and the right part is empty.
func cutLast(s []byte, c byte) (left, right []byte) {
	i := bytes.LastIndexByte(s, c)
	if i < 0 {
		return s, nil
	}
	return s[:i], s[i+1:]
}

// lowerHex reports whether s is size bytes in hex as Ktor writes it: where Ktor compares MACs as text, nothing else passes.
func lowerHex(s []byte, size int) bool {
	if len(s) != 2*size {
		return false
	}
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
