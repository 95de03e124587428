package ktor

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/satchel-go/satchel/adapters/cookie"
)

// Cookie says how a cookie of Ktor's looks, its CookieConfiguration. The zero value is Ktor's default, and so less than
// Satchel's: neither Secure nor SameSite. Both may be set on the side of Go alone, because neither is read back.
type Cookie struct {
	// MaxAge is maxAgeInSeconds: 0 is Ktor's default of 7 days, BrowserSession and AtOnce are not lives. A part of a second
	// is left out, and Max-Age (not Expires) stops at 2147483647 seconds, as in Ktor.
	MaxAge time.Duration

	// Encoding spells the value, on both sides.
	Encoding Encoding

	Domain string
	Path   string // "" is /, as in Ktor

	// WithoutPath is path = null: a browser then takes the folder of the request, and so may come to hold several of one name.
	WithoutPath bool

	Secure         bool     // off, as in Ktor
	ScriptReadable bool     // httpOnly = false
	SameSite       SameSite // not sent, as in Ktor

	// Extensions are further attributes, "Key" or "Key=Value", after SameSite and in this order.
	Extensions []string

	// WithoutXEnc leaves out $x-enc, which no browser knows, no Ktor reads, and which tells everybody that this is Ktor.
	WithoutXEnc bool
}

// What Cookie.MaxAge may be beside a life.
const (
	BrowserSession time.Duration = math.MinInt64     // maxAgeInSeconds = null: neither Max-Age nor Expires
	AtOnce         time.Duration = math.MinInt64 + 1 // maxAgeInSeconds = 0, which since 3.0.0 takes away what it sets
)

// SameSite is Ktor's cookie.sameSite. Unlike in adapters/cookie there is one that sends nothing.
type SameSite string

// The modes.
const (
	Lax    SameSite = "Lax"
	Strict SameSite = "Strict"
	None   SameSite = "None"
)

const (
	defaultMaxAge = 7 * 24 * time.Hour
	expiresFormat = "Mon, 02 Jan 2006 15:04:05 GMT" // IMF-fixdate, RFC 9110, section 5.6.7
)

// spelling is a kind's cookie as Ktor spells it, a cookie.Dialect.
type spelling struct {
	name   string
	config Cookie
}

// Check returns everything that is wrong. Ktor finds most of it only when a cookie is sent.
func (d spelling) Check() error {
	var errs []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf("ktor: cookie: "+format, args...))
		}
	}
	c := d.config
	fault(!cookie.Token(d.name), "name %q is not a token", d.name)
	fault(strings.HasPrefix(d.name, "$"), "name %q begins with $, and Ktor reads none that does", d.name)
	fault(strings.ContainsAny(d.name, "{}"), "name %q holds a brace, and Ktor reads none that does", d.name)
	fault(int(c.Encoding) >= len(encodingNames), "no such encoding")
	fault(c.MaxAge < 0 && c.MaxAge != BrowserSession && c.MaxAge != AtOnce, "MaxAge %v is negative", c.MaxAge)
	fault(c.MaxAge > 0 && c.MaxAge < time.Second, "MaxAge %v is under a second, so Ktor would take the cookie away", c.MaxAge)
	fault(!attribute(c.Domain), "Domain holds a semicolon or a control")
	fault(!attribute(c.Path), "Path holds a semicolon or a control")
	fault(c.WithoutPath && c.Path != "", "WithoutPath and a Path")
	fault(c.SameSite != "" && c.SameSite != Lax && c.SameSite != Strict && c.SameSite != None, "no such SameSite")
	fault(c.SameSite == None && !c.Secure, "SameSite=None needs Secure, or a browser drops the cookie")
	for i, e := range c.Extensions {
		key, value, _ := strings.Cut(e, "=")
		fault(!cookie.Token(key), "extension %d has no token as its key", i)
		fault(!attribute(value), "extension %d holds a semicolon or a control", i)
	}
	fault(d.MaxValue() < 1, "the name leaves no room for a value")
	return errors.Join(errs...)
}

// attribute reports whether s can stand in an attribute's value.
func attribute(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == ';' })
}

// Name is the cookie's name.
func (d spelling) Name() string { return d.name }

// MaxValue is the longest value for which a browser's 4096 octets may do, as RFC 6265bis counts them.
func (d spelling) MaxValue() int { return d.config.Encoding.max(cookie.MaxPair - len(d.name)) }

// Find returns the first two values of the cookie, and how many there are. Ktor takes the last one: which a sibling host may have
// planted. Here both are tried, and two that give a session give none.
func (d spelling) Find(fields []string) (first, second string, count int) {
	for _, field := range fields {
		pairs(field, func(name, text string) bool {
			if name != d.name {
				return true
			}
			if count++; count > 2 {
				return false
			}
			value, ok := d.config.Encoding.decode(text)
			if !ok {
				value = ""
			}
			if count == 1 {
				first = value
			} else {
				second = value
			}
			return true
		})
	}
	return first, second, count
}

// Set returns the line that Ktor 3.5.2 sends. It refuses a value that Ktor, or we, would not read back as it is.
func (d spelling) Set(value string, now int64) (string, error) {
	text := d.config.Encoding.encode(value)
	if size, limit := len(text), cookie.MaxPair-len(d.name); size > limit {
		return "", &cookie.SizeError{Name: d.name, Size: size, Limit: limit}
	}
	back, _, count := d.Find([]string{d.name + "=" + text})
	if count != 1 || back != value || value == "" || !attribute(text) {
		return "", cookie.ErrValue
	}
	return d.line(text, now), nil
}

func (d spelling) line(text string, now int64) string {
	switch age := d.config.MaxAge; age {
	case BrowserSession:
		return d.spell(text, "")
	case AtOnce:
		return d.spell(text, "; Max-Age=0")
	case 0:
		return d.spell(text, lasting(defaultMaxAge, now))
	default:
		return d.spell(text, lasting(age, now))
	}
}

// lasting spells a life that begins at now.
func lasting(age time.Duration, now int64) string {
	seconds := int64(age / time.Second)
	return "; Max-Age=" + strconv.FormatInt(min(seconds, math.MaxInt32), 10) +
		"; Expires=" + time.UnixMilli(now+seconds*1000).UTC().Format(expiresFormat)
}

// Clear returns the line that takes the cookie away as Ktor does since 3.0.0.
func (d spelling) Clear() string {
	return d.spell("", "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT")
}

// spell joins a line in Ktor's order.
func (d spelling) spell(text, life string) string {
	c := d.config
	var b strings.Builder
	b.WriteString(d.name + "=" + text + life)
	if c.Domain != "" {
		b.WriteString("; Domain=" + c.Domain)
	}
	if c.Path == "" {
		c.Path = "/"
	}
	if !c.WithoutPath {
		b.WriteString("; Path=" + c.Path)
	}
	if c.Secure {
		b.WriteString("; Secure")
	}
	if !c.ScriptReadable {
		b.WriteString("; HttpOnly")
	}
	if c.SameSite != "" {
		b.WriteString("; SameSite=" + string(c.SameSite))
	}
	for _, e := range c.Extensions {
		b.WriteString("; " + e)
	}
	if !c.WithoutXEnc {
		b.WriteString("; $x-enc=" + c.Encoding.String())
	}
	return b.String()
}

// String describes the cookie without its value.
func (d spelling) String() string { return d.spell("", "") }
