package peers

import (
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/extractors"
	"github.com/gofiber/fiber/v3/middleware/session"

	"github.com/satchel-go/satchel"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
	"github.com/satchel-go/satchel/bench/fixture"
	"github.com/satchel-go/satchel/store"
)

// Fiber is a contender on fiber v3.5.0.
type Fiber struct {
	Name string
	App  *fiber.App
}

// fibers builds an app that serves all ways, each under its name.
func fibers(name string, middleware, read, write, create fiber.Handler) Fiber {
	app := fiber.New()
	if middleware != nil {
		app.Use(middleware)
	}
	for way, h := range map[string]fiber.Handler{
		None: answerFiber, Untouched: answerFiber, Read: read, Write: write, Create: create,
	} {
		app.Get("/"+way, h)
	}
	return Fiber{name, app}
}

func answerFiber(c fiber.Ctx) error { return c.Send(body) }

func finishFiber(c fiber.Ctx, ok bool, err error) error {
	if err != nil || !ok {
		return fiber.ErrInternalServerError
	}
	return answerFiber(c)
}

// FiberBare is the app alone.
func FiberBare() Fiber { return fibers("bare", nil, answerFiber, answerFiber, answerFiber) }

// FiberSatchelServer is Satchel in memory.
func FiberSatchelServer() Fiber { return fiberSatchel("satchel-server", ServerSide(store.NewMemory())) }

// FiberSatchelClient is Satchel in sealed cookies.
func FiberSatchelClient() Fiber { return fiberSatchel("satchel-client", ClientSide()) }

func fiberSatchel(name string, s *satchel.Sessions) Fiber {
	return fibers(name, satchelfiber.Middleware(s),
		func(c fiber.Ctx) error {
			v, ok, err := logins.Get(c)
			return finishFiber(c, ok && whole(v), err)
		},
		func(c fiber.Ctx) error {
			v, err := logins.Update(c, func(v fixture.Login) fixture.Login { v.Since++; return v })
			return finishFiber(c, v.User == login.User, err)
		},
		func(c fiber.Ctx) error { return finishFiber(c, true, logins.Set(c, login)) },
	)
}

// fiberSessions is the configuration of fiber's own session middleware for production (docs/middleware/session.md, "Production
// Configuration"), with the default storage, which is in memory, instead of Redis.
func fiberSessions() session.Config {
	return session.Config{
		CookieSecure: true, CookieHTTPOnly: true, CookieSameSite: "Lax",
		IdleTimeout: 30 * time.Minute, AbsoluteTimeout: 24 * time.Hour,
		Extractor: extractors.FromCookie(gorillaCookie),
	}
}

// bag is what both of fiber's patterns hand out.
type bag interface {
	Get(key any) any
	Set(key, value any)
}

func loginOf(s bag) (v fixture.Login) {
	v.User, _ = s.Get("user").(int64)
	v.Name, _ = s.Get("name").(string)
	v.Roles, _ = s.Get("roles").([]string)
	v.Since, _ = s.Get("since").(int64)
	return v
}

func setLogin(s bag) {
	s.Set("user", login.User)
	s.Set("name", login.Name)
	s.Set("roles", login.Roles)
	s.Set("since", login.Since)
}

// FiberSession is fiber's own session as its documentation recommends it ("Middleware Pattern (Recommended)").
func FiberSession() Fiber {
	return fibers("fiber-session", session.New(fiberSessions()),
		func(c fiber.Ctx) error { return finishFiber(c, whole(loginOf(session.FromContext(c))), nil) },
		func(c fiber.Ctx) error {
			s := session.FromContext(c)
			since, ok := s.Get("since").(int64)
			s.Set("since", since+1)
			return finishFiber(c, ok, nil)
		},
		func(c fiber.Ctx) error { setLogin(session.FromContext(c)); return finishFiber(c, true, nil) },
	)
}

// FiberStore is the same in its other pattern ("Store Pattern (Advanced)"), which is faster: each handler gets, saves and releases the session
// itself. What only reads does not save, so the session's idle time does not move either.
func FiberStore() Fiber {
	kept := session.NewStore(fiberSessions())
	with := func(f func(s *session.Session) (ok bool, err error)) fiber.Handler {
		return func(c fiber.Ctx) error {
			s, err := kept.Get(c)
			if err != nil {
				return err
			}
			defer s.Release()
			ok, err := f(s)
			return finishFiber(c, ok, err)
		}
	}
	return fibers("fiber-store", nil,
		with(func(s *session.Session) (bool, error) { return whole(loginOf(s)), nil }),
		with(func(s *session.Session) (bool, error) {
			since, ok := s.Get("since").(int64)
			s.Set("since", since+1)
			return ok, s.Save()
		}),
		with(func(s *session.Session) (bool, error) { setLogin(s); return true, s.Save() }),
	)
}
