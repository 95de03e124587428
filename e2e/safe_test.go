package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
)

// TestTheSafeDefault drives the shop as behind a proxy with https. Browsers trust loopback as they trust https, so the
// cookies that Satchel makes by default can be seen at work without a certificate.
func TestTheSafeDefault(t *testing.T) { onEach(t, testTheSafeDefault) }

func testTheSafeDefault(t *testing.T) {
	b := browser(t, startShop(t, "127.0.0.1", "-https"))
	b.open("/")
	b.click(add("pouch"))
	b.sees("Belt pouch is in your cart.", "Cart 1")
	b.choose("dark", "EUR")
	b.signIn("Ann")
	b.sees("Cart 1")
	got := b.cookies()
	for _, name := range []string{"__Host-cart", "__Host-prefs"} {
		c := got[name]
		if c == nil {
			t.Fatalf("no cookie %s in %v", name, got)
		}
		if !c.Secure || !c.HTTPOnly || c.SameSite != network.CookieSameSiteLax || c.Path != "/" {
			t.Errorf("%s: %+v", name, *c)
		}
	}
	b.open("/travels")
	b.sees("Secure", "__Host-cart", "Nothing: the shop was started with -https")
	b.open("/")
	b.click(`form[action="/signout"] button`)
	if left := b.cookies()["__Host-cart"]; left != nil {
		t.Error("the browser still holds the cookie: the line that clears it was not accepted")
	}
}

// TestAnotherSiteChangesNothing posts from pages of another site, and of another origin of the same site, whose requests
// carry the cookies.
func TestAnotherSiteChangesNothing(t *testing.T) { onEach(t, testAnotherSiteChangesNothing) }

func testAnotherSiteChangesNothing(t *testing.T) {
	origin := startShop(t, "localhost")
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `<!doctype html><form method="post" action="%s/signout"><button>Win!</button></form>`, origin)
	}))
	defer other.Close()
	b := browser(t, origin)
	b.signIn("Ann")
	for _, place := range []string{other.URL, strings.Replace(other.URL, "127.0.0.1", "localhost", 1)} {
		evil := b.tab()
		evil.origin = place
		evil.open("/")
		if status := evil.click("button"); status != http.StatusForbidden {
			t.Errorf("from %s: status %d", place, status)
		}
		evil.sees("That came from another site")
		b.open("/")
		b.sees("Ann", "Sign out")
	}
}
