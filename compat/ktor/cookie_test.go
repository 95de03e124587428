package ktor

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/adapters/cookie"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 999e6, time.UTC).UnixMilli()

// Section 2.9 of the record of Ktor's facts, and K13, as far as a session's cookie can be so.
func TestSetCookie(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 4)
	for _, c := range []struct {
		name         string
		config       Cookie
		set, cleared string
	}{
		{
			"defaults",
			Cookie{},
			"; Max-Age=604800; Expires=Mon, 30 Nov 2026 12:00:00 GMT; Path=/; HttpOnly; $x-enc=URI_ENCODING",
			"; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; $x-enc=URI_ENCODING",
		},
		{
			"everything",
			Cookie{
				MaxAge: 10*time.Second + 999*time.Millisecond, Encoding: Raw, Domain: "example.org", Path: "/shop", Secure: true,
				SameSite: Lax, Extensions: []string{"Flag", "Test=1", "b=a,r"},
			},
			"; Max-Age=10; Expires=Mon, 23 Nov 2026 12:00:10 GMT; Domain=example.org; Path=/shop; Secure; HttpOnly; SameSite=Lax; Flag; Test=1; b=a,r; $x-enc=RAW",
			"; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=example.org; Path=/shop; Secure; HttpOnly; SameSite=Lax; Flag; Test=1; b=a,r; $x-enc=RAW",
		},
		{
			"browser session",
			Cookie{MaxAge: BrowserSession, ScriptReadable: true, Encoding: DQuotes},
			"; Path=/; $x-enc=DQUOTES",
			"; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; $x-enc=DQUOTES",
		},
		{
			"max age 0",
			Cookie{MaxAge: AtOnce, WithoutXEnc: true},
			"; Max-Age=0; Path=/; HttpOnly",
			"; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly",
		},
		{
			"path = null",
			Cookie{MaxAge: BrowserSession, WithoutPath: true, Domain: "example.org"},
			"; Domain=example.org; HttpOnly; $x-enc=URI_ENCODING",
			"; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=example.org; HttpOnly; $x-enc=URI_ENCODING",
		},
		{
			"a hundred years",
			Cookie{MaxAge: 100 * 365 * 24 * time.Hour},
			"; Max-Age=2147483647; Expires=Wed, 30 Oct 2126 12:00:00 GMT; Path=/; HttpOnly; $x-enc=URI_ENCODING",
			"; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; $x-enc=URI_ENCODING",
		},
	} {
		d := spelling{name: "SESSION", config: c.config}
		if err := d.Check(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if line, err := d.Set(id, noon); line != "SESSION="+id+c.set || err != nil {
			t.Errorf("%s:\n%s\n%s, %v", c.name, line, "SESSION="+id+c.set, err)
		}
		if line := d.Clear(); line != "SESSION="+c.cleared {
			t.Errorf("%s:\n%s\n%s", c.name, line, "SESSION="+c.cleared)
		}
	}
	if line, err := (spelling{name: "n", config: Cookie{Encoding: Base64, MaxAge: BrowserSession}}).Set("value", 0); err != nil || line != "n=dmFsdWU=; Path=/; HttpOnly; $x-enc=BASE64_ENCODING" {
		t.Error(line, err)
	}
}

// The cookie of Ktor's ParserServerSetCookieTest.
func TestSetCookieValue(t *testing.T) {
	line, err := spelling{name: "SESSION"}.Set("cart=%23cl&userId=%23sid1", 0)
	if want := "SESSION=cart%3D%2523cl%26userId%3D%2523sid1; Max-Age=604800; Expires=Thu, 08 Jan 1970 00:00:00 GMT; "; err != nil || !strings.HasPrefix(line, want) {
		t.Error(line, err)
	}
}

func TestCookieIsChecked(t *testing.T) {
	for _, name := range []string{"", "a b", "a;b", "$a", "a{b", "a}b", "é", strings.Repeat("n", cookie.MaxPair)} {
		if (spelling{name: name}).Check() == nil {
			t.Errorf("name %.20q is accepted", name)
		}
	}
	for i, c := range []Cookie{
		{MaxAge: -1},
		{MaxAge: time.Second - 1},
		{MaxAge: math.MinInt64 + 2},
		{Encoding: 4},
		{Domain: "a;b"},
		{Path: "/\n"},
		{Path: "/shop", WithoutPath: true},
		{SameSite: "lax"},
		{SameSite: None},
		{Extensions: []string{"=x"}},
		{Extensions: []string{"a;b"}},
		{Extensions: []string{"a=\x7f"}},
	} {
		if (spelling{name: "n", config: c}).Check() == nil {
			t.Errorf("%d is accepted: %+v", i, c)
		}
	}
	if err := (spelling{name: "n", config: Cookie{SameSite: None, Secure: true, MaxAge: time.Second}}).Check(); err != nil {
		t.Error(err)
	}
}

// What would inject an attribute, or not come back, is not sent.
func TestCookieRefusesValues(t *testing.T) {
	for _, c := range []struct {
		e     Encoding
		value string
		good  bool
	}{
		{Raw, `{"userId":"id2","cart":[]}`, true},
		{Raw, "a; Domain=evil.example", false},
		{Raw, "a\r\nSet-Cookie: b=c", false},
		{Raw, "a\x7f", false},
		{Raw, `"a"`, false},
		{Raw, " a", false},
		{Raw, "a b", true},
		{Raw, "", false},
		{DQuotes, `a"b`, false},
		{DQuotes, `{"a":1}`, false},
		{DQuotes, "a; b", false},
		{DQuotes, "a, b", true},
		{DQuotes, "a\tb", false},
		{URI, "a; b\r\n", true},
		{URI, "\xff", false},
		{URI, "", false},
		{Base64, "a; b\r\n\x00", true},
		{Base64, "\xff", false},
	} {
		line, err := spelling{name: "S", config: Cookie{Encoding: c.e}}.Set(c.value, 0)
		if good := err == nil; good != c.good || good != (line != "") || !good && !errors.Is(err, cookie.ErrValue) {
			t.Errorf("%v of %q: %q, %v", c.e, c.value, line, err)
		}
	}
}

// The limit holds of what is sent, and what is announced at set-up is not above it.
func TestCookieSize(t *testing.T) {
	for _, e := range []Encoding{URI, Raw, DQuotes, Base64} {
		d := spelling{name: "SESSION", config: Cookie{Encoding: e}}
		value := strings.Repeat("a", d.MaxValue())
		if _, err := d.Set(value, 0); err != nil {
			t.Errorf("%v: %d octets: %v", e, len(value), err)
		}
		var size *cookie.SizeError
		if _, err := d.Set(value+"aaa", 0); !errors.As(err, &size) && e != DQuotes {
			t.Errorf("%v: %d octets: %v", e, len(value)+3, err)
		}
	}
	var size *cookie.SizeError
	if _, err := (spelling{name: "S"}).Set(strings.Repeat("/", 2000), 0); !errors.As(err, &size) || size.Size != 6000 {
		t.Error(err)
	}
}

func TestStringHoldsNoValue(t *testing.T) {
	if got := (spelling{name: "S"}).String(); got != "S=; Path=/; HttpOnly; $x-enc=URI_ENCODING" {
		t.Error(got)
	}
}
