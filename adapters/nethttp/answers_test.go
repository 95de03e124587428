package nethttp_test

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// http.ServeContent's ranges and validators pass, with what the session says beside them.
func TestServeContent(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		p := start(w.shop(t, satchel.Options{}, pages{"/": func(w http.ResponseWriter, r *http.Request) (string, error) {
			_, _, err := carts.Get(r.Context())
			if r.URL.Query().Get("put") != "" {
				err = put(r, "tea")
			}
			w.Header().Set("Cache-Control", "public, max-age=60")
			w.Header().Set("ETag", `"1"`)
			http.ServeFileFS(w, r, files, "a.txt")
			return "", err
		}})).person()
		p.Get("/").Says(t, 200, "a file").Has(t, "Cache-Control", "public, max-age=60").Has(t, "Vary", "Cookie").Has(t, "Set-Cookie")
		p.GetWith("/?put=1", adaptertest.Field("Range", "bytes=2-")).Says(t, 206, "file").Has(t, "Cache-Control", "no-store").Sets(t, "__Host-cart")
		p.GetWith("/", adaptertest.Field("If-None-Match", `"1"`)).Says(t, 304, "").Has(t, "Vary", "Cookie").Has(t, "Set-Cookie")
		p.GetWith("/", adaptertest.Field("Range", "bytes=9-")).Has(t, "Content-Range", "bytes */6")
	})
}

// A trailer is set behind the commit and arrives.
func TestTrailer(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		p := start(w.shop(t, satchel.Options{}, pages{"/": func(w http.ResponseWriter, r *http.Request) (string, error) {
			if err := put(r, "tea"); err != nil {
				return "", err
			}
			w.Header().Set("Trailer", "X-Sum")
			b := bufio.NewWriter(w)
			_, _ = b.WriteString("page")
			err := b.Flush()
			w.Header().Set("X-Sum", "7")
			return "", err
		}})).person()
		a := p.Get("/").Says(t, 200, "page")
		a.Sets(t, "__Host-cart")
		if got := a.Trailer.Get("X-Sum"); got != "7" {
			t.Errorf("%q", a.Trailer)
		}
	})
}

// http.CrossOriginProtection stands beside the middleware, on either side of it: what it refuses uses no session, and what it
// lets through is a request like any other.
func TestCrossOriginProtection(t *testing.T) {
	for name, nest := range map[string]func(shop http.Handler, s *satchel.Sessions) http.Handler{
		"outside": func(shop http.Handler, s *satchel.Sessions) http.Handler {
			return http.NewCrossOriginProtection().Handler(nethttp.Wrap(shop, s))
		},
		"inside": func(shop http.Handler, s *satchel.Sessions) http.Handler {
			return nethttp.Wrap(http.NewCrossOriginProtection().Handler(shop), s)
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, start func(http.Handler) *site) {
				w := newWorld()
				p := start(nest(pages{"/add": add, "/show": show}.mux(), w.Sessions(t, carts.ServerSide(w)))).person()
				post := func(from string) adaptertest.Answer {
					return p.Send(p.Request(http.MethodPost, "/add", adaptertest.Field("Sec-Fetch-Site", from)))
				}
				post("same-origin").Says(t, 200, "tea").Sets(t, "__Host-cart")
				before := w.Calls()
				refused := post("cross-site").TellsNothing(t)
				if refused.StatusCode != http.StatusForbidden || w.Calls() != before {
					t.Errorf("%s after %d calls", refused.Status, w.Calls()-before)
				}
				p.Get("/show").Says(t, 200, "tea")
			})
		})
	}
}

// Deadlines of http.ResponseController hold: the body of a client that dawdles is not waited for, and the answer to that has
// its token. Without one the commit has a limit of its own.
func TestDeadlines(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		p := start(w.shop(t, satchel.Options{}, pages{"/upload": func(rw http.ResponseWriter, r *http.Request) (string, error) {
			c := http.NewResponseController(rw)
			if err := errors.Join(c.SetReadDeadline(time.Now().Add(-time.Second)), c.SetWriteDeadline(time.Now().Add(time.Minute))); err != nil {
				return "", err
			}
			if _, err := io.ReadAll(r.Body); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the body was read: %v", err)
			}
			return "too slow", put(r, "partial")
		}})).person()
		body, never := io.Pipe()
		defer never.Close()
		r := p.Request(http.MethodPost, "/upload", nil)
		r.Body = body
		p.Send(r).Says(t, 200, "too slow").Sets(t, "__Host-cart")
		p.Get("/show").Says(t, 200, "partial")
	})
}
