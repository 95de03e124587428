package nethttp_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// count counts visits and says which this is.
func count(_ http.ResponseWriter, r *http.Request) (string, error) {
	v, err := counter.Update(r.Context(), func(v visits) visits { v.Count++; return v })
	return fmt.Sprint(v.Count), err
}

// Four kinds: by cookie and by header, server-side and client-side, each on its own.
func TestSeveralKindsAtOnce(t *testing.T) {
	badges := satchel.NewKind[string]("badge")
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		sessions := w.sessions(
			t, carts.ServerSide(w), notes.ClientSide(keys(t), satchel.Unrevocable),
			counter.ServerSide(w).With(satchel.Options{Header: "X-Visits"}),
			badges.ClientSide(keys(t), satchel.Unrevocable).With(satchel.Options{Header: "x-badge"}),
		)
		all := func(r *http.Request, cartToo bool) (string, error) {
			ctx := r.Context()
			note, _, err1 := notes.Get(ctx)
			n, _, err2 := counter.Get(ctx)
			badge, _, err3 := badges.Get(ctx)
			var c cart
			var err4 error
			if cartToo {
				c, _, err4 = carts.Get(ctx)
			}
			return fmt.Sprintf("%v/%s/%d/%s", c.Items, note, n.Count, badge), errors.Join(err1, err2, err3, err4)
		}
		p := start(nethttp.Wrap(pages{
			"/set": func(_ http.ResponseWriter, r *http.Request) (string, error) {
				ctx := r.Context()
				return "set", errors.Join(
					carts.Set(ctx, cart{Items: []string{"tea"}}), notes.Set(ctx, "n"), counter.Set(ctx, visits{7}), badges.Set(ctx, "b"))
			},
			"/all":   func(_ http.ResponseWriter, r *http.Request) (string, error) { return all(r, true) },
			"/three": func(_ http.ResponseWriter, r *http.Request) (string, error) { return all(r, false) },
			"/one": func(_ http.ResponseWriter, r *http.Request) (string, error) {
				badge, _, err := badges.Get(r.Context())
				return badge, err
			},
			"/clear": func(_ http.ResponseWriter, r *http.Request) (string, error) {
				ctx := r.Context()
				return "", errors.Join(carts.Clear(ctx), notes.Clear(ctx), counter.Clear(ctx), badges.Clear(ctx))
			},
		}.mux(), sessions)).person()

		p.get("/all").says(t, 200, "[]//0/").has(t, "Set-Cookie").has(t, "Cache-Control", "private")
		set := p.get("/set").says(t, 200, "set").has(t, "Vary", "Cookie", "X-Visits", "x-badge").has(t, "Cache-Control", "no-store")
		set.sets(t, "__Host-cart")
		set.sets(t, "__Host-note")
		headers := http.Header{"X-Visits": {set.Header.Get("X-Visits")}, "X-Badge": {set.Header.Get("X-Badge")}}
		p.getWith("/all", headers).says(t, 200, "[tea]/n/7/b").
			has(t, "Set-Cookie").has(t, "X-Visits").has(t, "X-Badge").has(t, "Cache-Control", "private")
		before := w.calls.Load()
		p.getWith("/one", headers).says(t, 200, "b").has(t, "Vary", "x-badge")
		if w.calls.Load() != before {
			t.Error("a client-side kind asked the store, or another kind was loaded beside it")
		}
		p.get("/all").says(t, 200, "[tea]/n/0/")
		cleared := p.getWith("/clear", headers).says(t, 200, "").clears(t, "__Host-cart").clears(t, "__Host-note").
			has(t, "X-Visits", "").has(t, "X-Badge", "")
		if len(cleared.Cookies()) != 2 || len(p.cookies()) != 0 || w.records() != 0 {
			t.Errorf("%q, %d cookies and %d records are left", cleared.Header["Set-Cookie"], len(p.cookies()), w.records())
		}
		p.getWith("/three", with("X-Visits", headers.Get("X-Visits"))).says(t, 200, "[]//0/")
	})
}

// Kinds of the application and kinds of a route. Around the route its kinds are not placed.
func TestKindsOfARoute(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		admin := nethttp.Wrap(page(func(rw http.ResponseWriter, r *http.Request) (string, error) {
			if err := carts.Set(r.Context(), cart{Items: []string{"tea"}}); err != nil {
				return "", err
			}
			return count(rw, r)
		}), w.sessions(t, counter.ServerSide(w)))
		mux := pages{"/visits": count, "/show": show}.mux()
		mux.Handle("GET /admin/{rest...}", admin)
		around := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mux.ServeHTTP(w, r)
			if _, _, err := counter.Get(r.Context()); !errors.Is(err, satchel.ErrUnplaced) {
				t.Errorf("a route's kind around the route: %v", err)
			}
			if _, _, err := carts.Get(r.Context()); err != nil {
				t.Errorf("the application's kind around the route: %v", err)
			}
		})
		p := start(nethttp.Wrap(around, w.sessions(t, carts.ServerSide(w)))).person()

		both := p.get("/admin/both").says(t, 200, "1").has(t, "Vary", "Cookie").has(t, "Cache-Control", "no-store")
		both.sets(t, "__Host-cart")
		both.sets(t, "__Host-visits")
		p.get("/admin/both").says(t, 200, "2").has(t, "Set-Cookie").has(t, "Vary", "Cookie").has(t, "Cache-Control", "private")
		p.get("/visits").says(t, 500, satchel.ErrUnplaced.Error()+`: "visits"`)
		p.get("/show").says(t, 200, "tea")
	})
}

