package ktor

import (
	"path"
	"strings"
	"unicode/utf8"
)

// recordPath returns the path of a session's file below the directory: the ID cut into pieces of two UTF-16 units, the last
// one with ".dat". It returns false for an ID that Ktor refuses, or that it keeps where another one is kept too: one that is not
// UTF-8, or has a character beyond the Basic Multilingual Plane cut in two.
//
// No piece is "." or "..": a piece of two dots is refused, and one of a single character is the last one.
func recordPath(id string) (string, bool) {
	if id == "" || !utf8.ValidString(id) || strings.Contains(id, "..") || strings.ContainsAny(id, "/\\!?><\x00") {
		return "", false
	}
	var pieces []string
	begin, units := 0, 0
	for i, r := range id {
		if units == 2 {
			pieces = append(pieces, id[begin:i])
			begin, units = i, 0
		}
		if units++; r > 0xffff {
			units++
		}
		if units > 2 {
			return "", false
		}
	}
	pieces = append(pieces, id[begin:]+".dat")
	return path.Join(pieces...), true
}
