package cookie

// The grammar of section 4.1.1, as far as it is spelled in octets:
//
//	cookie-name   = token                 ; RFC 9110, section 5.6.2
//	cookie-value  = *cookie-octet / ( DQUOTE *cookie-octet DQUOTE )
//	cookie-octet  = %x21 / %x23-2B / %x2D-3A / %x3C-5B / %x5D-7E
//	path-value    = *av-octet
//	extension-av  = 1*av-octet
//	av-octet      = %x20-3A / %x3C-7E     ; any CHAR except CTLs or ";"
//
// The quotes of the second form belong to the value and come back with it (section 4.1.1). We have no use for them, and
// one token has one spelling, so this package writes the first form only.

const (
	isToken  = 1 << iota // tchar
	isCookie             // cookie-octet
	isAV                 // av-octet
)

// classes says of each octet what it may be part of. From 0x80 on: of nothing.
var classes = func() (t [256]uint8) {
	for b := byte(0x20); b < 0x7f; b++ {
		if b != ';' {
			t[b] |= isAV
		}
		switch b {
		case ' ', '"', ',', ';', '\\':
		default:
			t[b] |= isCookie
		}
		switch {
		case '0' <= b && b <= '9', 'A' <= b && b <= 'Z', 'a' <= b && b <= 'z':
			t[b] |= isToken
		}
	}
	for _, b := range []byte("!#$%&'*+-.^_`|~") {
		t[b] |= isToken
	}
	return t
}()

// all reports whether every octet of s is of the class.
func all(s string, class uint8) bool {
	for i := range len(s) {
		if classes[s[i]]&class == 0 {
			return false
		}
	}
	return true
}

// Token reports whether s is a token of RFC 9110, section 5.6.2: at least one tchar, and nothing else. Names of cookies,
// of kinds and of header fields are tokens.
func Token(s string) bool { return s != "" && all(s, isToken) }

// blank reports whether b is whitespace in the grammar: SP or HTAB.
func blank(b byte) bool { return b == ' ' || b == '\t' }
