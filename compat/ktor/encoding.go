package ktor

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Encoding is how a cookie's value is spelled, Ktor's CookieEncoding. The zero value is Ktor's default.
type Encoding uint8

// The encodings.
const (
	// URI keeps A-Z a-z 0-9 - . _ ~, writes a space as "+" and all else as %XX. It reads what every Ktor wrote: up to 2.1.2 fewer
	// characters were kept, and by 2.1.3 more; a "+" that 2.1.3 left as it was reads as a space, as it does in every Ktor.
	URI Encoding = iota
	// Raw writes the value as it is. It cannot spell what would not be read back as it is, such as a semicolon.
	Raw
	// DQuotes is Raw, with quotes around a value that holds whitespace, a semicolon or a comma. It cannot spell a quote, and so
	// no JSON.
	DQuotes
	// Base64 has the standard alphabet with padding (RFC 4648, section 4), and reads nothing else, as Ktor since 3.4.0.
	Base64
)

var encodingNames = [...]string{"URI_ENCODING", "RAW", "DQUOTES", "BASE64_ENCODING"}

// String returns Ktor's name of the encoding, which $x-enc shows.
func (e Encoding) String() string {
	if int(e) < len(encodingNames) {
		return encodingNames[e]
	}
	return "invalid"
}

// encode spells a value. It does not see whether the value comes back: its caller does.
func (e Encoding) encode(v string) string {
	switch e {
	case URI:
		return formEncode(v)
	case DQuotes:
		if strings.ContainsFunc(v, asksForQuotes) {
			return `"` + v + `"`
		}
	case Base64:
		return base64.StdEncoding.EncodeToString([]byte(v))
	}
	return v
}

// decode reads a value as the header's parser left it. What cannot be decoded is an exception in Ktor, and not a value here.
func (e Encoding) decode(v string) (value string, ok bool) {
	switch e {
	case URI:
		return decodeURI(v)
	case Base64:
		if strings.ContainsAny(v, "\r\n") { // which Go's decoder skips
			return "", false
		}
		raw, err := base64.StdEncoding.Strict().DecodeString(v)
		if err != nil {
			return "", false
		}
		return string(replaceInvalid(raw)), true
	}
	if t := trimSpace(v); len(t) >= 2 && t[0] == '"' && t[len(t)-1] == '"' {
		return t[1 : len(t)-1], true
	}
	return v, true
}

// max returns the most octets of which an encoded value of size octets may be made, at the least.
func (e Encoding) max(size int) int {
	switch e {
	case DQuotes:
		return size - len(`""`)
	case Base64:
		return size / 4 * 3
	}
	return size
}

// asksForQuotes is Ktor's shouldEscapeInCookies.
func asksForQuotes(r rune) bool { return isSpace(r) || r < ' ' || strings.ContainsRune(`;,"`, r) }

// isSpace is Kotlin's Char.isWhitespace on the JVM.
func isSpace(r rune) bool {
	return '\t' <= r && r <= '\r' || 0x1c <= r && r <= 0x1f || unicode.In(r, unicode.Z)
}

func trimSpace(s string) string { return strings.TrimFunc(s, isSpace) }

// decodeURI reads "+" and %XX in either case. The bytes of neighbouring escapes are read together as UTF-8, and what is none
// becomes U+FFFD: unlike percentDecode it reads what a client sent, and says what Ktor sees.
func decodeURI(v string) (string, bool) {
	if !strings.ContainsAny(v, "%+") {
		return v, true
	}
	out := make([]byte, 0, len(v))
	var run []byte
	for i := 0; i < len(v); {
		if run = run[:0]; v[i] != '%' {
			c := v[i]
			if c == '+' {
				c = ' '
			}
			out = append(out, c)
			i++
			continue
		}
		for ; i < len(v) && v[i] == '%'; i += 3 {
			if len(v)-i < 3 {
				return "", false
			}
			high, low := fromHex(v[i+1]), fromHex(v[i+2])
			if high < 0 || low < 0 {
				return "", false
			}
			run = append(run, byte(high<<4|low))
		}
		out = append(out, replaceInvalid(run)...)
	}
	return string(out), true
}

// replaceInvalid puts U+FFFD in place of what is not UTF-8: as the JVM one for each longest beginning of a character (The Unicode
// Standard, section 3.9, "substitution of maximal subparts").
func replaceInvalid(s []byte) []byte {
	if utf8.Valid(s) {
		return s
	}
	var b bytes.Buffer
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		if r != utf8.RuneError || n > 1 {
			b.Write(s[:n])
			s = s[n:]
			continue
		}
		n = 1
		for n < len(s) && n < 4 && beginsRune(s[:n+1]) {
			n++
		}
		b.WriteRune(utf8.RuneError)
		s = s[n:]
	}
	return b.Bytes()
}

// beginsRune reports whether s is how some character longer than s begins.
func beginsRune(s []byte) bool {
	var full [utf8.UTFMax]byte
	n := copy(full[:], s)
	for ; n < len(full); n++ {
		for _, next := range [...]byte{0x80, 0xbf} {
			full[n] = next
			if r, size := utf8.DecodeRune(full[:n+1]); r != utf8.RuneError && size == n+1 {
				return true
			}
		}
		full[n] = 0x80
	}
	return false
}
