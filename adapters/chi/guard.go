package satchelchi

import (
	"net/http"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// Require returns a middleware that lets through only who has a session of a kind. It is Guard with its defaults.
func Require[T any](k satchel.Kind[T]) func(http.Handler) http.Handler {
	return Guard[T]{Kind: k}.Middleware
}

// Guard describes a middleware that lets through only who has a session. An outage is not a logout: while nobody knows
// who has one the answer is a 503, and never Otherwise.
type Guard[T any] struct {
	Kind satchel.Kind[T]
	// SignedIn asks for a session to which somebody has signed in (Kind.SignIn).
	SignedIn bool
	// Otherwise answers who is not let through: a redirect to the page for signing in, most often. The default is 401
	// Unauthorized, with the challenge that it has to have (RFC 9110, section 15.5.2).
	Otherwise http.Handler
}

// Middleware guards a handler. What a handler then gets of the kind was read already, and costs nothing.
func (g Guard[T]) Middleware(next http.Handler) http.Handler {
	otherwise := g.Otherwise
	if otherwise == nil {
		otherwise = http.HandlerFunc(unauthorized)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch ok, err := g.lets(r); {
		case err != nil:
			status := nethttp.StatusOf(err)
			http.Error(w, http.StatusText(status), status)
		case ok:
			next.ServeHTTP(w, r)
		default:
			otherwise.ServeHTTP(w, r)
		}
	})
}

// lets reports whether a request is let through.
func (g Guard[T]) lets(r *http.Request) (bool, error) {
	_, ok, err := g.Kind.Get(r.Context())
	if err != nil || !ok || !g.SignedIn {
		return ok, err
	}
	about, err := g.Kind.About(r.Context())
	return about.Subject != "", err
}

func unauthorized(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("WWW-Authenticate", "Session")
	http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
}
