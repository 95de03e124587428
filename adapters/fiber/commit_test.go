package satchelfiber_test

import (
	"testing"

	"github.com/gofiber/fiber/v3"
	recoverer "github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/satchel-go/satchel"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
)

// After Commit the answer is still to be sent, so it depends on a session that is first used then.
func TestUseAfterCommit(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w), visits.ServerSide(w).With(satchel.Options{Header: "X-Visits"}))))
	app.Get("/", func(c fiber.Ctx) error {
		if err := satchelfiber.Commit(c); err != nil {
			return err
		}
		if err := satchelfiber.Commit(c); err != nil {
			return err
		}
		if _, _, err := visits.Get(c); err != nil {
			return err
		}
		return c.SendString("read")
	})
	start(t, app).person().Get("/").Says(t, 200, "read").Has(t, "Vary", "X-Visits").Has(t, "Cache-Control", "private")
}

// A token that was committed goes along with whatever answers a panic, or an error in place of the handler.
func TestCommitThenNoAnswer(t *testing.T) {
	for name, ends := range map[string]func(c fiber.Ctx) error{
		"panic": func(fiber.Ctx) error { panic("planned") },
		"error": func(fiber.Ctx) error { return fiber.ErrInternalServerError },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			app := fiber.New(fiber.Config{ErrorHandler: func(c fiber.Ctx, _ error) error {
				return c.Status(500).SendString("sorry")
			}})
			app.Use(recoverer.New(), satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
			app.Get("/", func(c fiber.Ctx) error {
				if err := carts.Set(c, cart{Items: []string{"tea"}}); err != nil {
					return err
				}
				if err := satchelfiber.Commit(c); err != nil {
					return err
				}
				c.Set("Cache-Control", "public, max-age=60")
				c.Cookie(&fiber.Cookie{Name: "__Host-cart", Value: "mine", Path: "/", Secure: true})
				return ends(c)
			})
			app.Get("/show", show)
			p := start(t, app).person()
			p.Get("/").Says(t, 500, "sorry").Has(t, "Cache-Control", "no-store").Has(t, "Vary", "Cookie").Sets(t, "__Host-cart")
			p.Get("/show").Says(t, 200, "tea")
		})
	}
}

// Behind a recover middleware the ErrorHandler has the last word on what was committed by hand.
func TestErrorHandlerAfterAPanic(t *testing.T) {
	w := newWorld()
	app := fiber.New(fiber.Config{ErrorHandler: func(c fiber.Ctx, _ error) error {
		c.Set("Cache-Control", "public")
		return c.Status(500).SendString("sorry")
	}})
	app.Use(recoverer.New(), satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Get("/", func(c fiber.Ctx) error {
		if err := carts.Set(c, cart{Items: []string{"tea"}}); err != nil {
			return err
		}
		if err := satchelfiber.Commit(c); err != nil {
			return err
		}
		panic("planned")
	})
	start(t, app).person().Get("/").Says(t, 500, "sorry").Has(t, "Cache-Control", "public").Sets(t, "__Host-cart")
}
