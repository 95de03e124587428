package satchelfiber_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/satcheltest"
)

func TestStatusOf(t *testing.T) {
	for err, want := range map[error]int{
		satchel.ErrUnavailable:                503,
		fmt.Errorf("x: %w", satchel.ErrEnded): 409,
		&core.TooLargeError{}:                 413,
		errors.New("anything else"):           500,
	} {
		if got := satchelfiber.StatusOf(err); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
	}
}

// failing serves handlers whose commit fails, because the store goes down after they read their session.
func failing(t *testing.T, w *world, config satchelfiber.Config, settings ...fiber.Config) *adaptertest.Visitor {
	app := fiber.New(settings...)
	app.Use(func(c fiber.Ctx) error {
		c.Set("Access-Control-Allow-Origin", "https://example.com")
		err := c.Next()
		if c.Path() == "/hijack" && c.RequestCtx().Hijacked() {
			t.Error("the connection is still to be taken over")
		}
		return err
	})
	app.Use(config.Middleware(w.Sessions(t, carts.ServerSide(w), visits.ClientSide(satcheltest.Keys(t), satchel.Unrevocable))))
	app.Get("/add", add)
	app.Get("/show", show)
	spoil := func(c fiber.Ctx) error {
		if _, _, err := carts.Get(c); err != nil {
			return err
		}
		if err := carts.Set(c, cart{Items: []string{"new"}}); err != nil {
			return err
		}
		w.Down.Store(true)
		return nil
	}
	answers := map[string]fiber.Handler{
		"/page": func(c fiber.Ctx) error {
			c.Set("ETag", `"1"`)
			c.Set("Cache-Control", "public, max-age=60")
			c.Set("X-Request-Id", "7")
			c.Response().SkipBody = true
			return c.Type("html").SendString("<p>saved")
		},
		"/close": func(c fiber.Ctx) error {
			c.Set("Connection", "close")
			return c.Response().Header.SetTrailer("X-Sum")
		},
		"/redirect": func(c fiber.Ctx) error { return c.Redirect().To("/saved") },
		"/stream": func(c fiber.Ctx) error {
			return c.SendStreamWriter(func(b *bufio.Writer) { _, _ = b.WriteString("saved") })
		},
		"/hijack": func(c fiber.Ctx) error {
			c.Set("Connection", "Upgrade")
			c.Set("Upgrade", "chat")
			c.RequestCtx().HijackSetNoResponse(true)
			c.RequestCtx().Hijack(func(conn net.Conn) { _, _ = conn.Write([]byte("saved")) })
			return c.SendStatus(fiber.StatusSwitchingProtocols)
		},
		"/error": func(fiber.Ctx) error { return fiber.NewError(418, "saved") },
		"/other": func(c fiber.Ctx) error {
			if err := visits.Set(c, 3); err != nil {
				return err
			}
			return c.SendString("saved")
		},
	}
	for path, answer := range answers {
		app.Get(path, func(c fiber.Ctx) error {
			if err := spoil(c); err != nil {
				return err
			}
			return answer(c)
		})
	}
	p := start(t, app).person()
	p.Get("/add").Says(t, 200, "tea")
	return p
}

// TestCommitFailure is the second half of fault 8, and 15: whatever the handler wanted to answer, the client learns that
// nothing was saved, and keeps its session.
func TestCommitFailure(t *testing.T) {
	w := newWorld()
	p := failing(t, w, satchelfiber.Config{})
	for _, path := range []string{"/page", "/close", "/redirect", "/stream", "/hijack", "/error", "/other"} {
		a := p.Get(path).Says(t, 503, "Service Unavailable").Has(t, "Cache-Control", "no-store").
			Has(t, "Access-Control-Allow-Origin", "https://example.com").Has(t, "Content-Type", "text/plain; charset=utf-8")
		for _, gone := range []string{"Etag", "Location", "Upgrade", "Connection", "Trailer"} {
			a.Has(t, gone)
		}
		if a.Close != (path == "/close") || len(a.Trailer) != 0 {
			t.Errorf("%s: close %v, trailer %v", path, a.Close, a.Trailer)
		}
		if path != "/other" {
			a.Has(t, "Set-Cookie").Has(t, "Vary", "Cookie")
		} else {
			a.Sets(t, "__Host-visits") // whose commit was done
		}
		p.Get("/show").Says(t, 500, satchel.ErrUnavailable.Error()+": "+adaptertest.ErrDown.Error()).Has(t, "Set-Cookie")
		w.Down.Store(false)
		p.Get("/show").Says(t, 200, "tea").Has(t, "Set-Cookie")
	}
	p.Get("/page").Has(t, "X-Request-Id", "7")
}

