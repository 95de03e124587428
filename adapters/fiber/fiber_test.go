package satchelfiber_test

import (
	"testing"

	"github.com/gofiber/fiber/v3"

	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
)

func TestWholePathOverASocket(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Get("/add", add)
	app.Get("/show", show)
	app.Get("/plain", func(c fiber.Ctx) error { return c.SendString("plain") })
	p := start(t, app).person()

	p.Get("/add?item=tea").Says(t, 200, "tea").Has(t, "Vary", "Cookie").Has(t, "Cache-Control", "no-store").Sets(t, "__Host-cart")
	p.Get("/add?item=milk").Says(t, 200, "tea milk").Has(t, "Set-Cookie").Has(t, "Cache-Control", "private")
	p.Get("/show").Says(t, 200, "tea milk").Has(t, "Set-Cookie").Has(t, "Vary", "Cookie").Has(t, "Cache-Control", "private")
	before := w.Calls()
	p.Get("/plain").Says(t, 200, "plain").Has(t, "Vary").Has(t, "Cache-Control").Has(t, "Set-Cookie")
	if w.Calls() != before {
		t.Error("a request that uses no session asked the store")
	}
}

func TestBothContexts(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, visits.ServerSide(w))))
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
	start(t, app).person().Get("/").Says(t, 204, "")
}
