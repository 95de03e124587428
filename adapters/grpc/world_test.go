package satchelgrpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/satchel-go/satchel"
	satchelgrpc "github.com/satchel-go/satchel/adapters/grpc"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

// Carts live where the scenario says, and notes always in their tokens.
var (
	carts = satchel.NewKind[[]string]("cart")
	notes = satchel.NewKind[[]string]("note")
)

// faulty is a store that can be away, and counts what it is asked.
type faulty struct {
	store.Store

	down atomic.Bool

	mu    sync.Mutex
	asked []string
}

var errDown = errors.New("10.0.0.7: no route to the store")

func (f *faulty) fails(what string) error {
	f.mu.Lock()
	f.asked = append(f.asked, what)
	f.mu.Unlock()
	if f.down.Load() {
		return errDown
	}
	return nil
}

func (f *faulty) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if err := f.fails("load"); err != nil {
		return core.Record{}, err
	}
	return f.Store.Load(ctx, key)
}

func (f *faulty) Create(ctx context.Context, key core.Key, rec core.Record) error {
	if err := f.fails("create"); err != nil {
		return err
	}
	return f.Store.Create(ctx, key, rec)
}

func (f *faulty) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	if err := f.fails("replace"); err != nil {
		return err
	}
	return f.Store.Replace(ctx, key, at, rec)
}

func (f *faulty) Delete(ctx context.Context, key core.Key, at uint64) error {
	if err := f.fails("delete"); err != nil {
		return err
	}
	return f.Store.Delete(ctx, key, at)
}

func (f *faulty) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	if err := f.fails("touch"); err != nil {
		return err
	}
	return f.Store.Touch(ctx, key, at, seen, deadline)
}

// said returns what the store was asked since the last time.
func (f *faulty) said() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	text := strings.Join(f.asked, ", ")
	f.asked = nil
	if text == "" {
		return "nothing"
	}
	return text
}

// world is a server with its sessions, and its clients.
type world struct {
	t        *testing.T
	store    *faulty
	kept     *store.Memory
	now      atomic.Int64 // Unix milliseconds
	sessions *satchel.Sessions
	adapter  *satchelgrpc.Adapter
	conn     func(opts ...grpc.DialOption) *grpc.ClientConn
	people   map[string]*person
	waits    chan func()   // what a handler does when it is told to
	over     chan struct{} // told of each call that is over on the server
}

type person struct {
	tokens *satchelgrpc.Client
	conn   *grpc.ClientConn
	tenant string
	twice  string // a second token of the name, once
}

const (
	key     = "session-cart"
	noteKey = "session-note"
)

// transports are how clients reach a server.
var transports = map[string]func(t *testing.T) (net.Listener, string, []grpc.DialOption){
	"in memory": func(*testing.T) (net.Listener, string, []grpc.DialOption) {
		l := bufconn.Listen(1 << 16)
		return l, "passthrough:memory", []grpc.DialOption{
			grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }),
		}
	},
	"loopback": func(t *testing.T) (net.Listener, string, []grpc.DialOption) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		return l, l.Addr().String(), nil
	},
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newWorld(t *testing.T, transport string, clientSide bool) *world {
	t.Helper()
	w := &world{t: t, kept: store.NewMemory(), people: map[string]*person{}}
	w.store = &faulty{Store: w.kept}
	w.now.Store(1_794_000_000_000)
	keys := satcheltest.Keys(t)
	lives := satchel.Options{Idle: 30 * time.Minute, Touch: 3 * time.Minute, Absolute: 2 * time.Hour}
	placement := carts.ServerSide(w.store)
	if clientSide {
		placement, lives.Idle, lives.Touch = carts.ClientSide(keys, satchel.Unrevocable), 0, 0
	}
	var err error
	w.sessions, err = satchel.Config{Clock: func() time.Time { return time.UnixMilli(w.now.Load()) }}.New(
		placement.With(lives), notes.ClientSide(keys, satchel.Unrevocable))
	must(t, err)
	w.adapter, err = satchelgrpc.Config{Tenant: func(ctx context.Context) string {
		return strings.Join(metadata.ValueFromIncomingContext(ctx, "tenant"), "")
	}}.New(w.sessions)
	must(t, err)
	guard := satchelgrpc.Require(carts, "/shop.Shop/Do", "/shop.Shop/Talk")
	listener, address, dial := transports[transport](t)
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(w.around, w.adapter.Unary, guard.Unary),
		grpc.ChainStreamInterceptor(w.adapter.Stream, guard.Stream),
	)
	server.RegisterService(service(w), w)
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() { server.Stop(); serving.Wait() })
	w.conn = func(opts ...grpc.DialOption) *grpc.ClientConn {
		opts = append(append(opts, dial...), grpc.WithTransportCredentials(insecure.NewCredentials()))
		conn, err := grpc.NewClient(address, opts...)
		must(t, err)
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	return w
}

