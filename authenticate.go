package satchel

import (
	"context"

	"github.com/satchel-go/satchel/core"
)

// Authentication is what came of asking who an exchange speaks for.
type Authentication uint8

// The answers. Only the first two are to be told apart for the visitor's sake, and none in a way that says why a token was
// refused.
const (
	Authenticated   Authentication = iota
	NoSession                      // no token came
	TokenRefused                   // a token came that gives no session: expired, ended, forged, …
	SessionRejected                // there is a session, and the application's function wants none of it
)

var authenticationNames = [...]string{"authenticated", "no session", "token refused", "session rejected"}

// String returns the answer's name.
func (a Authentication) String() string {
	if int(a) < len(authenticationNames) {
		return authenticationNames[a]
	}
	return "invalid"
}

// Authenticate asks validate who a session's value speaks for. Its principal is what validate returns with true. An error is
// an outage or a mistake, never the visitor's; one of validate's says that it could not find out, and is ErrUnavailable as
// well. Adapters have guards that call it and answer with a challenge.
func Authenticate[T, P any](
	ctx context.Context, k Kind[T], validate func(context.Context, T) (P, bool, error),
) (principal P, _ Authentication, err error) {
	v, ok, err := k.Get(ctx)
	if err != nil {
		return principal, NoSession, err
	}
	if !ok {
		s, _, err := k.slot(ctx)
		if err != nil {
			return principal, NoSession, err
		}
		session, err := s.look(ctx)
		if session.Standing() == core.Refused {
			return principal, TokenRefused, err
		}
		return principal, NoSession, err
	}
	found, ok, err := validate(ctx, v)
	switch {
	case err != nil:
		return principal, SessionRejected, unavailable(err)
	case !ok:
		return principal, SessionRejected, nil
	}
	return found, Authenticated, nil
}

// SignedIn returns a function for Authenticate that accepts a session to which somebody has signed in (Kind.SignIn), also
// earlier in the same exchange, as a middleware around the guard does. Its principal is what About says of it, which is the Subject
// alone where the session is only to begin.
func SignedIn[T any](k Kind[T]) func(context.Context, T) (About, bool, error) {
	return func(ctx context.Context, _ T) (About, bool, error) {
		about, err := k.About(ctx)
		return about, about.Subject != "", err
	}
}

// Anybody is a function for Authenticate that accepts every session. Its principal is the session's value.
func Anybody[T any](_ context.Context, v T) (T, bool, error) { return v, true, nil }

// WithPrincipal returns a context that holds a principal, for adapters.
func WithPrincipal[P any](ctx context.Context, principal P) context.Context {
	return context.WithValue(ctx, PrincipalKey[P]{}, principal)
}

// Principal returns the principal of type P that a guard has let through, if there is one.
func Principal[P any](ctx context.Context) (P, bool) {
	principal, ok := ctx.Value(PrincipalKey[P]{}).(P)
	return principal, ok
}

// PrincipalKey is the key under which a context holds a principal of type P, for frameworks with contexts of their own.
type PrincipalKey[P any] struct{}
