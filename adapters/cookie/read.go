package cookie

import "strings"

// Find looks for the cookie in all Cookie header fields of a request and returns its first two values and how many there
// were. What is missing is empty.
//
// One request may have several fields (HTTP/2 splits them, RFC 9113, section 8.2.3), and a sibling host or another path may
// have planted a second cookie of the same name, which may come first: with a count above one, nothing says which is
// ours (sections 4.2.2 and 8.6).
//
// Values are as the client sent them, perhaps empty, quoted or no cookie-octets at all; they are substrings of the
// fields. A cookie without "=" has no name (section 5.6) and is never ours.
func (c *Cookie) Find(fields []string) (first, second string, count int) {
	if c.dialect != nil {
		return c.dialect.Find(fields)
	}
	return find(fields, c.config.Name, strings.IndexByte)
}

// find walks the pairs of every field, after the grammar of section 4.2.1 with the whitespace that a recipient must bear:
//
//	cookie-string = cookie-pair *( ";" SP cookie-pair )
//	cookie-pair   = cookie-name BWS "=" BWS cookie-value
//
// index is strings.IndexByte, which leaps over what is not ours; a test counts what it is given to search.
func find(fields []string, name string, index func(string, byte) int) (first, second string, count int) {
	for _, rest := range fields {
		for len(rest) > 0 {
			pair := rest
			if i := index(rest, ';'); i >= 0 {
				pair, rest = rest[:i], rest[i+1:]
			} else {
				rest = rest[len(rest):]
			}
			value, ours := valueOf(pair, name)
			if !ours {
				continue
			}
			switch count {
			case 0:
				first = value
			case 1:
				second = value
			}
			count++
		}
	}
	return first, second, count
}

// valueOf returns the value of a pair, if the pair has that name.
func valueOf(pair, name string) (value string, ours bool) {
	for len(pair) > 0 && blank(pair[0]) {
		pair = pair[1:]
	}
	if len(pair) <= len(name) || pair[:len(name)] != name {
		return value, false
	}
	pair = pair[len(name):]
	for len(pair) > 0 && blank(pair[0]) {
		pair = pair[1:]
	}
	if len(pair) == 0 || pair[0] != '=' {
		return value, false
	}
	return strings.Trim(pair[1:], " \t"), true
}

// Without returns the Set-Cookie lines that do not set the named cookie, in their order, so that a caller who adds a line
// of its own never sends two of one name, which section 4.1.1 forbids: the last intention wins.
//
// Lines that spell the name in another case set another cookie and stay. Where nothing is to go, lines itself is
// returned; it is never written to.
func Without(lines []string, name string) []string {
	kept := lines
	for i, line := range lines {
		pair, _, _ := strings.Cut(line, ";")
		_, ours := valueOf(pair, name)
		switch {
		case ours && len(kept) == len(lines):
			kept = make([]string, i, len(lines)) // the first to go; one place is left for the line that replaces it
			copy(kept, lines)
		case !ours && len(kept) != len(lines):
			kept = append(kept, line)
		}
	}
	return kept
}