// around is what a server has around everything.
func (w *world) around(ctx context.Context, in any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (out any, err error) {
	defer func() {
		if recover() != nil {
			err = status.Error(codes.Internal, "it panicked")
		}
		if w.over != nil {
			w.over <- struct{}{}
		}
	}()
	return handle(ctx, in)
}

// spell names an error for golden text.
func spell(err error) string {
	for _, known := range []error{
		satchel.ErrTooLate, satchel.ErrEnded, satchel.ErrConflict, satchel.ErrUnavailable, satchel.ErrAmbiguous, satchel.ErrClosed,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if err != nil {
		return err.Error()
	}
	return "done"
}

// person returns one with a jar.
func (w *world) person(name string) *person {
	if w.people[name] == nil {
		tokens := satchelgrpc.NewClient(key, noteKey)
		w.people[name] = &person{tokens: tokens, conn: w.conn(
			grpc.WithChainUnaryInterceptor(tokens.Unary), grpc.WithChainStreamInterceptor(tokens.Stream))}
	}
	return w.people[name]
}

// has is what the person has, by the keys of metadata.
func (p *person) has() map[string]core.Token {
	return map[string]core.Token{key: p.tokens.Token(key), noteKey: p.tokens.Token(noteKey)}
}

func (p *person) ctx(t *testing.T) context.Context {
	ctx := t.Context()
	if p.tenant != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "tenant", p.tenant)
	}
	if p.twice != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, key, p.twice)
		p.twice = ""
	}
	return ctx
}

// calls does a unary call and returns what came of it, line by line.
func (w *world) calls(p *person, method, commands string) []string {
	out := new(wrapperspb.StringValue)
	var header, trailer metadata.MD
	before := p.has()
	err := p.conn.Invoke(p.ctx(w.t), "/shop.Shop/"+method, wrapperspb.String(commands), out, grpc.Header(&header), grpc.Trailer(&trailer))
	var lines []string
	if err == nil && out.Value != "" {
		lines = append(lines, "says     "+out.Value)
	}
	return append(lines, w.told(before, header, trailer, err)...)
}

// streams sends messages one after the other, each when the answer to the one before has come.
func (w *world) streams(p *person, method, messages string) []string {
	before := p.has()
	s, err := p.conn.NewStream(p.ctx(w.t), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/shop.Shop/"+method)
	must(w.t, err)
	var lines []string
	for message := range strings.SplitSeq(messages, "|") {
		if err = s.SendMsg(wrapperspb.String(message)); err != nil && !errors.Is(err, io.EOF) {
			w.t.Fatal(err)
		}
		if strings.Contains(message, "quiet") {
			err = nil
			continue
		}
		out := new(wrapperspb.StringValue)
		if err = s.RecvMsg(out); err != nil {
			break
		}
		lines = append(lines, strings.TrimSpace("says     "+out.Value))
	}
	if err == nil {
		must(w.t, s.CloseSend())
		for err == nil {
			err = s.RecvMsg(new(wrapperspb.StringValue))
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	header, _ := s.Header()
	return append(lines, w.told(before, header, s.Trailer(), err)...)
}

// told is what a client learns from header, trailer and status. A token is named by whether it is another one.
func (w *world) told(before map[string]core.Token, header, trailer metadata.MD, err error) (lines []string) {
	for _, part := range []struct {
		name string
		md   metadata.MD
	}{{"header", header}, {"trailer", trailer}} {
		var names []string
		for name := range part.md {
			if name != "content-type" {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			for _, value := range part.md[name] {
				had, isToken := before[name]
				switch {
				case !isToken:
				case value == "":
					value = "(cleared)"
				case core.Token(value) == had:
					value = "(the same)"
				default:
					value = "(new)"
				}
				lines = append(lines, fmt.Sprintf("%-8s %s %s", part.name, name, value))
			}
		}
	}
	if err != nil {
		said := status.Convert(err)
		lines = append(lines, fmt.Sprintf("code     %v: %s", said.Code(), said.Message()))
	}
	return lines
}
