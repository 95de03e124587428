package faults

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/session"
	"github.com/gorilla/sessions"
	"github.com/kataras/iris/v12"
	irissessions "github.com/kataras/iris/v12/sessions"
	"github.com/valyala/fasthttp"

	"github.com/satchel-go/satchel"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/store"
)

// two are sites with two kinds of sessions in each request: /new puts 1 into the one and 2 into the other, and /look says both.
type two func(path, cookies string) (body string, set []*http.Cookie)

// lost begins both sessions, and reports whether the next request misses one.
func (do two) lost(t *testing.T) verdict {
	t.Helper()
	_, set := do("/new", "")
	if len(set) != 2 || set[0].Name == set[1].Name {
		t.Fatal("there are not two cookies:", set)
	}
	body, _ := do("/look", set[0].Name+"="+set[0].Value+"; "+set[1].Name+"="+set[1].Value)
	return hasIf(body != "1 2")
}

func twoOf(h http.Handler) two {
	return func(path, cookies string) (string, []*http.Cookie) {
		r, w := httptest.NewRequest(http.MethodGet, "https://"+host+path, nil), httptest.NewRecorder()
		r.Header.Set("Cookie", cookies)
		h.ServeHTTP(w, r)
		return w.Body.String(), w.Result().Cookies()
	}
}

func twoOfFast(handle fasthttp.RequestHandler) two {
	return func(path, cookies string) (string, []*http.Cookie) {
		var ctx fasthttp.RequestCtx
		ctx.Request.SetRequestURI(path)
		ctx.Request.Header.SetHost(host)
		ctx.Request.Header.Set("Cookie", cookies)
		handle(&ctx)
		var set []*http.Cookie
		for _, line := range ctx.Response.Header.Cookies() {
			if c, err := http.ParseSetCookie(string(line)); err == nil {
				set = append(set, c)
			}
		}
		return string(ctx.Response.Body()), set
	}
}

func scsTwo(t *testing.T) verdict {
	one, other := newSCS(forSCS{newShelf()}), newSCS(forSCS{newShelf()})
	other.Cookie.Name = "admin"
	mux := http.NewServeMux()
	mux.HandleFunc("/new", func(_ http.ResponseWriter, r *http.Request) {
		one.Put(r.Context(), "n", 1)
		other.Put(r.Context(), "n", 2)
	})
	mux.HandleFunc("/look", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, one.GetInt(r.Context(), "n"), other.GetInt(r.Context(), "n"))
	})
	return twoOf(one.LoadAndSave(other.LoadAndSave(mux))).lost(t)
}

