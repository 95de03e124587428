package satchelfiber_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
)

// Names of fields mean the same in whatever case (RFC 9110, section 5.1), also in an app that leaves them as they are written: a
// proxy that speaks HTTP/2 on its other side writes them in lower case.
func TestSpellingOfFields(t *testing.T) {
	for name, settings := range map[string]fiber.Config{"normalized": {}, "as written": {DisableHeaderNormalizing: true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			app := fiber.New(settings)
			app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w), visits.ServerSide(w).With(satchel.Options{Header: "X-Visits"}))))
			app.Get("/", func(c fiber.Ctx) error {
				for name, value := range map[string]string{
					"cache-control": "public", "cdn-cache-control": "public", "set-cookie": "__Host-cart=mine; Path=/", "x-visits": "mine", "vary": "accept, cookie",
				} {
					c.Response().Header.Add(name, value)
				}
				if _, err := carts.Update(c, func(cart) cart { return cart{Items: []string{"tea"}} }); err != nil {
					return err
				}
				return count(c)
			})
			app.Get("/read", func(c fiber.Ctx) error {
				c.Response().Header.Add("cache-control", "max-age=5")
				if err := count(c); err != nil {
					return err
				}
				return show(c)
			})
			p := start(t, app).person()
			a := p.Get("/").Says(t, 200, "1").Has(t, "Cache-Control", "no-store").Has(t, "Cdn-Cache-Control")
			a.Sets(t, "__Host-cart")
			if vary := a.Header.Values("Vary"); len(vary) != 2 || !slices.Contains(vary, "accept, cookie") || !slices.Contains(vary, "X-Visits") {
				t.Errorf("Vary is %q", vary)
			}
			token := a.Header.Values("X-Visits")
			if len(token) != 1 || token[0] == "mine" {
				t.Fatalf("tokens by header: %d", len(token))
			}
			cookie := "__Host-cart=" + p.Cookies()[0].Value
			r := p.Request(http.MethodGet, "/read", http.Header{"x-visits": token, "cookie": {cookie}})
			anybody := adaptertest.NewVisitor(t, r.URL.Scheme+"://"+r.URL.Host, p.Transport)
			anybody.Send(r).Says(t, 200, "tea").Has(t, "Cache-Control", "max-age=5")
			if n := w.Records(); n != 2 {
				t.Errorf("%d records", n)
			}
			r = p.Request(http.MethodGet, "/read", http.Header{"x-visits": token, "X-Visits": token, "cookie": {cookie}})
			if anybody.Send(r); w.Records() != 2 {
				t.Errorf("%d records", w.Records())
			}
		})
	}
}
