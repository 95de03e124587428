package nethttp_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// What a handler's form has put into files the server removes when the handler has returned, wrapped or not: it looks for the
// form in the request that it made. So the handler's own is handed back.
func TestUploadedFilesAreRemoved(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		dir := t.TempDir()
		for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
			t.Setenv(name, dir)
		}
		inDir := func() int {
			files, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			return len(files)
		}
		w := newWorld()
		s := start(w.shop(t, satchel.Options{}, pages{
			"/upload": func(rw http.ResponseWriter, r *http.Request) (string, error) {
				if err := r.ParseMultipartForm(1); err != nil {
					return "", err
				}
				if _, err := add(rw, r); err != nil {
					return "", err
				}
				return fmt.Sprint(inDir()), nil
			},
		}))
		var form bytes.Buffer
		parts := multipart.NewWriter(&form)
		file, err := parts.CreateFormFile("picture", "a.png")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(file, strings.Repeat("x", 1<<20)); err != nil {
			t.Fatal(err)
		}
		if err := parts.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/upload", &form)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", parts.FormDataContentType())
		s.person().Send(r).Says(t, 200, "1")
		for inDir() > 0 { // the server does so when the answer has gone; else the test's own limit ends this
			runtime.Gosched()
		}
	})
}

// The pattern that an inner mux found is known outside, as it is without the wrapper, for logs and metrics.
func TestPatternReachesOuterMiddleware(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		seen := make(chan string, 1)
		inner := pages{"GET /items/{id}": add, "/panic": func(http.ResponseWriter, *http.Request) (string, error) { panic(http.ErrAbortHandler) }}.mux()
		sessions := w.Sessions(t, carts.ServerSide(w))
		h := nethttp.Wrap(inner, sessions)
		s := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() { seen <- r.Pattern }()
			h.ServeHTTP(w, r)
		}))
		s.person().Get("/items/7").Says(t, 200, "tea")
		if got := <-seen; got != "GET /items/{id}" {
			t.Errorf("the pattern is %q", got)
		}
		if res, err := s.person().Do(s.person().Request(http.MethodPost, "/panic", nil)); err == nil {
			res.Body.Close()
		}
		if got := <-seen; got != "/panic" {
			t.Errorf("after a panic the pattern is %q", got)
		}
	})
}

// Wrapping twice with the same sessions is wrapping once: there is one exchange and one cookie, and what is changed between
// the two stays beside what is changed within.
func TestWrappedTwiceIsOnce(t *testing.T) {
	for name, between := range map[string]func(http.Handler, *satchel.Sessions) http.Handler{
		"at once": nethttp.Wrap,
		"with another between": func(h http.Handler, s *satchel.Sessions) http.Handler {
			return nethttp.Wrap(nethttp.Wrap(h, s), satchel.Must(satchel.New(notes.ServerSide(newWorld()))))
		},
		"by another configuration": func(h http.Handler, s *satchel.Sessions) http.Handler {
			return nethttp.Config{Tenant: func(*http.Request) string { return "" }}.Wrap(h, s) // another would be refused
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, start func(http.Handler) *site) {
				w := newWorld()
				sessions := w.Sessions(t, carts.ServerSide(w))
				put := func(r *http.Request, item string) {
					if _, err := carts.Update(r.Context(), func(v cart) cart { v.Items = append(v.Items, item); return v }); err != nil {
						t.Error(err)
					}
				}
				inner := between(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					put(r, "inner")
					rw.WriteHeader(http.StatusAccepted)
				}), sessions)
				mux := http.NewServeMux()
				mux.Handle("/show", nethttp.Wrap(page(show), sessions))
				mux.Handle("/", nethttp.Wrap(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					put(r, "before")
					inner.ServeHTTP(rw, r)
					put(r, "after")
				}), sessions))
				p := start(mux).person()
				p.Get("/").Says(t, http.StatusAccepted, "").Sets(t, "__Host-cart")
				p.Get("/show").Says(t, 200, "before inner after")
				if p.Get("/").Says(t, http.StatusAccepted, "").Has(t, "Set-Cookie"); w.Records() != 1 {
					t.Errorf("%d records", w.Records())
				}
				p.Get("/show").Says(t, 200, "before inner after before inner after")
			})
		})
	}
}
