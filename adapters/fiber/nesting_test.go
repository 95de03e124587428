package satchelfiber_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
)

// count is a handler that counts visits.
func count(c fiber.Ctx) error {
	n, err := visits.Update(c, func(n int) int { return n + 1 })
	if err != nil {
		return err
	}
	return c.JSON(n)
}

func TestGroupWithKindsOfItsOwn(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Use(func(c fiber.Ctx) error {
		err := c.Next()
		if _, _, err := carts.Get(c); err != nil {
			t.Errorf("carts around the group: %v", err)
		}
		if _, _, err := visits.Get(c); !errors.Is(err, satchel.ErrUnplaced) {
			t.Errorf("visits around the group: %v", err)
		}
		return err
	})
	group := app.Group("/admin", satchelfiber.Middleware(w.Sessions(t, visits.ServerSide(w))))
	group.Get("/both", func(c fiber.Ctx) error {
		if err := carts.Set(c, cart{Items: []string{"tea"}}); err != nil {
			return err
		}
		return count(c)
	})
	app.Get("/visits", count)
	p := start(t, app).person()

	both := p.Get("/admin/both").Says(t, 200, "1").Has(t, "Vary", "Cookie").Has(t, "Cache-Control", "no-store")
	both.Sets(t, "__Host-cart")
	both.Sets(t, "__Host-visits")
	p.Get("/admin/both").Says(t, 200, "2").Has(t, "Set-Cookie").Has(t, "Cache-Control", "private")
	p.Get("/visits").Says(t, 500, satchel.ErrUnplaced.Error()+`: "visits"`)
}

func TestMountedApp(t *testing.T) {
	w := newWorld()
	sub := fiber.New(fiber.Config{ErrorHandler: func(c fiber.Ctx, err error) error {
		n, _, _ := visits.Get(c)
		return c.Status(418).SendString(err.Error() + ", visit " + string(rune('0'+n)))
	}})
	sub.Use(satchelfiber.Middleware(w.Sessions(t, visits.ServerSide(w))))
	sub.Get("/count", count)
	sub.Get("/fail", func(fiber.Ctx) error { return errors.New("no") })
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Use("/sub", sub)
	app.Get("/add", add)
	p := start(t, app).person()

	p.Get("/sub/count").Says(t, 200, "1").Sets(t, "__Host-visits")
	p.Get("/add").Says(t, 200, "tea").Sets(t, "__Host-cart")
	p.Get("/sub/fail").Says(t, 418, "no, visit 1").Has(t, "Vary", "Cookie").Has(t, "Cache-Control", "private")
}

// TestOneKindTwice: the innermost placement counts, inside, and the outer one again around it.
func TestOneKindTwice(t *testing.T) {
	outer, inner := newWorld(), newWorld()
	app := fiber.New()
	named := func(name string) satchel.Options {
		var o satchel.Options
		o.Cookie.Name = name
		return o
	}
	app.Use(satchelfiber.Middleware(outer.Sessions(t, visits.ServerSide(outer).With(named("__Host-outer")))))
	app.Use(func(c fiber.Ctx) error {
		if err := c.Next(); err != nil {
			return err
		}
		return visits.Set(c.Context(), 100)
	})
	app.Use("/in", satchelfiber.Middleware(inner.Sessions(t, visits.ServerSide(inner).With(named("__Host-inner")))))
	app.Get("/in", count)
	app.Get("/out", count)
	p := start(t, app).person()

	in := p.Get("/in").Says(t, 200, "1")
	in.Sets(t, "__Host-inner")
	in.Sets(t, "__Host-outer")
	p.Get("/in").Says(t, 200, "2")
	p.Get("/out").Says(t, 200, "101")
}

// TestSameMiddlewareTwice is a part of fault 9: two of fiber's own in one request do not work.
func TestSameMiddlewareTwice(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	middleware := satchelfiber.Middleware(w.Sessions(t, visits.ServerSide(w)))
	app.Use(middleware, middleware)
	app.Get("/", count)
	p := start(t, app).person()
	p.Get("/").Says(t, 200, "1").Sets(t, "__Host-visits")
	p.Get("/").Says(t, 200, "2").Has(t, "Set-Cookie").Has(t, "Vary", "Cookie")
}

// TestOneAfterTheOther: each middleware leaves c as it found it, for what comes after and around it.
func TestOneAfterTheOther(t *testing.T) {
	w := newWorld()
	sessions := w.Sessions(t, visits.ServerSide(w))
	twice := func(c fiber.Ctx) error {
		for range 2 {
			if err := satchelfiber.Wrap(count, sessions)(c); err != nil {
				return err
			}
		}
		return nil
	}
	app := fiber.New()
	app.Get("/alone", func(c fiber.Ctx) error {
		if err := twice(c); err != nil {
			return err
		}
		if _, _, err := visits.Get(c); !errors.Is(err, satchel.ErrNoExchange) {
			t.Errorf("around: %v", err)
		}
		return nil
	})
	app.Get("/within", satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))), func(c fiber.Ctx) error {
		if err := twice(c); err != nil {
			return err
		}
		if _, _, err := visits.Get(c); !errors.Is(err, satchel.ErrUnplaced) {
			t.Errorf("around: %v", err)
		}
		return add(c)
	})
	s := start(t, app)
	s.person().Get("/alone").Says(t, 200, "1").Sets(t, "__Host-visits") // the same token came for both, none
	p := s.person()
	p.Get("/within").Says(t, 200, "tea").Sets(t, "__Host-cart")
	p.Get("/within?item=milk").Says(t, 200, "tea milk")
}

