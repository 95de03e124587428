package e2e

import "testing"

// TestTwoDevices has one person in two profiles, which share no cookies: what one ends, the other finds out at its next
// request.
func TestTwoDevices(t *testing.T) { onEach(t, testTwoDevices) }

func testTwoDevices(t *testing.T) {
	origin := startShop(t, "localhost")
	desk, phone := browser(t, origin), browser(t, origin)
	phone.resize(320, 640)
	for _, b := range []tab{desk, phone} {
		b.open("/")
		b.click(add("tote"))
		b.signIn("Ann")
	}
	for _, b := range []tab{desk, phone} {
		b.open("/devices")
		b.lists(2)
	}
	phone.fits(320)
	phone.picture("devices-two-phone")
	desk.picture("devices-two-desk")

	// The desk ends the phone's session.
	desk.click(`.devices li:not(.this) button`)
	desk.sees("That device is signed out.")
	desk.lists(1)
	phone.sees("this device") // as long as it asks for nothing
	phone.click(`form[action="/devices/end-all"] button`)
	phone.sees("You are not signed in any more on this device.", "Your name")
	phone.lacks("Sign out")
	phone.open("/cart")
	phone.sees("There is nothing in it.", "Sign in")
	desk.open("/cart")
	desk.sees("Ann", "Canvas tote") // and not the desk's

	// The phone is signed in again, and ends all others.
	phone.signIn("Ann")
	phone.open("/devices")
	phone.lists(2)
	phone.click(`form[action="/devices/end-others"] button`)
	phone.sees("1 other device signed out.")
	phone.lists(1)
	desk.open("/devices")
	desk.sees("You are not signed in any more on this device.")
	desk.lacks("Sign out")

	// Everywhere is here, too.
	desk.signIn("Ann")
	phone.click(`form[action="/devices/end-all"] button`)
	phone.sees("You are signed out")
	if left := phone.cookies()["cart"]; left != nil {
		t.Error("the browser still holds the cookie")
	}
	desk.open("/devices")
	desk.sees("You are not signed in any more on this device.")
	desk.isContent()
	phone.isContent()
}

// lists holds the page to so many devices, one of them marked as this one.
func (b tab) lists(devices int) {
	b.t.Helper()
	type count struct{ All, This, Named int }
	got := ask[count](b, `({All: document.querySelectorAll(".devices li").length, This: document.querySelectorAll(".devices .this").length,
		Named: [...document.querySelectorAll(".devices h2")].filter(h => h.innerText.includes("Chrome on ")).length})`)
	if want := (count{devices, 1, devices}); got != want {
		b.t.Errorf("the page lists %+v, want %+v", got, want)
	}
}
