package nethttp_test

import (
	"bufio"
	"net/http"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
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
