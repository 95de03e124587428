package main

import (
	"net/http"
	"strings"
	"testing"
)

// call sends a request of the API with the session's token, if there is one, and without cookies.
func (b *browser) call(method, path, token, body string) seen {
	b.t.Helper()
	req := b.request(method, path, body)
	if token != "" {
		req.Header.Set(apiHeader, token)
	}
	return b.do(req)
}

func TestTheAPIKeepsItsCartByAHeader(t *testing.T) {
	b := open(t).browser(t)
	b.get("/api").has(t, 200, "-H \"X-Shop-Session: $TOKEN\"", b.shop.URL+"/api/cart")
	b.get("/api/products").has(t, 200, `"id":"satchel"`, `"eurocents":12900`)
	if token := b.call("GET", "/api/cart", "", "").header.Get(apiHeader); token != "" {
		t.Error("a look into no cart began a session")
	}

	first := b.call("POST", "/api/cart", "", `{"product":"satchel"}`)
	first.has(t, 200, `{"lines":[{"product":"satchel","count":1}],"eurocents":12900}`)
	token := first.header.Get(apiHeader)
	if token == "" || first.header.Get("Set-Cookie") != "" || first.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("the session began with %v", first.header)
	}
	b.call("POST", "/api/cart", token, `{"product":"ledger"}`).has(t, 200, `"eurocents":14150`)
	again := b.call("GET", "/api/cart", token, "")
	again.has(t, 200, `"eurocents":14150`)
	if again.header.Get(apiHeader) != "" || again.header.Get("Vary") != apiHeader {
		t.Errorf("a look came with %v", again.header)
	}

	b.call("DELETE", "/api/cart", token, "").has(t, 204)
	b.call("GET", "/api/cart", token, "").has(t, 200, `{"lines":[],"eurocents":0}`)
}

func TestTheAPIsSessionIsNotTheBrowsers(t *testing.T) {
	b := open(t).browser(t)
	token := b.call("POST", "/api/cart", "", `{"product":"satchel"}`).header.Get(apiHeader)
	b.paste("cart", token) // an ID of one kind opens nothing of another
	b.get("/cart").has(t, 200, "There is nothing in it.")
	b.post("/cart/add", "product", "tote")
	b.call("GET", "/api/cart", b.cookie("cart"), "").has(t, 200, `"lines":[]`)
}

func TestTheAPISaysWhatIsWrong(t *testing.T) {
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
		answer := b.call(c.method, c.path, "", c.body)
		answer.has(t, c.status, `{"error":"`, c.text)
	}
	token := b.call("POST", "/api/cart", "", `{"product":"satchel"}`).header.Get(apiHeader)
	shop.kept.down.Store(true)
	b.call("GET", "/api/cart", token, "").has(t, http.StatusServiceUnavailable, `{"error":"`)
	b.get("/api/products").has(t, 200, "satchel") // which needs no session
}
