package fuzz_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/satchel-go/satchel/adapters/cookie"
)

// FuzzSetCookie: whatever compiles and is set, net/http and fasthttp read alike from the line, and as it was meant; and what each of
// them sends back as a client, each of them and we find again.
func FuzzSetCookie(f *testing.F) {
	f.Add("", "", "", "", "dG9rZW4", int64(60), uint8(0))
	f.Add("__Secure-x", "shop.example", "/shop", "Priority=High", "", int64(1), uint8(0))
	f.Add("plain", "", "/a b", "$x-enc=RAW", "a=b", int64(1<<62), uint8(0b0_0001))
	f.Add("__Host-Http-x", "", "/", "K=", strings.Repeat("v", 3999), int64(-1), uint8(0b0_1100))
	f.Add("x", "Sub.LocalHost", "/%2e//", "Version", "v==", int64(5), uint8(0b11_0011))
	f.Add("x", "10.0.0.1", "/a/../b?c", "expires", "a:b/c", int64(34560001), uint8(0b10_0100))
	f.Fuzz(func(t *testing.T, name, domain, path, extension, value string, maxAge int64, bits uint8) {
		config := cookie.Config{
			Name: name, Domain: domain, Path: path, InsecureLoopback: bits&1 != 0, ScriptReadable: bits&2 != 0, Partitioned: bits&4 != 0,
			BrowserSession: bits&8 != 0, SameSite: cookie.SameSite(bits >> 4 & 3),
		}
		if extension != "" {
			config.Extensions = []string{extension}
		}
		c, err := config.Compile("kind")
		if err != nil {
			return
		}
		alike(t, c.Clear())
		line, err := c.Set(value, maxAge)
		if err != nil {
			return
		}
		alike(t, line)
		theirs, err := http.ParseSetCookie(line)
		if err != nil || theirs.Name != c.Name() || theirs.Value != value || theirs.Path != c.Config().Path || theirs.Secure != c.Secure() ||
			theirs.HttpOnly == config.ScriptReadable || config.BrowserSession != (theirs.MaxAge == 0) {
			t.Fatalf("net/http reads %q as %#v, %v", line, theirs, err)
		}
		for client, field := range map[string]string{"net/http": sentByNetHTTP(theirs), "fasthttp": sentByFastHTTP(line)} {
			if got, _, count := c.Find([]string{"x" + c.Name() + "=1; " + field + "; " + c.Name() + "x=2"}); got != value || count != 1 {
				t.Errorf("%q comes back from %s as %q, in which we find %q, %d times", value, client, field, got, count)
			}
			if got := readByFastHTTP(field, c.Name()); got != value {
				t.Errorf("%q comes back from %s as %q, in which fasthttp finds %q", value, client, field, got)
			}
			all, err := http.ParseCookie(field)
			if err != nil || len(all) != 1 || all[0].Name != c.Name() || all[0].Value != value {
				t.Errorf("%q comes back from %s as %q, in which net/http finds %q, %v", value, client, field, all, err)
			}
		}
	})
}

// alike checks that net/http and fasthttp read a line alike.
func alike(t *testing.T, line string) {
	t.Helper()
	theirs, err := http.ParseSetCookie(line)
	if err != nil {
		t.Fatalf("net/http refuses %q: %v", line, err)
	}
	var fast fasthttp.Cookie
	if err := fast.Parse(line); err != nil {
		t.Fatalf("fasthttp refuses %q: %v", line, err)
	}
	modes := map[fasthttp.CookieSameSite]http.SameSite{
		fasthttp.CookieSameSiteLaxMode: http.SameSiteLaxMode, fasthttp.CookieSameSiteStrictMode: http.SameSiteStrictMode,
		fasthttp.CookieSameSiteNoneMode: http.SameSiteNoneMode,
	}
	age := max(theirs.MaxAge, 0) // -1 is net/http's word for Max-Age=0
	if string(fast.Key()) != theirs.Name || string(fast.Value()) != theirs.Value || string(fast.Path()) != theirs.Path ||
		string(fast.Domain()) != theirs.Domain || fast.MaxAge() != age || fast.Secure() != theirs.Secure || fast.HTTPOnly() != theirs.HttpOnly ||
		fast.Partitioned() != theirs.Partitioned || modes[fast.SameSite()] != theirs.SameSite {
		t.Errorf("of %q net/http reads %#v, and fasthttp %q", line, theirs, fast.String())
	}
}

func sentByNetHTTP(c *http.Cookie) string {
	r := http.Request{Header: http.Header{}}
	r.AddCookie(c)
	return r.Header.Get("Cookie")
}

func sentByFastHTTP(line string) string {
	var c fasthttp.Cookie
	if err := c.Parse(line); err != nil {
		return ""
	}
	var h fasthttp.RequestHeader
	h.SetCookieBytesKV(c.Key(), c.Value())
	return string(h.Peek("Cookie"))
}

func readByFastHTTP(field, name string) string {
	var h fasthttp.RequestHeader
	h.Set("Cookie", field)
	return string(bytes.Clone(h.Cookie(name)))
}
