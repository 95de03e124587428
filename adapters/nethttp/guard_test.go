package nethttp_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// user is a principal.
type user struct{ name string }

// guarded is a shop with a page for users only: those whose cart begins with a name, which is not eve's. What asks the users'
// directory finds what lost says.
func guarded(t *testing.T, w *world, g nethttp.Guard[cart, user], lost func() error) http.Handler {
	t.Helper()
	g.Kind = carts
	g.Validate = func(_ context.Context, v cart) (user, bool, error) {
		return user{v.Items[0]}, v.Items[0] != "eve", lost()
	}
	mine := g.Wrap(page(func(_ http.ResponseWriter, r *http.Request) (string, error) {
		u, ok := satchel.Principal[user](r.Context())
		if _, is := satchel.Principal[string](r.Context()); !ok || is {
			t.Errorf("the principal is %v, %v", u, ok)
		}
		return "for " + u.name, nil
	}))
	return w.shop(t, satchel.Options{}, pages{"/mine": func(rw http.ResponseWriter, r *http.Request) (string, error) {
		mine.ServeHTTP(rw, r)
		return "", nil
	}})
}

// Who has no session, one that is refused or one that is rejected gets the challenge 401, others their page, and an outage
// is neither.
func TestGuard(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		var lost error
		s := start(guarded(t, w, nethttp.Guard[cart, user]{}, func() error { return lost }))
		challenged := func(a adaptertest.Answer) {
			t.Helper()
			a.Says(t, 401, "Unauthorized").Has(t, "WWW-Authenticate", "Session").Has(t, "Vary", "Cookie").
				Has(t, "Cache-Control", "private").Has(t, "Set-Cookie")
		}
		challenged(s.person().Get("/mine"))
		challenged(s.person().GetWith("/mine", token("forged")))
		eve, ann := s.person(), s.person()
		eve.Get("/add?item=eve")
		challenged(eve.Get("/mine"))
		ann.Get("/add?item=ann")
		before := w.Calls()
		if ann.Get("/mine").Says(t, 200, "for ann"); w.Calls() != before+1 {
			t.Errorf("%d calls of the store", w.Calls()-before)
		}

		lost = errors.New("the directory of users is down")
		down := func(a adaptertest.Answer) {
			t.Helper()
			a.Says(t, 503, "Service Unavailable").Has(t, "WWW-Authenticate").Has(t, "Set-Cookie")
		}
		down(ann.Get("/mine"))
		lost = nil
		w.Down.Store(true)
		down(ann.Get("/mine"))
		challenged(s.person().Get("/mine")) // nobody asks the store for a request without a token
		w.Down.Store(false)
		ann.Get("/mine").Says(t, 200, "for ann")
	})
}

// The challenge is told why, and a redirect leads to a page whatever the method was.
func TestChallenge(t *testing.T) {
	w := newWorld()
	var lost error
	kind := nethttp.Guard[cart, user]{
		Challenge: func(w http.ResponseWriter, _ *http.Request, why satchel.Authentication) {
			http.Error(w, why.String(), http.StatusUnauthorized)
		},
		OnError: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, "later: "+err.Error(), http.StatusInternalServerError)
		},
	}
	s := start(t, guarded(t, w, kind, func() error { return lost }), (*httptest.Server).StartTLS)
	eve := s.person()
	eve.Get("/add?item=eve")
	s.person().Get("/mine").Says(t, 401, "no session")
	s.person().GetWith("/mine", token("forged")).Says(t, 401, "token refused")
	eve.Get("/mine").Says(t, 401, "session rejected")
	lost = errors.New("down")
	if a := eve.Get("/mine"); a.StatusCode != 500 || !strings.HasPrefix(a.Text, "later: ") || !strings.Contains(a.Text, "down") {
		t.Errorf("%d %s", a.StatusCode, a.Text)
	}

	lead := start(t, guarded(t, newWorld(), nethttp.Guard[cart, user]{Challenge: nethttp.RedirectTo("/signin")}, func() error { return nil }), (*httptest.Server).StartTLS)
	p := lead.person()
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		a := p.Send(p.Request(method, "/mine", nil)).Has(t, "Location", "/signin").Has(t, "Vary", "Cookie").Has(t, "WWW-Authenticate")
		if a.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %d", method, a.StatusCode)
		}
	}
}

// Of the ready guards one wants a session, and the other that somebody has signed in.
func TestRequireAndSignedIn(t *testing.T) {
	w := newWorld()
	items := nethttp.Require(carts).Wrap(page(func(_ http.ResponseWriter, r *http.Request) (string, error) {
		v, _ := satchel.Principal[cart](r.Context())
		return strings.Join(v.Items, " "), nil
	}))
	who := nethttp.SignedIn(carts).Wrap(page(func(_ http.ResponseWriter, r *http.Request) (string, error) {
		about, _ := satchel.Principal[satchel.About](r.Context())
		return about.Subject, nil
	}))
	mux := pages{"/add": add, "/signin": signIn}.mux()
	mux.Handle("/items", items)
	mux.Handle("/who", who)
	p := start(t, nethttp.Wrap(mux, w.Sessions(t, carts.ServerSide(w))), (*httptest.Server).StartTLS).person()
	p.Get("/items").Says(t, 401, "Unauthorized")
	p.Get("/who").Says(t, 401, "Unauthorized")
	p.Get("/add")
	p.Get("/items").Says(t, 200, "tea")
	p.Get("/who").Says(t, 401, "Unauthorized")
	p.Get("/signin")
	p.Get("/who").Says(t, 200, "ann")
}

// What a handler behind a guard makes of its request is known outside, as without the guard.
func TestGuardHandsBack(t *testing.T) {
	w := newWorld()
	mux := pages{"/add": add}.mux()
	mux.Handle("/mine/", nethttp.Require(carts).Wrap(pages{"GET /mine/{id}": plain}.mux()))
	h := nethttp.Wrap(mux, w.Sessions(t, carts.ServerSide(w)))
	var seen string
	p := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		seen = r.Pattern
	}), (*httptest.Server).StartTLS).person()
	p.Get("/add")
	p.Get("/mine/7").Says(t, 200, "plain")
	p.CloseIdleConnections()
	if seen != "GET /mine/{id}" {
		t.Errorf("the pattern is %q", seen)
	}
}

func TestGuardWithoutValidate(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a guard that asks nothing was made")
		}
	}()
	nethttp.Guard[cart, user]{Kind: carts}.Wrap(http.NotFoundHandler())
}
