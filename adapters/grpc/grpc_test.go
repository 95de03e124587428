package satchelgrpc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/satchel-go/satchel"
	satchelgrpc "github.com/satchel-go/satchel/adapters/grpc"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// A call that uses no session asks no store and sends nothing, with a token or without.
func TestUntouchedCallsCostNothing(t *testing.T) {
	w := newWorld(t, "in memory", false)
	ann := w.person("ann")
	w.calls(ann, "Do", "add tea")
	w.store.said()
	for range 10 {
		if got := w.calls(ann, "Do", "say hello"); len(got) != 1 {
			t.Error(got)
		}
	}
	if said := w.store.said(); said != "nothing" {
		t.Errorf("the store was asked %s", said)
	}
	w.calls(ann, "Do", "get")
	if said := w.store.said(); said != "load" {
		t.Errorf("the store was asked %s by a call that reads", said)
	}
}

// Of many calls at once no change is lost.
func TestCallsAtOnceLoseNothing(t *testing.T) {
	w := newWorld(t, "loopback", false)
	ann := w.person("ann")
	w.calls(ann, "Do", "set first")
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() {
			out := new(wrapperspb.StringValue)
			if err := ann.conn.Invoke(t.Context(), "/shop.Shop/Do", wrapperspb.String(fmt.Sprintf("add %d", n)), out); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := strings.Fields(strings.Join(w.calls(ann, "Do", "get"), " ")); len(got) != 18 { // says first 0 1 …
		t.Errorf("%q", got)
	}
}

// A client that hangs up leaves nothing half saved, and is not rotated to a token that it never hears of.
func TestAClientHangsUp(t *testing.T) {
	w := newWorld(t, "loopback", false)
	ann := w.person("ann")
	w.calls(ann, "Do", "set tea")
	w.waits, w.over = make(chan func()), make(chan struct{})
	token := ann.tokens.Token(key)
	for _, commands := range []string{"set jam; wait", "rotate; wait"} {
		ctx, hangUp := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			err := ann.conn.Invoke(ctx, "/shop.Shop/Do", wrapperspb.String(commands), new(wrapperspb.StringValue))
			if status.Code(err) != codes.Canceled {
				t.Error(err)
			}
			close(ended)
		}()
		w.waits <- func() { hangUp(); <-ended }
		<-w.over
	}
	w.over = nil
	if got := w.calls(ann, "Do", "get"); len(got) != 1 || got[0] != "says     jam" || ann.tokens.Token(key) != token {
		t.Errorf("%q, with the same token: %v", got, ann.tokens.Token(key) == token)
	}
}

func TestNewListsAllThatIsWrong(t *testing.T) {
	records := store.NewMemory()
	header := func(k satchel.Kind[int], name string) satchel.Placement {
		return k.ServerSide(records).With(satchel.Options{Header: name})
	}
	s := satchel.Must(satchel.New(
		satchel.NewKind[int]("Cart").ServerSide(records), satchel.NewKind[int]("fine").ServerSide(records),
		header(satchel.NewKind[int]("a"), "Grpc-Session"), header(satchel.NewKind[int]("b"), "X-Session-Bin"),
		header(satchel.NewKind[int]("c"), "session-fine"), header(satchel.NewKind[int]("d"), "X-Session"),
	))
	_, err := satchelgrpc.New(s)
	want := `satchelgrpc: kind "Cart": the key "session-Cart" has characters other than a-z, 0-9 and -_.; give it a Header
satchelgrpc: kind "a": the key "grpc-session" is gRPC's own; give it a Header
satchelgrpc: kind "b": the key "x-session-bin" says that its values are binary, and tokens are text; give it a Header
satchelgrpc: kinds "fine" and "c" travel by one key`
	if err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	if _, err := satchelgrpc.New(nil); err == nil {
		t.Error("no sessions are no error")
	}
}

func TestStatusTellsNothingOfItsCause(t *testing.T) {
	for code, cause := range map[codes.Code]error{
		codes.Unavailable:        fmt.Errorf("%w: dial 10.0.0.7", satchel.ErrUnavailable),
		codes.Aborted:            fmt.Errorf("%w: at 7", satchel.ErrConflict),
		codes.FailedPrecondition: satchel.ErrTooLate,
		codes.ResourceExhausted:  &core.TooLargeError{Kind: "cart"},
		codes.Internal:           errors.New("10.0.0.7 has no keys"),
	} {
		err := satchelgrpc.Status(cause)
		said := status.Convert(err)
		if said.Code() != code || satchelgrpc.CodeOf(cause) != code || !errors.Is(err, cause) || strings.Contains(said.Message(), "7") || said.Message() == "" {
			t.Errorf("%v: %v %q", cause, said.Code(), said.Message())
		}
	}
	if satchelgrpc.Status(nil) != nil {
		t.Error("nothing is an error")
	}
}

