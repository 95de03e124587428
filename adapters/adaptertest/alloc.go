package adaptertest

import (
	"net/http"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

// Allocations holds an adapter of net/http to what a request may allocate beyond the same handler without sessions, and
// beyond the codec. Serve returns the handler as the framework serves it, with the middleware around it unless s is nil.
// The test that calls it is run without the race detector, which changes the numbers.
func Allocations(t *testing.T, serve func(h http.Handler, s *satchel.Sessions) http.Handler) {
	t.Helper()
	type number struct {
		N int `cbor:"1,keyasint"`
	}
	numbers := satchel.NewKind[number]("number")
	handler := func(f func(r *http.Request) error) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if err := f(r); err != nil {
				t.Error(err)
			}
		})
	}
	nothing := handler(func(*http.Request) error { return nil })
	set := handler(func(r *http.Request) error { return numbers.Set(r.Context(), number{1}) })
	read := handler(func(r *http.Request) error {
		if _, ok, err := numbers.Get(r.Context()); err != nil || !ok {
			t.Error("there is no session:", err)
		}
		return nil
	})
	write := handler(func(r *http.Request) error {
		_, err := numbers.Update(r.Context(), func(n number) number { return number{n.N + 1} })
		return err
	})

	c := codec.CBOR[number]()
	payload, err := c.Encode(number{1})
	if err != nil {
		t.Fatal(err)
	}
	decode := testing.AllocsPerRun(200, func() { _, _, _ = codec.Read(c, payload) })
	both := decode + testing.AllocsPerRun(200, func() { _, _ = c.Encode(number{1}) })
	server := satchel.Must(satchel.New(numbers.ServerSide(store.NewMemory())))
	client := satchel.Must(satchel.New(numbers.ClientSide(satcheltest.Keys(t), satchel.Unrevocable)))
	bare := allocations(t, serve(nothing, nil), "")
	for _, gate := range []struct {
		name     string
		sessions *satchel.Sessions
		handler  http.Handler
		token    bool
		limit    float64
	}{
		{"no token", server, nothing, false, 2},
		{"token untouched", server, nothing, true, 3},
		{"server-side read", server, read, true, decode + 4},
		{"client-side read", client, read, true, decode + 5},
		{"server-side write", server, write, true, both + 7},
		{"client-side write", client, write, true, both + 8},
	} {
		cookie := ""
		if gate.token {
			cookie = cookieFrom(t, serve(set, gate.sessions))
		}
		got := allocations(t, serve(gate.handler, gate.sessions), cookie) - bare
		t.Logf("%-18s %v allocations, limit %v", gate.name, got, gate.limit)
		if got > gate.limit {
			t.Errorf("%s: %v allocations, want at most %v", gate.name, got, gate.limit)
		}
	}
}

// discard is a ResponseWriter that keeps its header map, as a server's does for one response.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

// allocations counts what serving one request costs.
func allocations(t *testing.T, h http.Handler, cookie string) float64 {
	t.Helper()
	r := requestFor(t)
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	w := &discard{http.Header{}}
	return testing.AllocsPerRun(200, func() {
		clear(w.header)
		h.ServeHTTP(w, r)
	})
}

// cookieFrom returns the cookie that a handler sets.
func cookieFrom(t *testing.T, h http.Handler) string {
	t.Helper()
	w := &discard{http.Header{}}
	h.ServeHTTP(w, requestFor(t))
	set, err := http.ParseSetCookie(w.header.Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	return set.Name + "=" + set.Value
}

func requestFor(t *testing.T) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, origin+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
