//go:build !race

package satchelfiber_test

import (
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
	"github.com/satchel-go/satchel/codec"
)

// allocations returns how many one request costs, in process, on memory that fasthttp uses again.
func allocations(app *fiber.App, path, cookie string) float64 {
	serve := app.Handler()
	var locals fasthttp.RequestCtx
	request := func() {
		locals.Request.Reset()
		locals.Response.Reset()
		locals.Request.SetRequestURI(path)
		locals.Request.Header.SetHost("localhost")
		if cookie != "" {
			locals.Request.Header.SetCookie("__Host-cart", cookie)
		}
		serve(&locals)
	}
	request()
	return testing.AllocsPerRun(200, request)
}

func bare(c fiber.Ctx) error { return c.SendStatus(fiber.StatusNoContent) }

func reading(c fiber.Ctx) error {
	if _, ok, err := carts.Get(c); err != nil || !ok {
		return fiber.ErrTeapot
	}
	return bare(c)
}

func TestAllocNoToken(t *testing.T) {
	w := newWorld()
	plain, wrapped := fiber.New(), fiber.New()
	plain.Get("/", bare)
	wrapped.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	wrapped.Get("/", bare)
	without, with := allocations(plain, "/", ""), allocations(wrapped, "/", "")
	if with-without > 1 {
		t.Errorf("a request without a token: %v allocations, bare %v", with, without)
	}
	without, with = allocations(plain, "/", "x"), allocations(wrapped, "/", "x")
	if with-without > 2 {
		t.Errorf("a request with an unused token: %v allocations, bare %v", with, without)
	}
}

func TestAllocRead(t *testing.T) {
	w := newWorld()
	sessions := w.Sessions(t, carts.ServerSide(w))
	plain, wrapped := fiber.New(), fiber.New()
	plain.Get("/", bare)
	wrapped.Use(satchelfiber.Middleware(sessions))
	wrapped.Get("/read", reading)
	wrapped.Get("/write", func(c fiber.Ctx) error {
		if err := carts.Set(c, cart{Items: []string{"tea", "milk"}}); err != nil {
			return err
		}
		return bare(c)
	})
	var made fasthttp.RequestCtx
	made.Request.SetRequestURI("/write")
	wrapped.Handler()(&made)
	line := fasthttp.AcquireCookie()
	defer fasthttp.ReleaseCookie(line)
	if err := line.ParseBytes(made.Response.Header.PeekCookie("__Host-cart")); err != nil {
		t.Fatal(err)
	}
	token := string(line.Value())

	c := codec.CBOR[cart]()
	payload, err := c.Encode(cart{Items: []string{"tea", "milk"}})
	if err != nil {
		t.Fatal(err)
	}
	decoding := testing.AllocsPerRun(200, func() { _, _ = c.Decode(payload) })
	without, with := allocations(plain, "/", token), allocations(wrapped, "/read", token)
	if added := with - without; added > decoding+4 {
		t.Errorf("reading a session adds %v allocations; decoding is %v of them", added, decoding)
	}
	t.Logf("bare %v, reading %v, decoding %v", without, with, decoding)
}
