package ktor

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/satchel-go/satchel/internal/need"
)

// FuzzEncodings reads any text in each encoding, and writes it. URI reads and writes as net/url does, and Base64 nothing but the one spelling
// of some bytes, each with U+FFFD where those are no text; RAW and DQUOTES take one pair of quotes away. What a cookie can be set to is
// read as it was.
func FuzzEncodings(f *testing.F) {
	for _, seed := range []string{
		"", "a+b", "%C3%A9", "%zz", "%", "%2", "MTIzCg==", `"1 2"`, "%F0%9F", "a;b", "%F0%9F%41%e2", "\xff%ff", "%C3\u00a9", "/w==", "MTIz\n", "MTI=", "MTJ=", `"`, `""`, ` "a`, "\u2003\"a\"\u00a0",
		"\"a\"\u0085", `"a"b"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for e, oracle := range map[Encoding]func(string) (string, bool){URI: formDecoded, Base64: inBase64, Raw: unquoted, DQuotes: unquoted} {
			var value string
			var ok bool
			need.Proportion(t, len(text), func() { value, ok = e.decode(text) })
			want, wantOK := oracle(text)
			mixed := e == URI && !utf8.ValidString(text) // half a character may stand as it is, and half as %XX: Ktor reads two halves
			if ok != wantOK || !ok && value != "" || !mixed && !sameText(value, want) {
				t.Errorf("%v: %q is read as %q, %v; want %q, %v", e, text, value, ok, want, wantOK)
			}
			if len(value) > 3*len(text) {
				t.Errorf("%v: %d bytes of %d", e, len(value), len(text))
			}
			written, err := spelling{name: "S", config: Cookie{Encoding: e}}.Set(text, 0)
			if plain := e == URI || e == Base64; err != nil && plain && text != "" && utf8.ValidString(text) && len(text) < 1000 {
				t.Errorf("%v: %q cannot be set: %v", e, text, err)
			} else if back, ok := e.decode(e.encode(text)); err == nil && (!ok || back != text) {
				t.Errorf("%v: %q is set by %q, and read as %q, %v", e, text, written, back, ok)
			}
		}
		if got, want := URI.encode(text), url.QueryEscape(text); got != want {
			t.Errorf("%q is written as %q, want %q", text, got, want)
		}
	})
}

// formDecoded is a form's value as net/url reads it.
func formDecoded(text string) (string, bool) {
	value, err := url.QueryUnescape(text)
	return value, err == nil
}

// inBase64 is what has this very spelling.
func inBase64(text string) (string, bool) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || base64.StdEncoding.EncodeToString(raw) != text {
		return "", false
	}
	return string(raw), true
}

// unquoted takes away quotes, with the white space around them.
func unquoted(text string) (string, bool) {
	trimmed := strings.TrimFunc(text, isSpace)
	if inside, ok := strings.CutPrefix(trimmed, `"`); ok && strings.HasSuffix(inside, `"`) {
		return strings.TrimSuffix(inside, `"`), true
	}
	return text, true
}

// sameText reports whether got is want, in which what is no UTF-8 may have become U+FFFD: at least one for each stretch of such bytes, at
// most one for each byte, and nothing else is different.
func sameText(got, want string) bool {
	if got == want {
		return true
	}
	for want != "" {
		r, n := utf8.DecodeRuneInString(want)
		if r != utf8.RuneError || n > 1 {
			if !strings.HasPrefix(got, want[:n]) {
				return false
			}
			got, want = got[n:], want[n:]
			continue
		}
		stretch := 0
		for r == utf8.RuneError && n == 1 {
			stretch++
			want = want[1:]
			r, n = utf8.DecodeRuneInString(want)
		}
		signs := 0
		for rest, ok := strings.CutPrefix(got, "\uFFFD"); ok && signs < stretch; rest, ok = strings.CutPrefix(got, "\uFFFD") {
			got = rest
			signs++
		}
		if signs == 0 {
			return false
		}
	}
	return got == ""
}