// A client prints no token, and takes over what a stream's header says, also without a message.
func TestClient(t *testing.T) {
	w := newWorld(t, "in memory", false)
	ann := w.person("ann")
	w.streams(ann, "Talk", "quiet; set tea")
	token := string(ann.tokens.Token(key))
	if token == "" {
		t.Fatal("no token")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, ann.tokens); strings.Contains(text, token) {
			t.Error(text)
		}
	}
	ann.tokens.Keep(key, "")
	if got := w.calls(ann, "Do", "get"); got[0] != "says     nothing" {
		t.Error(got)
	}
}

// A message of a long stream has an exchange of its own, which sees what others did meanwhile.
func TestOpen(t *testing.T) {
	w := newWorld(t, "in memory", false)
	ann := w.person("ann")
	w.calls(ann, "Do", "set tea")
	ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs(key, string(ann.tokens.Token(key))))
	for _, want := range []string{"tea", "tea +", "tea + +"} {
		ex := w.adapter.Open(ctx)
		c, ok, err := carts.Get(ex.Context(ctx))
		if got := strings.Join(c, " "); got != want || !ok || err != nil {
			t.Errorf("%q, %v, %v", got, ok, err)
		}
		if _, err := ex.Commit(ctx); err != nil {
			t.Error(err)
		}
		ex.Close()
		w.calls(ann, "Do", "add +")
	}
}

// Kinds of a part of a server are placed within those of all of it, and an adapter that stands in a chain twice is one.
func TestKindsWithinKinds(t *testing.T) {
	records := store.NewMemory()
	outer, err := satchelgrpc.New(satchel.Must(satchel.New(carts.ServerSide(records))))
	must(t, err)
	inner, err := satchelgrpc.New(satchel.Must(satchel.New(notes.ServerSide(records))))
	must(t, err)
	has, twice := map[string]core.Token{}, []grpc.StreamServerInterceptor{outer.Stream, inner.Stream}
	must(t, streamed(t, has, func(ctx context.Context) error {
		return errors.Join(carts.Set(ctx, []string{"tea"}), notes.Set(ctx, []string{"once"}))
	}, append(twice, twice...)...))
	if has[key] == "" || has[noteKey] == "" || records.Stats().Records != 2 {
		t.Fatalf("%d keys, %d records", len(has), records.Stats().Records)
	}
	must(t, streamed(t, has, func(ctx context.Context) error {
		c, _, err := carts.Get(ctx)
		n, _, wrong := notes.Get(ctx)
		if strings.Join(append(c, n...), " ") != "tea once" {
			t.Errorf("%v, %v", c, n)
		}
		return errors.Join(err, wrong)
	}, outer.Stream, inner.Stream))
	must(t, streamed(t, has, func(ctx context.Context) error {
		if _, _, err := notes.Get(ctx); !errors.Is(err, satchel.ErrUnplaced) {
			t.Errorf("a kind of another part: %v", err)
		}
		return nil
	}, outer.Stream))
}

// An adapter within another of the same sessions names the tenant that this one names, or none, or nothing is called: its tokens would
// be good for another tenant.
func TestTenantsWithinTenants(t *testing.T) {
	sessions := satchel.Must(satchel.New(carts.ServerSide(store.NewMemory())))
	of := func(tenant string) *satchelgrpc.Adapter {
		a, err := satchelgrpc.Config{Tenant: func(context.Context) string { return tenant }}.New(sessions)
		must(t, err)
		return a
	}
	none, err := satchelgrpc.New(sessions)
	must(t, err)
	for _, c := range []struct {
		outer, inner *satchelgrpc.Adapter
		served       bool
	}{
		{of("north"), of("north"), true},
		{of("north"), none, true},
		{none, of(""), true},
		{of("north"), of("south"), false},
		{none, of("south"), false},
		{of("north"), of(""), false},
	} {
		called := 0
		handler := func(ctx context.Context) error { called++; return carts.Set(ctx, []string{"tea"}) }
		_, unary := c.outer.Unary(t.Context(), nil, nil, func(ctx context.Context, _ any) (any, error) {
			return c.inner.Unary(ctx, nil, nil, func(ctx context.Context, _ any) (any, error) { return nil, handler(ctx) })
		})
		has := map[string]core.Token{}
		err := streamed(t, has, handler, c.outer.Stream, c.inner.Stream)
		for how, err := range map[string]error{"a unary call": unary, "a stream": err} {
			switch {
			case c.served:
				must(t, err)
			case status.Code(err) != codes.Internal:
				t.Errorf("%s: %v", how, err)
			}
		}
		if !c.served && !errors.Is(unary, satchel.ErrTenant) {
			t.Errorf("an outer interceptor is told %v", unary)
		}
		if want := map[bool]int{true: 2}[c.served]; called != want || (has[key] != "") != c.served {
			t.Errorf("called %d times, want %d; sent %q", called, want, has)
		}
	}
}
