package nethttp

import (
	"context"
	"io"
	"net/http"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
)

// Guard lets through only requests whose session speaks for somebody, and hands that principal to their handlers:
//
//	guard := nethttp.Guard[Account, User]{Kind: accounts, Validate: user, Challenge: nethttp.RedirectTo("/signin")}
//	mux.Handle("/orders", guard.Wrap(orders)) // where satchel.Principal[User](r.Context()) gives the user
//
// It stands inside of the middleware in which the kind works. What a handler then gets of the kind was read already, and
// costs nothing.
type Guard[T, P any] struct {
	Kind satchel.Kind[T]
	// Validate says who a session's value speaks for: false is nobody, and an error that it could not find out. It is
	// called once for each request that has a session. [satchel.SignedIn] and [satchel.Anybody] make one.
	Validate func(ctx context.Context, v T) (P, bool, error)
	// Challenge answers who is not let through. The default is Unauthorized.
	Challenge Challenge
	// OnError answers while nobody knows who is to be let through. The default answers with StatusOf(err), which is 503 for
	// an outage, and the text of that status. An outage is not a logout, so it is never the Challenge that answers.
	OnError func(w http.ResponseWriter, r *http.Request, err error)
}

// Challenge answers a request that a guard does not let through. It is told whether no token came, or one that was
// refused, or whether the session was rejected: for a kinder word, a log or a count.
type Challenge func(w http.ResponseWriter, r *http.Request, why satchel.Authentication)

// Require returns a guard that lets through whoever has a session of a kind. The principal is its value.
func Require[T any](k satchel.Kind[T]) Guard[T, T] {
	return Guard[T, T]{Kind: k, Validate: satchel.Anybody[T]}
}

// SignedIn returns a guard that lets through whoever has a session of a kind to which somebody has signed in. The principal
// is what is known of that, with the subject.
func SignedIn[T any](k satchel.Kind[T]) Guard[T, satchel.About] {
	return Guard[T, satchel.About]{Kind: k, Validate: satchel.SignedIn(k)}
}

// Unauthorized is the challenge 401, with the field that it has to have (RFC 9110, sections 11.6.1 and 15.5.2). Its scheme
// is Session, which no browser knows, so none asks for a password.
func Unauthorized(w http.ResponseWriter, _ *http.Request, _ satchel.Authentication) {
	w.Header().Set("WWW-Authenticate", answer.Challenge)
	http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
}

// RedirectTo is a challenge that leads to a page for signing in, with a GET whatever the request was (303 See Other). The
// address is sent as it is, so one that is relative is relative to the page that was asked for.
func RedirectTo(address string) Challenge {
	location, note := answer.SeeOther(address)
	return func(w http.ResponseWriter, _ *http.Request, _ satchel.Authentication) {
		w.Header().Set("Location", location)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusSeeOther)
		_, _ = io.WriteString(w, note) // a commit that failed has answered already
	}
}

// Wrap guards a handler. It has the shape that routers take, as in r.Use(guard.Wrap), and panics without a Validate.
func (g Guard[T, P]) Wrap(next http.Handler) http.Handler {
	if g.Validate == nil {
		panic("satchel: a guard without Validate")
	}
	if g.Challenge == nil {
		g.Challenge = Unauthorized
	}
	if g.OnError == nil {
		g.OnError = answerError
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch principal, what, err := satchel.Authenticate(r.Context(), g.Kind, g.Validate); {
		case err != nil:
			g.OnError(w, r, err)
		case what != satchel.Authenticated:
			g.Challenge(w, r, what)
		default:
			in := r.WithContext(satchel.WithPrincipal(r.Context(), principal))
			defer handBack(r, in)
			next.ServeHTTP(w, in)
		}
	})
}