// TestClosedBehindTheMiddleware: what a handler kept is over when the middleware is left, and not only with the request.
func TestClosedBehindTheMiddleware(t *testing.T) {
	w := newWorld()
	var kept []context.Context
	app := fiber.New()
	app.Use(func(c fiber.Ctx) error {
		err := c.Next()
		if _, _, late := visits.Get(kept[0]); !errors.Is(late, satchel.ErrClosed) {
			t.Errorf("around: %v", late)
		}
		return err
	})
	app.Use(satchelfiber.Middleware(w.Sessions(t, visits.ServerSide(w))))
	app.Get("/", func(c fiber.Ctx) error {
		kept = append(kept, c.Context())
		return count(c)
	})
	start(t, app).person().Get("/").Says(t, 200, "1")
}

func TestWithoutMiddleware(t *testing.T) {
	app := fiber.New()
	app.Get("/", func(c fiber.Ctx) error {
		if err := satchelfiber.Commit(c); err != nil {
			t.Errorf("Commit: %v", err)
		}
		_, _, err := visits.Get(c)
		_, _, also := visits.Get(c.Context())
		if !errors.Is(err, satchel.ErrNoExchange) || !errors.Is(also, satchel.ErrNoExchange) {
			t.Errorf("%v, %v", err, also)
		}
		return nil
	})
	start(t, app).person().Get("/").Says(t, 200, "")
}

func TestWrap(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	sessions := w.Sessions(t, visits.ServerSide(w))
	app.Get("/", satchelfiber.Wrap(count, sessions), func(fiber.Ctx) error {
		t.Error("Wrap called the next handler")
		return nil
	})
	p := start(t, app).person()
	p.Get("/").Says(t, 200, "1").Sets(t, "__Host-visits")
	p.Get("/").Says(t, 200, "2")
}

// An app and a group of it with the same sessions are one exchange: what is changed within is seen around it, and a sign-in
// within does not end what is around.
func TestSameMiddlewareAroundAGroup(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	middleware := satchelfiber.Middleware(w.Sessions(t, visits.ServerSide(w)))
	app.Use(middleware, func(c fiber.Ctx) error {
		if _, err := visits.Update(c, func(n int) int { return n + 1 }); err != nil {
			return err
		}
		if err := c.Next(); err != nil {
			return err
		}
		_, err := visits.Update(c, func(n int) int { return n + 1 })
		return err
	})
	group := app.Group("/in", middleware)
	group.Get("/", count)
	p := start(t, app).person()
	p.Get("/in/").Says(t, 200, "2").Sets(t, "__Host-visits")
	p.Get("/in/").Says(t, 200, "5").Has(t, "Set-Cookie")
	if n := w.Stats().Records; n != 1 {
		t.Errorf("%d records", n)
	}
}

// A context that an earlier middleware makes of the request, for a limit of time or a value, looks into c's locals, and so do
// those of each middleware of ours behind it.
func TestContextMadeOfTheRequest(t *testing.T) {
	w := newWorld()
	made := func(c fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c, time.Minute)
		defer cancel()
		c.SetContext(ctx)
		return c.Next()
	}
	app := fiber.New()
	app.Use(made, satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Use(made, satchelfiber.Middleware(w.Sessions(t, visits.ServerSide(w))))
	app.Get("/", func(c fiber.Ctx) error {
		for _, ctx := range []context.Context{c, c.Context()} {
			if _, _, err := carts.Get(ctx); err != nil {
				t.Errorf("around: %v", err)
			}
			if _, _, err := satchel.NewKind[int]("nobody's").Get(ctx); !errors.Is(err, satchel.ErrUnplaced) {
				t.Errorf("a kind of nobody's: %v", err)
			}
		}
		return count(c)
	})
	p := start(t, app).person()
	p.Get("/").Says(t, 200, "1").Sets(t, "__Host-visits")
	p.Get("/").Says(t, 200, "2")
}

// The inner one of two middlewares answers by its own OnCommitError that its tenant is another, which is no-store, and for nothing
// else: a commit is the outer one's. What that returns goes the way of a handler's error.
func TestTenantWithinAnother(t *testing.T) {
	w := newWorld()
	sessions := w.Sessions(t, carts.ServerSide(w))
	inner := satchelfiber.Config{
		Tenant: func(c fiber.Ctx) string { return c.Query("of") },
		OnCommitError: func(c fiber.Ctx, err error) error {
			if says := c.Query("says"); says != "" {
				return fiber.NewError(fiber.StatusTeapot, says+err.Error())
			}
			return nil
		},
	}
	app := fiber.New()
	app.Use(satchelfiber.Config{Tenant: func(fiber.Ctx) string { return "north" }}.Middleware(sessions), inner.Middleware(sessions))
	app.Get("/", func(c fiber.Ctx) error {
		if err := carts.Set(c, cart{Items: []string{"tea"}}); err != nil {
			return err
		}
		return c.SendString("tea")
	})
	s := start(t, app)
	p := s.person()
	p.Get("/?of=north").Says(t, 200, "tea").Sets(t, "__Host-cart")
	p.Get("/?of=south&says=no:").Says(t, 418, "no:"+satchel.ErrTenant.Error()).Has(t, "Cache-Control", "no-store")
	p.Get("/?of=south").Says(t, 500, "").Has(t, "Cache-Control", "no-store")
	w.Down.Store(true)
	s.person().Get("/?of=north").Says(t, 503, "Service Unavailable")
}
