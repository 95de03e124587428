package satchelfiber_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
)

// The faults of peers that a middleware can have, each by what a client sees. Of the others that concern an adapter, 8 is
// in stream_test.go and failed_test.go, 9 in buffers_test.go, 21 in failed_test.go and 25 in stream_test.go.

// shop serves a cart that can be filled, shown, replaced, signed in with and left.
func shop(t *testing.T, w *world, options satchel.Options) *site {
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.sessions(t, carts.ServerSide(w).With(options))))
	app.Get("/add", add)
	app.Get("/show", show)
	app.Get("/plain", func(c fiber.Ctx) error { return c.SendString("plain") })
	app.Get("/signin", func(c fiber.Ctx) error {
		v, _, err := carts.Get(c)
		if err != nil {
			return err
		}
		if err := carts.SignIn(c, "ann", v); err != nil {
			return err
		}
		return c.SendString("hello")
	})
	app.Get("/leave", func(c fiber.Ctx) error {
		if err := carts.Clear(c); err != nil {
			return err
		}
		return c.SendString("bye")
	})
	return start(t, app)
}

// TestFault3LostUpdate: of parallel changes none is lost, and a change of what another one changed meanwhile is a 409.
func TestFault3LostUpdate(t *testing.T) {
	w := newWorld()
	read, changed := make(chan struct{}), make(chan struct{})
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.sessions(t, carts.ServerSide(w))))
	app.Get("/add", add)
	app.Get("/show", show)
	app.Get("/slow", func(c fiber.Ctx) error {
		v, _, err := carts.Get(c)
		if err != nil {
			return err
		}
		close(read)
		<-changed
		v.Items = append(v.Items, "slow")
		if err := carts.Set(c, v); err != nil {
			return err
		}
		return c.SendString("saved")
	})
	s := start(t, app)
	p := s.person()
	token := with("Cookie", "__Host-cart="+p.get("/add?item=x").sets(t, "__Host-cart"))

	var all sync.WaitGroup
	for range 8 {
		q := s.person()
		all.Go(func() { q.getWith("/add?item=x", token) })
	}
	all.Wait()
	p.get("/show").says(t, 200, strings.TrimSpace(strings.Repeat("x ", 9)))

	all.Go(func() { s.person().getWith("/slow", token).says(t, 409, "Conflict").has(t, "Set-Cookie") })
	<-read
	p.get("/add?item=y")
	close(changed)
	all.Wait()
	p.get("/show").says(t, 200, strings.Repeat("x ", 9)+"y")
}

// TestFault4PastTheDeadline: a session whose time is over while its handler runs is not saved, and does not come back.
func TestFault4PastTheDeadline(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.sessions(t, carts.ServerSide(w))))
	app.Get("/add", add)
	app.Get("/show", show)
	app.Get("/slow", func(c fiber.Ctx) error {
		v, ok, err := carts.Get(c)
		if err != nil || !ok {
			t.Errorf("%v %v", ok, err)
		}
		v.Items = append(v.Items, "slow")
		if err := carts.Set(c, v); err != nil {
			return err
		}
		w.pass(25 * time.Hour)
		return c.SendString("saved")
	})
	p := start(t, app).person()
	token := p.get("/add").sets(t, "__Host-cart")
	p.get("/slow").says(t, 409, "Conflict")
	p.getWith("/show", with("Cookie", "__Host-cart="+token)).says(t, 200, "none")
	removed, _, err := w.Sweep(t.Context(), w.clock().UnixMilli(), 10)
	if err != nil || removed != 1 || w.records() != 0 {
		t.Errorf("%d removed, %d left: %v", removed, w.records(), err)
	}
}

