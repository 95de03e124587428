package satchelfiber_test

import (
	"context"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
	"github.com/satchel-go/satchel/internal/need"
)

// inProcess serves an app on memory that fasthttp uses again.
type inProcess struct {
	serve  fasthttp.RequestHandler
	locals fasthttp.RequestCtx
}

func (p *inProcess) Request(cookie string) {
	p.locals.Request.Reset()
	p.locals.Response.Reset()
	p.locals.Request.SetRequestURI("/")
	p.locals.Request.Header.SetHost("localhost")
	if cookie != "" {
		p.locals.Request.Header.Set("Cookie", cookie)
	}
	p.serve(&p.locals)
}

func (p *inProcess) SetCookie() string { return string(p.locals.Response.Header.Peek("Set-Cookie")) }

func TestAlloc(t *testing.T) {
	need.NoRace(t)
	adaptertest.AllocationsBy(t, func(handle func(context.Context) error, s *satchel.Sessions) adaptertest.Served {
		app := fiber.New()
		if s != nil {
			app.Use(satchelfiber.Middleware(s))
		}
		app.Get("/", func(c fiber.Ctx) error {
			if err := handle(c); err != nil {
				t.Error(err)
			}
			return c.SendStatus(fiber.StatusNoContent)
		})
		return &inProcess{serve: app.Handler()}
	})
}
