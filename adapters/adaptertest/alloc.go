package adaptertest

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

// Served is a handler as a framework serves it, one request after the other, in process and with memory that is used again.
type Served interface {
	// Request serves a request of GET / with a Cookie field, or without one.
	Request(cookie string)
	// SetCookie returns the line that the last answer had.
	SetCookie() string
}

// Allocations is AllocationsBy for adapters of net/http. Serve returns the handler as the framework serves it, with the
// middleware around it unless s is nil.
func Allocations(t *testing.T, serve func(h http.Handler, s *satchel.Sessions) http.Handler) {
	t.Helper()
	AllocationsBy(t, func(handle func(context.Context) error, s *satchel.Sessions) Served {
		h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if err := handle(r.Context()); err != nil {
				t.Error(err)
			}
		})
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, origin+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		return &discard{handler: serve(h, s), r: r, header: http.Header{}, cookie: make([]string, 1)}
	})
}

// AllocationsBy holds an adapter to what a request may allocate beyond the same handler without sessions, and beyond the
// codec. Serve returns a handler as the framework serves it, with the middleware around it unless s is nil; it says to t what
// handle returns. The test that calls it is run without the race detector, which changes the numbers.
func AllocationsBy(t *testing.T, serve func(handle func(ctx context.Context) error, s *satchel.Sessions) Served) {
	t.Helper()
	type number struct {
		N int `cbor:"1,keyasint"`
	}
	numbers := satchel.NewKind[number]("number")
	nothing := func(context.Context) error { return nil }
	set := func(ctx context.Context) error { return numbers.Set(ctx, number{1}) }
	read := func(ctx context.Context) error {
		_, ok, err := numbers.Get(ctx)
		if err == nil && !ok {
			err = errors.New("there is no session")
		}
		return err
	}
	none := func(ctx context.Context) error {
		_, ok, err := numbers.Get(ctx)
		if ok {
			err = errors.Join(err, errors.New("there is a session"))
		}
		return err
	}
	write := func(ctx context.Context) error {
		_, err := numbers.Update(ctx, func(n number) number { return number{n.N + 1} })
		return err
	}

	c := codec.CBOR[number]()
	payload, err := c.Encode(number{1})
	if err != nil {
		t.Fatal(err)
	}
	decode := testing.AllocsPerRun(200, func() { _, _, _ = codec.Read(c, payload) })
	encode := testing.AllocsPerRun(200, func() { _, _ = c.Encode(number{1}) })
	server := satchel.Must(satchel.New(numbers.ServerSide(store.NewMemory())))
	client := satchel.Must(satchel.New(numbers.ClientSide(satcheltest.Keys(t), satchel.Unrevocable)))
	for _, gate := range []struct {
		name     string
		sessions *satchel.Sessions
		handle   func(context.Context) error
		token    bool
		limit    float64
	}{
		{"no token", server, nothing, false, 2},
		{"no token, read", server, none, false, 3},
		{"token untouched", server, nothing, true, 3},
		{"server-side read", server, read, true, decode + 4},
		{"client-side read", client, read, true, decode + 5},
		{"server-side write", server, write, true, decode + encode + 7},
		{"client-side write", client, write, true, decode + encode + 8},
		{"server-side create", server, set, false, encode + 11},
		{"client-side create", client, set, false, encode + 6},
	} {
		cookie := ""
		if gate.token {
			cookie = cookieOf(t, serve(set, gate.sessions))
		}
		bare := allocations(serve(nothing, nil), cookie)
		got := allocations(serve(gate.handle, gate.sessions), cookie) - bare
		t.Logf("%-18s %v allocations, limit %v", gate.name, got, gate.limit)
		if got > gate.limit {
			t.Errorf("%s: %v allocations, want at most %v", gate.name, got, gate.limit)
		}
	}
}

// allocations counts what serving one request costs.
func allocations(s Served, cookie string) float64 {
	s.Request(cookie)
	return testing.AllocsPerRun(200, func() { s.Request(cookie) })
}

// cookieOf returns the cookie that a handler sets.
func cookieOf(t *testing.T, s Served) string {
	t.Helper()
	s.Request("")
	set, err := http.ParseSetCookie(s.SetCookie())
	if err != nil {
		t.Fatal(err)
	}
	return set.Name + "=" + set.Value
}

// discard serves net/http's handlers. It keeps its header map, as a server does for one response.
type discard struct {
	handler http.Handler
	r       *http.Request
	header  http.Header
	cookie  []string
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}
func (d *discard) SetCookie() string           { return d.header.Get("Set-Cookie") }

func (d *discard) Request(cookie string) {
	clear(d.header)
	if d.cookie[0] = cookie; cookie != "" {
		d.r.Header["Cookie"] = d.cookie
	}
	d.handler.ServeHTTP(d, d.r)
}