// TestFault5Fixation: a token that is not ours is never adopted, and nothing is kept under it.
func TestFault5Fixation(t *testing.T) {
	w := newWorld()
	s := shop(t, w, satchel.Options{})
	ours := s.person().get("/add").sets(t, "__Host-cart")
	for _, planted := range []string{"attacker", strings.Repeat("A", len(ours)), ours[:len(ours)-4] + "AAAA", ours + "A"} {
		p := s.person()
		p.getWith("/show", with("Cookie", "__Host-cart="+planted)).says(t, 200, "none").has(t, "Set-Cookie")
		if token := p.getWith("/add", with("Cookie", "__Host-cart="+planted)).says(t, 200, "tea").sets(t, "__Host-cart"); token == planted {
			t.Errorf("%q was adopted", planted)
		}
		s.person().getWith("/show", with("Cookie", "__Host-cart="+planted)).says(t, 200, "none")
	}
	p := s.person()
	before := p.get("/add").sets(t, "__Host-cart")
	if after := p.get("/signin").says(t, 200, "hello").sets(t, "__Host-cart"); after == before {
		t.Error("signing in kept the token")
	}
	s.person().getWith("/show", with("Cookie", "__Host-cart="+before)).says(t, 200, "none")
}

// TestFault6BadCookies: whatever comes as a cookie is an ordinary visitor, whose cookie is left alone.
func TestFault6BadCookies(t *testing.T) {
	w := newWorld()
	s := shop(t, w, satchel.Options{})
	token := s.person().get("/add").sets(t, "__Host-cart")
	for _, bad := range []string{
		"%zz", "", "=", `"`, `"x"`, " ", "\x80\xff", "a,b", "__Host-cart", "x; __Host-cart=", strings.Repeat("A", 3000),
		strings.Repeat("x; __Host-cart=", 200), token + "=", token[1:], token + " " + token, `\` + token,
	} {
		s.person().getWith("/show", with("Cookie", "__Host-cart="+bad)).says(t, 200, "none").has(t, "Set-Cookie")
	}
	for _, lines := range [][]string{
		{"__Host-cart=bad; __Host-cart=" + token}, // both are tried
		{"__Host-cart=" + token + "; __Host-cart=bad"},
		{"other=1;__Host-cart=" + token},
		{"__HOST-cart=x; __Host-cart2=y; x__Host-cart=z; __Host-cart=" + token},
		{"a=1", "__Host-cart=" + token}, // HTTP/2 splits the field, and so may a proxy
		{"__Host-cart=bad", "__Host-cart=" + token},
	} {
		s.person().getWith("/show", http.Header{"Cookie": lines}).says(t, 200, "tea").has(t, "Set-Cookie")
	}
}

// TestFault6Undecodable: a record that cannot be read is no 500 either, and stays as it is.
func TestFault6Undecodable(t *testing.T) {
	w := newWorld()
	s := shop(t, w, satchel.Options{})
	token := with("Cookie", "__Host-cart="+s.person().get("/add").sets(t, "__Host-cart"))
	other := fiber.New()
	numbers := satchel.NewKind[int]("cart")
	other.Use(satchelfiber.Middleware(w.sessions(t, numbers.ServerSide(w))))
	other.Get("/show", func(c fiber.Ctx) error {
		n, ok, err := numbers.Get(c)
		return c.SendString(fmt.Sprint(n, ok, err))
	})
	start(t, other).person().getWith("/show", token).says(t, 200, "0 false <nil>").has(t, "Set-Cookie")
	s.person().getWith("/show", token).says(t, 200, "tea")
}

// TestFault7Logout: a token is dead for good when the answer to the logout is there.
func TestFault7Logout(t *testing.T) {
	w := newWorld()
	s := shop(t, w, satchel.Options{})
	p := s.person()
	first := p.get("/add").sets(t, "__Host-cart")
	second := p.get("/signin").sets(t, "__Host-cart")
	p.get("/leave").says(t, 200, "bye")
	for _, token := range []string{first, second} {
		s.person().getWith("/show", with("Cookie", "__Host-cart="+token)).says(t, 200, "none")
	}
	p.get("/show").says(t, 200, "none")
}

// TestFault10Untouched: requests that use no session ask the store nothing, with a token or without.
func TestFault10Untouched(t *testing.T) {
	w := newWorld()
	s := shop(t, w, satchel.Options{})
	p := s.person()
	p.get("/add")
	before, records := w.calls.Load(), w.records()
	for range 11 {
		p.get("/plain").says(t, 200, "plain").has(t, "Set-Cookie").has(t, "Vary")
		s.person().get("/plain").says(t, 200, "plain").has(t, "Set-Cookie").has(t, "Vary")
		s.person().get("/show").says(t, 200, "none").has(t, "Set-Cookie").has(t, "Vary", "Cookie")
	}
	if w.calls.Load() != before || w.records() != records {
		t.Errorf("%d calls, %d new records", w.calls.Load()-before, w.records()-records)
	}
}

// TestFault14Deadlines: the server ends a session, whatever the client makes of Max-Age.
func TestFault14Deadlines(t *testing.T) {
	w := newWorld()
	options := satchel.Options{Idle: 10 * time.Minute, Absolute: time.Hour}
	options.Cookie.BrowserSession = true
	s := shop(t, w, options)
	a := s.person().get("/add")
	token := with("Cookie", "__Host-cart="+a.sets(t, "__Host-cart"))
	if line := a.Header.Get("Set-Cookie"); strings.Contains(line, "Max-Age") || strings.Contains(line, "Expires") {
		t.Errorf("a cookie for the browser's session: %s", line)
	}
	for range 6 {
		w.pass(9*time.Minute + 59*time.Second)
		s.person().getWith("/show", token).says(t, 200, "tea").has(t, "Set-Cookie")
	}
	w.pass(time.Minute)
	s.person().getWith("/show", token).says(t, 200, "none").has(t, "Set-Cookie")
}

// TestFault15Outage: a store that is down ends no session and grants none.
func TestFault15Outage(t *testing.T) {
	w := newWorld()
	s := shop(t, w, satchel.Options{})
	p := s.person()
	p.get("/add")
	w.down.Store(true)
	for _, path := range []string{"/show", "/add", "/leave", "/signin"} {
		if a := p.get(path).has(t, "Set-Cookie"); a.StatusCode < 500 {
			t.Errorf("%s: %d %q", path, a.StatusCode, a.body)
		}
	}
	p.get("/plain").says(t, 200, "plain")
	w.down.Store(false)
	p.get("/show").says(t, 200, "tea").has(t, "Set-Cookie")
}

// TestFault20Clearing: the line that takes a cookie away has the attributes of the one that set it, and the jar obeys.
func TestFault20Clearing(t *testing.T) {
	w := newWorld()
	var options satchel.Options
	options.Cookie.Name = "__Secure-cart"
	options.Cookie.Path = "/"
	options.Cookie.Partitioned = true
	options.Cookie.Domain = "shop.example"
	for _, o := range []satchel.Options{{}, options} {
		s := shop(t, w, o)
		set := s.person().get("/add").Header.Get("Set-Cookie")
		name, rest, _ := strings.Cut(set, "=")
		value, attributes, _ := strings.Cut(rest, ";")
		attributes, _, _ = strings.Cut(attributes, "; Max-Age=")
		cleared := s.person().getWith("/leave", with("Cookie", name+"="+value)).Header.Get("Set-Cookie")
		if !strings.HasPrefix(cleared, name+"=;"+attributes+"; Max-Age=0") {
			t.Errorf("set with %s, cleared with %s", set, cleared)
		}
	}
	p := shop(t, w, satchel.Options{}).person()
	p.get("/add")
	jarred := func() int {
		req, err := http.NewRequest(http.MethodGet, "https://"+p.site.addr, nil)
		if err != nil {
			t.Fatal(err)
		}
		return len(p.Jar.Cookies(req.URL))
	}
	if jarred() != 1 {
		t.Fatal("the jar holds no cookie")
	}
	p.get("/leave").says(t, 200, "bye").has(t, "Cache-Control", "no-store")
	if jarred() != 0 {
		t.Error("the cookie stays")
	}
}

// TestFault22ContextThatEnds: a commit goes on where the handler's context is over.
func TestFault22ContextThatEnds(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(func(c fiber.Ctx) error {
		ctx, cancel := context.WithCancel(c.Context())
		c.SetContext(ctx)
		c.Locals("cancel", cancel)
		return c.Next()
	})
	app.Use(satchelfiber.Middleware(w.sessions(t, carts.ServerSide(w))))
	app.Get("/", func(c fiber.Ctx) error {
		if err := carts.Set(c.Context(), cart{Items: []string{"tea"}}); err != nil {
			return err
		}
		c.Locals("cancel").(context.CancelFunc)()
		return c.SendString("saved")
	})
	app.Get("/show", show)
	p := start(t, app).person()
	p.get("/").says(t, 200, "saved").sets(t, "__Host-cart")
	p.get("/show").says(t, 200, "tea")
}
