package satchelfiber_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	recoverer "github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
)

// TestAdapter holds this adapter to the behaviour that all share.
func TestAdapter(t *testing.T) {
	adaptertest.Run(t, adaptertest.Adapter{Upgrades: true, Deaf: true, Serve: serveSite})
}

// serveSite serves a site of the kit's: with a group for what is inside, as a fiber program has it.
func serveSite(t testing.TB, l net.Listener, site adaptertest.Site) {
	t.Helper()
	config := satchelfiber.Config{Tenant: func(c fiber.Ctx) string { return c.Get("X-Tenant") }}
	within := satchelfiber.Config{Tenant: func(c fiber.Ctx) string { return c.Get("X-Inside-Tenant", c.Get("X-Tenant")) }}
	handle := func(c fiber.Ctx) error {
		if f := site.Handle(visit{c}); f != nil {
			return fiber.NewError(f.Status, f.Text)
		}
		return nil
	}
	app := fiber.New()
	app.Use(recoverer.New())
	app.Use(func(c fiber.Ctx) error { // outside of ours: when it goes on, the exchange is committed
		committed := make(chan struct{})
		defer close(committed)
		c.Locals("committed", committed)
		return c.Next()
	})
	app.Use(config.Middleware(site.Sessions))
	if site.Inside != nil {
		inside := app.Group("/inside", func(c fiber.Ctx) error {
			if site.Before != nil {
				site.Before(visit{c})
			}
			return c.Next()
		}, within.Middleware(site.Inside))
		inside.All("/*", handle)
	}
	for path, g := range site.Gates {
		app.Group(path, guard(g).Middleware()).All("/*", handle)
	}
	app.All("/*", handle)
	listen(t, app, l)
}

// guard is a gate of the kit's as a program has it.
func guard(g adaptertest.Gate) satchelfiber.Guard[adaptertest.Words, adaptertest.Principal] {
	out := satchelfiber.Guard[adaptertest.Words, adaptertest.Principal]{Kind: g.Kind, Validate: g.Validate}
	switch {
	case g.Redirect != "":
		out.Challenge = satchelfiber.RedirectTo(g.Redirect)
	case g.Tell != nil:
		out.Challenge = func(_ fiber.Ctx, why satchel.Authentication) error {
			told := g.Tell(why)
			return fiber.NewError(told.Status, told.Text)
		}
	}
	return out
}

// listen serves app on l until the test is over.
func listen(t testing.TB, app *fiber.App, l net.Listener) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true}) }()
	t.Cleanup(func() {
		if err := errors.Join(app.ShutdownWithTimeout(10*time.Second), <-done); err != nil {
			t.Error(err)
		}
	})
}

// visit is a request as a fiber handler has it.
type visit struct{ c fiber.Ctx }

func (v visit) Context() context.Context { return v.c }
func (v visit) Sent(name string) string  { return v.c.Get(name) }
func (v visit) Hint(link string) error   { return v.c.SendEarlyHints([]string{link}) }
func (v visit) Set(name, value string)   { v.c.Set(name, value) }
func (v visit) Add(name, value string)   { v.c.Response().Header.Add(name, value) }
func (v visit) Status(code int)          { v.c.Status(code) }
func (v visit) Commit() error            { return satchelfiber.Commit(v.c) }
func (v visit) Body(text string) error   { return v.c.SendString(text) }

func (v visit) Stream(body func(context.Context, func(string) error)) error {
	ctx := v.c.Context() // c itself serves another request by then
	committed := v.c.Locals("committed").(chan struct{})
	return v.c.SendStreamWriter(func(w *bufio.Writer) {
		<-committed // it begins beside the handler
		body(ctx, func(text string) error {
			_, err := w.WriteString(text)
			return errors.Join(err, w.Flush())
		})
	})
}

func (v visit) Upgrade(serve func(context.Context, io.ReadWriter)) error {
	ctx := v.c.Context()
	v.c.RequestCtx().Hijack(func(conn net.Conn) {
		serve(ctx, conn)
		_ = conn.Close() // what became of it is seen by the client
	})
	return v.c.SendStatus(fiber.StatusSwitchingProtocols)
}
