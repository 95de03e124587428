package nethttp_test

import (
	"net/http"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store"
)

// discard is a ResponseWriter that keeps its header map, as a server's does for one response.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

// allocs counts what serving a request costs beyond a bare handler.
func allocs(t *testing.T, h http.Handler, cookies string) float64 {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "https://shop.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if cookies != "" {
		r.Header.Set("Cookie", cookies)
	}
	w := &discard{http.Header{}}
	return testing.AllocsPerRun(200, func() {
		clear(w.header)
		h.ServeHTTP(w, r)
	})
}

func cookieFor(t *testing.T, h http.Handler) string {
	t.Helper()
	r, _ := http.NewRequest(http.MethodGet, "https://shop.example/", nil)
	w := &discard{http.Header{}}
	h.ServeHTTP(w, r)
	set, err := http.ParseSetCookie(w.header.Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	return set.Name + "=" + set.Value
}

// The limits are those of the issue and of the plan: over a bare handler, and over the codec's own.
func TestAlloc(t *testing.T) {
	need.NoRace(t)
	key, err := crypto.NewKey("a", crypto.Primary, []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := crypto.NewKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	set := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := counter.Set(r.Context(), visits{1}); err != nil {
			t.Error(err)
		}
	})
	untouched := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	read := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, ok, err := counter.Get(r.Context()); !ok || err != nil {
			t.Error(ok, err)
		}
	})
	write := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, err := counter.Update(r.Context(), func(v visits) visits { v.Count++; return v }); err != nil {
			t.Error(err)
		}
	})
	c := codec.CBOR[visits]()
	payload, err := c.Encode(visits{1})
	if err != nil {
		t.Fatal(err)
	}
	decode := testing.AllocsPerRun(200, func() { _, _, _ = codec.Read(c, payload) })
	both := decode + testing.AllocsPerRun(200, func() { _, _ = c.Encode(visits{1}) })

	server := satchel.Must(satchel.New(counter.ServerSide(store.NewMemory())))
	client := satchel.Must(satchel.New(counter.ClientSide(satchel.FixedKeys(ring), satchel.Unrevocable)))
	for _, c := range []struct {
		name     string
		sessions *satchel.Sessions
		handler  http.Handler
		token    bool
		limit    float64
	}{
		{"no token", server, untouched, false, 2},
		{"token untouched", server, untouched, true, 3},
		{"server-side read", server, read, true, decode + 4},
		{"client-side read", client, read, true, decode + 5},
		{"server-side write", server, write, true, both + 7},
		{"client-side write", client, write, true, both + 8},
	} {
		cookies := ""
		if c.token {
			cookies = cookieFor(t, nethttp.Wrap(set, c.sessions))
		}
		got := allocs(t, nethttp.Wrap(c.handler, c.sessions), cookies)
		t.Logf("%-18s %v allocations, limit %v", c.name, got, c.limit)
		if got > c.limit {
			t.Errorf("%s: %v allocations, want at most %v", c.name, got, c.limit)
		}
	}
}
