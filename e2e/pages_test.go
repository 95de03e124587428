package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestEveryPageFits looks at each page at the size of a desk and of the smallest phone, in both themes.
func TestEveryPageFits(t *testing.T) { onEach(t, testEveryPageFits) }

func testEveryPageFits(t *testing.T) {
	b := browser(t, startShop(t, "localhost"))
	for _, theme := range []string{"light", "dark"} {
		b.choose(theme, "EUR")
		b.open("/")
		for _, product := range []string{"satchel", "keyring", "ledger"} {
			b.click(add(product))
		}
		b.signIn("Wolfeschlegelsteinhausenbergerdorff-Ann") // as long as names may be, in one word
		for _, size := range []struct {
			name          string
			width, height int64
		}{{"desk", 1280, 800}, {"phone", 320, 640}} {
			b.resize(size.width, size.height)
			for name, path := range map[string]string{
				"front": "/", "cart": "/cart", "signin": "/signin", "prefs": "/prefs", "travels": "/travels", "api": "/api", "devices": "/devices",
			} {
				b.open(path)
				b.fits(size.width)
				b.picture(fmt.Sprintf("%s-%s-%s", name, size.name, theme))
			}
			b.open("/")
			b.click(add("seal"))
			b.fits(size.width)
			b.picture("flash-" + size.name + "-" + theme)
		}
		b.isContent()
		if status := b.open("/nothing"); status != 404 {
			t.Errorf("no such page: status %d", status)
		}
		b.fits(320)
		b.picture("error-phone-" + theme)
		*b.wrong = nil // the browser logs a 404
		b.open("/")
		b.click(`form[action="/signout"] button`)
		b.open("/")
		b.picture("anonymous-phone-" + theme)
		b.resize(1280, 800)
		b.open("/cart")
		b.picture("empty-desk-" + theme)
	}
}

func (b tab) resize(width, height int64) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(width, height)); err != nil {
		b.t.Fatal(err)
	}
}

// fits holds the page to the width of its window: nothing to scroll sideways, nothing that sticks out.
func (b tab) fits(width int64) {
	b.t.Helper()
	path := ask[string](b, `location.pathname`)
	if got := ask[int64](b, `document.documentElement.scrollWidth`); got > width {
		b.t.Errorf("%s is %d wide in a window of %d", path, got, width)
	}
	out := ask[[]string](b, `[...document.querySelectorAll("body *")].filter(e => !e.closest("pre, svg") &&
		e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))`)
	if len(out) > 0 {
		b.t.Errorf("%s: sticks out at %d: %q", path, width, out)
	}
}

// picture keeps a picture of the whole page, if somebody wants to look at it.
func (b tab) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("SATCHEL_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
