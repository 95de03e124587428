package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
)

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	phone   = "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
)

// signIn signs a visitor in with a browser that says what it is.
func (b browser) signIn(name, agent string) browser {
	b.t.Helper()
	b.send("POST", "/signin?name="+name, "", "User-Agent", agent).has(b.t, 200, "Welcome, "+name+".")
	return b
}

// handle returns the public name of the visitor's session.
func (b browser) handle() string {
	b.t.Helper()
	about := b.About(b.t, carts)
	if about.Handle == "" {
		b.t.Fatal("no session")
	}
	return string(about.Handle)
}

func TestDevices(t *testing.T) { onEach(t, testDevices) }

func testDevices(t *testing.T) {
	shop := open(t)
	stranger := shop.browser(t)
	stranger.get("/devices").has(t, 200, "Sign in to see your devices.", "<h1>Sign in</h1>")
	desk := shop.browser(t).signIn("Ann", firefox)
	mobile := shop.browser(t).signIn("Ann", phone)
	bob := shop.browser(t).signIn("Bob", "")

	page := desk.get("/devices")
	page.has(t, 200, "Firefox on Linux <small>this device</small>", "<h2>Chrome on Android</h2>", "just now", "in the last minutes",
		desk.handle(), mobile.handle(), "Sign out all others")
	page.lacks(t, bob.handle(), string(desk.Token(t, carts)), string(mobile.Token(t, carts)))
	mobile.get("/devices").has(t, 200, "Chrome on Android <small>this device</small>", "<h2>Firefox on Linux</h2>")
	only := bob.get("/devices")
	only.has(t, 200, "A device <small>this device</small>")
	only.lacks(t, "Sign out all others", "Firefox")

	desk.post("/devices/end", "handle", mobile.handle()).has(t, 200, "That device is signed out.")
	desk.get("/devices").lacks(t, "Chrome on Android", "Sign out all others")
	mobile.get("/devices").has(t, 200, "You are not signed in any more on this device.")
	mobile.get("/cart").has(t, 200, "Sign in")
	desk.get("/devices").has(t, 200, "Firefox on Linux")
}

func TestEndingOnesOwnDeviceIsSigningOut(t *testing.T) {
	onEach(t, testEndingOnesOwnDeviceIsSigningOut)
}

func testEndingOnesOwnDeviceIsSigningOut(t *testing.T) {
	b := open(t).browser(t).signIn("Ann", firefox)
	copied := b.Token(t, carts)
	b.post("/devices/end", "handle", b.handle()).has(t, 200, "You are signed out", "Sign in")
	if b.Token(t, carts) != "" {
		t.Error("the browser still holds the cookie")
	}
	b.Paste(t, carts, copied)
	b.get("/devices").has(t, 200, "You are not signed in any more on this device.")
}

func TestNobodyEndsSomebodyElsesDevice(t *testing.T) { onEach(t, testNobodyEndsSomebodyElsesDevice) }

func testNobodyEndsSomebodyElsesDevice(t *testing.T) {
	shop := open(t)
	ann, bob := shop.browser(t).signIn("Ann", firefox), shop.browser(t).signIn("Bob", phone)
	for _, handle := range []string{ann.handle(), "", "nonsense", strings.Repeat("x", 1000)} {
		bob.post("/devices/end", "handle", handle).has(t, 200, "That one was signed out already.")
	}
	ann.get("/devices").has(t, 200, "Firefox on Linux")
	stranger := shop.browser(t)
	stranger.post("/devices/end", "handle", ann.handle()).has(t, 200, "Sign in to see your devices.")
	stranger.post("/devices/end-all").has(t, 200, "Sign in to see your devices.")
	stranger.send("POST", "/devices/end-all", "", "Sec-Fetch-Site", "cross-site").has(t, 403, "another site")
	ann.get("/devices").has(t, 200, "Firefox on Linux")
}

func TestEndingManyDevices(t *testing.T) { onEach(t, testEndingManyDevices) }

func testEndingManyDevices(t *testing.T) {
	shop := open(t)
	var all [3]browser
	for i := range all {
		all[i] = shop.browser(t).signIn("Ann", firefox)
	}
	bob := shop.browser(t).signIn("Bob", phone)
	last := all[2]
	last.post("/cart/add", "product", "tote")
	last.post("/devices/end-others").has(t, 200, "2 other devices signed out.", `<b class="count">1</b>`)
	last.post("/devices/end-others").has(t, 200, "0 other devices signed out.")
	for _, b := range all[:2] {
		b.get("/devices").has(t, 200, "You are not signed in any more on this device.")
	}
	back := all[0].signIn("Ann", phone)
	last.get("/devices").has(t, 200, "Chrome on Android")

	copied := last.Token(t, carts)
	last.post("/devices/end-all").has(t, 200, "You are signed out", "Sign in")
	if last.Token(t, carts) != "" {
		t.Error("the browser still holds the cookie")
	}
	last.Paste(t, carts, copied)
	for _, b := range []browser{last, back} {
		b.get("/devices").has(t, 200, "You are not signed in any more on this device.")
	}
	bob.get("/devices").has(t, 200, "Chrome on Android")
}

// While the store is down nobody is asked to sign in, and nobody's device is ended in words only.
func TestDevicesInAnOutage(t *testing.T) { onEach(t, testDevicesInAnOutage) }

func testDevicesInAnOutage(t *testing.T) {
	shop := open(t)
	desk, mobile := shop.browser(t).signIn("Ann", firefox), shop.browser(t).signIn("Ann", phone)
	other := mobile.handle()
	shop.kept.down.Store(true)
	desk.get("/devices").has(t, 503, "You are still signed in")
	shop.kept.down.Store(false)
	shop.kept.readOnly.Store(true)
	desk.post("/devices/end", "handle", other).has(t, 503, "You are still signed in")
	desk.post("/devices/end-all").has(t, 503, "You are still signed in")
	shop.kept.readOnly.Store(false)
	mobile.get("/devices").has(t, 200, "Firefox on Linux", "Chrome on Android")
}

func TestDeviceOf(t *testing.T) {
	for agent, want := range map[string]string{
		"":      "A device",
		"words": "A device",
		firefox: "Firefox on Linux",
		phone:   "Chrome on Android",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0":              "Edge on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15":                      "Safari on a Mac",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0.0.0 Mobile/15E148 Safari/604.1": "Chrome on an iPhone",
		"curl/8.14.1":               "curl",
		"Something/1.0 (Linux)":     "A device with Linux",
		strings.Repeat("Linux", 99): "A device with Linux",
	} {
		if got := deviceOf(agent); got != want {
			t.Errorf("%s: %s, want %s", agent, got, want)
		}
	}
}

func TestWhenADeviceWasUsed(t *testing.T) {
	now := time.Now()
	for since, want := range map[time.Duration]string{
		0: "just now, in the last minutes", -time.Minute: "just now, in the last minutes", time.Minute: "1 minute ago, in the last minutes",
		7 * time.Minute: "7 minutes ago, 7 minutes ago", 3*time.Hour + time.Minute: "3 hours ago, 3 hours ago",
	} {
		d := device{Listed: satchel.Listed{Authenticated: now.Add(-since), Seen: now.Add(-since)}, now: now}
		if got := fmt.Sprintf("%s, %s", d.SignedInText(), d.SeenText()); got != want {
			t.Errorf("%v: %s, want %s", since, got, want)
		}
	}
}
