package main

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
)

func TestAFlashIsSaidOnce(t *testing.T) { onEach(t, testAFlashIsSaidOnce) }

func testAFlashIsSaidOnce(t *testing.T) {
	b := open(t).browser(t)
	b.post("/cart/add", "product", "satchel").has(t, 200, "Leather satchel is in your cart.")
	if b.Token(t, flashes) != "" {
		t.Error("the browser still holds the flash")
	}
	b.get("/").lacks(t, "is in your cart")
}

func TestTheCartIsKept(t *testing.T) { onEach(t, testTheCartIsKept) }

func testTheCartIsKept(t *testing.T) {
	b := open(t).browser(t)
	b.get("/cart").has(t, 200, "There is nothing in it.")
	b.post("/cart/add", "product", "satchel")
	b.post("/cart/more", "product", "satchel")
	b.post("/cart/add", "product", "keyring")
	b.get("/cart").has(t, 200, `<b class="count">3</b>`, "€ 258.00", "€ 9.00", "€ 267.00")
	b.post("/cart/less", "product", "keyring").lacks(t, "Brass keyring more")
	b.post("/cart/add", "product", "yacht").has(t, 404, "no such thing")
	b.get("/cart").has(t, 200, "€ 258.00")
}

// atOnce posts the same form from n tabs of one browser, so that each has read the session before any changes it. It
// follows no redirects.
func (b browser) atOnce(kept *faultyStore, n int, path string, fields ...string) []seen {
	all := make([]seen, n)
	b.Stay = true
	defer func() { b.Stay = false }()
	kept.meet(n)
	var tabs sync.WaitGroup
	for i := range all {
		tabs.Go(func() { all[i] = b.post(path, fields...) })
	}
	tabs.Wait()
	return all
}

func TestTabsAtOnceLoseNothing(t *testing.T) { onEach(t, testTabsAtOnceLoseNothing) }

func testTabsAtOnceLoseNothing(t *testing.T) {
	shop := open(t)
	b := shop.browser(t)
	b.post("/cart/add", "product", "ledger")
	for _, answer := range b.atOnce(shop.kept, 24, "/cart/add", "product", "ledger") {
		answer.has(t, 303)
	}
	b.get("/cart").has(t, 200, `<b class="count">25</b>`)
}

func TestTabsAtOnceOrderOnce(t *testing.T) { onEach(t, testTabsAtOnceOrderOnce) }

func testTabsAtOnceOrderOnce(t *testing.T) {
	shop := open(t)
	b := shop.browser(t)
	b.post("/cart/add", "product", "seal")
	b.post("/order").has(t, 200, "Sign in to order")
	b.post("/signin", "name", "Ann")
	thanks := 0
	for _, answer := range b.atOnce(shop.kept, 8, "/order") {
		answer.has(t, 303)
		if answer.header.Get("Location") == "/" { // and not back to the cart, which is empty
			thanks++
		}
	}
	if thanks != 1 {
		t.Errorf("one cart was ordered %d times", thanks)
	}
	b.get("/cart").has(t, 200, "Orders placed in this session: 1", "There is nothing in it.")
	b.post("/order").has(t, 200, "There is nothing in your cart.")
}

func TestSigningInRotates(t *testing.T) { onEach(t, testSigningInRotates) }

func testSigningInRotates(t *testing.T) {
	shop := open(t)
	b := shop.browser(t)
	b.post("/cart/add", "product", "tote")
	before := b.Token(t, carts)
	b.post("/signin", "name", " Ann ").has(t, 200, "Welcome, Ann.", "Sign out", `<b class="count">1</b>`)
	if b.Token(t, carts) == before {
		t.Error("the token from before signing in is the token still")
	}
	// Whoever planted or copied the token from before has nothing.
	other := shop.browser(t)
	other.Paste(t, carts, before)
	other.get("/cart").lacks(t, "Sign out", "Canvas tote")
}

func TestWhoTicksTheBoxIsRemembered(t *testing.T) { onEach(t, testWhoTicksTheBoxIsRemembered) }

func testWhoTicksTheBoxIsRemembered(t *testing.T) {
	shop := open(t)
	clock := shop.program.Clock
	brief, lasting, asked := shop.browser(t), shop.browser(t), shop.browser(t)
	brief.get("/signin").has(t, 200, `<input type="checkbox" name="remember"`)
	brief.post("/signin", "name", "Ann")
	lasting.post("/signin", "name", "Ann", "remember", "yes")
	asked.post("/signin", "name", "Bob", "remember", "yes")
	asked.post("/signin", "name", "Bob") // who signs in without the box is remembered no more
	clock.Advance(31 * time.Minute)
	for _, b := range []browser{brief, asked} {
		b.get("/cart").lacks(t, "Sign out")
	}
	lasting.get("/cart").has(t, 200, "Sign out")
	clock.Advance(29 * 24 * time.Hour) // unused
	lasting.get("/cart").has(t, 200, "Sign out")
	clock.Advance(24 * time.Hour) // used a day ago
	lasting.get("/cart").lacks(t, "Sign out")
}

func TestSigningInAsSomebodyElseLeavesNothingBehind(t *testing.T) {
	onEach(t, testSigningInAsSomebodyElseLeavesNothingBehind)
}

