package satcheltest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// setCookie is a Set-Cookie line as a browser reads it.
type setCookie struct {
	name, value string
	until       time.Time // zero: until the browser is closed; now or earlier: at once
	aged        bool      // by Max-Age, which has precedence over Expires
	domain      string    // without a leading dot, in lower case; "" is none
	path        string    // "" is none
	secure      bool
	httpOnly    bool
	partitioned bool
	sameSite    string // in lower case
}

// The limits of sections 5.5 to 5.7.
const (
	maxPair      = 4096 // octets of a name and its value
	maxAttribute = 1024 // octets of an attribute's value
	maxLife      = 400 * 24 * time.Hour
)

// dropped says why a browser would drop a cookie.
func dropped(name, why string) error {
	return fmt.Errorf("a browser would drop the cookie %q: %s", name, why)
}

// parseSetCookie reads a line by section 5.6.
func parseSetCookie(line string, now time.Time) (setCookie, error) {
	pair, rest, _ := strings.Cut(line, ";")
	name, value, named := strings.Cut(pair, "=")
	if !named {
		name, value = "", pair
	}
	c := setCookie{name: trim(name), value: trim(value)}
	if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return c, dropped(c.name, "its line has control characters")
	}
	if c.name == "" && c.value == "" {
		return c, dropped(c.name, "it has neither name nor value")
	}
	if n := len(c.name) + len(c.value); n > maxPair {
		return c, dropped(c.name, fmt.Sprintf("name and value have %d octets, over %d", n, maxPair))
	}
	for part := range strings.SplitSeq(rest, ";") {
		key, v, _ := strings.Cut(part, "=")
		if v = trim(v); len(v) <= maxAttribute {
			c.attribute(strings.ToLower(trim(key)), v, now)
		}
	}
	return c, nil
}

// attribute reads one attribute by sections 5.6.1 to 5.6.7; of several by one name the last counts.
func (c *setCookie) attribute(key, v string, now time.Time) {
	switch key {
	case "max-age":
		if until, ok := maxAge(v, now); ok {
			c.until, c.aged = until, true
		}
	case "expires":
		if until, ok := date(v); ok && !c.aged {
			c.until = earliest(until, now.Add(maxLife))
		}
	case "domain":
		c.domain = strings.ToLower(strings.TrimPrefix(v, "."))
	case "path":
		if c.path = ""; strings.HasPrefix(v, "/") {
			c.path = v
		}
	case "secure":
		c.secure = true
	case "httponly":
		c.httpOnly = true
	case "partitioned":
		c.partitioned = true
	case "samesite":
		c.sameSite = strings.ToLower(v)
	}
}

// maxAge is section 5.6.2: what is no number is passed over, none above zero is at once.
func maxAge(v string, now time.Time) (time.Time, bool) {
	digits, negative := strings.CutPrefix(v, "-")
	if strings.Trim(digits, "0123456789") != "" || v == "" {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseInt(digits, 10, 64)
	switch {
	case negative || digits == "" || err == nil && seconds == 0:
		return now, true
	case err != nil || seconds > int64(maxLife/time.Second):
		return now.Add(maxLife), true
	}
	return now.Add(time.Duration(seconds) * time.Second), true
}

// date reads the dates that servers write. The reader of section 5.6.1, which takes nearly anything, would keep longer what
// is misspelled here, and no Go program writes that.
func date(v string) (time.Time, bool) {
	if t, err := http.ParseTime(v); err == nil {
		return t, true
	}
	t, err := time.Parse("Mon, 02-Jan-2006 15:04:05 MST", v)
	return t, err == nil
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// past reports whether the line takes a cookie away.
func (c setCookie) past(now time.Time) bool { return kept{until: c.until}.past(now) }

// admitted returns the cookie to be kept for an answer from host and path, by section 5.7.
func (c setCookie) admitted(host, path string) (kept, error) {
	k := kept{identity: identity{name: c.name, domain: host, hostOnly: true, path: c.path}, value: c.value, until: c.until}
	if c.path == "" {
		k.path = defaultPath(path)
	}
	switch single := !strings.Contains(c.domain, "."); {
	case c.domain == "" || single && c.domain == host:
	case strings.ContainsFunc(c.domain, func(r rune) bool { return r > '~' }):
		return k, dropped(c.name, "its Domain is not ASCII")
	case single:
		return k, dropped(c.name, "its Domain is one label, as a public suffix is")
	case !domainMatch(host, c.domain):
		return k, dropped(c.name, fmt.Sprintf("its Domain is %s, and it came from %s", c.domain, host))
	default:
		k.domain, k.hostOnly = c.domain, false
	}
	switch {
	case c.sameSite == "none" && !c.secure:
		return k, dropped(c.name, "SameSite=None without Secure")
	case c.partitioned && !c.secure:
		return k, dropped(c.name, "Partitioned without Secure")
	}
	return k, c.keepsItsPrefix(k)
}

// keepsItsPrefix is section 4.1.3, which browsers enforce whatever the case of a prefix; a value may not look as if it
// were one.
func (c setCookie) keepsItsPrefix(k kept) error {
	name := strings.ToLower(c.name)
	if c.name == "" {
		name = strings.ToLower(c.value)
	}
	for _, p := range [...]struct {
		prefix         string
		host, httpOnly bool
	}{{"__host-http-", true, true}, {"__host-", true, false}, {"__secure-", false, false}, {"__http-", false, true}} {
		if !strings.HasPrefix(name, p.prefix) {
			continue
		}
		switch {
		case c.name == "":
			return dropped(c.name, "it has no name, and a value with a prefix")
		case !c.secure:
			return dropped(c.name, "its prefix demands Secure")
		case p.httpOnly && !c.httpOnly:
			return dropped(c.name, "its prefix demands HttpOnly")
		case p.host && !k.hostOnly:
			return dropped(c.name, "its prefix forbids a Domain")
		case p.host && c.path != "/":
			return dropped(c.name, "its prefix demands Path=/")
		}
	}
	return nil
}

// trim takes off SP and HTAB, and nothing else: only those are whitespace here.
func trim(s string) string { return strings.Trim(s, " \t") }
