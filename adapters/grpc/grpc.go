package satchelgrpc

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// Config is what an Adapter may be told. The zero value is usable.
type Config struct {
	// Tenant says to which tenant a call belongs. A token of one is forged for another. The default is no tenant. Within a call of another
	// adapter of the same sessions, whose exchange counts, it is the tenant of that, and to name another is satchel.ErrTenant: nothing is
	// called, and the call ends with the code Internal.
	Tenant func(ctx context.Context) string
}

// Adapter is what a server needs: an interceptor for each sort of call.
type Adapter struct {
	sessions *satchel.Sessions
	config   Config
	keys     map[string]bool // of what it sends
}

// New returns the adapter of sessions, with the zero Config.
func New(s *satchel.Sessions) (*Adapter, error) { return Config{}.New(s) }

// New returns the adapter of sessions, or an error that lists the kinds whose names or headers are no keys of metadata.
func (c Config) New(s *satchel.Sessions) (*Adapter, error) {
	var errs []error
	if s == nil {
		return nil, errors.New("satchelgrpc: no sessions")
	}
	keys, all := map[string]string{}, map[string]bool{}
	for _, t := range s.Transports() {
		key := Key(t)
		if fault := faultOf(key); fault != "" {
			errs = append(errs, fmt.Errorf("satchelgrpc: kind %q: the key %q %s; give it a Header", t.Kind, key, fault))
		}
		if other, taken := keys[key]; taken {
			errs = append(errs, fmt.Errorf("satchelgrpc: kinds %q and %q travel by one key", other, t.Kind))
		}
		keys[key], all[key] = t.Kind, true
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &Adapter{s, c, all}, nil
}

// Key returns the key of metadata by which a kind's tokens travel.
func Key(t satchel.Transport) string {
	if t.Header != "" {
		return strings.ToLower(t.Header)
	}
	return "session-" + t.Kind
}

// faultOf says what is wrong with a key (gRPC over HTTP/2, "Custom-Metadata"), or nothing.
func faultOf(key string) string {
	const may = "abcdefghijklmnopqrstuvwxyz0123456789-_."
	switch {
	case strings.Trim(key, may) != "":
		return "has characters other than a-z, 0-9 and -_."
	case strings.HasPrefix(key, "grpc-"):
		return "is gRPC's own"
	case strings.HasSuffix(key, "-bin"):
		return "says that its values are binary, and tokens are text"
	}
	return ""
}

// arrived carries the tokens of a call. What metadata holds is the caller's for good, so it may be asked at any time.
type arrived struct {
	md     metadata.MD
	tenant string
}

// Tokens finds the tokens that came with the call.
func (a arrived) Tokens(t satchel.Transport) core.Tokens {
	values := a.md.Get(Key(t))
	found := core.Tokens{Tenant: a.tenant, Count: len(values)}
	if len(values) > 0 {
		found.First = core.Token(values[0])
	}
	if len(values) > 1 {
		found.Second = core.Token(values[1])
	}
	if found.Count == 1 && found.First == "" { // a client that was told to drop its token
		found.Count = 0
	}
	return found
}

func (a *Adapter) arrived(ctx context.Context) arrived {
	md, _ := metadata.FromIncomingContext(ctx)
	v := arrived{md: md}
	if a.config.Tenant != nil {
		v.tenant = a.config.Tenant(ctx)
	}
	return v
}

// Open begins a further exchange of a call, with the tokens that came with it, for one message of a long stream. It is to be
// committed and closed like any other; its tokens cannot be sent in the call's header any more.
func (a *Adapter) Open(ctx context.Context) *satchel.Exchange { return a.sessions.Open(a.arrived(ctx)) }

// joins reports whether a call is within an exchange of the same sessions, or an error if that is of another tenant.
func (a *Adapter) joins(ctx context.Context) (bool, error) {
	if !a.sessions.In(ctx) {
		return false, nil
	}
	if a.config.Tenant == nil {
		return true, nil
	}
	return true, Status(a.sessions.OfTenant(ctx, a.config.Tenant(ctx)))
}

// Unary is the interceptor of calls with one message each way. Within an exchange of the same sessions, as when it stands in a chain twice, it
// does nothing but look at the tenant: see Config.
func (a *Adapter) Unary(ctx context.Context, in any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	if within, err := a.joins(ctx); err != nil {
		return nil, err
	} else if within {
		return handle(ctx, in)
	}
	c := &call{adapter: a, exchange: a.sessions.Open(a.arrived(ctx)), ctx: ctx}
	defer c.exchange.Close()
	if stream := grpc.ServerTransportStreamFromContext(ctx); stream != nil {
		c.setHeader = stream.SetHeader
		ctx = grpc.NewContextWithServerTransportStream(ctx, unaryStream{stream, c})
	}
	out, err := handle(c.exchange.Context(ctx), in)
	if failed := c.commit(); failed != nil {
		return nil, failed
	}
	return out, told(err)
}

// Stream is the interceptor of streaming calls, as Unary is that of the others.
func (a *Adapter) Stream(srv any, inner grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	ctx := inner.Context()
	if within, err := a.joins(ctx); err != nil {
		return err
	} else if within {
		return handle(srv, inner)
	}
	c := &call{adapter: a, exchange: a.sessions.Open(a.arrived(ctx)), ctx: ctx, setHeader: inner.SetHeader}
	defer c.exchange.Close()
	if transport := grpc.ServerTransportStreamFromContext(ctx); transport != nil { // where grpc.SendHeader finds it
		ctx = grpc.NewContextWithServerTransportStream(ctx, unaryStream{transport, c})
	}
	err := handle(srv, &stream{ServerStream: inner, call: c, ctx: c.exchange.Context(ctx)})
	if failed := c.commit(); failed != nil {
		return failed
	}
	return told(err)
}
