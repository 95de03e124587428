package satchelfiber_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
	"github.com/satchel-go/satchel/store"
)

// fixed are sessions whose clock and randomness a reader can check. No program may do so.
func fixed(placements ...satchel.Placement) *satchel.Sessions {
	return satchel.Must(satchel.Config{
		Clock:   func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) },
		Entropy: bytes.NewReader(bytes.Repeat([]byte("entropy!"), 100)),
	}.New(placements...))
}

// client keeps the last cookie that it was sent.
type client struct {
	app    *fiber.App
	cookie string
}

// visit sends a request and returns the answer's status, body and Cache-Control.
func (c *client) visit(path string) string {
	req := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	req.Header.Set("Cookie", c.cookie)
	res, err := c.app.Test(req)
	if err != nil {
		return err.Error()
	}
	body, _ := io.ReadAll(res.Body)
	for _, sent := range res.Cookies() {
		c.cookie = sent.Name + "=" + sent.Value
	}
	return fmt.Sprintf("%d %s (%s)", res.StatusCode, body, res.Header.Get("Cache-Control"))
}

func ExampleMiddleware() {
	type Cart struct {
		Items []string `cbor:"1,keyasint"`
	}
	carts := satchel.NewKind[Cart]("cart")
	sessions := fixed(carts.ServerSide(store.NewMemory()))

	app := fiber.New()
	app.Use(satchelfiber.Middleware(sessions))
	app.Get("/add/:item", func(c fiber.Ctx) error {
		item := string([]byte(c.Params("item"))) // fiber's own strings are good until the handler returns
		cart, err := carts.Update(c, func(cart Cart) Cart {
			cart.Items = append(cart.Items, item)
			return cart
		})
		if err != nil {
			return err
		}
		return c.SendString(fmt.Sprint(cart.Items))
	})

	browser := client{app: app}
	fmt.Println(browser.visit("/add/tea"))
	fmt.Println(browser.visit("/add/milk"))
	fmt.Println(browser.visit("/elsewhere"))
	// Output:
	// 200 [tea] (no-store)
	// 200 [tea milk] (private)
	// 404 Not Found ()
}

func ExampleWrap() {
	visits := satchel.NewKind[int]("visits")
	sessions := fixed(visits.ServerSide(store.NewMemory()))

	app := fiber.New()
	app.Get("/", satchelfiber.Wrap(func(c fiber.Ctx) error {
		n, err := visits.Update(c, func(n int) int { return n + 1 })
		if err != nil {
			return err
		}
		return c.SendString(fmt.Sprint("visit ", n))
	}, sessions))

	browser := client{app: app}
	fmt.Println(browser.visit("/"))
	fmt.Println(browser.visit("/"))
	// Output:
	// 200 visit 1 (no-store)
	// 200 visit 2 (private)
}

func ExampleConfig_OnCommitError() {
	visits := satchel.NewKind[int]("visits")
	sessions := fixed(visits.ServerSide(store.NewMemory()))

	config := satchelfiber.Config{OnCommitError: func(c fiber.Ctx, err error) error {
		return c.Status(satchelfiber.StatusOf(err)).SendString("Please try again.")
	}}
	app := fiber.New()
	app.Use(config.Middleware(sessions))
	browser := client{app: app}
	save := func(c fiber.Ctx) error {
		if err := visits.Set(c, 1); err != nil {
			return err
		}
		return c.SendString("saved")
	}
	app.Get("/first", save)
	app.Get("/slow", func(c fiber.Ctx) error {
		if _, _, err := visits.Get(c); err != nil { // Set is on the condition that nobody changes it meanwhile
			return err
		}
		if err := visits.Set(c, 2); err != nil {
			return err
		}
		browser.visit("/meanwhile")
		return c.SendString("saved")
	})
	app.Get("/meanwhile", func(c fiber.Ctx) error { return visits.Set(c, 3) })

	fmt.Println(browser.visit("/first"))
	fmt.Println(browser.visit("/slow"))
	// Output:
	// 200 saved (no-store)
	// 409 Please try again. (no-store)
}
