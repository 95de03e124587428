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

// Authenticate asks validate who a session's value speaks for. Its principal is what validate returns with true, and what
// it is about is asked of the kind's About. An error is an outage or a mistake, never the visitor's. Adapters have
// middleware that calls it and answers with a challenge.
func Authenticate[T, P any](
	ctx context.Context, k Kind[T], validate func(context.Context, T) (P, bool),
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
		session, _, _, err := s.look(ctx)
		if session.Standing() == core.Refused {
			return principal, TokenRefused, err
		}
		return principal, NoSession, err
	}
	if principal, ok = validate(ctx, v); !ok {
		var none P
		return none, SessionRejected, nil
	}
	return principal, Authenticated, nil
}

// WithPrincipal returns a context that holds a principal, for adapters.
func WithPrincipal[P any](ctx context.Context, principal P) context.Context {
	return context.WithValue(ctx, principalKey[P]{}, principal)
}

// Principal returns the principal of type P that an adapter's middleware has authenticated, if there is one.
func Principal[P any](ctx context.Context) (P, bool) {
	principal, ok := ctx.Value(principalKey[P]{}).(P)
	return principal, ok
}

type principalKey[P any] struct{}
