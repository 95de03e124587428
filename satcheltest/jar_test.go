package satcheltest_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/satcheltest"
)

func address(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return u
}

// pairs returns what a jar sends to an address.
func pairs(jar http.CookieJar, u *url.URL) string {
	var all []string
	for _, c := range jar.Cookies(u) {
		all = append(all, c.Name+"="+c.Value)
	}
	return strings.Join(all, " ")
}

// TestClauses are what sections 4.1.3 and 5.5 to 5.7 of RFC 6265bis say of one line. With a reason it is dropped.
func TestClauses(t *testing.T) {
	long := strings.Repeat("v", 4095)
	attribute := strings.Repeat("/p", 513)
	for _, c := range []struct {
		clause, from, line, why string
		to, sent                string
	}{
		{"5.6 the plain pair", "http://a.example/", "n=v", "", "http://a.example/x", "n=v"},
		{"5.6 blanks around", "http://a.example/", " n\t= v ; Path=/", "", "http://a.example/x", "n=v"},
		{"5.6 a value with =", "http://a.example/", "n=v=w", "", "http://a.example/x", "n=v=w"},
		{"5.6 no name", "http://a.example/", "v", "", "http://a.example/x", "=v"},
		{"5.6 a control character", "http://a.example/", "n=v\x01", "control characters", "http://a.example/", ""},
		{"5.6 DEL in an attribute", "http://a.example/", "n=v; Path=/\x7f", "control characters", "http://a.example/", ""},
		{"5.6 a tab is none", "http://a.example/", "n=v\t; Path=/", "", "http://a.example/", "n=v"},
		{"5.6 4096 octets", "http://a.example/", "n=" + long, "", "http://a.example/", "n=" + long},
		{"5.6 4097 octets", "http://a.example/", "nn=" + long, "4097 octets, over 4096", "http://a.example/", ""},
		{"5.6 a long attribute", "http://a.example/", "n=v; Path=" + attribute, "", "http://a.example/", "n=v"},
		{"5.7 nothing at all", "http://a.example/", "=; Path=/", "neither name nor value", "http://a.example/", ""},

		{"5.6.2 Max-Age", "http://a.example/", "n=v; Max-Age=60", "", "http://a.example/", "n=v"},
		{"5.6.2 Max-Age=0", "http://a.example/", "n=v; Max-Age=0", "", "http://a.example/", ""},
		{"5.6.2 Max-Age below zero", "http://a.example/", "n=v; max-age=-1", "", "http://a.example/", ""},
		{"5.6.2 Max-Age is no number", "http://a.example/", "n=v; Max-Age=0x", "", "http://a.example/", "n=v"},
		{"5.6.2 Max-Age is empty", "http://a.example/", "n=v; Max-Age=", "", "http://a.example/", "n=v"},
		{"5.6.2 Max-Age beyond numbers", "http://a.example/", "n=v; Max-Age=99999999999999999999", "", "http://a.example/", "n=v"},
		{"5.6.2 Max-Age over Expires", "http://a.example/", "n=v; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "", "http://a.example/", "n=v"},
		{"5.6.1 Expires past", "http://a.example/", "n=v; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "", "http://a.example/", ""},
		{"5.6.1 Expires with hyphens", "http://a.example/", "n=v; Expires=Thu, 01-Jan-1970 00:00:00 GMT", "", "http://a.example/", ""},
		{"5.6.1 Expires is no date", "http://a.example/", "n=v; Expires=0", "", "http://a.example/", "n=v"},

		{"5.1.3 host only", "http://a.example/", "n=v", "", "http://b.a.example/", ""},
		{"5.1.3 Domain", "http://b.a.example/", "n=v; Domain=.A.Example", "", "http://c.a.example/", "n=v"},
		{"5.1.3 Domain, and its own host", "http://b.a.example/", "n=v; Domain=a.example", "", "http://a.example/", "n=v"},
		{"5.1.3 no suffix within a label", "http://b.a.example/", "n=v; Domain=a.example", "", "http://ba.example/", ""},
		{"5.1.3 another Domain", "http://b.a.example/", "n=v; Domain=c.a.example", "its Domain is c.a.example", "http://c.a.example/", ""},
		{"5.1.3 an address has no hosts below", "http://127.0.0.1/", "n=v; Domain=0.0.1", "its Domain is 0.0.1", "http://127.0.0.1/", ""},
		{"5.7 a public suffix", "http://a.example/", "n=v; Domain=example", "one label", "http://a.example/", ""},
		{"5.7 a public suffix that is the host", "http://localhost:8080/", "n=v; Domain=localhost", "", "http://localhost/", "n=v"},
		{"5.7 a Domain beyond ASCII", "http://a.ä.example/", "n=v; Domain=ä.example", "not ASCII", "http://a.ä.example/", ""},
		{"5.7 an empty Domain", "http://a.example/", "n=v; Domain=b.example; Domain=", "", "http://a.example/", "n=v"},

		{"5.1.4 the default path", "http://a.example/x/y", "n=v", "", "http://a.example/x/z", "n=v"},
		{"5.1.4 the default path, elsewhere", "http://a.example/x/y", "n=v", "", "http://a.example/", ""},
		{"5.1.4 a path without a slash", "http://a.example/x/y", "n=v; Path=z", "", "http://a.example/x/", "n=v"},
		{"5.1.4 a path above", "http://a.example/", "n=v; Path=/x", "", "http://a.example/x", "n=v"},
		{"5.1.4 a path beside", "http://a.example/", "n=v; Path=/x", "", "http://a.example/xy", ""},
		{"5.1.4 a path with a slash", "http://a.example/", "n=v; Path=/x/", "", "http://a.example/x/y", "n=v"},
		{"5.1.4 no path in the address", "http://a.example", "n=v; Path=/", "", "http://a.example", "n=v"},

		{"5.6.7 SameSite=None", "http://a.example/", "n=v; SameSite=None", "SameSite=None without Secure", "http://a.example/", ""},
		{"5.6.7 SameSite=None, Secure", "http://a.example/", "n=v; SameSite=none; Secure", "", "http://a.example/", "n=v"},
		{"CHIPS", "http://a.example/", "n=v; Partitioned", "Partitioned without Secure", "http://a.example/", ""},

		{"4.1.3.1 __Secure-", "http://a.example/", "__Secure-n=v", "demands Secure", "http://a.example/", ""},
		{"4.1.3.1 in any case", "http://a.example/", "__sEcUre-n=v", "demands Secure", "http://a.example/", ""},
		{"4.1.3.1 kept, over plain http", "http://a.example/", "__Secure-n=v; Secure; Domain=a.example", "", "http://b.a.example/", "__Secure-n=v"},
		{"4.1.3.2 __Host-", "http://a.example/", "__Host-n=v; Secure; Path=/", "", "http://a.example/", "__Host-n=v"},
		{"4.1.3.2 without Secure", "http://a.example/", "__host-n=v; Path=/", "demands Secure", "http://a.example/", ""},
		{"4.1.3.2 with a Domain", "http://a.example/", "__Host-n=v; Secure; Path=/; Domain=a.example", "forbids a Domain", "http://a.example/", ""},
		{"4.1.3.2 without a Path", "http://a.example/", "__Host-n=v; Secure", "demands Path=/", "http://a.example/", ""},
		{"4.1.3.2 with another Path", "http://a.example/", "__Host-n=v; Secure; Path=/x", "demands Path=/", "http://a.example/", ""},
		{"4.1.3.3 __Http-", "http://a.example/", "__Http-n=v; Secure", "demands HttpOnly", "http://a.example/", ""},
		{"4.1.3.3 kept", "http://a.example/", "__Http-n=v; Secure; HttpOnly", "", "http://a.example/", "__Http-n=v"},
		{"4.1.3.4 __Host-Http-", "http://a.example/", "__Host-Http-n=v; Secure; Path=/", "demands HttpOnly", "http://a.example/", ""},
		{"5.7 a prefix without a name", "http://a.example/", "__Host-n; Path=/; Secure", "no name, and a value with a prefix", "http://a.example/", ""},
	} {
		t.Run(c.clause, func(t *testing.T) {
			jar := satcheltest.NewJar(new(satcheltest.Clock).Now)
			err := jar.Receive(address(t, c.from), c.line)
			if (err == nil) != (c.why == "") || err != nil && !strings.Contains(err.Error(), c.why) {
				t.Errorf("received: %v, want %q", err, c.why)
			}
			if err != nil && strings.Contains(err.Error(), long) {
				t.Error("a value is quoted")
			}
			if got := pairs(jar, address(t, c.to)); got != c.sent {
				t.Errorf("sent %q, want %q", got, c.sent)
			}
		})
	}
}

func TestCookiesPassWithTheClock(t *testing.T) {
	var clock satcheltest.Clock
	jar, u := satcheltest.NewJar(clock.Now), address(t, "http://localhost/")
	year := satcheltest.Start.Add(900 * 24 * time.Hour).Format(http.TimeFormat)
	for _, line := range []string{"a=1; Max-Age=60", "b=2; Max-Age=99999999", "c=3; Expires=" + year, "d=4"} {
		if err := jar.Receive(u, line); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		to   time.Duration
		want string
	}{
		{60*time.Second - 1, "a=1 b=2 c=3 d=4"},
		{60 * time.Second, "b=2 c=3 d=4"},
		{400*24*time.Hour - 1, "b=2 c=3 d=4"},
		{400 * 24 * time.Hour, "d=4"}, // section 5.5: no cookie lives longer
	} {
		clock.Set(satcheltest.Start.Add(step.to))
		if got := pairs(jar, u); got != step.want {
			t.Errorf("after %v: %q, want %q", step.to, got, step.want)
		}
	}
}

// Of equal paths the older cookie goes first, and a new value makes no new cookie unless the old one was past (sections
// 5.7, step 22, and 5.8.3).
func TestCookiesGoByPathAndAge(t *testing.T) {
	var clock satcheltest.Clock
	jar, u := satcheltest.NewJar(clock.Now), address(t, "http://localhost/x/y")
	for _, step := range []struct{ line, want string }{
		{"a=1; Path=/; Max-Age=60", "a=1"},
		{"b=2; Path=/", "a=1 b=2"},
		{"c=3; Path=/x", "c=3 a=1 b=2"},
		{"a=4; Path=/; Max-Age=60", "c=3 a=4 b=2"},
		{"a=5; Path=/x", "c=3 a=5 a=4 b=2"},
	} {
		if err := jar.Receive(u, step.line); err != nil {
			t.Fatal(err)
		}
		if got := pairs(jar, u); got != step.want {
			t.Errorf("after %q: %q, want %q", step.line, got, step.want)
		}
	}
	clock.Advance(time.Minute)
	if err := jar.Receive(u, "a=6; Path=/"); err != nil {
		t.Fatal(err)
	}
	if got := pairs(jar, u); got != "c=3 a=5 b=2 a=6" {
		t.Errorf("anew: %q", got)
	}
}

// A client of the standard library can use the jar. It hands over cookies as it has read them, or as they were made.
func TestAsACookieJar(t *testing.T) {
	jar, u := satcheltest.NewJar(nil), address(t, "http://localhost/")
	jar.SetCookies(u, []*http.Cookie{
		must(http.ParseSetCookie("__Host-a=1; Path=/; Secure")),
		{Name: "b", Value: "2", MaxAge: 60},
		{Name: "__Host-c", Value: "3"},
	})
	if got := pairs(jar, u); got != "__Host-a=1 b=2" {
		t.Errorf("sent %q", got)
	}
}

// The jar of the standard library agrees, over https and as far as it goes: it knows no prefixes, and no clock but the
// real one.
func TestAgreesWithCookiejar(t *testing.T) {
	hosts := []string{"a.example.org", "b.a.example.org", "example.org", "xa.example.org", "localhost", "127.0.0.1"}
	paths := []string{"", "/", "/x", "/x/", "/x/y", "/x/y/z", "/xy"}
	attributes := []string{
		"", "Path=/", "Path=/x", "path=/x/", "Path=/x/y", "Path=", "Path=x", "Domain=a.example.org", "Domain=.example.org",
		"domain=EXAMPLE.ORG", "Domain=b.a.example.org", "Domain=localhost", "Max-Age=0", "Max-Age=-1", "Max-Age=500",
		"Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Secure", "HttpOnly", "SameSite=Lax",
	}
	dropped, sent := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		theirs, err := cookiejar.New(nil)
		if err != nil {
			rt.Fatal(err)
		}
		ours := satcheltest.NewJar(time.Now)
		at := func() *url.URL {
			return &url.URL{Scheme: "https", Host: rapid.SampledFrom(hosts).Draw(rt, "host"), Path: rapid.SampledFrom(paths).Draw(rt, "path")}
		}
		for i := range rapid.IntRange(1, 12).Draw(rt, "steps") {
			u := at()
			line := ""
			for _, a := range rapid.SliceOfNDistinct(rapid.SampledFrom(attributes), 0, 3, func(a string) string {
				key, _, _ := strings.Cut(strings.ToLower(a), "=")
				return key
			}).Draw(rt, "attributes") {
				line += "; " + a
			}
			// For theirs, unlike section 5.7, step 22, a cookie of one host replaces one of a Domain: so they have two names.
			name := "host"
			if strings.Contains(strings.ToLower(line), "domain=") {
				name = "domain"
			}
			line = fmt.Sprintf("%s=%d%s", name, i, line)
			theirs.SetCookies(u, []*http.Cookie{must(http.ParseSetCookie(line))})
			if ours.Receive(u, line) != nil {
				dropped++
			}
			u = at()
			want, got := pairs(theirs, u), pairs(ours, u)
			if want != got {
				rt.Fatalf("after %q, to %v: they send %q, we %q", line, u, want, got)
			}
			if got != "" {
				sent++
			}
		}
	})
	if dropped == 0 || sent == 0 {
		t.Errorf("%d dropped, %d sent: nothing was compared", dropped, sent)
	}
}
