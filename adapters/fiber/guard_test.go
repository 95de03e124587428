package satchelfiber_test

import (
	"bufio"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
)

// user is a principal.
type user struct{ name string }

// guarded is an app with pages for users only: those whose cart begins with a name, which is not eve's. What asks the users'
// directory finds what lost says.
func guarded(t *testing.T, w *world, g satchelfiber.Guard[cart, user], lost func() error) *fiber.App {
	t.Helper()
	g.Kind = carts
	g.Validate = func(_ context.Context, v cart) (user, bool, error) {
		return user{v.Items[0]}, v.Items[0] != "eve", lost()
	}
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Get("/add", add)
	mine := app.Group("/mine", g.Middleware())
	mine.All("/", func(c fiber.Ctx) error {
		u, ok := satchel.Principal[user](c)
		same, fine := satchel.Principal[user](c.Context())
		if _, is := satchel.Principal[string](c); !ok || !fine || u != same || is {
			t.Errorf("the principal is %v, %v, and %v, %v", u, ok, same, fine)
		}
		return c.SendString("for " + u.name)
	})
	mine.Get("/stream", func(c fiber.Ctx) error {
		ctx := c.Context()
		return c.SendStreamWriter(func(to *bufio.Writer) {
			u, _ := satchel.Principal[user](ctx)
			_, _ = to.WriteString("streams to " + u.name)
		})
	})
	return app
}

// Who has no session, one that is refused or one that is rejected gets the challenge 401, others their page, and an outage
// is neither.
func TestGuard(t *testing.T) {
	w := newWorld()
	var lost error
	s := start(t, guarded(t, w, satchelfiber.Guard[cart, user]{}, func() error { return lost }))
	challenged := func(a adaptertest.Answer) {
		t.Helper()
		a.Says(t, 401, "Unauthorized").Has(t, "WWW-Authenticate", "Session").Has(t, "Vary", "Cookie").
			Has(t, "Cache-Control", "private").Has(t, "Set-Cookie")
	}
	people := s.people(3) // on one connection, so that one's principal could be another's
	nobody, eve, ann := people[0], people[1], people[2]
	eve.Get("/add?item=eve")
	ann.Get("/add?item=ann")
	before := w.Calls()
	if ann.Get("/mine").Says(t, 200, "for ann"); w.Calls() != before+1 {
		t.Errorf("%d calls of the store", w.Calls()-before)
	}
	challenged(nobody.Get("/mine"))
	challenged(nobody.GetWith("/mine", adaptertest.Field("Cookie", "__Host-cart=forged")))
	challenged(eve.Get("/mine"))
	ann.Get("/mine/stream").Says(t, 200, "streams to ann")

	lost = errors.New("the directory of users is down")
	down := func(a adaptertest.Answer) {
		t.Helper()
		a.Says(t, 503, "Service Unavailable").Has(t, "WWW-Authenticate").Has(t, "Set-Cookie")
	}
	down(ann.Get("/mine"))
	lost = nil
	w.Down.Store(true)
	down(ann.Get("/mine"))
	challenged(nobody.Get("/mine")) // nobody asks the store for a request without a token
	w.Down.Store(false)
	ann.Get("/mine").Says(t, 200, "for ann")
}

// The challenge is told why, and a redirect leads to a page whatever the method was.
func TestChallenge(t *testing.T) {
	w := newWorld()
	var lost error
	s := start(t, guarded(t, w, satchelfiber.Guard[cart, user]{
		Challenge: func(c fiber.Ctx, why satchel.Authentication) error { return c.Status(401).SendString(why.String()) },
		OnError:   func(c fiber.Ctx, err error) error { return c.Status(500).SendString("later: " + err.Error()) },
	}, func() error { return lost }))
	eve := s.person()
	eve.Get("/add?item=eve")
	s.person().Get("/mine").Says(t, 401, "no session")
	s.person().GetWith("/mine", adaptertest.Field("Cookie", "__Host-cart=forged")).Says(t, 401, "token refused")
	eve.Get("/mine").Says(t, 401, "session rejected")
	lost = errors.New("down")
	if a := eve.Get("/mine"); a.StatusCode != 500 || !strings.HasPrefix(a.Text, "later: ") || !strings.Contains(a.Text, "down") {
		t.Errorf("%d %s", a.StatusCode, a.Text)
	}

	p := start(t, guarded(t, newWorld(), satchelfiber.Guard[cart, user]{Challenge: satchelfiber.RedirectTo("/signin")}, func() error { return nil })).person()
	for _, method := range []string{fiber.MethodGet, fiber.MethodPost} {
		a := p.Send(p.Request(method, "/mine", nil)).Has(t, "Location", "/signin").Has(t, "Vary", "Cookie").Has(t, "WWW-Authenticate")
		if a.StatusCode != fiber.StatusSeeOther {
			t.Errorf("%s: %d", method, a.StatusCode)
		}
	}
}

// Of the ready guards one wants a session, and the other that somebody has signed in.
func TestRequireAndSignedIn(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Get("/add", add)
	app.Get("/signin", func(c fiber.Ctx) error { return carts.SignIn(c, "ann", cart{}) })
	app.Get("/items", satchelfiber.Require(carts).Middleware(), func(c fiber.Ctx) error {
		v, _ := satchel.Principal[cart](c)
		return c.SendString(strings.Join(v.Items, " "))
	})
	app.Get("/who", satchelfiber.SignedIn(carts).Middleware(), func(c fiber.Ctx) error {
		about, _ := satchel.Principal[satchel.About](c)
		return c.SendString(about.Subject)
	})
	p := start(t, app).person()
	p.Get("/items").Says(t, 401, "Unauthorized")
	p.Get("/who").Says(t, 401, "Unauthorized")
	p.Get("/add?item=tea")
	p.Get("/items").Says(t, 200, "tea")
	p.Get("/who").Says(t, 401, "Unauthorized")
	p.Get("/signin")
	p.Get("/who").Says(t, 200, "ann")
}

func TestGuardWithoutValidate(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a guard that asks nothing was made")
		}
	}()
	satchelfiber.Guard[cart, user]{Kind: carts}.Middleware()
}