// TestCommitFailureAsAnError: an ErrorHandler learns how to answer and why, and no text of the cause goes out by itself.
func TestCommitFailureAsAnError(t *testing.T) {
	for _, pass := range []bool{false, true} {
		w := newWorld()
		var got []error
		p := failing(t, w, satchelfiber.Config{PassErrors: pass}, fiber.Config{
			ErrorHandler: func(c fiber.Ctx, err error) error {
				got = append(got, err)
				c.Set("Cache-Control", "public")
				return fiber.DefaultErrorHandler(c, err)
			},
		})
		a := p.Get("/page").Says(t, 503, "Service Unavailable")
		if pass {
			a.Has(t, "Cache-Control", "public") // who answers outside has the last word
		} else {
			a.Has(t, "Cache-Control", "no-store")
		}
		var e *fiber.Error
		if len(got) != 1 || !errors.As(got[0], &e) || e.Code != 503 || !errors.Is(got[0], satchel.ErrUnavailable) ||
			!errors.Is(got[0], adaptertest.ErrDown) || strings.Contains(got[0].Error(), "secret") {
			t.Errorf("pass %v: %v", pass, got)
		}
	}
}

func TestOnCommitError(t *testing.T) {
	w := newWorld()
	answer := func(fiber.Ctx, error) error { return nil }
	p := failing(t, w, satchelfiber.Config{OnCommitError: func(c fiber.Ctx, err error) error { return answer(c, err) }})

	p.Get("/page").Says(t, 503, "").Has(t, "Cache-Control", "no-store") // an answer that forgot its status is no 200
	w.Down.Store(false)
	answer = func(c fiber.Ctx, err error) error {
		if !errors.Is(err, satchel.ErrUnavailable) {
			t.Errorf("%v", err)
		}
		return c.Status(502).SendString("later")
	}
	p.Get("/page").Says(t, 502, "later").Has(t, "Cache-Control", "no-store")
	w.Down.Store(false)
	answer = func(fiber.Ctx, error) error { return fiber.ErrTeapot }
	p.Get("/page").Says(t, 418, "I'm a teapot").Has(t, "Cache-Control", "no-store")
}

// What OnCommitError sets does not stand in the place of what was committed, and no cache is told to keep its answer.
func TestOnCommitErrorOverwrites(t *testing.T) {
	w := newWorld()
	p := failing(t, w, satchelfiber.Config{OnCommitError: func(c fiber.Ctx, _ error) error {
		c.Set("Vary", "Origin")
		c.Set("Surrogate-Control", "max-age=60")
		c.Set("CDN-Cache-Control", "public")
		c.Cookie(&fiber.Cookie{Name: "__Host-visits", Value: "mine", Path: "/", Secure: true})
		return c.SendStatus(502)
	}})
	for _, path := range []string{"/other", "/page"} {
		a := p.Get(path).Says(t, 502, "Bad Gateway").Has(t, "Cache-Control", "no-store").Has(t, "Cdn-Cache-Control").
			Has(t, "Surrogate-Control").Has(t, "Vary", "Origin", "Cookie")
		if a.Sets(t, "__Host-visits") == "mine" != (path == "/page") { // where no other was committed
			t.Errorf("%s: %q", path, a.Header)
		}
		w.Down.Store(false)
	}
}

// TestCommitByHand: a handler that commits before it answers sees the failure, and cannot answer past it.
func TestCommitByHand(t *testing.T) {
	for _, returns := range []bool{true, false} {
		w := newWorld()
		answered := 0
		app := fiber.New(fiber.Config{ErrorHandler: func(c fiber.Ctx, err error) error {
			answered++
			return fiber.DefaultErrorHandler(c, err)
		}})
		app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
		app.Get("/", func(c fiber.Ctx) error {
			if err := carts.Set(c, cart{}); err != nil {
				return err
			}
			w.Down.Store(true)
			err := satchelfiber.Commit(c)
			if !errors.Is(err, satchel.ErrUnavailable) || !errors.Is(satchelfiber.Commit(c), satchel.ErrUnavailable) {
				t.Errorf("%v", err)
			}
			if returns {
				return err
			}
			return c.SendString("saved")
		})
		start(t, app).person().Get("/").Says(t, 503, "Service Unavailable").Has(t, "Set-Cookie")
		if answered != 1 {
			t.Errorf("the error was answered %d times", answered)
		}
	}
}
