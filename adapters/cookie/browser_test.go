package cookie

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// browser is a user agent's cookie store, written from sections 5.6 and 5.7 of RFC 6265bis (and CHIPS) without a look at
// the code that it judges: whatever Compile accepts it must store, and whatever Clear says it must forget.
type browser struct {
	kept map[identity]string
}

// identity is what makes a new cookie replace an old one.
type identity struct {
	name, domain string
	hostOnly     bool
	path         string
}

// origin is where a response came from.
type origin struct {
	host  string
	https bool
}

// receive takes a Set-Cookie line and reports whether the browser obeyed it.
func (b *browser) receive(from origin, line string) bool {
	for i := range len(line) { // section 5.6, step 1
		if line[i] <= 0x08 || 0x0a <= line[i] && line[i] <= 0x1f || line[i] == 0x7f {
			return false
		}
	}
	parts := strings.Split(line, ";")
	name, value, named := strings.Cut(parts[0], "=")
	if !named {
		name, value = "", parts[0]
	}
	name, value = strings.Trim(name, " \t"), strings.Trim(value, " \t")
	if len(name)+len(value) > 4096 || name+value == "" {
		return false
	}
	id := identity{name: name, domain: from.host, hostOnly: true, path: "/default"}
	var secure, httpOnly, partitioned, expired bool
	sameSite := ""
	for _, part := range parts[1:] {
		key, v, _ := strings.Cut(part, "=")
		key, v = strings.ToLower(strings.Trim(key, " \t")), strings.Trim(v, " \t")
		if len(v) > 1024 {
			continue
		}
		switch key {
		case "max-age":
			if seconds, err := strconv.Atoi(v); err == nil {
				expired = seconds <= 0
			}
		case "domain":
			v = strings.ToLower(strings.TrimPrefix(v, "."))
			if v != from.host && !strings.HasSuffix(from.host, "."+v) {
				return false
			}
			id.domain, id.hostOnly = v, v == ""
		case "path":
			id.path = "/default"
			if strings.HasPrefix(v, "/") {
				id.path = v
			}
		case "secure":
			secure = true
		case "httponly":
			httpOnly = true
		case "partitioned":
			partitioned = true
		case "samesite":
			sameSite = strings.ToLower(v)
		}
	}
	if secure && !from.https || !secure && (sameSite == "none" || partitioned) {
		return false
	}
	beginning := func(p string) bool { return strings.HasPrefix(strings.ToLower(name), p) }
	hostBound := secure && id.hostOnly && id.path == "/"
	switch {
	case beginning("__secure-") && !secure,
		beginning("__host-") && !hostBound,
		beginning("__http-") && (!secure || !httpOnly),
		beginning("__host-http-") && (!hostBound || !httpOnly):
		return false
	}
	if b.kept == nil {
		b.kept = map[identity]string{}
	}
	delete(b.kept, id)
	if !expired {
		b.kept[id] = value
	}
	return true
}

// field is the Cookie header field that the browser sends to every path that it has a cookie for.
func (b *browser) field() string {
	var pairs []string
	for id, value := range maps.All(b.kept) {
		pairs = append(pairs, id.name+"="+value)
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "; ")
}

// origin is one that a cookie may be used at: a host of its Domain, by https unless it is for loopback.
func (c Config) origin() origin {
	host := "shop.example"
	if c.InsecureLoopback {
		host = "localhost"
	}
	if c.Domain != "" {
		host = "a." + strings.ToLower(c.Domain)
	}
	return origin{host: host, https: !c.InsecureLoopback}
}

// every yields the product of all that Config can choose, sensible or not.
func every(yield func(Config) bool) {
	names := []string{
		"", "plain", "__Secure-x", "__Host-x", "__Http-x", "__Host-Http-x",
		"__secure-x", "__HOST-x", "__hTTP-x", "__host-HTTP-x",
	}
	for _, name := range names {
		for _, domain := range []string{"", "shop.example", "localhost", "Sub.LocalHost"} {
			for _, path := range []string{"", "/", "/cart"} {
				for _, sameSite := range []SameSite{Lax, Strict, None} {
					for bits := range 16 {
						if !yield(Config{
							Name: name, Domain: domain, Path: path, SameSite: sameSite,
							InsecureLoopback: bits&1 != 0, ScriptReadable: bits&2 != 0, Partitioned: bits&4 != 0, BrowserSession: bits&8 != 0,
						}) {
							return
						}
					}
				}
			}
		}
	}
}
