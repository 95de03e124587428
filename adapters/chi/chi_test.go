package satchelchi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	satchelchi "github.com/satchel-go/satchel/adapters/chi"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/store"
)

var (
	carts = satchel.NewKind[[]string]("cart")
	staff = satchel.NewKind[string]("staff")
)

// says serves what a function says, or why not.
func says(f func(r *http.Request) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text, err := f(r)
		if err != nil {
			http.Error(w, err.Error(), nethttp.StatusOf(err))
			return
		}
		_, _ = io.WriteString(w, text)
	}
}

func add(r *http.Request) (string, error) {
	all, err := carts.Update(r.Context(), func(all []string) []string { return append(all, chi.URLParam(r, "item")) })
	return strings.Join(all, " "), err
}

func signIn(r *http.Request) (string, error) {
	return "hello", staff.SignIn(r.Context(), chi.URLParam(r, "name"), "staff")
}

func visitor(t *testing.T, h http.Handler) *adaptertest.Visitor {
	t.Helper()
	server := httptest.NewTLSServer(h)
	t.Cleanup(server.Close)
	return adaptertest.NewVisitor(t, server.URL, server.Client().Transport)
}

// TestGroups: a group has kinds of its own, within those of the application, and around it they are not placed.
func TestGroups(t *testing.T) {
	l := adaptertest.NewLedger()
	r := chi.NewRouter()
	r.Use(nethttp.Middleware(l.Sessions(t, carts.ServerSide(l))))
	r.Get("/add/{item}", says(add))
	read := says(func(r *http.Request) (string, error) {
		name, ok, err := staff.Get(r.Context())
		all, _, err2 := carts.Get(r.Context())
		return fmt.Sprintf("%s%v %v", name, ok, all), errors.Join(err, err2)
	})
	r.Get("/staff", read)
	r.Route("/admin", func(r chi.Router) {
		r.Use(nethttp.Middleware(l.Sessions(t, staff.ServerSide(l))))
		r.Get("/in/{name}", says(signIn))
		r.Get("/staff", read)
	})
	other := chi.NewRouter()
	other.With(nethttp.Middleware(l.Sessions(t, staff.ServerSide(l)))).Get("/staff", read)
	r.Mount("/mounted", other)

	v := visitor(t, r)
	v.Get("/add/tea").Says(t, 200, "tea").Sets(t, "__Host-cart")
	v.Get("/admin/in/ann").Says(t, 200, "hello").Sets(t, "__Host-staff")
	v.Get("/admin/staff").Says(t, 200, "stafftrue [tea]").Has(t, "Vary", "Cookie")
	v.Get("/mounted/staff").Says(t, 200, "stafftrue [tea]")
	v.Get("/staff").Says(t, 500, satchel.ErrUnplaced.Error()+`: "staff"`)
	v.Get("/nowhere").Says(t, 404, "404 page not found").TellsNothing(t)
}

// TestGuards: nethttp's guards stand in chi's groups and before its single routes. Who has no session is refused, whoever
// cannot be known is told to come again, and others pass.
func TestGuards(t *testing.T) {
	l := adaptertest.NewLedger()
	r := chi.NewRouter()
	r.Use(nethttp.Middleware(l.Sessions(t, carts.ServerSide(l), staff.ServerSide(l))))
	r.Get("/add/{item}", says(add))
	r.Get("/in/{name}", says(signIn))
	r.Get("/anonymous", says(func(r *http.Request) (string, error) { return "", staff.Set(r.Context(), "nobody") }))
	fine := says(func(*http.Request) (string, error) { return "fine", nil })
	r.With(nethttp.Require(carts).Wrap).Get("/checkout", fine)
	r.Group(func(r chi.Router) {
		guard := nethttp.SignedIn(staff)
		guard.Challenge = nethttp.RedirectTo("/signin")
		r.Use(guard.Wrap)
		r.Get("/orders", says(func(r *http.Request) (string, error) {
			about, ok := satchel.Principal[satchel.About](r.Context())
			return fmt.Sprintf("%v %s at %s", ok, about.Subject, chi.RouteContext(r.Context()).RoutePattern()), nil
		}))
	})
	unplaced := satchel.NewKind[int]("unplaced")
	r.With(nethttp.Require(unplaced).Wrap).Get("/mistake", fine)

	v := visitor(t, r)
	v.Get("/checkout").Says(t, 401, "Unauthorized").Has(t, "WWW-Authenticate", "Session").Has(t, "Vary", "Cookie").
		Has(t, "Cache-Control", "private").Has(t, "Set-Cookie")
	v.Get("/orders").Has(t, "Location", "/signin").Has(t, "Vary", "Cookie")
	v.Get("/add/tea")
	before := l.Calls()
	v.Get("/checkout").Says(t, 200, "fine")
	if calls := l.Calls() - before; calls != 1 {
		t.Errorf("the guard made %d calls", calls)
	}
	v.Get("/anonymous")
	v.Get("/orders").Has(t, "Location", "/signin")
	v.Get("/in/ann").Says(t, 200, "hello")
	v.Get("/orders").Says(t, 200, "true ann at /orders")
	visitor(t, r).GetWith("/orders", adaptertest.Field("Cookie", "__Host-staff=forged")).Has(t, "Location", "/signin")
	l.Down.Store(true)
	v.Get("/orders").Says(t, 503, "Service Unavailable").Has(t, "Location").Has(t, "Set-Cookie")
	v.Get("/checkout").Says(t, 503, "Service Unavailable").Has(t, "WWW-Authenticate").Has(t, "Set-Cookie")
	v.Get("/mistake").Says(t, 500, "Internal Server Error")
}

