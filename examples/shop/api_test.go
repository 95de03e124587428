package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestTheAPIKeepsItsCartByAHeader(t *testing.T) { onEach(t, testTheAPIKeepsItsCartByAHeader) }

func testTheAPIKeepsItsCartByAHeader(t *testing.T) {
	b := open(t).browser(t)
	b.get("/api").has(t, 200, "-H \"X-Shop-Session: $TOKEN\"", b.URL+"/api/cart")
	b.get("/api/products").has(t, 200, `"id":"satchel"`, `"eurocents":12900`)
	if b.get("/api/cart"); b.Token(t, apiCarts) != "" {
		t.Error("a look into no cart began a session")
	}

	first := b.send("POST", "/api/cart", `{"product":"satchel"}`)
	first.has(t, 200, `{"lines":[{"product":"satchel","count":1}],"eurocents":12900}`)
	token := b.Token(t, apiCarts)
	if token == "" || first.header.Get("Set-Cookie") != "" || first.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("the session began with %v", first.header)
	}
	b.send("POST", "/api/cart", `{"product":"ledger"}`).has(t, 200, `"eurocents":14150`)
	again := b.get("/api/cart")
	again.has(t, 200, `"eurocents":14150`)
	if again.header.Get(apiHeader) != "" || again.header.Get("Vary") != apiHeader {
		t.Errorf("a look came with %v", again.header)
	}

	b.send("DELETE", "/api/cart", "").has(t, 204)
	b.Paste(t, apiCarts, token)
	b.get("/api/cart").has(t, 200, `{"lines":[],"eurocents":0}`)
}

func TestTheAPIsSessionIsNotTheBrowsers(t *testing.T) { onEach(t, testTheAPIsSessionIsNotTheBrowsers) }

func testTheAPIsSessionIsNotTheBrowsers(t *testing.T) {
	b := open(t).browser(t)
	b.send("POST", "/api/cart", `{"product":"satchel"}`)
	b.Paste(t, carts, b.Token(t, apiCarts)) // an ID of one kind opens nothing of another
	b.get("/cart").has(t, 200, "There is nothing in it.")
	b.post("/cart/add", "product", "tote")
	b.Paste(t, apiCarts, b.Token(t, carts))
	b.get("/api/cart").has(t, 200, `"lines":[]`)
}

func TestTheAPISaysWhatIsWrong(t *testing.T) { onEach(t, testTheAPISaysWhatIsWrong) }

func testTheAPISaysWhatIsWrong(t *testing.T) {
	shop := open(t)
	b := shop.browser(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		text               string
	}{
		{"POST", "/api/cart", `{`, 400, "did not understand"},
		{"POST", "/api/cart", `{"product":"yacht"}`, 404, "no such thing"},
		{"POST", "/api/cart", `{"product":"` + strings.Repeat("x", maxBody) + `"}`, 413, "more than the shop can hold"},
		{"GET", "/api/nothing", ``, 404, "no such thing"},
	} {
		answer := b.send(c.method, c.path, c.body)
		answer.has(t, c.status, `{"error":"`, c.text)
	}
	b.send("POST", "/api/cart", `{"product":"satchel"}`).has(t, 200)
	shop.kept.down.Store(true)
	b.get("/api/cart").has(t, http.StatusServiceUnavailable, `{"error":"`)
	b.get("/api/products").has(t, 200, "satchel") // which needs no session
}
