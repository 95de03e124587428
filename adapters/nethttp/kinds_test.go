package nethttp_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/satcheltest"
)

// count counts visits and says which this is.
func count(_ http.ResponseWriter, r *http.Request) (string, error) {
	v, err := counter.Update(r.Context(), func(v visits) visits { v.Count++; return v })
	return fmt.Sprint(v.Count), err
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
		}), w.Sessions(t, counter.ServerSide(w)))
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
		p := start(nethttp.Wrap(around, w.Sessions(t, carts.ServerSide(w)))).person()

		both := p.Get("/admin/both").Says(t, 200, "1").Has(t, "Vary", "Cookie").Has(t, "Cache-Control", "no-store")
		both.Sets(t, "__Host-cart")
		both.Sets(t, "__Host-visits")
		p.Get("/admin/both").Says(t, 200, "2").Has(t, "Set-Cookie").Has(t, "Vary", "Cookie").Has(t, "Cache-Control", "private")
		p.Get("/visits").Says(t, 500, satchel.ErrUnplaced.Error()+`: "visits"`)
		p.Get("/show").Says(t, 200, "tea")
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
		in := nethttp.Wrap(page(count), inner.Sessions(t, counter.ServerSide(inner).With(named("__Host-inner"))))
		mux := http.NewServeMux()
		mux.Handle("/out", page(count))
		mux.HandleFunc("/in", func(w http.ResponseWriter, r *http.Request) {
			if err := counter.Set(r.Context(), visits{100}); err != nil {
				t.Error(err)
			}
			in.ServeHTTP(w, r)
		})
		p := start(nethttp.Wrap(mux, outer.Sessions(t, counter.ServerSide(outer).With(named("__Host-outer"))))).person()
		both := p.Get("/in").Says(t, 200, "1")
		both.Sets(t, "__Host-inner")
		both.Sets(t, "__Host-outer")
		p.Get("/in").Says(t, 200, "2")
		p.Get("/out").Says(t, 200, "101")
	})
}

// Two exchanges that send one cookie: the outer commits last, and one line is sent.
func TestTwoExchangesOfOneCookie(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		in := nethttp.Wrap(page(count), w.Sessions(t, counter.ServerSide(w)))
		p := start(nethttp.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := counter.Set(r.Context(), visits{100}); err != nil {
				t.Error(err)
			}
			in.ServeHTTP(w, r)
		}), w.Sessions(t, counter.ServerSide(w)))).person()
		p.Get("/").Says(t, 200, "1").Has(t, "Vary", "Cookie").Sets(t, "__Host-visits")
	})
}

func TestSameMiddlewareTwice(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		middleware := nethttp.Middleware(w.Sessions(t, counter.ServerSide(w)))
		p := start(middleware(middleware(page(count)))).person()
		p.Get("/").Says(t, 200, "1").Sets(t, "__Host-visits")
		p.Get("/").Says(t, 200, "2").Has(t, "Set-Cookie").Has(t, "Vary", "Cookie")
	})
}

func TestServeMuxPatterns(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		sessions := w.Sessions(t, carts.ServerSide(w))
		described := func(_ http.ResponseWriter, r *http.Request) (string, error) {
			_, ok, err := carts.Get(r.Context())
			return fmt.Sprint(r.Pattern, " ", r.PathValue("id"), " ", ok), err
		}
		mux := pages{"GET /carts/{id}": described, "/add": add}.mux()
		inside := http.NewServeMux()
		inside.Handle("GET /carts/{id}", nethttp.Middleware(sessions)(page(described)))
		whole, route := start(nethttp.Wrap(mux, sessions)).person(), start(inside).person()

		for _, p := range []*adaptertest.Visitor{whole, route} {
			p.Get("/carts/7").Says(t, 200, "GET /carts/{id} 7 false").Has(t, "Vary", "Cookie")
			p.Get("/nowhere").Says(t, 404, "404 page not found").TellsNothing(t)
			p.Send(p.Request(http.MethodPost, "/carts/7", nil)).Says(t, 405, "Method Not Allowed").TellsNothing(t)
			p.Get("/carts//7").TellsNothing(t) // which the mux redirects
		}
		value := whole.Get("/add").Says(t, 200, "tea").Sets(t, "__Host-cart")
		route.GetWith("/carts/7", token(value)).Says(t, 200, "GET /carts/{id} 7 true")
	})
}

func TestWithoutMiddleware(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		start(page(show)).person().Get("/").Says(t, 500, satchel.ErrNoExchange.Error()).TellsNothing(t)
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
		sessions := w.Sessions(t, carts.ServerSide(w), notes.ClientSide(satcheltest.Keys(t), satchel.Unrevocable))
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
		p.Get("/north/add").Says(t, 200, "tea")
		p.Get("/south/show").Says(t, 200, ", none").Has(t, "Set-Cookie")
		p.Get("/north/show").Says(t, 200, "of north, tea").Has(t, "Set-Cookie")
		if asked != 3 {
			t.Errorf("asked %d times in 3 requests", asked)
		}
	})
}

// The inner one of two middlewares answers by its own OnCommitError that its tenant is another, which is no-store whatever that says, and
// for nothing else: a commit is the outer one's.
func TestTenantWithinAnother(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		sessions := w.Sessions(t, carts.ServerSide(w))
		inner := nethttp.Config{
			Tenant: func(r *http.Request) string { return r.FormValue("of") },
			OnCommitError: func(w http.ResponseWriter, r *http.Request, err error) {
				w.Header().Set("Cache-Control", "public")
				if says := r.FormValue("says"); says != "" {
					w.WriteHeader(http.StatusTeapot)
					_, _ = io.WriteString(w, says+err.Error())
				}
			},
		}
		site := start(nethttp.Config{
			Tenant: func(*http.Request) string { return "north" },
		}.Wrap(inner.Wrap(page(func(_ http.ResponseWriter, r *http.Request) (string, error) {
			return "tea", carts.Set(r.Context(), cart{Items: []string{"tea"}})
		}), sessions), sessions))
		p := site.person()
		p.Get("/?of=north").Says(t, 200, "tea").Sets(t, "__Host-cart")
		p.Get("/?of=south&says=no:").Says(t, 418, "no:"+satchel.ErrTenant.Error()).Has(t, "Cache-Control", "no-store")
		p.Get("/?of=south").Says(t, 500, "").Has(t, "Cache-Control", "no-store")
		w.Down.Store(true)
		site.person().Get("/?of=north").Says(t, 503, "Service Unavailable")
	})
}