// TestPattern: an observer is told of each event by a context that knows the route, also by commits and of groups.
func TestPattern(t *testing.T) {
	var seen []string
	note := func(what string) func(context.Context, satchel.Event) {
		return func(ctx context.Context, e satchel.Event) {
			seen = append(seen, what+" "+e.Kind+" "+satchelchi.Pattern(ctx))
		}
	}
	s, err := satchel.Config{Observer: satchel.Observer{
		Created: note("created"), Saved: note("saved"), Rotated: note("rotated"), Ended: note("ended"), Refused: note("refused"),
	}}.New(carts.ServerSide(store.NewMemory()), staff.ServerSide(store.NewMemory()))
	if err != nil {
		t.Fatal(err)
	}
	routes := func(r chi.Router) {
		r.Get("/add/{item}", says(add))
		r.Get("/set/{item}", says(func(r *http.Request) (string, error) {
			return "", carts.Set(r.Context(), []string{chi.URLParam(r, "item")})
		}))
		r.Route("/shops/{shop}", func(r chi.Router) {
			r.Get("/in/{name}", says(signIn))
			r.Get("/out", says(func(r *http.Request) (string, error) { return "", staff.Clear(r.Context()) }))
		})
	}
	r := chi.NewRouter()
	r.Use(nethttp.Middleware(s))
	routes(r)
	v := visitor(t, r)
	v.GetWith("/add/tea", adaptertest.Field("Cookie", "__Host-cart=bad"))
	v.Get("/set/milk")
	v.Get("/shops/7/in/ann")
	v.Get("/shops/8/out")
	want := []string{
		"refused cart /add/{item}", "created cart /add/{item}", "saved cart /set/{item}", "created staff /shops/{shop}/in/{name}",
		"ended staff /shops/{shop}/out",
	}
	if !slices.Equal(slices.DeleteFunc(seen, func(s string) bool { return strings.HasPrefix(s, "rotated") }), want) {
		t.Errorf("%q, want %q", seen, want)
	}

	// Around the router a handler's context knows the route, and a commit's does not.
	seen = nil
	outside := chi.NewRouter()
	routes(outside)
	v = visitor(t, nethttp.Wrap(outside, s))
	v.Get("/set/milk")
	if !slices.Equal(seen, []string{"created cart "}) || satchelchi.Pattern(t.Context()) != "" {
		t.Errorf("%q", seen)
	}
}

// TestCompress: what Compress makes of an answer has its token too, wherever it stands, and a commit that fails is told in
// clear.
func TestCompress(t *testing.T) {
	for _, within := range []bool{false, true} {
		l := adaptertest.NewLedger()
		r := chi.NewRouter()
		ours := nethttp.Middleware(l.Sessions(t, carts.ServerSide(l)))
		if within {
			r.Use(ours, middleware.Compress(5, "text/html"))
		} else {
			r.Use(middleware.Compress(5, "text/html"), ours)
		}
		page := strings.Repeat("tea ", 1000)
		down := false
		r.Get("/", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			if err := carts.Set(r.Context(), []string{"tea"}); err != nil {
				t.Error(err)
			}
			l.Down.Store(down)
			_, _ = io.WriteString(w, page)
		})
		v := visitor(t, r)
		a := v.Get("/").Says(t, 200, page).Has(t, "Cache-Control", "no-store") // the client has unpacked it
		a.Sets(t, "__Host-cart")
		if !a.Uncompressed || !strings.Contains(strings.Join(a.Header.Values("Vary"), ","), "Cookie") {
			t.Errorf("within %v: %v", within, a.Header)
		}
		down = true
		failed := visitor(t, r).Get("/")
		if failed.StatusCode != 503 || len(failed.Header["Set-Cookie"]) != 0 || !strings.HasPrefix(failed.Text, "Service Unavailable") {
			t.Errorf("within %v: %d %.60q %v", within, failed.StatusCode, failed.Text, failed.Header)
		}
	}
}

// TestTimeout: what a handler whose time is over wanted is done, but for a rotation: its session goes on under the token that the
// client has.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := adaptertest.NewLedger()
		r := chi.NewRouter()
		r.Use(middleware.Timeout(time.Second), nethttp.Middleware(l.Sessions(t, carts.ServerSide(l))))
		late := func(change func(ctx context.Context) error) http.HandlerFunc {
			return func(_ http.ResponseWriter, r *http.Request) {
				if err := change(r.Context()); err != nil {
					t.Error(err)
				}
				<-r.Context().Done()
			}
		}
		r.Get("/set", late(func(ctx context.Context) error { return carts.Set(ctx, []string{"tea"}) }))
		r.Get("/rotate", late(carts.Rotate))
		r.Get("/show", func(w http.ResponseWriter, r *http.Request) {
			items, ok, err := carts.Get(r.Context())
			_, _ = fmt.Fprint(w, items, ok, err)
		})
		var cookie []*http.Cookie
		for _, step := range []struct {
			path   string
			status int
			text   string
		}{
			{"/set", 504, ""},
			{"/show", 200, "[tea] true <nil>"},
			{"/rotate", 503, "Service Unavailable\n"},
			{"/show", 200, "[tea] true <nil>"},
		} {
			in := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://shop.example"+step.path, nil)
			for _, c := range cookie {
				in.AddCookie(c)
			}
			out := httptest.NewRecorder()
			r.ServeHTTP(out, in)
			if sent := out.Result().Cookies(); step.path == "/set" {
				cookie = sent
			} else if len(sent) != 0 {
				t.Errorf("%s sets %q", step.path, sent)
			}
			if out.Code != step.status || out.Body.String() != step.text || len(cookie) != 1 {
				t.Errorf("%s: %d %q, %d cookies", step.path, out.Code, out.Body, len(cookie))
			}
		}
		if n := l.Records(); n != 1 {
			t.Errorf("%d records", n)
		}
	})
}
