package cookie

import (
	"errors"
	"fmt"
	"strings"
)

// prefix is a beginning of names that a browser accepts only with certain attributes (section 4.1.3; __Http- and
// __Host-Http- after layered-cookies). All of them need Secure.
type prefix struct {
	text     string
	host     bool // needs Path=/ and no Domain
	httpOnly bool // needs HttpOnly
}

// prefixes holds them so that one which begins with another comes before it.
var prefixes = [...]prefix{
	{text: "__Host-Http-", host: true, httpOnly: true},
	{text: "__Host-", host: true},
	{text: "__Http-", httpOnly: true},
	{text: "__Secure-"},
}

// prefixOf returns the prefix of a name as a browser sees it, in any case (section 5.7), or the zero prefix.
func prefixOf(name string) prefix {
	for _, p := range prefixes {
		if len(name) >= len(p.text) && strings.EqualFold(name[:len(p.text)], p.text) {
			return p
		}
	}
	return prefix{}
}

// check returns everything that is wrong with c, whose defaults are spelled out; byDefault says that its name is one.
func (c Config) check(kind string, byDefault bool) error {
	var faults []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf("cookie: "+format, args...))
		}
	}
	fault(!Token(kind), "kind %q is not a token", kind)
	fault(!Token(c.Name) && !byDefault, "name %q is not a token", c.Name)
	c.checkPrefix(fault, byDefault)

	fault(c.SameSite > None, "SameSite %d is none of Lax, Strict, None", uint8(c.SameSite))
	fault(c.InsecureLoopback && c.SameSite == None, "SameSite=None needs Secure, which InsecureLoopback leaves out")
	fault(c.InsecureLoopback && c.Partitioned, "Partitioned needs Secure, which InsecureLoopback leaves out")

	fault(c.Domain != "" && !domain(c.Domain), "Domain %q is not a host name (no leading dot, no port, ASCII only)", c.Domain)
	fault(c.InsecureLoopback && c.Domain != "" && !LoopbackHost(c.Domain),
		"Domain %q is not this machine, which InsecureLoopback is for", c.Domain)
	fault(c.Path[0] != '/', "Path %q does not begin with /", c.Path) // a browser would put its default path there
	fault(!all(c.Path, isAV), "Path %q holds a control, a semicolon or a character that is not ASCII", c.Path)
	fault(strings.ContainsAny(c.Path, `"\`), "Path %q holds a quote or a backslash, which no URL does (RFC 3986, section 3.3) and net/http drops", c.Path)
	fault(blank(c.Path[len(c.Path)-1]), "Path %q ends in whitespace, which a browser trims", c.Path)
	fault(len(c.Path) > MaxAttribute, "Path has %d octets; a browser drops more than %d", len(c.Path), MaxAttribute)
	c.checkExtensions(fault)
	c.checkBudget(fault)
	return errors.Join(faults...)
}

func (c Config) checkPrefix(fault func(bool, string, ...any), byDefault bool) {
	p := prefixOf(c.Name)
	if p.text == "" {
		return
	}
	hint := ""
	if byDefault {
		hint = "; give the cookie a Name, such as __Secure-" + strings.TrimPrefix(c.Name, p.text)
	}
	fault(!strings.HasPrefix(c.Name, p.text), "name %q spells the prefix %s in another case", c.Name, p.text)
	fault(c.InsecureLoopback, "prefix %s needs Secure, which InsecureLoopback leaves out", p.text)
	fault(p.host && c.Path != "/", "prefix %s needs Path=/%s", p.text, hint)
	fault(p.host && c.Domain != "", "prefix %s forbids a Domain%s", p.text, hint)
	fault(p.httpOnly && c.ScriptReadable, "prefix %s needs HttpOnly, which ScriptReadable leaves out", p.text)
}

// ownAttributes are those that the other fields of Config write.
var ownAttributes = [...]string{"Path", "Domain", "Secure", "HttpOnly", "SameSite", "Partitioned", "Max-Age", "Expires"}

// checkExtensions holds extensions to the grammar and to one attribute of a name in one line (section 4.1.1).
func (c Config) checkExtensions(fault func(bool, string, ...any)) {
	for i, extension := range c.Extensions {
		key, value, _ := strings.Cut(extension, "=")
		fault(!Token(key), "extension %d has no token as its key", i)
		fault(!all(extension, isAV), "extension %d holds a control, a semicolon or a character that is not ASCII", i)
		fault(value != strings.Trim(value, " \t"), "extension %d has whitespace around its value", i)
		fault(len(value) > MaxAttribute, "extension %d has %d octets of value; a browser drops more than %d",
			i, len(value), MaxAttribute)
		for _, own := range ownAttributes {
			fault(strings.EqualFold(key, own), "extension %d sets %s, which is not an extension", i, own)
		}
		for _, earlier := range c.Extensions[:i] {
			earlierKey, _, _ := strings.Cut(earlier, "=")
			fault(strings.EqualFold(key, earlierKey), "extension %d sets %q again", i, key)
		}
	}
}

// checkBudget asks for room for the clearing line and for a value of one octet.
func (c Config) checkBudget(fault func(bool, string, ...any)) {
	if c.Budget < 0 {
		fault(true, "Budget %d is negative", c.Budget)
		return
	}
	least := max(len(c.clearing()), c.overhead()+1)
	fault(c.Budget < least, "Budget of %d octets is too small for the attributes, which take up to %d", c.Budget, least)
	fault(len(c.Name) >= MaxPair, "name has %d octets; with its value a browser drops more than %d", len(c.Name), MaxPair)
}
