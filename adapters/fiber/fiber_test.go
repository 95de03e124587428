package satchelfiber_test

import (
	"testing"

	"github.com/gofiber/fiber/v3"

	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
)

func TestWholePathOverASocket(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.sessions(t, carts.ServerSide(w))))
	app.Get("/add", add)
	app.Get("/show", show)
	app.Get("/plain", func(c fiber.Ctx) error { return c.SendString("plain") })
	p := start(t, app).person()

	first := p.get("/add?item=tea").says(t, 200, "tea").has(t, "Vary", "Cookie").has(t, "Cache-Control", "no-store")
	if token, ok := first.cookie("__Host-cart"); !ok || token == "" {
		t.Fatalf("no token: %q", first.Header)
	}
	p.get("/add?item=milk").says(t, 200, "tea milk").has(t, "Set-Cookie").has(t, "Cache-Control", "private")
	p.get("/show").says(t, 200, "tea milk").has(t, "Set-Cookie").has(t, "Vary", "Cookie").has(t, "Cache-Control", "private")
	before := w.calls.Load()
	p.get("/plain").says(t, 200, "plain").has(t, "Vary").has(t, "Cache-Control").has(t, "Set-Cookie")
	if w.calls.Load() != before {
		t.Error("a request that uses no session asked the store")
	}
}

func TestBothContexts(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.sessions(t, visits.ServerSide(w))))
	app.Get("/", func(c fiber.Ctx) error {
		if err := visits.Set(c, 7); err != nil {
			return err
		}
		for name, get := range map[string]func() (int, bool, error){
			"Ctx":        func() (int, bool, error) { return visits.Get(c) },
			"Context":    func() (int, bool, error) { return visits.Get(c.Context()) },
			"RequestCtx": func() (int, bool, error) { return visits.Get(c.RequestCtx()) },
		} {
			if n, ok, err := get(); n != 7 || !ok || err != nil {
				t.Errorf("%s: %d %v %v", name, n, ok, err)
			}
		}
		return c.SendStatus(204)
	})
	start(t, app).person().get("/").says(t, 204, "")
}
