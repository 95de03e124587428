package e2e

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
)

// add is the button that puts a product of the front page into the cart.
func add(product string) string {
	return fmt.Sprintf(`form:has([value=%q]) button`, product)
}

func TestAVisit(t *testing.T) { onEach(t, testAVisit) }

func testAVisit(t *testing.T) {
	b := browser(t, startShop(t, "localhost"))
	b.open("/")
	b.sees("Leather satchel", "€ 129.00", "Sign in")
	if got := b.cookies(); len(got) != 0 {
		t.Errorf("a visitor who did nothing has %v", got)
	}

	b.click(add("satchel"))
	b.sees("Leather satchel is in your cart.", "Cart 1")
	b.open("/")
	b.lacks("is in your cart")
	b.click(add("ledger"))

	b.click(`a[href="/cart"]`)
	b.click(`[aria-label="One Pocket ledger more"]`)
	b.sees("€ 25.00", "€ 154.00", "Cart 3")
	b.click(`form[action="/order"] button`)
	b.sees("Sign in to order; your cart comes along.")

	b.enter(`[name=name]`, "Ann")
	b.click(`main form button`)
	b.sees("Welcome, Ann.", "Sign out", "Cart 3")
	b.open("/cart")
	b.click(`form[action="/order"] button`)
	b.sees("Thank you, Ann.")
	b.open("/cart")
	b.sees("There is nothing in it.", "Orders placed in this session: 1")
	b.isContent()
}

func TestDrawingsAreShown(t *testing.T) { onEach(t, testDrawingsAreShown) }

func testDrawingsAreShown(t *testing.T) {
	b := browser(t, startShop(t, "localhost"))
	b.open("/")
	empty := ask[[]string](b, `[...document.querySelectorAll("svg")].filter(s => s.getBBox().width < 8).map(s => s.innerHTML)`)
	if len(empty) > 0 {
		t.Errorf("empty drawings: %v", empty)
	}
	b.isContent()
}

func TestPreferencesChangeTheLook(t *testing.T) { onEach(t, testPreferencesChangeTheLook) }

func testPreferencesChangeTheLook(t *testing.T) {
	b := browser(t, startShop(t, "localhost"))
	const paper = `getComputedStyle(document.body).backgroundColor`
	b.choose("light", "EUR")
	light := ask[string](b, paper)
	b.choose("dark", "GBP")
	dark := ask[string](b, paper)
	if light == dark {
		t.Errorf("both themes have the paper %s", dark)
	}
	b.sees("Your preferences are kept in this browser.")
	b.signIn("Ann")
	b.click(`form[action="/signout"] button`)
	other := b.tab()
	other.open("/")
	other.sees("£ 109.65")
	if got := ask[string](other, paper); got != dark {
		t.Errorf("another tab, after signing out, has the paper %s, want %s", got, dark)
	}
	b.isContent()
}

// choose sets the preferences by their form.
func (b tab) choose(theme, currency string) {
	b.t.Helper()
	b.open("/prefs")
	for _, value := range []string{theme, currency} {
		if !ask[bool](b, fmt.Sprintf(`(e => (e.click(), e.checked))(document.querySelector("[value=%s]"))`, value)) {
			b.t.Fatalf("%s cannot be chosen", value)
		}
	}
	b.click(`main form button`)
}

func TestSigningOutEndsEveryTab(t *testing.T) { onEach(t, testSigningOutEndsEveryTab) }

func testSigningOutEndsEveryTab(t *testing.T) {
	b := browser(t, startShop(t, "localhost"))
	b.open("/")
	b.click(add("tote"))
	anonymous := b.cookies()["cart"].Value
	b.signIn("Ann")
	b.open("/cart")
	b.sees("Ann", "Canvas tote")
	copied := b.cookies()["cart"].Value
	if copied == anonymous {
		t.Error("signing in left the token as it was")
	}
	old := b.tab()
	old.open("/cart")
	old.sees("Ann", "Canvas tote")

	b.click(`form[action="/signout"] button`)
	b.sees("You are signed out", "Sign in")
	if left := b.cookies()["cart"]; left != nil {
		t.Error("the browser still holds the cart's cookie")
	}

	// Back shows no page of the session that has ended, neither from a cache nor from the browser's memory.
	b.back()
	b.sees("Your cart", "There is nothing in it.", "Sign in")
	b.lacks("Ann", "Canvas tote")

	// The other tab still shows what it showed; what it does, it does for nobody.
	old.sees("Ann")
	old.click(`[aria-label="One Canvas tote more"]`)
	old.sees("Sign in", "Cart 1")
	old.lacks("Ann")

	for _, token := range []string{copied, anonymous} {
		b.paste("cart", token)
		b.open("/cart")
		b.sees("There is nothing in it.", "Sign in")
	}
}

