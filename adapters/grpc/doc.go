// Package satchelgrpc moves tokens between gRPC and sessions, by metadata.
//
//	sessions := satchel.Must(satchel.New(carts.ServerSide(records)))
//	adapter, err := satchelgrpc.New(sessions)
//	…
//	server := grpc.NewServer(
//		grpc.ChainUnaryInterceptor(adapter.Unary),
//		grpc.ChainStreamInterceptor(adapter.Stream),
//	)
//
//	func (s *shop) Add(ctx context.Context, in *pb.Item) (*pb.Cart, error) {
//		cart, err := carts.Update(ctx, func(c Cart) Cart { … })
//		return spell(cart), err // an outage becomes Unavailable, a conflict Aborted
//	}
//
// # Metadata
//
// A kind's tokens travel in and out under one key: its Options.Header in lower case, or "session-" and its name. The
// values are the tokens themselves. Tokens are base64url, which is ASCII, so the key has no "-bin": what a proxy logs or
// a person reads is then the same text as elsewhere, and it has one spelling. A token that is cleared is sent as an empty
// value. The stamp of a client-side kind with an Idle time has a key of its own, that of the token with "-seen" behind it. Cookies play
// no part. [Client] keeps tokens on the other side.
//
// Whoever has a token has the session: use TLS.
//
// # Rules
//
// A bad token is an ordinary visitor, and no error. [Guard] asks for a session where a method needs one, and hands handlers the principal
// that it speaks for; others end as Unauthenticated.
//
// The keys of kinds are the adapter's: what a handler says under one in a header is not sent. Kinds of a part of a server may stand within
// those of all of it, each with an adapter of its own; an adapter that stands in a chain twice is one, and two of the same
// sessions are the outer one, unless the inner one names another tenant, which is refused.
//
// A call is an exchange. It commits when its header leaves: as the handler sends it, before the first message of a stream, or
// when the handler has returned, with an error or without. If that fails, the call ends with the status of [Status], and nothing of the
// handler's follows: no message, and not its status. Tokens of kinds whose commit was done go along in the header. A handler that
// panics commits nothing.
//
// After the header has gone, a change that needs a token to be sent is satchel.ErrTooLate, every other takes effect at once, and a
// late Clear ends the session on the server. Trailers are the handler's, and never have a token.
//
// What a handler returns that is none of gRPC's statuses, but an error of a session, becomes the status that it means. Its text tells nothing of
// the store; errors.Is finds the cause in it for outer interceptors.
//
// # Long streams
//
// A stream reads each session once. One that lives for hours opens an exchange for each message, by [Open], and commits it. Tokens that
// such a commit has to send it sends in a message, or not at all. Kind.Watch says when the session has ended.
package satchelgrpc
