package satchelgrpc

import (
	"context"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/satchel-go/satchel"
)

// Guard lets through only calls that have a session of a kind; others end as Unauthenticated. An outage is not a logout: while nobody
// knows who has one, a call ends as Unavailable. Its interceptors stand behind those of an [Adapter].
type Guard[T any] struct {
	Kind satchel.Kind[T]
	// SignedIn asks for a session to which somebody has signed in (Kind.SignIn).
	SignedIn bool
	// Open are the methods that need no session, such as that for signing in, as in "/shop.Shop/SignIn".
	Open []string
}

// Unary is the interceptor of calls with one message each way.
func (g Guard[T]) Unary(ctx context.Context, in any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	if err := g.check(ctx, info.FullMethod); err != nil {
		return nil, err
	}
	return handle(ctx, in)
}

// Stream is the interceptor of streaming calls. It looks when the stream begins.
func (g Guard[T]) Stream(srv any, s grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	if err := g.check(s.Context(), info.FullMethod); err != nil {
		return err
	}
	return handle(srv, s)
}

func (g Guard[T]) check(ctx context.Context, method string) error {
	if slices.Contains(g.Open, method) {
		return nil
	}
	_, ok, err := g.Kind.Get(ctx)
	if err == nil && ok && g.SignedIn {
		var about satchel.About
		about, err = g.Kind.About(ctx)
		ok = about.Subject != ""
	}
	switch {
	case err != nil:
		return Status(err)
	case !ok:
		return &statusError{code: codes.Unauthenticated}
	}
	return nil
}