func (b tab) signIn(name string) {
	b.t.Helper()
	b.open("/signin")
	b.enter(`[name=name]`, name)
	b.click(`main form button`)
	b.sees("Welcome, " + name + ".")
}

func TestCookiesAsTheBrowserKeepsThem(t *testing.T) { onEach(t, testCookiesAsTheBrowserKeepsThem) }

func testCookiesAsTheBrowserKeepsThem(t *testing.T) {
	b := browser(t, startShop(t, "localhost"))
	b.signIn("Ann")
	b.choose("dark", "USD")
	got := b.cookies()
	for name, life := range map[string]time.Duration{"cart": 24 * time.Hour, "prefs": 365 * 24 * time.Hour} {
		c := got[name]
		if c == nil {
			t.Fatalf("no cookie %s in %v", name, got)
		}
		if !c.HTTPOnly || c.Secure || c.SameSite != network.CookieSameSiteLax || c.Path != "/" || c.Domain != "localhost" || c.Session {
			t.Errorf("%s: %+v", name, *c)
		}
		if left := time.Until(time.Unix(int64(c.Expires), 0)); left > life || left < life-time.Hour {
			t.Errorf("%s lives for %v, want %v", name, left, life)
		}
		content, err := base64.RawURLEncoding.DecodeString(c.Value)
		if err != nil || strings.Contains(string(content), "USD") || strings.Contains(string(content), "Ann") {
			t.Errorf("%s can be read (%v)", name, err)
		}
	}
	if len(got) != 2 {
		t.Errorf("cookies: %v", got)
	}
	if seen := ask[string](b, `document.cookie`); seen != "" {
		t.Errorf("a script sees %d characters of cookies", len(seen))
	}
}

func TestWhoTicksTheBoxIsRemembered(t *testing.T) { onEach(t, testWhoTicksTheBoxIsRemembered) }

func testWhoTicksTheBoxIsRemembered(t *testing.T) {
	b := browser(t, startShop(t, "localhost"))
	for _, c := range []struct {
		ticks bool
		life  time.Duration
	}{{true, 30 * 24 * time.Hour}, {false, 24 * time.Hour}} {
		b.open("/signin")
		b.enter(`[name=name]`, "Ann")
		if c.ticks {
			b.enter(`[name=remember]`, " ") // by the keyboard
		}
		if ticked := ask[bool](b, `document.querySelector("[name=remember]").checked`); ticked != c.ticks {
			t.Fatalf("the box is ticked: %v", ticked)
		}
		b.click(`main form button`)
		b.sees("Welcome, Ann.")
		if left := time.Until(time.Unix(int64(b.cookies()["cart"].Expires), 0)); left > c.life || left < c.life-time.Hour {
			t.Errorf("the cookie lives for %v, want %v", left, c.life)
		}
	}
}

func TestWhatTravelsIsWhatTheBrowserHolds(t *testing.T) {
	onEach(t, testWhatTravelsIsWhatTheBrowserHolds)
}

func testWhatTravelsIsWhatTheBrowserHolds(t *testing.T) {
	b := browser(t, startShop(t, "localhost"))
	b.choose("light", "GBP")
	b.signIn("Ann")
	b.open("/travels")
	b.sees("30 minutes unused, 24 hours in all", "No: it is sealed", "InsecureLoopback: true", "X-Shop-Session")
	html := ask[string](b, `document.documentElement.outerHTML`)
	for name, c := range b.cookies() {
		b.sees(fmt.Sprintf("%d characters came", len(c.Value)))
		if strings.Contains(html, c.Value) {
			t.Errorf("the page gives the token of %s away", name)
		}
	}
	if handle := ask[string](b, `document.querySelector(".handle").innerText`); len(handle) < 16 {
		t.Errorf("the handle is %q", handle)
	}
	b.isContent()
}
