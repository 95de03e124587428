package cookie

import (
	"slices"
	"strings"
)

// Config says how a kind's cookie looks. The zero value is the safe default: the name __Host-<kind>, Secure, HttpOnly,
// SameSite=Lax, Path=/. [Config.Compile] makes the cookie.
type Config struct {
	// Name is the whole name, its prefix included. Empty means __Host-<kind>, or <kind> with InsecureLoopback.
	Name string

	// Domain makes the cookie travel to that host and all hosts below it, without a leading dot. Empty means this host
	// only. The default name forbids it: a cookie with a Domain takes a Name, such as __Secure-<kind>.
	Domain string

	// Path is the path below which the cookie travels; empty means /. It protects from nothing (section 8.5). The default
	// name forbids any but /.
	Path string

	// SameSite is always written.
	SameSite SameSite

	// InsecureLoopback leaves out Secure and the prefix, for plain http on this machine and nothing else. It cannot go
	// with any prefix, SameSite=None, Partitioned, or a Domain that is not localhost.
	InsecureLoopback bool

	// ScriptReadable leaves out HttpOnly: any script of the page can take the token away.
	ScriptReadable bool

	// Partitioned keeps one cookie for each site that embeds this one (CHIPS).
	Partitioned bool

	// BrowserSession leaves out Max-Age: the browser forgets the cookie when its session ends, which with a restored
	// window is never. The server's limits hold all the same.
	BrowserSession bool

	// Budget is the most octets of a Set-Cookie line, without the header's name; 0 means [DefaultBudget]. A budget above
	// [MaxPair] does not lift that limit.
	Budget int

	// Extensions are further attributes, "Key" or "Key=Value", written last and in this order.
	Extensions []string

	// Dialect, for the compat rooms, spells the cookie in place of all else here.
	Dialect Dialect
}

// The limits that RFC 6265bis sets for browsers, and ours for a line.
const (
	MaxPair       = 4096            // octets of a name and its value together; sections 5.6 and 5.7
	MaxAttribute  = 1024            // octets of an attribute's value; section 5.6
	MaxAgeLimit   = 400 * 24 * 3600 // seconds that a cookie may live; section 5.5
	DefaultBudget = 4050            // octets of a line; RFC 6265, section 6.1, counted attributes into its 4096
)

// SameSite says which requests from other sites carry the cookie (section 5.6.7).
type SameSite uint8

// The modes. Unlike in net/http there is none that writes nothing, because browsers differ in what they make of that.
const (
	Lax    SameSite = iota // only when a person follows a link, or the like
	Strict                 // none
	None                   // all; needs Secure
)

// String returns the attribute's value.
func (s SameSite) String() string {
	switch s {
	case Lax:
		return "Lax"
	case Strict:
		return "Strict"
	case None:
		return "None"
	}
	return "invalid"
}

// Compile returns the cookie of a kind. Its error joins everything that is wrong; it never edits c.
//
// The rules are those by which a browser refuses or drops a cookie (sections 5.6 and 5.7) and the grammar of section 4.1.1,
// with two of our own: a prefix is spelled in its own case, though browsers match it in any, and a budget leaves
// room for the line that clears the cookie.
func (c Config) Compile(kind string) (*Cookie, error) {
	if c.Dialect != nil {
		return c.compileDialect()
	}
	resolved := c.resolved(kind)
	if err := resolved.check(kind, c.Name == ""); err != nil {
		return nil, err
	}
	return prepare(resolved), nil
}

// resolved returns a copy of c in which every default is spelled out.
func (c Config) resolved(kind string) Config {
	if c.Name == "" {
		c.Name = kind
		if !c.InsecureLoopback {
			c.Name = "__Host-" + kind
		}
	}
	if c.Path == "" {
		c.Path = "/"
	}
	if c.Budget == 0 {
		c.Budget = DefaultBudget
	}
	c.Extensions = slices.Clone(c.Extensions)
	return c
}

// attributes spells what stands between the value and the lifetime, each part with its "; " before it.
func (c Config) attributes() string {
	var b strings.Builder
	b.WriteString("; Path=" + c.Path)
	if c.Domain != "" {
		b.WriteString("; Domain=" + c.Domain)
	}
	if !c.InsecureLoopback {
		b.WriteString("; Secure")
	}
	if !c.ScriptReadable {
		b.WriteString("; HttpOnly")
	}
	b.WriteString("; SameSite=" + c.SameSite.String())
	if c.Partitioned {
		b.WriteString("; Partitioned")
	}
	for _, extension := range c.Extensions {
		b.WriteString("; " + extension)
	}
	return b.String()
}
