package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestARestartEndsNoSession starts the shop again on the same port and folders, after it was closed and after it was
// killed, under a browser that notices nothing.
func TestARestartEndsNoSession(t *testing.T) { onEach(t, testARestartEndsNoSession) }

func testARestartEndsNoSession(t *testing.T) {
	folder := t.TempDir()
	running := runShop(t, folder, "localhost:0")
	again := func() { running = runShop(t, folder, strings.TrimPrefix(running.origin, "http://")) }
	b := browser(t, running.origin)
	b.choose("dark", "GBP")
	b.open("/")
	b.click(add("satchel"))
	b.signIn("Ann")
	b.open("/cart")
	b.isAnns(1)
	token := b.cookies()["cart"].Value

	running.close()
	again()
	b.reload()
	b.isAnns(1)
	b.click(`[aria-label="One Leather satchel more"]`)
	b.isAnns(2)

	// What the shop has acknowledged is kept, even if the next instant is its last.
	running.kill()
	again()
	b.reload()
	b.isAnns(2)
	if b.cookies()["cart"].Value != token {
		t.Error("the restarts changed the token")
	}
	b.open("/travels")
	b.sees("as a file in the folder " + folder)

	// And what it has ended stays ended.
	b.open("/")
	b.click(`form[action="/signout"] button`)
	running.kill()
	again()
	b.paste("cart", token)
	b.open("/cart")
	b.sees("There is nothing in it.", "Sign in")
	b.isContent()
}

// isAnns holds the cart's page to what Ann chose before.
func (b tab) isAnns(satchels int) {
	b.t.Helper()
	b.sees("Ann", "Sign out", "Leather satchel")
	if got := ask[int](b, `+document.querySelector(".count").innerText`); got != satchels {
		b.t.Errorf("%d in the cart, want %d", got, satchels)
	}
	if theme := ask[string](b, `document.documentElement.dataset.theme`); theme != "dark" {
		b.t.Errorf("the theme is %q", theme)
	}
	b.sees("£")
}

func (b tab) reload() {
	b.t.Helper()
	if status := b.loads(chromedp.Reload()); status != 200 {
		b.t.Errorf("status %d after a restart", status)
	}
}
