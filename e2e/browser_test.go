package e2e

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/satchel-go/satchel/internal/need"
)

// chromium is the one browser of all tests, once a test has asked for it. Each test gets cookies of its own in it.
var chromium context.Context

func TestMain(m *testing.M) {
	code := m.Run()
	if chromium != nil {
		_ = chromedp.Cancel(chromium)
	}
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(code)
}

// patience is how long one step in the browser may take on a slow machine.
const patience = time.Minute

func startChromium(t *testing.T) {
	t.Helper()
	path := need.Binary(t, "chromium", "chromium-browser", "google-chrome")
	if chromium != nil {
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], // among them a new folder for its user
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // which root in a container does not have
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(patience),
	)
	allocator, _ := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	chromium = ctx //nolint:fatcontext // the browser outlives the test that starts it
}

// tab is one tab of a browser.
type tab struct {
	t      *testing.T
	ctx    context.Context
	origin string // of the shop
	wrong  *complaints
}

// complaints are what the browser logs as wrong about the pages: blocked by their policy, not found, not parsed.
type complaints []string

// browser returns a tab of a browser that knows nothing yet. When the test ends, the browser must have found nothing
// wrong with the pages.
func browser(t *testing.T, origin string) tab {
	t.Helper()
	startChromium(t)
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	return newTab(ctx, t, origin)
}

func newTab(ctx context.Context, t *testing.T, origin string) tab {
	t.Helper()
	b := tab{t, ctx, origin, new(complaints)}
	// The events are delivered in the goroutine that answers commands, so that reading them after one is no race.
	err := chromedp.Listen(ctx, func(event any) {
		if e, ok := event.(*log.EventEntryAdded); ok {
			*b.wrong = append(*b.wrong, string(e.Entry.Level)+": "+e.Entry.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// tab opens another tab of the same browser.
func (b tab) tab() tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	return newTab(ctx, b.t, b.origin)
}

// within ends a step that does not end, with the place where it stood.
func (b tab) within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(b.ctx, patience)
}

// loads does something that makes the browser load a page, waits for it, and returns the status.
func (b tab) loads(what chromedp.Action[chromedp.Void]) int64 {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	response, err := chromedp.RunResponse(ctx, what)
	if err != nil {
		b.t.Fatal(err)
	}
	return response.Status
}

// open goes to a path of the shop.
func (b tab) open(path string) int64 {
	b.t.Helper()
	return b.loads(chromedp.Navigate(b.origin + path))
}

// click presses what a CSS selector finds, and waits for the page that comes of it.
func (b tab) click(selector string) int64 {
	b.t.Helper()
	return b.loads(chromedp.Click(chromedp.CSS(selector)))
}

func (b tab) back() {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.NavigateBack()); err != nil {
		b.t.Fatal(err)
	}
}

func (b tab) enter(selector, text string) {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.SendKeys(chromedp.CSS(selector), text)); err != nil {
		b.t.Fatal(err)
	}
}

// ask evaluates an expression in the page.
func ask[T any](b tab, expression string) T {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// sees holds the page's visible text to what must be there.
func (b tab) sees(texts ...string) {
	b.t.Helper()
	page := b.text()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			b.t.Errorf("no %q on the page:\n%s", text, page)
		}
	}
}

// lacks holds it to what must not be there.
func (b tab) lacks(texts ...string) {
	b.t.Helper()
	page := b.text()
	for _, text := range texts {
		if strings.Contains(page, text) {
			b.t.Errorf("%q on the page:\n%s", text, page)
		}
	}
}

func (b tab) text() string {
	b.t.Helper()
	return ask[string](b, `document.body.innerText`)
}

// cookies returns what the browser would send to the shop, by name.
func (b tab) cookies() map[string]*network.Cookie {
	b.t.Helper()
	result, err := chromedp.Call(b.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{b.origin}})
	if err != nil {
		b.t.Fatal(err)
	}
	all := map[string]*network.Cookie{}
	for _, c := range result.Cookies {
		if all[c.Name] != nil {
			b.t.Errorf("two cookies are called %s", c.Name)
		}
		all[c.Name] = c
	}
	return all
}

// paste puts a cookie into the browser, as whoever has copied it would.
func (b tab) paste(name, value string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: b.origin})
	if err != nil {
		b.t.Fatal(err)
	}
}

// isContent fails the test if the browser found anything wrong with what it has loaded so far.
func (b tab) isContent() {
	b.t.Helper()
	ask[bool](b, `true`)
	for _, complaint := range *b.wrong {
		b.t.Error("the browser logs ", complaint)
	}
}
