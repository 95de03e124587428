package ktor

import "strings"

// pairs calls yield with each cookie of a Cookie header field as Ktor's own parser finds them, until it returns false. Ktor says it
// as one regular expression,
//
//	(^|;)\s*([^;={}\s]+)\s*(=\s*("[^"]*"|[^;]*))?
//
// so a brace ends a name and a quoted value may hold a semicolon. Names that begin with "$" are left out, and quotes around a
// value removed. It takes time in proportion to the field.
func pairs(field string, yield func(name, value string) bool) {
	for first := true; ; first = false {
		if !first {
			i := strings.IndexByte(field, ';')
			if i < 0 {
				return
			}
			field = field[i+1:]
		}
		name, value, rest, ok := cutPair(field)
		if field = rest; ok && name[0] != '$' && !yield(name, value) {
			return
		}
	}
}

// cutPair reads the cookie at the beginning of s, if there is one, and returns what follows.
func cutPair(s string) (name, value, rest string, ok bool) {
	begin := skipBlank(s)
	end := strings.IndexAny(begin, ";={} \t\n\v\f\r")
	if end < 0 {
		end = len(begin)
	}
	if end == 0 {
		return "", "", s, false
	}
	name, rest = begin[:end], begin[end:]
	equals := skipBlank(rest)
	if equals == "" || equals[0] != '=' {
		return name, "", equals, true
	}
	text := skipBlank(equals[1:])
	if text != "" && text[0] == '"' {
		if i := strings.IndexByte(text[1:], '"'); i >= 0 {
			return name, text[1 : i+1], text[i+2:], true
		}
	}
	if end = strings.IndexByte(text, ';'); end < 0 {
		end = len(text)
	}
	return name, text[:end], text[end:], true
}

// skipBlank returns s without the whitespace, in Java's sense of \s, that it begins with.
func skipBlank(s string) string { return strings.TrimLeft(s, " \t\n\v\f\r") }
