package main

import "testing"

func TestAnOutageIsNotALogout(t *testing.T) { onEach(t, testAnOutageIsNotALogout) }

func testAnOutageIsNotALogout(t *testing.T) {
	shop := open(t)
	b := shop.browser(t)
	b.post("/prefs", "theme", "dark", "currency", "EUR")
	b.post("/signin", "name", "Ann")
	token := b.Token(t, carts)
	for _, c := range []struct{ method, path string }{
		{"GET", "/"}, {"GET", "/travels"}, {"POST", "/cart/add?product=tote"}, {"POST", "/signout"}, {"POST", "/signin?name=Bob"},
	} {
		shop.kept.down.Store(true)
		answer := b.send(c.method, c.path, "")
		answer.has(t, 503, "You are still signed in", `data-theme="dark"`)
		answer.lacks(t, "Sign in")
		if answer.header.Get("Retry-After") == "" || answer.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s came with %v", c.method, c.path, answer.header)
		}
		shop.kept.down.Store(false)
		if b.Token(t, carts) != token {
			t.Fatalf("%s %s changed the cookie", c.method, c.path)
		}
		b.get("/").has(t, 200, "Sign out")
	}
}

// What fails only at the commit is answered in the same place.
func TestACommitThatFailsSendsNothingOfTheHandlers(t *testing.T) {
	onEach(t, testACommitThatFailsSendsNothingOfTheHandlers)
}

func testACommitThatFailsSendsNothingOfTheHandlers(t *testing.T) {
	shop := open(t)
	b := shop.browser(t)
	b.post("/signin", "name", "Ann")
	token := b.Token(t, carts)

	shop.kept.readOnly.Store(true)
	b.post("/signout").has(t, 503, "You are still signed in")
	shop.kept.readOnly.Store(false)

	if b.Token(t, carts) != token {
		t.Error("the cookie changed")
	}
	b.get("/").has(t, 200, "Ann")
}

func TestTwoTabsThatSignInAtOnce(t *testing.T) { onEach(t, testTwoTabsThatSignInAtOnce) }

// Each has read the session before the other one changed it, so one of them is told.
func testTwoTabsThatSignInAtOnce(t *testing.T) {
	shop := open(t)
	b := shop.browser(t)
	b.post("/cart/add", "product", "tote")
	refused := 0
	for _, answer := range b.atOnce(shop.kept, 2, "/signin", "name", "Ann") {
		if answer.status != 303 {
			answer.has(t, 409, "changed in another tab")
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("%d of two were refused", refused)
	}
	b.get("/cart").has(t, 200, "Sign out", "Canvas tote")
}

func TestNoSuchPage(t *testing.T) { onEach(t, testNoSuchPage) }

func testNoSuchPage(t *testing.T) {
	b := open(t).browser(t)
	b.post("/prefs", "theme", "dark", "currency", "EUR")
	b.get("/nothing").has(t, 404, "no such thing", `data-theme="dark"`)
}
