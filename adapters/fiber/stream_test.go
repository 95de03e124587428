package satchelfiber_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/sse"
	"github.com/gofiber/fiber/v3/middleware/static"
	"github.com/gofiber/fiber/v3/middleware/timeout"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
)

// lateUse tries in a context whose answer has begun what can be tried, and returns what came of it, a line each.
func lateUse(ctx context.Context) string {
	var b strings.Builder
	v, err := carts.Update(ctx, func(v cart) cart { v.Items = append(v.Items, "late"); return v })
	_, _ = fmt.Fprintln(&b, "update", v.Items, err)
	_, _ = fmt.Fprintln(&b, "begin", visits.Set(ctx, 1))
	_, _ = fmt.Fprintln(&b, "rotate", carts.Rotate(ctx))
	_, _ = fmt.Fprintln(&b, "clear", carts.Clear(ctx))
	return b.String()
}

// lateUsed is what lateUse returns when it begins with one tea: the change that needs no token is made, the others say
// that they are late.
var lateUsed = fmt.Sprintf("update [tea late] <nil>\nbegin %v\nrotate %v\nclear %v\n",
	satchel.ErrTooLate, satchel.ErrTooLate, satchel.ErrTooLate)

// TestStream is fault 8 for bodies that are streamed, and 25: the cookie is in a header that the client has while the body
// is still being made, a late change takes effect or says that it is late, and a late Clear ends the session.
func TestStream(t *testing.T) {
	w := newWorld()
	headerIsThere := make(chan struct{}, 1)
	var kept []context.Context
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w), visits.ServerSide(w))))
	app.Get("/stream", func(c fiber.Ctx) error {
		if err := carts.Set(c, cart{Items: []string{"tea"}}); err != nil {
			return err
		}
		ctx := c.Context()
		kept = append(kept, ctx)
		return c.SendStreamWriter(func(b *bufio.Writer) {
			_, _ = b.WriteString("begun\n")
			_ = b.Flush()
			<-headerIsThere
			_, _ = b.WriteString(lateUse(ctx))
		})
	})
	app.Get("/show", show)
	p := start(t, app).person()
	res, err := p.Do(p.Request(http.MethodGet, "/stream", nil))
	if err != nil {
		t.Fatal(err)
	}
	begun := adaptertest.Answer{Response: res}.Has(t, "Cache-Control", "no-store").Sets(t, "__Host-cart")
	headerIsThere <- struct{}{}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || string(body) != "begun\n"+lateUsed {
		t.Errorf("%v\n%s", err, body)
	}
	p.GetWith("/show", adaptertest.Field("Cookie", "__Host-cart="+begun)).Says(t, 200, "none") // the late Clear
	if w.Records() != 0 {
		t.Errorf("%d records", w.Records())
	}
	// One request after the other on one connection: the stream's is over.
	if _, _, err := carts.Get(kept[0]); !errors.Is(err, satchel.ErrClosed) {
		t.Errorf("after the stream: %v", err)
	}
}

// TestStreamInGroup: the exchange of an inner middleware lasts as long as the stream too.
func TestStreamInGroup(t *testing.T) {
	w := newWorld()
	left := make(chan struct{})
	app := fiber.New()
	app.Use(func(c fiber.Ctx) error {
		defer close(left)
		return c.Next()
	})
	app.Use(satchelfiber.Middleware(w.Sessions(t, visits.ServerSide(w))))
	app.Get("/", satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))), func(c fiber.Ctx) error {
		if err := errors.Join(carts.Set(c, cart{Items: []string{"tea"}}), visits.Set(c, 1)); err != nil {
			return err
		}
		ctx := c.Context()
		return c.SendStreamWriter(func(b *bufio.Writer) {
			<-left
			v, _, err := carts.Get(ctx)
			n, _, also := visits.Get(ctx)
			_, _ = fmt.Fprintln(b, v.Items, err, n, also)
		})
	})
	start(t, app).person().Get("/").Says(t, 200, "[tea] <nil> 1 <nil>\n")
}

