package satchelfiber_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
)

// owned serves carts to three people behind one connection, whose requests fasthttp reads into one buffer.
func owned(t *testing.T, w *world, more func(app *fiber.App)) []*adaptertest.Visitor {
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Get("/add", add)
	app.Get("/show", show)
	more(app)
	people := start(t, app).people(3)
	for i, p := range people {
		p.Get(fmt.Sprintf("/add?item=of-%d", i)).Says(t, 200, fmt.Sprintf("of-%d", i))
	}
	return people
}

// TestOneConnectionManyPeople: nobody sees what another's request left in the buffers.
func TestOneConnectionManyPeople(t *testing.T) {
	people := owned(t, newWorld(), func(*fiber.App) {})
	for range 3 {
		for i, p := range people {
			p.Get("/show").Says(t, 200, fmt.Sprintf("of-%d", i))
		}
	}
}

// TestHeldAfterTheRequest is fault 9: what a handler kept shows nothing of anybody when other requests have come.
func TestHeldAfterTheRequest(t *testing.T) {
	type held struct {
		ctx      context.Context
		exchange *satchel.Exchange
	}
	var all []held
	people := owned(t, newWorld(), func(app *fiber.App) {
		app.Get("/hold", func(c fiber.Ctx) error {
			all = append(all, held{c.Context(), c.Value(satchel.ExchangeKey{}).(*satchel.Exchange)})
			return c.SendString("held") // without having used the session
		})
	})
	for _, p := range people {
		p.Get("/hold").Says(t, 200, "held")
		p.Get("/show")
	}
	if len(all) != 3 {
		t.Fatal(len(all))
	}
	for i, h := range all {
		for name, ctx := range map[string]context.Context{"Context": h.ctx, "Exchange": h.exchange.Context(t.Context())} {
			if v, ok, err := carts.Get(ctx); ok || !errors.Is(err, satchel.ErrClosed) {
				t.Errorf("%d, %s: %v %v %v", i, name, v, ok, err)
			}
		}
		for j, other := range all[:i] {
			if h.exchange == other.exchange {
				t.Errorf("requests %d and %d had one exchange", j, i)
			}
		}
	}
}

// TestGoroutineOutlivesItsHandler: a goroutine that first uses its session at about the time when the handler returns gets
// its own or is told that the exchange is over, while others' requests fill the buffers. With -race it shows as well that
// an exchange reads nothing of the framework's from there.
func TestGoroutineOutlivesItsHandler(t *testing.T) {
	var running sync.WaitGroup
	people := owned(t, newWorld(), func(app *fiber.App) {
		app.Get("/start", func(c fiber.Ctx) error {
			ctx, mine := c.Context(), strings.Clone(c.Query("item"))
			running.Go(func() {
				v, ok, err := carts.Get(ctx)
				switch {
				case errors.Is(err, satchel.ErrClosed):
				case err != nil || !ok || len(v.Items) != 1 || v.Items[0] != mine:
					t.Errorf("of %s: %v %v %v", mine, v, ok, err)
				}
			})
			return c.SendString("started")
		})
	})
	for range 50 {
		for i, p := range people {
			p.Get(fmt.Sprintf("/start?item=of-%d", i)).Says(t, 200, "started")
		}
	}
	running.Wait()
}

// TestParallelUseInAHandler: an exchange is shared by the goroutines of a handler, whatever the handler does with c.
func TestParallelUseInAHandler(t *testing.T) {
	people := owned(t, newWorld(), func(app *fiber.App) {
		app.Get("/many", func(c fiber.Ctx) error {
			ctx := c.Context()
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					if _, err := carts.Update(ctx, func(v cart) cart { v.Items = append(v.Items, "x"); return v }); err != nil {
						t.Error(err)
					}
				})
			}
			c.Request().Header.SetCookie("__Host-cart", "overwritten")
			c.Locals("a", c.Cookies("__Host-cart"))
			all.Wait()
			return show(c)
		})
	})
	people[1].Get("/many").Says(t, 200, "of-1"+strings.Repeat(" x", 4))
	people[0].Get("/show").Says(t, 200, "of-0")
}

// TestNamelessCookie: a cookie without a name, which a sibling host can plant past the browser's rules for prefixes, stays
// one, also after fasthttp has parsed the field and spells it anew without the "=".
func TestNamelessCookie(t *testing.T) {
	w := newWorld()
	var attackers string
	app := fiber.New()
	app.Use("/parsed", func(c fiber.Ctx) error {
		_ = c.Cookies("any")
		return c.Next()
	})
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Get("/add", add)
	app.Get("/show", show)
	app.Get("/parsed/show", show)
	s := start(t, app)
	attackers = s.person().Get("/add?item=attackers").Sets(t, "__Host-cart")
	victim := s.person()
	for _, planted := range []string{"=__Host-cart=" + attackers, "x=1; =__Host-cart=" + attackers, "fiber_flash=00; =__Host-cart=" + attackers} {
		for _, path := range []string{"/show", "/parsed/show"} {
			victim.GetWith(path, adaptertest.Field("Cookie", planted)).Says(t, 200, "none")
		}
	}
	victim.GetWith("/parsed/show", adaptertest.Field("Cookie", "__Host-cart="+attackers)).Says(t, 200, "attackers")
}

// TestOuterMiddlewareDecides: a cookie that a middleware outside removes or puts in place of another is removed or
// replaced; inside it is too late for that.
func TestOuterMiddlewareDecides(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	var token string
	app.Use("/none", func(c fiber.Ctx) error {
		c.Request().Header.DelCookie("__Host-cart")
		return c.Next()
	})
	app.Use("/other", func(c fiber.Ctx) error {
		c.Request().Header.SetCookie("__Host-cart", token)
		return c.Next()
	})
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Get("/add", add)
	app.Get("/none", show)
	app.Get("/other", show)
	app.Get("/inside", func(c fiber.Ctx) error {
		c.Request().Header.DelAllCookies()
		return show(c)
	})
	s := start(t, app)
	token = s.person().Get("/add?item=others").Sets(t, "__Host-cart")
	p := s.person()
	p.Get("/add?item=own")
	p.Get("/none").Says(t, 200, "none")
	p.Get("/other").Says(t, 200, "others")
	p.Get("/inside").Says(t, 200, "own")
}
