package cookie

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Cookie is a kind's cookie, made by [Config.Compile]. It is immutable and serves many goroutines; two are the same
// cookie if their pointers are equal.
type Cookie struct {
	config   Config // with every default spelled out
	head     string // name and "="
	tail     string // the attributes, up to the digits of Max-Age
	clear    string // the whole clearing line
	maxValue int
	dialect  Dialect // or nil, and then there is no head or tail
}

func prepare(c Config) *Cookie {
	tail := c.attributes()
	if !c.BrowserSession {
		tail += maxAgeKey
	}
	return &Cookie{
		config:   c,
		head:     c.Name + "=",
		tail:     tail,
		clear:    c.clearing(),
		maxValue: min(c.Budget-c.overhead(), MaxPair-len(c.Name)),
	}
}

const (
	maxAgeKey    = "; Max-Age="
	maxAgeDigits = len("34560000") // of MaxAgeLimit, the longest
)

// overhead is the length of the longest line with an empty value.
func (c Config) overhead() int {
	n := len(c.Name) + len("=") + len(c.attributes())
	if !c.BrowserSession {
		n += len(maxAgeKey) + maxAgeDigits
	}
	return n
}

// clearing is the line that takes the cookie away. It has the same name, Domain and Path, because those are a cookie's
// identity (section 5.7), and all else that its prefix demands; a browser ignores it otherwise and the cookie stays.
//
// The grammar of section 4.1.1 has no Max-Age=0 before its latest wording, but every browser reads it as "now" (section
// 5.6.2) and prefers it. The date beside it says the same to whoever holds to the older grammar.
func (c Config) clearing() string {
	return c.Name + "=" + c.attributes() + maxAgeKey + "0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
}

// SizeError is a value that is too long for its cookie. A browser would drop the cookie without a word.
type SizeError struct {
	Name  string // of the cookie
	Size  int    // octets of the value
	Limit int    // octets that fit, as MaxValue says
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("cookie: %s: a value of %d octets is over the limit of %d", e.Name, e.Size, e.Limit)
}

// What else Set refuses. A token from the shell runs into neither.
var (
	ErrValue  = errors.New("cookie: value is not made of cookie-octets")
	ErrMaxAge = errors.New("cookie: Max-Age must be at least one second; Clear takes a cookie away")

	errDialect = errors.New("cookie: a dialect's cookie is spelled by Send")
)

// Set returns the line that gives the client a value for maxAge seconds, at most [MaxAgeLimit]; [MaxAge] reckons them. It
// costs one allocation.
//
// The value is cookie-octets without quotes, else the error is [ErrValue]; longer than [Cookie.MaxValue] it is a
// [*SizeError]; a maxAge below one is [ErrMaxAge]. With an error there is no line.
//
// The line has no Expires: Max-Age has precedence over it (section 5.6.2), browsers have long known Max-Age, a date
// would make the cookie's life hang on the client's clock, and it costs 40 octets. With BrowserSession it has
// no Max-Age either.
func (c *Cookie) Set(value string, maxAge int64) (line string, err error) {
	if c.dialect != nil {
		return "", errDialect
	}
	if len(value) > c.maxValue {
		return "", &SizeError{Name: c.config.Name, Size: len(value), Limit: c.maxValue}
	}
	if !all(value, isCookie) {
		return "", ErrValue
	}
	if maxAge < 1 {
		return "", ErrMaxAge
	}
	var space [maxAgeDigits]byte
	digits := space[:0]
	if !c.config.BrowserSession {
		digits = strconv.AppendInt(digits, min(maxAge, MaxAgeLimit), 10)
	}
	var b strings.Builder
	b.Grow(len(c.head) + len(value) + len(c.tail) + len(digits))
	b.WriteString(c.head)
	b.WriteString(value)
	b.WriteString(c.tail)
	b.Write(digits)
	return b.String(), nil
}

// MaxAge returns the seconds from now to until, both Unix milliseconds, rounded up, so that the cookie never ends before
// the session that it stands for; at most [MaxAgeLimit], and zero when until has come.
func MaxAge(until, now int64) int64 {
	if until <= now {
		return 0
	}
	left := uint64(until) - uint64(now) // right even where the difference is no int64
	return int64(min(left/1000+min(left%1000, 1), MaxAgeLimit))
}

// Clear returns the line that takes the cookie away from the client: an empty value that is already past, with the
// attributes that Set writes. It costs nothing.
func (c *Cookie) Clear() string { return c.clear }

// MaxValue returns the octets of the longest value that fits the budget and [MaxPair], whatever its lifetime, so that a
// limit for tokens can be had at set-up.
func (c *Cookie) MaxValue() int { return c.maxValue }

// Name returns the whole name, its prefix included.
func (c *Cookie) Name() string { return c.config.Name }

// Secure reports whether the cookie travels over https only.
func (c *Cookie) Secure() bool { return c.dialect == nil && !c.config.InsecureLoopback }

// InsecureLoopback reports whether the cookie is for plain http on this machine only; see [LoopbackHost].
func (c *Cookie) InsecureLoopback() bool { return c.config.InsecureLoopback }

// Config returns what the cookie was made of, with every default spelled out. Compiled again it gives an equal cookie.
func (c *Cookie) Config() Config {
	config := c.config
	config.Extensions = slices.Clone(config.Extensions)
	return config
}

// String describes the cookie by its name and attributes, as a page or a log shows them. It holds no value.
func (c *Cookie) String() string {
	if c.dialect != nil {
		return c.dialect.String()
	}
	return c.config.Name + c.config.attributes()
}
