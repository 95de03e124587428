package cookie

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// What Compile accepts a browser stores, and what it refuses for a prefix's sake or Secure's a browser drops. Where
// Compile is stricter, the error says so in words of its own.
func TestCompileAcceptsWhatABrowserStores(t *testing.T) {
	accepted, stricter := 0, 0
	for config := range every {
		c, err := config.Compile("cart")
		if err != nil {
			c = prepare(config.resolved("cart"))
		}
		var b browser
		stored := b.receive(config.origin(), set(t, c, "v", 60)) && b.field() == c.Name()+"=v"
		own := err != nil && (strings.Contains(err.Error(), "another case") || strings.Contains(err.Error(), "is not this machine"))
		switch {
		case own:
			stricter++
		case stored != (err == nil):
			t.Errorf("%v: stored %v, but the error is %v", c, stored, err)
		case stored:
			accepted++
		}
	}
	if accepted < 100 || stricter < 100 {
		t.Errorf("%d accepted, %d of our own strictness: the product is not what it was", accepted, stricter)
	}
}

// Fault 20 of the peers: cleared with other attributes than it was set with, so that it stays.
func TestFault20_ClearTakesAwayWhatSetGave(t *testing.T) {
	for config := range every {
		c, err := config.Compile("cart")
		if err != nil {
			continue
		}
		var b browser
		b.receive(config.origin(), "other=1; Path=/")
		line := set(t, c, "v", 60)
		if !b.receive(config.origin(), line) || !strings.Contains(b.field(), c.Name()+"=v") {
			t.Fatalf("%q was not stored", line)
		}
		if !b.receive(config.origin(), c.Clear()) {
			t.Errorf("%q was dropped", c.Clear())
		}
		if got := b.field(); got != "other=1" {
			t.Errorf("%q left %q", c.Clear(), got)
		}
		inSet := strings.TrimPrefix(strings.Split(line, "; Max-Age=")[0], c.Name()+"=v")
		inClear := strings.TrimPrefix(strings.Split(c.Clear(), "; Max-Age=")[0], c.Name()+"=")
		if inSet != inClear {
			t.Errorf("set with %q, cleared with %q", inSet, inClear)
		}
	}
}

// agree checks that net/http reads from a line of ours what c means.
func agree(t *testing.T, c *Cookie, line, value string, maxAge int) {
	t.Helper()
	got, err := http.ParseSetCookie(line)
	if err != nil {
		t.Fatalf("net/http refuses %q: %v", line, err)
	}
	config := c.Config()
	modes := [...]http.SameSite{Lax: http.SameSiteLaxMode, Strict: http.SameSiteStrictMode, None: http.SameSiteNoneMode}
	want := http.Cookie{
		Name: c.Name(), Value: value, Path: config.Path, Domain: config.Domain, MaxAge: maxAge,
		Secure: c.Secure(), HttpOnly: !config.ScriptReadable, Partitioned: config.Partitioned,
		SameSite: modes[config.SameSite],
		Raw:      line, RawExpires: got.RawExpires, Expires: got.Expires, Unparsed: config.Extensions,
	}
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("net/http reads %q as\n%#v, want\n%#v", line, *got, want)
	}
	got.Raw = ""
	if err := got.Valid(); err != nil {
		t.Errorf("net/http would not write %q: %v", line, err)
	}
}

func TestNetHTTPReadsOurLines(t *testing.T) {
	for config := range every {
		config.Extensions = []string{"Priority=High", "Flag"}
		c, err := config.Compile("cart")
		if err != nil {
			continue
		}
		maxAge := 60
		if config.BrowserSession {
			maxAge = 0 // net/http's word for none
		}
		agree(t, c, set(t, c, "dG9rZW4", 60), "dG9rZW4", maxAge)
		agree(t, c, c.Clear(), "", -1) // net/http's word for Max-Age=0

		// And a real client's jar keeps it, sends what Find reads, and forgets it.
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		from := config.origin()
		at := &url.URL{Scheme: "http", Host: from.host, Path: c.Config().Path}
		if from.https {
			at.Scheme = "https"
		}
		receive := func(line string) []string {
			response := http.Response{Header: http.Header{"Set-Cookie": {line}}}
			jar.SetCookies(at, response.Cookies())
			request := http.Request{Header: http.Header{}}
			for _, kept := range jar.Cookies(at) {
				request.AddCookie(kept)
			}
			return request.Header["Cookie"]
		}
		first, _, count := c.Find(receive(set(t, c, "dG9rZW4", 60)))
		if first != "dG9rZW4" || count != 1 {
			t.Errorf("%v: the jar sent back %q, %d times", c, first, count)
		}
		if left := receive(c.Clear()); len(left) != 0 {
			t.Errorf("%v: the jar still sends %q", c, left)
		}
	}
}

func TestCompileKeepsNothingOfItsCaller(t *testing.T) {
	extensions := []string{"Priority=High", "Flag"}
	config := Config{
		Name: "__Secure-cart", Domain: "shop.example", Path: "/shop", SameSite: Strict, Partitioned: true,
		Extensions: extensions,
	}
	c := compiled(t, config, "cart")
	before := c.String()
	extensions[0] = "Priority=Low"
	back := c.Config()
	back.Extensions[1] = "Other"
	if c.String() != before || c.Config().Extensions[0] != "Priority=High" || c.Config().Extensions[1] != "Flag" {
		t.Errorf("the cookie changed: %v, %q", c, c.Config().Extensions)
	}
	if config.Budget != 0 {
		t.Error("Compile edited its argument")
	}
	for _, config := range []Config{config, {}, {InsecureLoopback: true}} {
		c := compiled(t, config, "cart")
		if again := compiled(t, c.Config(), "cart"); !reflect.DeepEqual(again, c) {
			t.Errorf("read back and compiled again: %+v, want %+v", again, c)
		}
	}
}

func TestCompileListsEverythingWrong(t *testing.T) {
	_, err := Config{
		Name: "__Http-a b", Domain: ".x", Path: "p\n", SameSite: 9, InsecureLoopback: true, ScriptReadable: true,
		Partitioned: true, Budget: -5, Extensions: []string{"", "Secure"},
	}.Compile("no token")
	if err == nil {
		t.Fatal("compiled")
	}
	want := []string{
		`kind "no token"`, `name "__Http-a b"`, "needs Secure", "needs HttpOnly", "SameSite 9", "Partitioned", `".x" is not a host`,
		"not this machine", "does not begin with /", `Path "p\n" holds`, "extension 0", "extension 1 sets Secure", "Budget -5",
	}
	for _, part := range want {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("nothing of %q in:\n%v", part, err)
		}
	}
	if got := strings.Count(err.Error(), "\n") + 1; got != len(want) {
		t.Errorf("%d lines, want %d:\n%v", got, len(want), err)
	}
}
