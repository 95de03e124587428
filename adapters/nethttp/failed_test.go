package nethttp_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

func TestStatusOf(t *testing.T) {
	for err, want := range map[error]int{
		satchel.ErrUnavailable:                503,
		fmt.Errorf("x: %w", satchel.ErrEnded): 409,
		&core.TooLargeError{}:                 413,
		errors.New("anything else"):           500,
	} {
		if got := nethttp.StatusOf(err); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
	}
}

var files = fstest.MapFS{"a.txt": {Data: []byte("a file")}}

// failing serves handlers whose commit fails, because the store goes down after they read their session.
func (w *world) failing(t *testing.T, config nethttp.Config) http.Handler {
	sessions := w.sessions(
		t, carts.ServerSide(w), notes.ClientSide(keys(t), satchel.Unrevocable),
		counter.ServerSide(store.NewMemory()).With(satchel.Options{Header: "X-Visits"}))
	mux := pages{"/add": add, "/show": show}.mux()
	for path, answer := range map[string]http.HandlerFunc{
		"/page": func(w http.ResponseWriter, _ *http.Request) {
			h := w.Header()
			h.Set("Content-Type", "text/html")
			h.Set("Content-Length", "5")
			h.Set("Content-Encoding", "br")
			h.Set("ETag", `"1"`)
			h.Set("Last-Modified", "Mon, 23 Nov 2026 12:00:00 GMT")
			h.Set("Cache-Control", "public, max-age=60")
			h.Set("Expires", "Mon, 23 Nov 2099 12:00:00 GMT")
			h.Set("CDN-Cache-Control", "public")
			h.Set("X-Request-ID", "7")
			h.Set("Trailer", "X-Sum")
			h.Set(http.TrailerPrefix+"X-Late", "1")
			if n, err := io.WriteString(w, "saved"); n != 0 || !errors.Is(err, satchel.ErrUnavailable) {
				t.Errorf("the handler was told %d, %v", n, err)
			}
			h.Set("X-Sum", "2")
			w.Header().Set("X-After", "lost")
		},
		"/status":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201) },
		"/nothing":  func(http.ResponseWriter, *http.Request) {},
		"/empty":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) },
		"/redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/saved", http.StatusSeeOther) },
		"/file":     func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "a.txt") },
		"/hints": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, "saved")
		},
		"/flush": func(w http.ResponseWriter, _ *http.Request) {
			if err := http.NewResponseController(w).Flush(); !errors.Is(err, satchel.ErrUnavailable) {
				t.Errorf("Flush: %v", err)
			}
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, "saved")
		},
		"/copy": func(w http.ResponseWriter, _ *http.Request) {
			if n, err := io.Copy(w, struct{ io.Reader }{strings.NewReader("saved")}); n != 0 || !errors.Is(err, satchel.ErrUnavailable) {
				t.Errorf("Copy: %d, %v", n, err)
			}
		},
		"/other": func(w http.ResponseWriter, r *http.Request) {
			if err := errors.Join(notes.Set(r.Context(), "done"), counter.Set(r.Context(), visits{3})); err != nil {
				t.Error(err)
			}
			_, _ = io.WriteString(w, "saved")
		},
	} {
		mux.HandleFunc(path, func(rw http.ResponseWriter, r *http.Request) {
			if err := put(r, "new"); err != nil {
				http.Error(rw, err.Error(), nethttp.StatusOf(err))
				return
			}
			w.down.Store(true)
			answer(rw, r)
		})
	}
	wrapped := config.Wrap(mux, sessions)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://example.com")
		wrapped.ServeHTTP(w, r)
	})
}

// Whatever the handler wanted to answer, the client learns that nothing was saved, gets nothing of its answer, and keeps
// its session.
func TestCommitFailure(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		p := start(w.failing(t, nethttp.Config{})).person()
		p.get("/add").says(t, 200, "tea")
		for _, path := range []string{
			"/page", "/status", "/nothing", "/empty", "/redirect", "/file", "/hints", "/flush", "/copy", "/other",
		} {
			a := p.get(path).says(t, 503, "Service Unavailable").has(t, "Cache-Control", "no-store").
				has(t, "Access-Control-Allow-Origin", "https://example.com").has(t, "Content-Type", "text/plain; charset=utf-8")
			for _, gone := range []string{
				"Etag", "Last-Modified", "Expires", "Content-Encoding", "CDN-Cache-Control", "Location", "Trailer", "Accept-Ranges", "X-After",
			} {
				a.has(t, gone)
			}
			if len(a.Trailer) != 0 {
				t.Errorf("%s: trailer %v", path, a.Trailer)
			}
			if path == "/other" { // the tokens of what was done
				a.sets(t, "__Host-note")
				if a.Header.Get("X-Visits") == "" || len(a.Cookies()) != 1 {
					t.Errorf("%s: %q", path, a.Header)
				}
				a.has(t, "Vary", "Cookie", "X-Visits")
			} else {
				a.has(t, "Set-Cookie").has(t, "Vary", "Cookie")
			}
			p.get("/show").says(t, 503, satchel.ErrUnavailable.Error()+": "+errDown.Error()).has(t, "Set-Cookie")
			w.down.Store(false)
			p.get("/show").says(t, 200, "tea").has(t, "Set-Cookie")
		}
		p.get("/page").has(t, "X-Request-ID", "7")
	})
}

