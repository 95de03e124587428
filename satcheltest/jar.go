package satcheltest

import (
	"cmp"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Jar keeps cookies as a browser does, after RFC 6265bis (draft 22, whose sections the comments name), for one visitor.
// Unlike a browser
//
//   - it takes plain http for https: a test speaks to the program as the proxy does that ends TLS before it;
//   - it holds every request to be of the same site, so SameSite keeps nothing back;
//   - it knows no list of public suffixes, and takes each Domain of a single label for one;
//   - it never evicts a live cookie.
//
// It is an [http.CookieJar], and unlike that of the standard library it has a clock to be moved and knows prefixes. Many
// goroutines may use it at once.
type Jar struct {
	now func() time.Time

	mu   sync.Mutex
	kept []kept // in the order of their creation
}

// NewJar returns an empty jar. What is past by the clock is not sent; nil is time.Now.
func NewJar(now func() time.Time) *Jar {
	if now == nil {
		now = time.Now
	}
	return &Jar{now: now}
}

// kept is a cookie in the jar.
type kept struct {
	identity
	value string
	until time.Time // zero: until the browser is closed
}

// identity is what makes a new cookie replace an old one (section 5.7, step 22).
type identity struct {
	name     string
	domain   string
	hostOnly bool
	path     string
}

// Receive takes a Set-Cookie line of an answer from u. An error says why a browser would drop the line, without its value.
func (j *Jar) Receive(u *url.URL, line string) error {
	now := j.now()
	set, err := parseSetCookie(line, now)
	if err != nil {
		return err
	}
	c, err := set.admitted(hostOf(u), u.EscapedPath())
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	i := slices.IndexFunc(j.kept, func(old kept) bool { return old.identity == c.identity })
	switch {
	case i >= 0 && set.past(now):
		j.kept = slices.Delete(j.kept, i, i+1)
	case i >= 0 && !j.kept[i].past(now):
		j.kept[i] = c // in its place: it keeps the creation time of the old one
	case i >= 0:
		j.kept = append(slices.Delete(j.kept, i, i+1), c)
	case !set.past(now):
		j.kept = append(j.kept, c)
	}
	return nil
}

// SetCookies is Receive for the cookies of an answer, as [http.Client] calls it. What a browser would drop is dropped.
func (j *Jar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	for _, c := range cookies {
		line := c.Raw
		if line == "" {
			line = c.String()
		}
		_ = j.Receive(u, line)
	}
}

// Cookies returns what a browser would send to u, names and values only: of longer paths first, then by age (section
// 5.8.3).
func (j *Jar) Cookies(u *url.URL) []*http.Cookie {
	var all []*http.Cookie
	for _, c := range j.sent(u) {
		all = append(all, &http.Cookie{Name: c.name, Value: c.value}) //nolint:gosec // of a request, which has no attributes
	}
	return all
}

// field returns the Cookie field that a browser would send to u, or "".
func (j *Jar) field(u *url.URL) string {
	var pairs []string
	for _, c := range j.sent(u) {
		if c.name == "" {
			pairs = append(pairs, c.value)
		} else {
			pairs = append(pairs, c.name+"="+c.value)
		}
	}
	return strings.Join(pairs, "; ")
}

func (j *Jar) sent(u *url.URL) []kept {
	j.mu.Lock()
	defer j.mu.Unlock()
	now, host, path := j.now(), hostOf(u), requestPath(u)
	var all []kept
	for _, c := range j.kept {
		there := c.domain == host || !c.hostOnly && domainMatch(host, c.domain)
		if there && pathMatch(path, c.path) && !c.past(now) {
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b kept) int { return cmp.Compare(len(b.path), len(a.path)) })
	return all
}

// past reports whether the cookie's time is over.
func (c kept) past(now time.Time) bool { return !c.until.IsZero() && !now.Before(c.until) }

// hostOf returns the host of an address as cookies are kept under it.
func hostOf(u *url.URL) string { return strings.ToLower(u.Hostname()) }

// domainMatch is section 5.1.3: the host is the domain, or a name below it.
func domainMatch(host, domain string) bool {
	if host == domain {
		return true
	}
	_, err := netip.ParseAddr(host)
	return err != nil && strings.HasSuffix(host, "."+domain)
}

// pathMatch is section 5.1.4: the path is the cookie's, or lies below it.
func pathMatch(path, cookie string) bool {
	rest, under := strings.CutPrefix(path, cookie)
	return under && (rest == "" || strings.HasSuffix(cookie, "/") || rest[0] == '/')
}

func requestPath(u *url.URL) string {
	if path := u.EscapedPath(); path != "" {
		return path
	}
	return "/"
}

// defaultPath is section 5.1.4: the path up to its last slash, for cookies that name none.
func defaultPath(path string) string {
	last := strings.LastIndexByte(path, '/')
	if last <= 0 || path[0] != '/' {
		return "/"
	}
	return path[:last]
}
