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
	"github.com/satchel-go/satchel/adapters/adaptertest"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/satcheltest"
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
	sessions := w.Sessions(
		t, carts.ServerSide(w), notes.ClientSide(satcheltest.Keys(t), satchel.Unrevocable),
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
			w.Down.Store(true)
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
		p.Get("/add").Says(t, 200, "tea")
		for _, path := range []string{
			"/page", "/status", "/nothing", "/empty", "/redirect", "/file", "/hints", "/flush", "/copy", "/other",
		} {
			a := p.Get(path).Says(t, 503, "Service Unavailable").Has(t, "Cache-Control", "no-store").
				Has(t, "Access-Control-Allow-Origin", "https://example.com").Has(t, "Content-Type", "text/plain; charset=utf-8")
			for _, gone := range []string{
				"Etag", "Last-Modified", "Expires", "Content-Encoding", "CDN-Cache-Control", "Location", "Trailer", "Accept-Ranges", "X-After",
			} {
				a.Has(t, gone)
			}
			if len(a.Trailer) != 0 {
				t.Errorf("%s: trailer %v", path, a.Trailer)
			}
			if path == "/other" { // the tokens of what was done
				a.Sets(t, "__Host-note")
				if a.Header.Get("X-Visits") == "" || len(a.Cookies()) != 1 {
					t.Errorf("%s: %q", path, a.Header)
				}
				a.Has(t, "Vary", "Cookie", "X-Visits")
			} else {
				a.Has(t, "Set-Cookie").Has(t, "Vary", "Cookie")
			}
			p.Get("/show").Says(t, 503, satchel.ErrUnavailable.Error()+": "+adaptertest.ErrDown.Error()).Has(t, "Set-Cookie")
			w.Down.Store(false)
			p.Get("/show").Says(t, 200, "tea").Has(t, "Set-Cookie")
		}
		p.Get("/page").Has(t, "X-Request-ID", "7")
	})
}

// OnCommitError has the answer for itself. It cannot have it kept by a cache, and what it forgets is no 200.
func TestOnCommitError(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		answer := func(http.ResponseWriter, *http.Request) {}
		p := start(w.failing(t, nethttp.Config{OnCommitError: func(w http.ResponseWriter, r *http.Request, err error) {
			if !errors.Is(err, satchel.ErrUnavailable) || !errors.Is(err, adaptertest.ErrDown) {
				t.Error(err)
			}
			answer(w, r)
		}})).person()
		p.Get("/add").Says(t, 200, "tea")
		fail := func(path string) adaptertest.Answer {
			w.Down.Store(false)
			return p.Get(path)
		}
		fail("/page").Says(t, 500, "").Has(t, "Cache-Control", "no-store").Has(t, "Set-Cookie")
		answer = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "public, max-age=60")
			w.Header().Set("Retry-After", "5")
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "later, "+r.URL.Path)
		}
		fail("/page").Says(t, 502, "later, /page").Has(t, "Cache-Control", "no-store").Has(t, "Retry-After", "5")
		fail("/other").Says(t, 502, "later, /other").Has(t, "Cache-Control", "no-store").Sets(t, "__Host-note")
		answer = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a body alone") }
		fail("/nothing").Says(t, 500, "a body alone").Has(t, "Cache-Control", "no-store")
		answer = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/later", http.StatusSeeOther) }
		fail("/copy").Has(t, "Location", "/later").Has(t, "Cache-Control", "no-store")
	})
}

// What OnCommitError sets does not stand in the place of what was committed: one cookie of a name, its Vary, no cache of others.
func TestOnCommitErrorOverwrites(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		p := start(w.failing(t, nethttp.Config{OnCommitError: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.Header().Set("Vary", "Origin")
			w.Header().Set("X-Visits", "mine")
			w.Header().Set("Surrogate-Control", "max-age=60")
			w.Header()["cdn-cache-control"] = []string{"public"}
			http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark"})
			http.SetCookie(w, &http.Cookie{Name: "__Host-note", Value: "mine", Path: "/", Secure: true})
			w.WriteHeader(http.StatusBadGateway)
		}})).person()
		p.Get("/add").Says(t, 200, "tea")
		a := p.Get("/other").Says(t, 502, "").Has(t, "Cache-Control", "no-store").Has(t, "Cdn-Cache-Control").Has(t, "Surrogate-Control")
		if a.Sets(t, "__Host-note") == "mine" || a.Sets(t, "theme") != "dark" || len(a.Header.Values("X-Visits")) != 1 || a.Header.Get("X-Visits") == "mine" {
			t.Errorf("%q", a.Header)
		}
		a.Has(t, "Vary", "Origin", "Cookie", "X-Visits")
		w.Down.Store(false)
		p.Get("/page").Says(t, 502, "").Has(t, "Cache-Control", "no-store").Has(t, "Cdn-Cache-Control").Has(t, "Surrogate-Control").
			Has(t, "Vary", "Origin", "Cookie") // nothing was committed
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
			}}.mux(), w.Sessions(t, carts.ServerSide(w).With(o)))).person()
			a := p.Get("/").Has(t, "Set-Cookie").Has(t, "Cache-Control", "no-store").Has(t, "Vary", "Cookie")
			if got := a.Status[:4] + strings.TrimSpace(a.Text); got != says {
				t.Errorf("%q, want %q", got, says)
			}
			if w.Records() != 0 {
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
		w.Down.Store(true)
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
	p.Get("/add")
	p.Get("/hijack").Says(t, 503, "Service Unavailable").Has(t, "Upgrade").Has(t, "Connection").Has(t, "Set-Cookie")
	w.Down.Store(false)
	p.Get("/show").Says(t, 200, "tea")
}