// TestServerSentEvents: fiber's own middleware keeps c for its handler, and hands out what c.Context() was.
func TestServerSentEvents(t *testing.T) {
	w := newWorld()
	kept := make(chan context.Context, 2)
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Get("/", satchelfiber.Middleware(w.Sessions(t, visits.ServerSide(w))), func(c fiber.Ctx) error {
		if err := errors.Join(visits.Set(c, 4), carts.Set(c, cart{Items: []string{"tea"}})); err != nil {
			return err
		}
		return sse.New(sse.Config{DisableHeartbeat: true, Handler: func(c fiber.Ctx, s *sse.Stream) error {
			kept <- c.Context()
			kept <- s.Context()
			for _, ctx := range []context.Context{c, s.Context()} {
				n, err := visits.Update(ctx, func(n int) int { return n + 1 })
				v, _, also := carts.Get(ctx)
				if err := errors.Join(err, also); err != nil {
					return err
				}
				if err := s.Event(sse.Event{Data: fmt.Sprint(n, v.Items)}); err != nil {
					return err
				}
			}
			return nil
		}})(c)
	})
	app.Get("/next", show)
	p := start(t, app).person()
	a := p.Get("/").Says(t, 200, "data: 5 [tea]\n\ndata: 6 [tea]\n\n").Has(t, "Cache-Control", "no-store")
	a.Sets(t, "__Host-visits")
	a.Sets(t, "__Host-cart")
	p.Get("/next").Says(t, 200, "tea")
	for range 2 {
		ctx := <-kept
		_, _, inner := visits.Get(ctx)
		_, _, outer := carts.Get(ctx)
		if !errors.Is(inner, satchel.ErrClosed) || !errors.Is(outer, satchel.ErrClosed) {
			t.Errorf("after the stream: %v, %v", inner, outer)
		}
	}
}

// TestHijack is fault 8 for connections that are taken over: the response before it has the cookie.
func TestHijack(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w), visits.ServerSide(w))))
	app.Get("/", func(c fiber.Ctx) error {
		if err := carts.Set(c, cart{Items: []string{"tea"}}); err != nil {
			return err
		}
		ctx := c.Context()
		c.RequestCtx().Hijack(func(conn net.Conn) {
			_, _ = io.WriteString(conn, lateUse(ctx))
			_ = conn.Close()
		})
		c.Set("Connection", "Upgrade")
		c.Set("Upgrade", "chat")
		return c.SendStatus(fiber.StatusSwitchingProtocols)
	})
	p := start(t, app).person()
	res, err := p.Do(p.Request(http.MethodGet, "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatal(res.Status)
	}
	adaptertest.Answer{Response: res}.Sets(t, "__Host-cart")
	body, err := io.ReadAll(res.Body)
	if err != nil || string(body) != lateUsed {
		t.Errorf("%v\n%s", err, body)
	}
}

// TestInformational is fault 8 for statuses that announce an answer.
func TestInformational(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, visits.ServerSide(w))))
	app.Get("/", func(c fiber.Ctx) error {
		if err := c.SendEarlyHints([]string{"</a.css>; rel=preload"}); err != nil {
			return err
		}
		return count(c)
	})
	start(t, app).person().Get("/").Says(t, 200, "1").Sets(t, "__Host-visits")
}

// TestEnd is fault 8 for fiber's own way to flush.
func TestEnd(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, carts.ServerSide(w))))
	app.Get("/", satchelfiber.Middleware(w.Sessions(t, visits.ServerSide(w))), func(c fiber.Ctx) error {
		if err := errors.Join(carts.Set(c, cart{Items: []string{"tea"}}), visits.Set(c, 1)); err != nil {
			return err
		}
		if err := c.SendString("end"); err != nil {
			return err
		}
		if err := satchelfiber.Commit(c); err != nil {
			return err
		}
		if err := carts.Rotate(c); !errors.Is(err, satchel.ErrTooLate) {
			t.Errorf("after Commit: %v", err)
		}
		return c.End()
	})
	a := start(t, app).person().Get("/").Says(t, 200, "end").Has(t, "Cache-Control", "no-store").Has(t, "Vary", "Cookie")
	a.Sets(t, "__Host-cart")
	a.Sets(t, "__Host-visits")
}

