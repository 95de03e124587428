package satchelfiber_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
	"github.com/satchel-go/satchel/core"
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
func failing(t *testing.T, w *world, config satchelfiber.Config, settings ...fiber.Config) *person {
	app := fiber.New(settings...)
	app.Use(func(c fiber.Ctx) error {
		c.Set("Access-Control-Allow-Origin", "https://example.com")
		err := c.Next()
		if c.Path() == "/hijack" && c.RequestCtx().Hijacked() {
			t.Error("the connection is still to be taken over")
		}
		return err
	})
	app.Use(config.Middleware(w.sessions(t, carts.ServerSide(w), visits.ClientSide(keys(t), satchel.Unrevocable))))
	app.Get("/add", add)
	app.Get("/show", show)
	spoil := func(c fiber.Ctx) error {
		if _, _, err := carts.Get(c); err != nil {
			return err
		}
		if err := carts.Set(c, cart{Items: []string{"new"}}); err != nil {
			return err
		}
		w.down.Store(true)
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
	p.get("/add").says(t, 200, "tea")
	return p
}

// TestCommitFailure is the second half of fault 8, and 15: whatever the handler wanted to answer, the client learns that
// nothing was saved, and keeps its session.
func TestCommitFailure(t *testing.T) {
	w := newWorld()
	p := failing(t, w, satchelfiber.Config{})
	for _, path := range []string{"/page", "/close", "/redirect", "/stream", "/hijack", "/error", "/other"} {
		a := p.get(path).says(t, 503, "Service Unavailable").has(t, "Cache-Control", "no-store").
			has(t, "Access-Control-Allow-Origin", "https://example.com").has(t, "Content-Type", "text/plain; charset=utf-8")
		for _, gone := range []string{"Etag", "Location", "Upgrade", "Connection", "Trailer"} {
			a.has(t, gone)
		}
		if a.Close != (path == "/close") || len(a.Trailer) != 0 {
			t.Errorf("%s: close %v, trailer %v", path, a.Close, a.Trailer)
		}
		if path != "/other" {
			a.has(t, "Set-Cookie").has(t, "Vary", "Cookie")
		} else {
			a.sets(t, "__Host-visits") // whose commit was done
		}
		p.get("/show").says(t, 500, satchel.ErrUnavailable.Error()+": "+errDown.Error()).has(t, "Set-Cookie")
		w.down.Store(false)
		p.get("/show").says(t, 200, "tea").has(t, "Set-Cookie")
	}
	p.get("/page").has(t, "X-Request-Id", "7")
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
		a := p.get("/page").says(t, 503, "Service Unavailable")
		if pass {
			a.has(t, "Cache-Control", "public") // who answers outside has the last word
		} else {
			a.has(t, "Cache-Control", "no-store")
		}
		var e *fiber.Error
		if len(got) != 1 || !errors.As(got[0], &e) || e.Code != 503 || !errors.Is(got[0], satchel.ErrUnavailable) ||
			!errors.Is(got[0], errDown) || strings.Contains(got[0].Error(), "secret") {
			t.Errorf("pass %v: %v", pass, got)
		}
	}
}

func TestOnCommitError(t *testing.T) {
	w := newWorld()
	answer := func(fiber.Ctx, error) error { return nil }
	p := failing(t, w, satchelfiber.Config{OnCommitError: func(c fiber.Ctx, err error) error { return answer(c, err) }})

	p.get("/page").says(t, 503, "").has(t, "Cache-Control", "no-store") // an answer that forgot its status is no 200
	w.down.Store(false)
	answer = func(c fiber.Ctx, err error) error {
		if !errors.Is(err, satchel.ErrUnavailable) {
			t.Errorf("%v", err)
		}
		return c.Status(502).SendString("later")
	}
	p.get("/page").says(t, 502, "later").has(t, "Cache-Control", "no-store")
	w.down.Store(false)
	answer = func(fiber.Ctx, error) error { return fiber.ErrTeapot }
	p.get("/page").says(t, 418, "I'm a teapot").has(t, "Cache-Control", "no-store")
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
		app.Use(satchelfiber.Middleware(w.sessions(t, carts.ServerSide(w))))
		app.Get("/", func(c fiber.Ctx) error {
			if err := carts.Set(c, cart{}); err != nil {
				return err
			}
			w.down.Store(true)
			err := satchelfiber.Commit(c)
			if !errors.Is(err, satchel.ErrUnavailable) || !errors.Is(satchelfiber.Commit(c), satchel.ErrUnavailable) {
				t.Errorf("%v", err)
			}
			if returns {
				return err
			}
			return c.SendString("saved")
		})
		start(t, app).person().get("/").says(t, 503, "Service Unavailable").has(t, "Set-Cookie")
		if answered != 1 {
			t.Errorf("the error was answered %d times", answered)
		}
	}
}

// TestTooLarge is fault 21: a browser would drop the cookie without a word.
func TestTooLarge(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.sessions(t, carts.ClientSide(keys(t), satchel.Unrevocable))))
	app.Get("/add", add)
	app.Get("/fill", func(c fiber.Ctx) error {
		err := carts.Set(c, cart{Items: []string{strings.Repeat("x", 5000)}})
		if _, ok := errors.AsType[*core.TooLargeError](err); !ok {
			t.Errorf("%v", err)
		}
		return fiber.NewError(satchelfiber.StatusOf(err))
	})
	p := start(t, app).person()
	p.get("/add").says(t, 200, "tea")
	p.get("/fill").says(t, 413, "Request Entity Too Large").has(t, "Set-Cookie")
	p.get("/add?item=milk").says(t, 200, "tea milk")
	long := strings.Repeat("long", 250)
	p.get("/add?item="+long).says(t, 200, "tea milk "+long)
	p.get("/add").says(t, 200, "tea milk "+long+" tea")
}

// TestInsecureCookie: a cookie for plain http on this machine is neither read from nor sent to another host.
func TestInsecureCookie(t *testing.T) {
	w := newWorld()
	var o satchel.Options
	o.Cookie.InsecureLoopback = true
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.sessions(t, carts.ServerSide(w).With(o))))
	app.Get("/add", add)
	app.Get("/show", show)
	p := start(t, app).person()
	p.get("/add").says(t, 200, "tea").sets(t, "cart")
	p.get("/show").says(t, 200, "tea")
	token := p.get("/add?item=milk").has(t, "Set-Cookie").Request.Header.Get("Cookie")
	elsewhere := http.Header{"Host": {"shop.example"}, "Cookie": {token}}
	p.getWith("/show", with("Cookie", token)).says(t, 200, "tea milk")
	p.getWith("/show", elsewhere).says(t, 200, "none").has(t, "Set-Cookie")
	p.getWith("/add", elsewhere).says(t, 421, "Misdirected Request").has(t, "Set-Cookie")
}
