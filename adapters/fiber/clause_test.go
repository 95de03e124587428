package satchelfiber_test

import (
	"context"
	"testing"

	"github.com/gofiber/fiber/v3"

	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
)

// Item 34: an answer to a logout can tell the browser to forget all of the site, and is then no-store; but only if the
// session has been ended, because a logout that failed takes nothing from anybody.
func TestItem34_ClearSiteData(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Get("/add", add)
	app.Get("/show", show)
	app.Get("/logout", func(c fiber.Ctx) error {
		c.Set("Cache-Control", "max-age=60")
		if err := carts.Clear(c); err != nil {
			return err
		}
		satchelfiber.ClearSiteData(c)
		return c.SendString("bye")
	})
	p := start(t, app).person()
	const all = `"cache", "cookies", "storage"`
	p.Get("/logout").Says(t, 200, "bye").Has(t, "Clear-Site-Data", all).Has(t, "Cache-Control", "no-store")
	p.Get("/add?item=tea")
	goesDown := func(context.Context) { w.Down.Store(true) }
	w.Before.Store(&goesDown) // in the middle of the commit, when the handler is done
	p.Get("/logout").Says(t, 503, "Service Unavailable").Has(t, "Clear-Site-Data").Has(t, "Set-Cookie")
	w.Before.Store(nil)
	w.Down.Store(false)
	p.Get("/show").Says(t, 200, "tea")
	p.Get("/logout").Says(t, 200, "bye").Has(t, "Clear-Site-Data", all).Has(t, "Cache-Control", "no-store").Clears(t, "__Host-cart")
	p.Get("/show").Says(t, 200, "none")
}

// Item 35: whatever sets or clears a token is no-store, over what the handler says to whichever cache.
func TestItem35_AnAnswerWithATokenIsNotStored(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))), func(c fiber.Ctx) error {
		c.Set("Cache-Control", "public, max-age=60")
		c.Set("CDN-Cache-Control", "max-age=60")
		return c.Next()
	})
	app.Get("/add", add)
	app.Get("/signin", func(c fiber.Ctx) error { return carts.SignIn(c, "ann", cart{}) })
	app.Get("/leave", func(c fiber.Ctx) error { return carts.Clear(c) })
	app.Get("/show", show)
	p := start(t, app).person()
	for _, path := range []string{"/add", "/signin", "/leave"} {
		a := p.Get(path).Has(t, "Cache-Control", "no-store").Has(t, "Cdn-Cache-Control")
		if len(a.Cookies()) != 1 {
			t.Errorf("%s: %q", path, a.Header)
		}
	}
	p.Get("/show").Has(t, "Cache-Control", "public, max-age=60").Has(t, "Cdn-Cache-Control", "max-age=60")
}
