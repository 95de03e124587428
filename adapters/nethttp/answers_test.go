package nethttp_test

import (
	"bufio"
	"io"
	"net/http"
	"testing"

	"github.com/satchel-go/satchel"
)

// Answers that have no body of their own have the token as any other.
func TestAnswersWithoutABody(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		for name, c := range map[string]struct {
			method string
			status int
			answer http.HandlerFunc
		}{
			"HEAD":            {http.MethodHead, 200, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "page") }},
			"HEAD of nothing": {http.MethodHead, 200, func(http.ResponseWriter, *http.Request) {}},
			"204":             {http.MethodGet, 204, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }},
			"304":             {http.MethodGet, 304, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) }},
			"nothing":         {http.MethodGet, 200, func(http.ResponseWriter, *http.Request) {}},
			"redirect": {http.MethodPost, 303, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "/", http.StatusSeeOther)
			}},
			"a file, not modified": {http.MethodGet, 304, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("ETag", `"1"`)
				r.Header.Set("If-None-Match", `"1"`)
				http.ServeFileFS(w, r, files, "a.txt")
			}},
		} {
			w := newWorld()
			p := start(w.shop(t, satchel.Options{}, pages{"/": func(w http.ResponseWriter, r *http.Request) (string, error) {
				err := put(r, "tea")
				c.answer(w, r)
				return "", err
			}})).person()
			p.send(p.request(c.method, "/", nil)).says(t, c.status, "").has(t, "Cache-Control", "no-store").sets(t, "__Host-cart")
			if t.Failed() {
				t.Fatal(name)
			}
			p.get("/show").says(t, 200, "tea")
		}
	})
}

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
		p.get("/").says(t, 200, "a file").has(t, "Cache-Control", "public, max-age=60").has(t, "Vary", "Cookie").has(t, "Set-Cookie")
		p.getWith("/?put=1", with("Range", "bytes=2-")).says(t, 206, "file").has(t, "Cache-Control", "no-store").sets(t, "__Host-cart")
		p.getWith("/", with("If-None-Match", `"1"`)).says(t, 304, "").has(t, "Vary", "Cookie").has(t, "Set-Cookie")
		p.getWith("/", with("Range", "bytes=9-")).has(t, "Content-Range", "bytes */6")
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
		a := p.get("/").says(t, 200, "page")
		a.sets(t, "__Host-cart")
		if got := a.Trailer.Get("X-Sum"); got != "7" {
			t.Errorf("%q", a.Trailer)
		}
	})
}