// OnCommitError has the answer for itself. It cannot have it kept by a cache, and what it forgets is no 200.
func TestOnCommitError(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		answer := func(http.ResponseWriter, *http.Request) {}
		p := start(w.failing(t, nethttp.Config{OnCommitError: func(w http.ResponseWriter, r *http.Request, err error) {
			if !errors.Is(err, satchel.ErrUnavailable) || !errors.Is(err, errDown) {
				t.Error(err)
			}
			answer(w, r)
		}})).person()
		p.get("/add").says(t, 200, "tea")
		fail := func(path string) answered {
			w.down.Store(false)
			return p.get(path)
		}
		fail("/page").says(t, 500, "").has(t, "Cache-Control", "no-store").has(t, "Set-Cookie")
		answer = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "public, max-age=60")
			w.Header().Set("Retry-After", "5")
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "later, "+r.URL.Path)
		}
		fail("/page").says(t, 502, "later, /page").has(t, "Cache-Control", "no-store").has(t, "Retry-After", "5")
		fail("/other").says(t, 502, "later, /other").has(t, "Cache-Control", "no-store").sets(t, "__Host-note")
		answer = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a body alone") }
		fail("/nothing").says(t, 500, "a body alone").has(t, "Cache-Control", "no-store")
		answer = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/later", http.StatusSeeOther) }
		fail("/copy").has(t, "Location", "/later").has(t, "Cache-Control", "no-store")
	})
}

// A commit that meets another change is a 409.
func TestConflict(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		var s *site
		s = start(w.shop(t, satchel.Options{}, pages{"/put": func(_ http.ResponseWriter, r *http.Request) (string, error) {
			if err := put(r, "not "+r.URL.Query().Get("meanwhile")); err != nil {
				return "", err
			}
			s.person().getWith(r.URL.Query().Get("meanwhile"), with("Cookie", r.Header.Get("Cookie")))
			return "saved", nil
		}}))
		p := s.person()
		p.get("/add")
		p.get("/put?meanwhile=/plain").says(t, 200, "saved")
		p.get("/put?meanwhile=/add").says(t, 409, "Conflict").has(t, "Set-Cookie").has(t, "Cache-Control", "no-store")
		p.get("/show").says(t, 200, "not /plain tea")
		p.get("/put?meanwhile=/signin").says(t, 409, "Conflict").has(t, "Set-Cookie")
		p.get("/show").says(t, 200, "none").has(t, "Set-Cookie") // the other one got the token
		p = s.person()
		p.get("/add")
		p.get("/put?meanwhile=/leave").says(t, 409, "Conflict").has(t, "Set-Cookie")
	})
}

// broken is a transform that fails at the commit.
type broken struct{ error }

func (broken) Entropy() int  { return 0 }
func (broken) Overhead() int { return 0 }

func (b broken) Out(core.Frame, []byte, []byte, []byte) ([]byte, error) { return nil, b }

func (b broken) Unwrap() error { return b.error }

func (broken) In(core.Frame, []byte, []byte) ([]byte, core.Refusal) { return nil, core.Malformed }

// What only the commit finds out is answered there: a session that is too large, and a fault of set-up.
func TestFaultsAtTheCommit(t *testing.T) {
	for err, says := range map[error]string{
		&core.TooLargeError{Kind: "cart", What: "token", Size: 2, Limit: 1}: "413 Request Entity Too Large",
		errors.New("no primary key in secret.internal"):                     "500 Internal Server Error",
	} {
		onEach(t, func(t *testing.T, start func(http.Handler) *site) {
			w := newWorld()
			o := satchel.Options{Chain: core.Chain{broken{err}}}
			p := start(nethttp.Wrap(pages{"/": func(_ http.ResponseWriter, r *http.Request) (string, error) {
				return "saved", carts.Set(r.Context(), cart{})
			}}.mux(), w.sessions(t, carts.ServerSide(w).With(o)))).person()
			a := p.get("/").has(t, "Set-Cookie").has(t, "Cache-Control", "no-store").has(t, "Vary", "Cookie")
			if got := a.Status[:4] + strings.TrimSpace(a.body); got != says {
				t.Errorf("%q, want %q", got, says)
			}
			if w.records() != 0 {
				t.Error("a record under a token that nobody has")
			}
		})
	}
}

// A takeover whose commit fails does not happen, and is answered.
func TestFailedHijack(t *testing.T) {
	w := newWorld()
	p := start(t, w.shop(t, satchel.Options{}, pages{"/hijack": func(rw http.ResponseWriter, r *http.Request) (string, error) {
		if err := put(r, "new"); err != nil {
			return "", err
		}
		w.down.Store(true)
		rw.Header().Set("Connection", "Upgrade")
		rw.Header().Set("Upgrade", "chat")
		for name, hijack := range map[string]func() (net.Conn, error){
			"Hijacker":   func() (net.Conn, error) { c, _, err := rw.(http.Hijacker).Hijack(); return c, err },
			"controller": func() (net.Conn, error) { c, _, err := http.NewResponseController(rw).Hijack(); return c, err },
		} {
			if c, err := hijack(); c != nil || !errors.Is(err, satchel.ErrUnavailable) {
				t.Errorf("%s: %v", name, err)
			}
		}
		return "saved", nil
	}}), (*httptest.Server).StartTLS).person()
	p.get("/add")
	p.get("/hijack").says(t, 503, "Service Unavailable").has(t, "Upgrade").has(t, "Connection").has(t, "Set-Cookie")
	w.down.Store(false)
	p.get("/show").says(t, 200, "tea")
}