// gorillaTwo has no middleware: a handler asks for both.
func gorillaTwo(t *testing.T, kept sessions.Store) verdict {
	mux := http.NewServeMux()
	both := func(r *http.Request) (one, other *sessions.Session) {
		one, _ = kept.Get(r, name) // an error is a new session
		other, _ = kept.Get(r, "admin")
		return one, other
	}
	mux.HandleFunc("/new", func(w http.ResponseWriter, r *http.Request) {
		one, other := both(r)
		one.Values["n"], other.Values["n"] = 1, 2
		if err := sessions.Save(r, w); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("/look", func(w http.ResponseWriter, r *http.Request) {
		one, other := both(r)
		fmt.Fprintf(w, "%v %v", one.Values["n"], other.Values["n"])
	})
	return twoOf(mux).lost(t)
}

func cookiesTwo(t *testing.T) verdict {
	return gorillaTwo(t, sessions.NewCookieStore(gorillaKeys()))
}

func filesTwo(t *testing.T) verdict {
	hash, block := gorillaKeys()
	return gorillaTwo(t, sessions.NewFilesystemStore(t.TempDir(), hash, block))
}

// fiberTwo hands the outer session on before the inner middleware takes its place, and each has a storage of its own.
func fiberTwo(t *testing.T) verdict {
	app := fiber.New()
	app.Use(session.New(fiberConfig(forFiber{newShelf()}, name)))
	app.Use(func(c fiber.Ctx) error {
		c.Locals("outer", session.FromContext(c))
		return c.Next()
	})
	app.Use(session.New(fiberConfig(forFiber{newShelf()}, "admin")))
	both := func(c fiber.Ctx) (one, other *session.Middleware) {
		return c.Locals("outer").(*session.Middleware), session.FromContext(c)
	}
	app.Get("/new", func(c fiber.Ctx) error {
		one, other := both(c)
		one.Set("n", 1)
		other.Set("n", 2)
		return nil
	})
	app.Get("/look", func(c fiber.Ctx) error {
		one, other := both(c)
		return c.SendString(fmt.Sprint(one.Get("n"), other.Get("n")))
	})
	return twoOfFast(app.Handler()).lost(t)
}

// irisTwo hands the outer session on as fiberTwo does.
func irisTwo(t *testing.T) verdict {
	manager := func(cookie string) iris.Handler {
		return irissessions.New(irissessions.Config{Cookie: cookie, CookieSecureTLS: true, AllowReclaim: true, Expires: time.Hour}).Handler()
	}
	app := iris.New()
	app.Logger().SetLevel("disable")
	app.Use(manager(name), func(c iris.Context) {
		c.Values().Set("outer", irissessions.Get(c))
		c.Next()
	}, manager("admin"))
	both := func(c iris.Context) (one, other *irissessions.Session) {
		return c.Values().Get("outer").(*irissessions.Session), irissessions.Get(c)
	}
	app.Get("/new", func(c iris.Context) {
		one, other := both(c)
		one.Set("n", 1)
		other.Set("n", 2)
	})
	app.Get("/look", func(c iris.Context) {
		one, other := both(c)
		_, _ = c.Writef("%v %v", one.Get("n"), other.Get("n"))
	})
	if err := app.Build(); err != nil {
		t.Fatal(err)
	}
	return twoOf(app).lost(t)
}

// satchelTwo is asked on net/http and on fiber, with middlewares around each other.
func satchelTwo(t *testing.T) verdict {
	one := satchel.Must(satchel.New(visits.ServerSide(store.NewMemory())))
	other := satchel.Must(satchel.New(admins.ServerSide(store.NewMemory())))
	begin := func(ctx context.Context) {
		if err := visits.Set(ctx, visit{N: 1}); err != nil {
			t.Error(err)
		}
		if err := admins.Set(ctx, visit{N: 2}); err != nil {
			t.Error(err)
		}
	}
	look := func(ctx context.Context) string {
		v, _, _ := visits.Get(ctx)
		a, _, _ := admins.Get(ctx)
		return fmt.Sprint(v.N, a.N)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/new", func(_ http.ResponseWriter, r *http.Request) { begin(r.Context()) })
	mux.HandleFunc("/look", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, look(r.Context())) })
	app := fiber.New()
	app.Use(satchelfiber.Middleware(one), satchelfiber.Middleware(other))
	app.Get("/new", func(c fiber.Ctx) error { begin(c.Context()); return nil })
	app.Get("/look", func(c fiber.Ctx) error { return c.SendString(look(c.Context())) })
	return either(twoOf(nethttp.Wrap(nethttp.Wrap(mux, other), one)).lost(t), twoOfFast(app.Handler()).lost(t))
}

// savesLate: Alice's request leaves something to a job, which saves when Bob's request is served. Bob uses no session. A pool may give
// other memory, so it is tried often.
func savesLate(t *testing.T, app *fiber.App) verdict {
	t.Helper()
	for range 100 {
		alice, bob := getFiber(app, "/alice", ""), getFiber(app, "/bob", "")
		if alice.cookie == "" || bob.status != http.StatusOK {
			t.Fatal("no session, or no answer:", alice, bob)
		}
		if bob.cookie == alice.cookie {
			return has
		}
	}
	return free
}

func fiberSavesLate(t *testing.T) verdict {
	all, app := session.NewStore(fiberConfig(forFiber{newShelf()}, name)), fiber.New()
	var kept *session.Session
	app.Get("/alice", func(c fiber.Ctx) (err error) {
		if kept, err = all.Get(c); err != nil {
			return err
		}
		kept.Set("who", "alice")
		return kept.Save() // not released: it is still in use
	})
	app.Get("/bob", func(fiber.Ctx) error {
		defer func() {
			if failed := recover(); failed != nil { // where Bob has other memory, what was kept points nowhere
				t.Log("saving late:", failed)
			}
		}()
		kept.Set("done", true)
		return kept.Save()
	})
	return savesLate(t, app)
}

func satchelSavesLate(t *testing.T) verdict {
	app := fiber.New()
	app.Use(satchelfiber.Middleware(satchel.Must(satchel.New(visits.ServerSide(store.NewMemory())))))
	var kept context.Context
	app.Get("/alice", func(c fiber.Ctx) error {
		kept = c.Context() //nolint:fatcontext // that is the fault
		return visits.Set(kept, visit{Text: "alice"})
	})
	app.Get("/bob", func(fiber.Ctx) error {
		if err := visits.Set(kept, visit{Text: "done"}); err == nil {
			t.Error("what was kept is told that it was saved")
		}
		return nil
	})
	return savesLate(t, app)
}
