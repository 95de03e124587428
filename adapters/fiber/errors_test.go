package satchelfiber_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	recovering "github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
)

// greeting is an ErrorHandler that reads the session, and ends it where the error asks for that.
func greeting(c fiber.Ctx, err error) error {
	status := fiber.StatusInternalServerError
	if e, ok := errors.AsType[*fiber.Error](err); ok {
		status = e.Code
	}
	if status == fiber.StatusUnauthorized {
		if late := carts.Clear(c); late != nil {
			return c.Status(status).SendString(late.Error())
		}
		return c.Redirect().To("/login")
	}
	v, ok, err := carts.Get(c)
	if err != nil {
		return c.Status(status).SendString("cannot say: " + err.Error())
	}
	if !ok {
		return c.Status(status).SendString("sorry")
	}
	return c.Status(status).SendString("sorry, your " + strings.Join(v.Items, " ") + " is safe")
}

func erring(t *testing.T, w *world, config satchelfiber.Config, around ...any) *adaptertest.Visitor {
	app := fiber.New(fiber.Config{ErrorHandler: greeting})
	if len(around) > 0 {
		app.Use(around...)
	}
	app.Use(config.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Get("/add", add)
	app.Get("/addfail", func(c fiber.Ctx) error {
		if err := add(c); err != nil {
			return err
		}
		return fiber.ErrTeapot
	})
	app.Get("/setfail", func(c fiber.Ctx) error {
		if err := carts.Set(c, cart{Items: []string{"set"}}); err != nil {
			return err
		}
		return fiber.ErrTeapot
	})
	app.Get("/show", show)
	app.Get("/unauthorized", func(fiber.Ctx) error { return fiber.ErrUnauthorized })
	app.Get("/quiet", func(c fiber.Ctx) error { return c.SendString("quiet") })
	return start(t, app).person()
}

// TestErrorIsAnsweredBeforeTheCommit: what a handler did before it failed is kept, and the ErrorHandler is as free with
// sessions as any handler.
func TestErrorIsAnsweredBeforeTheCommit(t *testing.T) {
	w := newWorld()
	p := erring(t, w, satchelfiber.Config{}, func(c fiber.Ctx) error {
		if err := c.Next(); err != nil {
			t.Errorf("%s: an answered error goes on: %v", c.Path(), err)
		}
		return nil
	})
	p.Get("/setfail").Says(t, 418, "sorry, your set is safe").Has(t, "Cache-Control", "no-store").Sets(t, "__Host-cart")
	p.Get("/show").Says(t, 200, "set")
	p.Get("/nowhere").Says(t, 404, "sorry, your set is safe").Has(t, "Vary", "Cookie").Has(t, "Cache-Control", "private")

	p.Get("/unauthorized").Says(t, 303, "").Has(t, "Location", "/login").Has(t, "Cache-Control", "no-store").Clears(t, "__Host-cart")
	p.Get("/show").Says(t, 200, "none")
	if w.Records() != 0 {
		t.Errorf("%d records are left", w.Records())
	}
}

// TestPassErrors: with the option the error goes on, and its answer is taken to show any session.
func TestPassErrors(t *testing.T) {
	w := newWorld()
	var seen error
	p := erring(t, w, satchelfiber.Config{PassErrors: true}, func(c fiber.Ctx) error {
		seen = c.Next()
		return seen
	})
	p.Get("/setfail").Says(t, 418, "sorry, your set is safe").Has(t, "Cache-Control", "no-store").Sets(t, "__Host-cart")
	if !errors.Is(seen, fiber.ErrTeapot) {
		t.Errorf("outside: %v", seen)
	}
	p.Get("/nowhere").Says(t, 404, "sorry, your set is safe").Has(t, "Vary", "Cookie").Has(t, "Cache-Control", "private")
	p.Get("/unauthorized").Says(t, 401, satchel.ErrTooLate.Error()).Has(t, "Set-Cookie").Has(t, "Cache-Control", "private")
	p.Get("/show").Says(t, 200, "none") // it ended on the server all the same
	p.Get("/quiet").Says(t, 200, "quiet").Has(t, "Vary").Has(t, "Cache-Control")
}

// TestNotFoundUntouched: where neither the chain nor the ErrorHandler uses a session nothing is added.
func TestNotFoundUntouched(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Get("/add", add)
	p := start(t, app).person()
	p.Get("/add")
	before := w.Calls()
	p.Get("/nowhere").Says(t, 404, "Not Found").Has(t, "Vary").Has(t, "Cache-Control").Has(t, "Set-Cookie")
	if w.Calls() != before {
		t.Error("the store was asked")
	}
}

func TestPanicCommitsNothing(t *testing.T) {
	w := newWorld()
	sessions := w.Sessions(t, carts.ServerSide(w))
	var kept []context.Context
	panics := func(c fiber.Ctx) error {
		kept = append(kept, c.Context())
		if err := carts.Set(c, cart{Items: []string{"lost"}}); err != nil {
			t.Error(err)
		}
		panic("no")
	}
	app := fiber.New(fiber.Config{ErrorHandler: func(c fiber.Ctx, err error) error {
		if _, _, late := carts.Get(kept[len(kept)-1]); c.Path() != "/inside" && !errors.Is(late, satchel.ErrClosed) {
			t.Errorf("%s: after a panic: %v", c.Path(), late)
		}
		return greeting(c, err)
	}})
	app.Get("/outside", recovering.New(), satchelfiber.Middleware(sessions), panics)
	app.Get("/inside", satchelfiber.Middleware(sessions), recovering.New(), panics)
	app.Get("/nested", recovering.New(), satchelfiber.Middleware(sessions), satchelfiber.Middleware(sessions), panics)
	p := start(t, app).person()
	for _, path := range []string{"/outside", "/nested"} {
		p.Get(path).Says(t, 500, "cannot say: "+satchel.ErrNoExchange.Error()).Has(t, "Set-Cookie").Has(t, "Vary")
	}
	if w.Records() != 0 {
		t.Errorf("%d records of a handler that panicked", w.Records())
	}
	p.Get("/inside").Says(t, 500, "sorry, your lost is safe").Sets(t, "__Host-cart")
}

func TestErrorHandlerThatFails(t *testing.T) {
	w := newWorld()
	app := fiber.New(fiber.Config{ErrorHandler: func(fiber.Ctx, error) error { return errors.New("not even that") }})
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Get("/", func(c fiber.Ctx) error {
		if err := carts.Set(c, cart{}); err != nil {
			return err
		}
		return fiber.ErrTeapot
	})
	start(t, app).person().Get("/").Says(t, 500, "Internal Server Error").Sets(t, "__Host-cart")
}

// TestContextThatEnds: a commit goes on where the handler's context is over.
func TestContextThatEnds(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(func(c fiber.Ctx) error {
		ctx, cancel := context.WithCancel(c.Context())
		c.SetContext(ctx)
		c.Locals("cancel", cancel)
		return c.Next()
	})
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Get("/", func(c fiber.Ctx) error {
		if err := carts.Set(c.Context(), cart{Items: []string{"tea"}}); err != nil {
			return err
		}
		c.Locals("cancel").(context.CancelFunc)()
		return c.SendString("saved")
	})
	app.Get("/show", show)
	p := start(t, app).person()
	p.Get("/").Says(t, 200, "saved").Sets(t, "__Host-cart")
	p.Get("/show").Says(t, 200, "tea")
}