// TestTimeout is fault 22 for fiber's timeout middleware, whose handler runs on after its client was answered. Inside of
// ours it saves nothing and meets a closed exchange; outside it saves what needs no token.
func TestTimeout(t *testing.T) {
	w := newWorld()
	sessions := w.Sessions(t, carts.ServerSide(w))
	goOn, result, left := make(chan struct{}), make(chan error, 1), make(chan struct{}, 1)
	slow := func(c fiber.Ctx) error {
		if err := carts.Set(c, cart{Items: []string{"half"}}); err != nil {
			t.Error(err)
		}
		<-c.Context().Done()
		<-goOn
		_, _, err := carts.Get(c)
		result <- err
		return c.SendString("too late")
	}
	limit := timeout.Config{Timeout: time.Millisecond}
	custom := timeout.Config{Timeout: time.Millisecond, OnTimeout: func(c fiber.Ctx) error { return c.SendStatus(504) }}
	wrapped := satchelfiber.Wrap(slow, sessions)
	app := fiber.New()
	app.Get("/inside", satchelfiber.Middleware(sessions), timeout.New(slow, limit))
	app.Get("/custom", satchelfiber.Middleware(sessions), timeout.New(slow, custom))
	app.Get("/outside", timeout.New(func(c fiber.Ctx) error {
		defer func() { left <- struct{}{} }()
		return wrapped(c)
	}, limit))
	app.Get("/soon", satchelfiber.Middleware(sessions), timeout.New(add, timeout.Config{Timeout: time.Minute}))
	app.Get("/show", satchelfiber.Middleware(sessions), show)
	s := start(t, app)
	visitor, customer := s.person(), s.person()
	customer.Get("/soon").Says(t, 200, "tea").Sets(t, "__Host-cart")
	for _, c := range []struct {
		path   string
		status int
		err    error
		saved  string
	}{
		{"/inside", 408, satchel.ErrClosed, "tea"},
		{"/custom", 504, satchel.ErrClosed, "tea"},
		{"/outside", 408, nil, "half"},
	} {
		for p, want := range map[*adaptertest.Visitor]string{visitor: "none", customer: c.saved} {
			if a := p.Get(c.path).Has(t, "Set-Cookie"); a.StatusCode != c.status {
				t.Errorf("%s: %d", c.path, a.StatusCode)
			}
			goOn <- struct{}{}
			if err := <-result; !errors.Is(err, c.err) {
				t.Errorf("%s: the handler that ran on: %v", c.path, err)
			}
			if c.path == "/outside" {
				<-left
			}
			p.Get("/show").Says(t, 200, want)
		}
	}
	if w.Records() != 2 { // one that nobody heard of idles away
		t.Errorf("%d records", w.Records())
	}
}

// TestFiles: bodies that fiber sends from disk, with the fields that it sets for them.
func TestFiles(t *testing.T) {
	w := newWorld()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, visits.ServerSide(w))))
	app.Use("/counted", func(c fiber.Ctx) error {
		if _, err := visits.Update(c, func(n int) int { return n + 1 }); err != nil {
			return err
		}
		return c.Next()
	})
	app.Get("/counted/*", static.New(dir, static.Config{MaxAge: 60}))
	app.Get("/plain/*", static.New(dir, static.Config{MaxAge: 60}))
	app.Get("/file", func(c fiber.Ctx) error {
		if _, _, err := visits.Get(c); err != nil {
			return err
		}
		return c.SendFile(filepath.Join(dir, "a.txt"))
	})
	p := start(t, app).person()
	public := "public, max-age=60"
	p.Get("/plain/a.txt").Says(t, 200, "a file").Has(t, "Cache-Control", public).Has(t, "Vary").Has(t, "Set-Cookie")
	p.Get("/counted/a.txt").Says(t, 200, "a file").Has(t, "Cache-Control", "no-store").Sets(t, "__Host-visits")
	p.Get("/counted/a.txt").Says(t, 200, "a file").Has(t, "Cache-Control", public).Has(t, "Vary", "Cookie").Has(t, "Set-Cookie")
	p.Get("/file").Says(t, 200, "a file").Has(t, "Cache-Control", "private").Has(t, "Vary", "Cookie")
	p.Get("/counted/b.txt").Says(t, 404, "Not Found").Has(t, "Vary", "Cookie").Has(t, "Cache-Control", "private")
}

// TestRedirect: with fiber's flash cookie, which makes fasthttp parse all cookies before any handler runs.
func TestRedirect(t *testing.T) {
	w := newWorld()
	app := fiber.New()
	app.Use(satchelfiber.Middleware(w.Sessions(t, visits.ServerSide(w))))
	app.Get("/go", func(c fiber.Ctx) error {
		if err := visits.Set(c, 2); err != nil {
			return err
		}
		return c.Redirect().With("status", "moved").To("/there")
	})
	app.Get("/there", func(c fiber.Ctx) error {
		n, ok, err := visits.Get(c)
		return c.SendString(fmt.Sprint(n, ok, err, c.Redirect().Message("status").Value))
	})
	p := start(t, app).person()
	moved := p.Get("/go")
	if moved.StatusCode != 303 || moved.Header.Get("Location") != "/there" {
		t.Errorf("%d %q", moved.StatusCode, moved.Header)
	}
	moved.Sets(t, "__Host-visits")
	moved.Sets(t, "fiber_flash")
	p.Get("/there").Says(t, 200, "2 true <nil>moved")
}