// One kind placed twice, by two cookies: inside the inner one counts, and around it the outer one again.
func TestOneKindTwice(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		outer, inner := newWorld(), newWorld()
		named := func(name string) (o satchel.Options) {
			o.Cookie.Name = name
			return o
		}
		in := nethttp.Wrap(page(count), inner.sessions(t, counter.ServerSide(inner).With(named("__Host-inner"))))
		mux := http.NewServeMux()
		mux.Handle("/out", page(count))
		mux.HandleFunc("/in", func(w http.ResponseWriter, r *http.Request) {
			if err := counter.Set(r.Context(), visits{100}); err != nil {
				t.Error(err)
			}
			in.ServeHTTP(w, r)
		})
		p := start(nethttp.Wrap(mux, outer.sessions(t, counter.ServerSide(outer).With(named("__Host-outer"))))).person()
		both := p.get("/in").says(t, 200, "1")
		both.sets(t, "__Host-inner")
		both.sets(t, "__Host-outer")
		p.get("/in").says(t, 200, "2")
		p.get("/out").says(t, 200, "101")
	})
}

// Two exchanges that send one cookie: the outer commits last, and one line is sent.
func TestTwoExchangesOfOneCookie(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		in := nethttp.Wrap(page(count), w.sessions(t, counter.ServerSide(w)))
		p := start(nethttp.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := counter.Set(r.Context(), visits{100}); err != nil {
				t.Error(err)
			}
			in.ServeHTTP(w, r)
		}), w.sessions(t, counter.ServerSide(w)))).person()
		p.get("/").says(t, 200, "1").has(t, "Vary", "Cookie").sets(t, "__Host-visits")
	})
}

func TestSameMiddlewareTwice(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		middleware := nethttp.Middleware(w.sessions(t, counter.ServerSide(w)))
		p := start(middleware(middleware(page(count)))).person()
		p.get("/").says(t, 200, "1").sets(t, "__Host-visits")
		p.get("/").says(t, 200, "2").has(t, "Set-Cookie").has(t, "Vary", "Cookie")
	})
}

func TestServeMuxPatterns(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		sessions := w.sessions(t, carts.ServerSide(w))
		described := func(_ http.ResponseWriter, r *http.Request) (string, error) {
			_, ok, err := carts.Get(r.Context())
			return fmt.Sprint(r.Pattern, " ", r.PathValue("id"), " ", ok), err
		}
		mux := pages{"GET /carts/{id}": described, "/add": add}.mux()
		inside := http.NewServeMux()
		inside.Handle("GET /carts/{id}", nethttp.Middleware(sessions)(page(described)))
		whole, route := start(nethttp.Wrap(mux, sessions)).person(), start(inside).person()

		for _, p := range []*person{whole, route} {
			p.get("/carts/7").says(t, 200, "GET /carts/{id} 7 false").has(t, "Vary", "Cookie")
			p.get("/nowhere").says(t, 404, "404 page not found").tellsNothing(t)
			p.send(p.request(http.MethodPost, "/carts/7", nil)).says(t, 405, "Method Not Allowed").tellsNothing(t)
			p.get("/carts//7").tellsNothing(t) // which the mux redirects
		}
		value := whole.get("/add").says(t, 200, "tea").sets(t, "__Host-cart")
		route.getWith("/carts/7", token(value)).says(t, 200, "GET /carts/{id} 7 true")
	})
}

func TestWithoutMiddleware(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		start(page(show)).person().get("/").says(t, 500, satchel.ErrNoExchange.Error()).tellsNothing(t)
	})
}

// A token made for one tenant opens nothing for another. The tenant is asked for once, before the handler.
func TestTenant(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		asked := 0
		config := nethttp.Config{Tenant: func(r *http.Request) string {
			asked++
			return r.PathValue("tenant")
		}}
		sessions := w.sessions(t, carts.ServerSide(w), notes.ClientSide(keys(t), satchel.Unrevocable))
		mux := http.NewServeMux()
		mux.Handle("/{tenant}/add", config.Wrap(page(func(w http.ResponseWriter, r *http.Request) (string, error) {
			if err := notes.Set(r.Context(), "of "+r.PathValue("tenant")); err != nil {
				return "", err
			}
			return add(w, r)
		}), sessions))
		mux.Handle("/{tenant}/show", config.Middleware(sessions)(page(func(w http.ResponseWriter, r *http.Request) (string, error) {
			r.SetPathValue("tenant", "north")
			note, _, err := notes.Get(r.Context())
			if err != nil {
				return "", err
			}
			_, _ = io.WriteString(w, note+", ")
			return show(w, r)
		})))
		p := start(mux).person()
		p.get("/north/add").says(t, 200, "tea")
		p.get("/south/show").says(t, 200, ", none").has(t, "Set-Cookie")
		p.get("/north/show").says(t, 200, "of north, tea").has(t, "Set-Cookie")
		if asked != 3 {
			t.Errorf("asked %d times in 3 requests", asked)
		}
	})
}
