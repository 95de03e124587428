package ktor

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxPairs is how many pairs Ktor reads of one form-url-encoded text; what follows it does not see.
const maxPairs = 1000

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// percent writes s with all bytes escaped but those that keep says, and with space as the given text.
func percent(s, space string, keep func(c byte) bool) string {
	const digits = "0123456789ABCDEF"
	n := 0
	for i := range len(s) {
		if !keep(s[i]) {
			n++
		}
	}
	if n == 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 2*n)
	for i := range len(s) {
		switch c := s[i]; {
		case keep(c):
			b.WriteByte(c)
		case c == ' ':
			b.WriteString(space)
		default:
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}

// formEncode is Ktor's encodeURLParameter with space as plus: of names and values of pairs.
func formEncode(s string) string {
	return percent(s, "+", func(c byte) bool {
		return isAlphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~'
	})
}

// componentEncode is Ktor's encodeURLQueryComponent, inside collections. It keeps "&" and "=", which is why Ktor's
// collections are ambiguous.
func componentEncode(s string) string {
	return percent(s, "%20", func(c byte) bool {
		return isAlphanumeric(c) || strings.IndexByte(":/?#[]@!$&'()*,;=-._~+", c) >= 0
	})
}

// percentDecode undoes both. Unlike Ktor, which reads U+FFFD there, it refuses bytes that are no UTF-8: Ktor writes none.
func percentDecode(s string, plusIsSpace bool) (string, error) {
	if strings.IndexByte(s, '%') < 0 && (!plusIsSpace || strings.IndexByte(s, '+') < 0) {
		return s, nil
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+' && plusIsSpace:
			b = append(b, ' ')
		case c == '%':
			if i+2 >= len(s) {
				return "", faultf("has an escape that is cut short")
			}
			high, low := fromHex(s[i+1]), fromHex(s[i+2])
			if high < 0 || low < 0 {
				return "", faultf("has an escape without two hex digits")
			}
			b = append(b, byte(high<<4|low))
			i += 2
		default:
			b = append(b, c)
		}
	}
	if !utf8.Valid(b) {
		return "", faultf("is not UTF-8")
	}
	return string(b), nil
}

func fromHex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// pair is a name and its value, decoded; bare says that there was no "=".
type pair struct {
	name, value string
	bare        bool
}

// parsePairs is Ktor's parseQueryString: it trims what Kotlin takes for white space, passes over pairs without a name, and
// reads the first thousand.
func parsePairs(text string) ([]pair, error) {
	var pairs []pair
	for n := 0; n < maxPairs && text != ""; n++ {
		var one string
		one, text, _ = strings.Cut(text, "&")
		rawName, rawValue, found := strings.Cut(one, "=")
		rawName = strings.TrimFunc(rawName, isKotlinSpace)
		if rawName == "" {
			continue
		}
		name, err := percentDecode(rawName, false)
		if err != nil {
			return nil, faultf("a name at the top: %v", err)
		}
		value, err := percentDecode(strings.TrimFunc(rawValue, isKotlinSpace), true)
		if err != nil {
			return nil, faultf("a value at the top: %v", err)
		}
		pairs = append(pairs, pair{name: name, value: value, bare: !found})
	}
	return pairs, nil
}

// isKotlinSpace is Char.isWhitespace of Kotlin.
func isKotlinSpace(r rune) bool {
	return r >= '\t' && r <= '\r' || r >= 0x1c && r <= 0x1f || unicode.In(r, unicode.Zs, unicode.Zl, unicode.Zp)
}

// foldName maps names that Ktor takes for one to the same text: its names of parameters are case-insensitive.
func foldName(name string) string { return strings.Map(unicode.ToLower, name) }

// compareUTF16 orders names as Kotlin does, by UTF-16 code units, which differs from the order of bytes beyond U+FFFF.
func compareUTF16(a, b string) int {
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}
