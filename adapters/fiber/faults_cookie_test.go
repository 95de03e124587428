package satchelfiber_test

import (
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
)

// TestOneCookieOfAName: whatever the handler itself set by our name, one line is sent (RFC 6265bis, section 4.1.1).
func TestOneCookieOfAName(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.sessions(t, carts.ServerSide(w))))
	app.Get("/", func(c fiber.Ctx) error {
		c.Cookie(&fiber.Cookie{Name: "__Host-cart", Value: "mine", Secure: true})
		c.Append("Set-Cookie", "__Host-cart=again; Path=/; Secure")
		c.Cookie(&fiber.Cookie{Name: "other", Value: "stays"})
		c.Append("Vary", "Origin, cookie")
		c.Set("Cache-Control", "public, max-age=60")
		c.Set("CDN-Cache-Control", "public, max-age=60")
		return add(c)
	})
	a := start(t, app).person().get("/").says(t, 200, "tea").has(t, "Vary", "Origin, cookie").
		has(t, "Cache-Control", "no-store").has(t, "CDN-Cache-Control")
	names := map[string]int{}
	for _, c := range a.Cookies() {
		names[c.Name]++
		if c.Value == "mine" || c.Value == "again" {
			t.Errorf("the handler's value was sent: %q", a.Header["Set-Cookie"])
		}
	}
	if len(names) != 2 || names["__Host-cart"] != 1 || names["other"] != 1 {
		t.Errorf("%q", a.Header["Set-Cookie"])
	}
}

// TestHeaderTransport: tokens by a header field, two of them, and two kinds by different ways.
func TestHeaderTransport(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.sessions(t, carts.ServerSide(w).With(satchel.Options{Header: "X-Cart"}), visits.ServerSide(w))))
	app.Get("/add", add)
	app.Get("/show", show)
	app.Get("/leave", func(c fiber.Ctx) error { return carts.Clear(c) })
	app.Get("/both", func(c fiber.Ctx) error {
		if _, _, err := carts.Get(c); err != nil {
			return err
		}
		return count(c)
	})
	p := start(t, app).person()
	first := p.get("/add").says(t, 200, "tea").has(t, "Vary", "X-Cart").has(t, "Cache-Control", "no-store").has(t, "Set-Cookie")
	token := first.Header.Get("X-Cart")
	p.getWith("/show", with("X-Cart", token)).says(t, 200, "tea").has(t, "X-Cart")
	p.getWith("/show", http.Header{"X-Cart": {"bad", token}}).says(t, 200, "tea")
	p.getWith("/show", with("Cookie", "X-Cart="+token)).says(t, 200, "none")
	p.getWith("/both", with("X-Cart", token)).says(t, 200, "1").has(t, "Vary", "X-Cart", "Cookie").sets(t, "__Host-visits")
	p.getWith("/leave", with("X-Cart", token)).says(t, 200, "").has(t, "X-Cart", "")
	p.getWith("/show", with("X-Cart", token)).says(t, 200, "none")
}

// TestTenant: a token made for one tenant opens nothing for another.
func TestTenant(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	config := satchelfiber.Config{Tenant: func(c fiber.Ctx) string { return c.Get("X-Tenant") }}
	app.Use(config.Middleware(w.sessions(t, carts.ServerSide(w))))
	app.Get("/add", add)
	app.Get("/show", show)
	p := start(t, app).person()
	p.getWith("/add", with("X-Tenant", "north")).says(t, 200, "tea")
	p.getWith("/show", with("X-Tenant", "south")).says(t, 200, "none").has(t, "Set-Cookie")
	p.getWith("/show", with("X-Tenant", "north")).says(t, 200, "tea")
}
