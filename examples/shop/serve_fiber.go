package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v3"

	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
)

// newFiber is the shop on fiber.
func newFiber(s *shop) server {
	app := fiber.New(fiber.Config{
		Immutable:    true, // what a request brings may then be kept, as in net/http
		ReadTimeout:  10 * time.Second,
		WriteTimeout: 20 * time.Second,
		IdleTimeout:  time.Minute,
		ErrorHandler: func(c fiber.Ctx, err error) error { return sendFiber(c, s.fail(fiberRequest(c), fiberError(err))) },
	})
	sameOrigin := http.NewCrossOriginProtection()
	app.Use(func(c fiber.Ctx) error {
		security(c.Set)
		if sameOrigin.Check(origins(c)) != nil {
			return sendFiber(c, s.answer(fiberRequest(c), foreign))
		}
		return c.Next()
	})
	app.Use(satchelfiber.Config{OnCommitError: func(c fiber.Ctx, err error) error {
		return sendFiber(c, s.fail(fiberRequest(c), err))
	}}.Middleware(s.sessions))
	handle := func(h handler) fiber.Handler {
		return func(c fiber.Ctx) error { return sendFiber(c, s.answer(fiberRequest(c), h)) }
	}
	for _, r := range s.routes() {
		app.Add([]string{r.method}, r.path, handle(r.handler))
	}
	app.Use(handle(noPage))
	return fiberServer{app}
}

func fiberRequest(c fiber.Ctx) request {
	return request{
		Context: c.Context(), path: c.Path(), host: c.Host(),
		form:   func(name string) string { return c.FormValue(name) },
		field:  func(name string) string { return c.Get(name) },
		cookie: func(name string) string { return c.Cookies(name) },
		body: func() ([]byte, error) {
			if len(c.Body()) > maxBody {
				return nil, errTooMuch
			}
			return c.Body(), nil
		},
	}
}

func sendFiber(c fiber.Ctx, a answer) error {
	a.fields(c.Set)
	return c.Status(max(a.status, fiber.StatusOK)).Send(a.body)
}

// origins is as much of a request as says where it was caused.
func origins(c fiber.Ctx) *http.Request {
	header := http.Header{}
	for _, name := range []string{"Sec-Fetch-Site", "Origin"} {
		if value := c.Get(name); value != "" {
			header.Set(name, value)
		}
	}
	return &http.Request{Method: c.Method(), Host: c.Host(), Header: header, URL: &url.URL{Path: c.Path()}}
}

// fiberError says in the shop's words what fiber itself has refused.
func fiberError(err error) error {
	switch e, _ := errors.AsType[*fiber.Error](err); {
	case e == nil:
		return err
	case e.Code == fiber.StatusRequestEntityTooLarge:
		return errTooMuch
	case e.Code < fiber.StatusInternalServerError:
		return errNoPage
	}
	return err
}

// fiberServer is an app as main serves it.
type fiberServer struct{ app *fiber.App }

func (f fiberServer) Serve(l net.Listener) error {
	return f.app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true})
}

func (f fiberServer) Shutdown(ctx context.Context) error { return f.app.ShutdownWithContext(ctx) }

func (f fiberServer) Close() error { return f.app.ShutdownWithTimeout(time.Millisecond) }
