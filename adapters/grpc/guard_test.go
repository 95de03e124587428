package satchelgrpc_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/satchel-go/satchel"
	satchelgrpc "github.com/satchel-go/satchel/adapters/grpc"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

// carried is a stream's or a call's server side without a wire: what came with it, and what header it sends.
type carried struct {
	grpc.ServerStream

	ctx    context.Context
	header metadata.MD
}

func (c *carried) Context() context.Context { return c.ctx }

func (c *carried) SetHeader(md metadata.MD) error {
	c.header = metadata.Join(c.header, md)
	return nil
}

func (c *carried) SendHeader(md metadata.MD) error { return c.SetHeader(md) }

// streamed does something in a call that came with a client's tokens, and takes over what its header says.
func streamed(t *testing.T, has map[string]core.Token, do func(ctx context.Context) error, chain ...grpc.StreamServerInterceptor) error {
	t.Helper()
	md := metadata.MD{}
	for key, token := range has {
		if token != "" {
			md.Set(key, string(token))
		}
	}
	wire := &carried{ctx: metadata.NewIncomingContext(t.Context(), md)}
	handle := func(_ any, s grpc.ServerStream) error { return do(s.Context()) }
	for _, link := range slices.Backward(chain) {
		inner := handle
		handle = func(srv any, s grpc.ServerStream) error {
			return link(srv, s, &grpc.StreamServerInfo{FullMethod: "/shop.Shop/Talk"}, inner)
		}
	}
	err := handle(nil, wire)
	for key, values := range wire.header {
		if len(values) != 1 {
			t.Errorf("%s has %d values", key, len(values))
		}
		has[key] = core.Token(values[0])
	}
	return err
}

// A guard says who the session speaks for, as the application has it, and tells why somebody is not let through.
func TestGuardValidates(t *testing.T) {
	adapter, err := satchelgrpc.New(satchel.Must(satchel.New(carts.ServerSide(store.NewMemory()))))
	must(t, err)
	var failed error
	guard := satchelgrpc.Guard[[]string, int]{
		Kind:     carts,
		Validate: func(_ context.Context, c []string) (int, bool, error) { return len(c), len(c) > 1, failed },
		Challenge: func(_ context.Context, method string, why satchel.Authentication) error {
			return status.Error(codes.PermissionDenied, method+": "+why.String())
		},
	}
	has := map[string]core.Token{}
	set := func(c ...string) {
		t.Helper()
		must(t, streamed(t, has, func(ctx context.Context) error { return carts.Set(ctx, c) }, adapter.Stream))
	}
	ask := func() string {
		said := "nobody asked"
		err := streamed(t, has, func(ctx context.Context) error {
			n, ok := satchel.Principal[int](ctx)
			said = fmt.Sprint(n, ok)
			return nil
		}, adapter.Stream, guard.Stream)
		if err != nil {
			said += ", " + status.Convert(err).String()
		}
		return said
	}
	refused := func(why string) string {
		return "nobody asked, rpc error: code = PermissionDenied desc = /shop.Shop/Talk: " + why
	}
	if got := ask(); got != refused("no session") {
		t.Error(got)
	}
	has[key] = "ARESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8w"
	if got := ask(); got != refused("token refused") {
		t.Error(got)
	}
	has[key] = ""
	set("tea")
	if got := ask(); got != refused("session rejected") {
		t.Error(got)
	}
	set("tea", "jam")
	if got := ask(); got != "2 true" {
		t.Error(got)
	}
	failed = errors.New("10.0.0.7: no route to the users")
	if got := ask(); got != "nobody asked, rpc error: code = Unavailable desc = sessions are unavailable" {
		t.Error(got)
	}
	guard.Challenge, failed = func(context.Context, string, satchel.Authentication) error { return nil }, nil
	set("tea")
	if got := ask(); got != "nobody asked, rpc error: code = Unauthenticated desc = a session is needed" {
		t.Errorf("a challenge that forgets to be one: %s", got)
	}
	guard.Validate = nil
	if got := ask(); got != "nobody asked, rpc error: code = Internal desc = the session could not be kept" {
		t.Errorf("a guard that was never told: %s", got)
	}
}

// SignedIn knows who has signed in, and lets nobody else through.
func TestGuardSignedIn(t *testing.T) {
	adapter, err := satchelgrpc.New(satchel.Must(satchel.New(carts.ServerSide(store.NewMemory()))))
	must(t, err)
	guard := satchelgrpc.SignedIn(carts)
	has, subject := map[string]core.Token{}, ""
	ask := func() error {
		return streamed(t, has, func(ctx context.Context) error {
			about, ok := satchel.Principal[satchel.About](ctx)
			subject = about.Subject
			if !ok {
				t.Error("no principal")
			}
			return nil
		}, adapter.Stream, guard.Stream)
	}
	must(t, streamed(t, has, func(ctx context.Context) error { return carts.Set(ctx, []string{"tea"}) }, adapter.Stream))
	if err := ask(); status.Code(err) != codes.Unauthenticated {
		t.Error(err)
	}
	must(t, streamed(t, has, func(ctx context.Context) error { return carts.SignIn(ctx, "ann", []string{"tea"}) }, adapter.Stream))
	if err := ask(); err != nil || subject != "ann" {
		t.Errorf("%q, %v", subject, err)
	}
}

// The use of a session that lives in its token is noted in a stamp, which travels under a key of its own, and is the adapter's too.
func TestStampsTravel(t *testing.T) {
	now := time.UnixMilli(1_794_000_000_000)
	sessions := satchel.Must(satchel.Config{Clock: func() time.Time { return now }}.New(
		carts.ClientSide(satcheltest.Keys(t), satchel.Unrevocable).With(satchel.Options{Idle: 30 * time.Minute})))
	adapter, err := satchelgrpc.New(sessions)
	must(t, err)
	has, got := map[string]core.Token{}, false
	must(t, streamed(t, has, func(ctx context.Context) error { return carts.Set(ctx, []string{"tea"}) }, adapter.Stream))
	for range 5 {
		now = now.Add(25 * time.Minute)
		must(t, streamed(t, has, func(ctx context.Context) (err error) {
			_, got, err = carts.Get(ctx)
			return err
		}, adapter.Stream))
		if !got || has[key+"-seen"] == "" {
			t.Fatalf("live %v, %d keys", got, len(has))
		}
	}
	now = now.Add(31 * time.Minute)
	must(t, streamed(t, has, func(ctx context.Context) (err error) {
		_, got, err = carts.Get(ctx)
		return err
	}, adapter.Stream))
	if got {
		t.Error("it idles for ever")
	}
}