func testSigningInAsSomebodyElseLeavesNothingBehind(t *testing.T) {
	b := open(t).browser(t)
	b.post("/signin", "name", "Ann")
	b.post("/cart/add", "product", "tote")
	b.post("/signin", "name", "Ann").has(t, 200, `<b class="count">1</b>`)
	b.post("/signin", "name", "Bob").has(t, 200, "Welcome, Bob.")
	b.get("/cart").lacks(t, "Canvas tote")
	for _, name := range []string{"", "  ", strings.Repeat("n", 41), "\xff"} {
		b.post("/signin", "name", name).has(t, 200, "A name has 1 to 40 characters.")
	}
}

func TestACopiedTokenOpensNothingAfterSigningOut(t *testing.T) {
	onEach(t, testACopiedTokenOpensNothingAfterSigningOut)
}

func testACopiedTokenOpensNothingAfterSigningOut(t *testing.T) {
	shop := open(t)
	b := shop.browser(t)
	b.post("/prefs", "theme", "dark", "currency", "GBP")
	b.post("/cart/add", "product", "pouch")
	anonymous := b.Token(t, carts)
	b.post("/signin", "name", "Ann")
	copied := b.Token(t, carts)
	b.post("/signout").has(t, 200, "You are signed out", "Sign in")
	if b.Token(t, carts) != "" {
		t.Error("the browser still holds the cart's cookie")
	}
	b.get("/").has(t, 200, `data-theme="dark"`, "£")
	for _, token := range []core.Token{copied, anonymous} {
		other := shop.browser(t)
		other.Paste(t, carts, token)
		other.get("/cart").lacks(t, "Sign out", "Belt pouch")
	}
	// A tab that was left open adds to a new cart, which is nobody's.
	b.post("/cart/add", "product", "tote").has(t, 200, "Sign in", `<b class="count">1</b>`)
	if b.Token(t, carts) == copied {
		t.Error("the ended session's token is in use again")
	}
}

func TestPreferences(t *testing.T) { onEach(t, testPreferences) }

func testPreferences(t *testing.T) {
	b := open(t).browser(t)
	b.get("/").has(t, 200, `<html lang="en">`, "€ 129.00")
	b.post("/prefs", "theme", "dark", "currency", "USD").has(t, 200, `data-theme="dark"`, "are kept in this browser")
	b.get("/").has(t, 200, "$ 139.32")
	sealed := b.Token(t, prefs)
	b.post("/prefs", "theme", `"><script>`, "currency", "doubloon").has(t, 200, `<html lang="en">`)
	b.get("/").has(t, 200, "€ 129.00")

	// A cookie that was tampered with is nobody's mistake, and no session.
	middle, other := len(sealed)/2, core.Token("A")
	if sealed[middle] == 'A' {
		other = "B"
	}
	b.Paste(t, prefs, sealed[:middle]+other+sealed[middle+1:])
	b.get("/").has(t, 200, `<html lang="en">`)
}

func TestAnotherSiteChangesNothing(t *testing.T) { onEach(t, testAnotherSiteChangesNothing) }

func testAnotherSiteChangesNothing(t *testing.T) {
	b := open(t).browser(t)
	b.post("/signin", "name", "Ann")
	b.send("POST", "/signout", "", "Sec-Fetch-Site", "cross-site").has(t, 403, "another site")
	b.get("/").has(t, 200, "Sign out")
}

func TestWhatTravels(t *testing.T) { onEach(t, testWhatTravels) }

func testWhatTravels(t *testing.T) {
	b := open(t).browser(t)
	b.post("/prefs", "theme", "light", "currency", "EUR")
	b.post("/signin", "name", "Ann")
	page := b.get("/travels")
	page.has(t, 200,
		"the cookie <code>cart</code>", "<code>HttpOnly</code> <code>SameSite=Lax</code>", "30 minutes unused, 24 hours in all",
		"<b>44</b> characters came", "its name in logs and lists", "<dd>Ann</dd>",
		"the cookie <code>prefs</code>", "No: it is sealed", "365 days", "1 minute",
		"the header field <code>X-Shop-Session</code>", "no session yet", "InsecureLoopback: true",
		"in the shop's memory", "by the browser alone")
	if sealed := strings.Count(page.text, "No: it is sealed"); sealed != 2 {
		t.Errorf("%d kinds are sealed, want prefs and flash", sealed)
	}
	page.lacks(t, string(b.Token(t, carts)), string(b.Token(t, prefs)))
}

func TestOnlyThisMachineIsToldTheFolder(t *testing.T) { onEach(t, testOnlyThisMachineIsToldTheFolder) }

func testOnlyThisMachineIsToldTheFolder(t *testing.T) {
	const folder = "/the/folder/of/sessions"
	openAs(t, options{sessions: folder}).browser(t).get("/travels").has(t, 200, "in the folder "+folder, "after a restart")
	public := openAs(t, options{sessions: folder, https: true}).browser(t).get("/travels")
	public.has(t, 200, "as a file of the shop's")
	public.lacks(t, folder)
}

func TestAnswersSayWhetherASessionWasUsed(t *testing.T) {
	onEach(t, testAnswersSayWhetherASessionWasUsed)
}

func testAnswersSayWhetherASessionWasUsed(t *testing.T) {
	b := open(t).browser(t)
	static := b.get("/static/style.css")
	static.has(t, 200, "color-scheme")
	if static.header.Get("Vary") != "" || static.header.Get("Cache-Control") != "public, max-age=60" {
		t.Errorf("a style sheet came with %v", static.header)
	}
	page := b.get("/")
	if page.header.Get("Vary") != "Cookie" || page.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a page came with %v", page.header)
	}
	if page.header.Get("Set-Cookie") != "" {
		t.Error("a visitor who did nothing has a cookie")
	}
}
