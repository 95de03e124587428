package satchelgrpc

import (
	"context"
	"errors"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/satchel-go/satchel"
)

// Guard lets through only calls whose session speaks for somebody, and hands that principal to their handlers:
//
//	guard := satchelgrpc.Guard[Account, User]{Kind: accounts, Validate: user, Open: []string{"/shop.Shop/SignIn"}}
//	grpc.ChainUnaryInterceptor(adapter.Unary, guard.Unary) // where satchel.Principal[User](ctx) gives the user
//
// Others end as Unauthenticated. An outage is not a logout: while nobody knows who has a session, a call ends as Unavailable. Its
// interceptors stand behind those of an [Adapter]. What a handler then gets of the kind was read already, and costs nothing.
type Guard[T, P any] struct {
	Kind satchel.Kind[T]
	// Validate says who a session's value speaks for: false is nobody, and an error that it could not find out, with which the call ends
	// as Unavailable. It is called once for each call that has a session. [satchel.SignedIn] and [satchel.Anybody] make one. Without
	// it nobody is let through: each call ends as Internal.
	Validate func(ctx context.Context, v T) (P, bool, error)
	// Challenge is the error for who is not let through, one of gRPC's statuses. It is told whether no token came, or one that was refused, or
	// whether the session was rejected. The default is Unauthenticated, whatever it was.
	Challenge func(ctx context.Context, method string, why satchel.Authentication) error
	// Open are the methods that need no session, such as that for signing in, as in "/shop.Shop/SignIn". They have no principal.
	Open []string
}

// Require returns a guard that lets through whoever has a session of a kind. The principal is its value.
func Require[T any](k satchel.Kind[T], open ...string) Guard[T, T] {
	return Guard[T, T]{Kind: k, Validate: satchel.Anybody[T], Open: open}
}

// SignedIn returns a guard that lets through whoever has a session of a kind to which somebody has signed in (Kind.SignIn). The principal
// is what is known of that, with the subject.
func SignedIn[T any](k satchel.Kind[T], open ...string) Guard[T, satchel.About] {
	return Guard[T, satchel.About]{Kind: k, Validate: satchel.SignedIn(k), Open: open}
}

// Unary is the interceptor of calls with one message each way.
func (g Guard[T, P]) Unary(ctx context.Context, in any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	ctx, err := g.admit(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	return handle(ctx, in)
}

// Stream is the interceptor of streaming calls. It looks when the stream begins.
func (g Guard[T, P]) Stream(srv any, s grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	ctx, err := g.admit(s.Context(), info.FullMethod)
	if err != nil {
		return err
	}
	return handle(srv, &guarded{s, ctx})
}

// guarded is a stream whose context has the principal.
type guarded struct {
	grpc.ServerStream

	ctx context.Context //nolint:containedctx // which ServerStream has it for
}

// Context returns the context in which the principal is found.
func (s *guarded) Context() context.Context { return s.ctx }

var errValidate = errors.New("satchelgrpc: a guard without Validate")

// admit returns the context of a call that is let through.
func (g Guard[T, P]) admit(ctx context.Context, method string) (context.Context, error) {
	if slices.Contains(g.Open, method) {
		return ctx, nil
	}
	if g.Validate == nil {
		return nil, &statusError{codes.Internal, errValidate}
	}
	switch principal, what, err := satchel.Authenticate(ctx, g.Kind, g.Validate); {
	case err != nil:
		return nil, Status(err)
	case what == satchel.Authenticated:
		return satchel.WithPrincipal(ctx, principal), nil
	case g.Challenge != nil:
		if err := g.Challenge(ctx, method, what); err != nil {
			return nil, err
		}
	}
	return nil, &statusError{code: codes.Unauthenticated}
}
