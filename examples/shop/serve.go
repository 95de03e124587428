package main

import (
	"log/slog"
	"net/http"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

type shop struct {
	options
	sessions *satchel.Sessions
	log      *slog.Logger
}

const maxBody = 64 << 10 // bytes of a request

// newShop returns the whole shop as a handler.
func newShop(sessions *satchel.Sessions, o options, log *slog.Logger) http.Handler {
	s := &shop{o, sessions, log}

	// Sessions are committed when the answer begins, or when a handler has returned.
	h := nethttp.Config{OnCommitError: s.fail}.Wrap(s.routes(), sessions)

	// A session answers "who"; that the visitor meant it is another question. Cookies travel with requests that other
	// sites cause, so what changes anything must come from the shop's own pages.
	sameOrigin := http.NewCrossOriginProtection()
	sameOrigin.SetDenyHandler(s.handle(func(http.ResponseWriter, *http.Request) error { return errForeign }))
	h = sameOrigin.Handler(h)

	return secured(http.MaxBytesHandler(h, maxBody))
}

func (s *shop) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", s.handle(s.front))
	mux.Handle("GET /cart", s.handle(s.cart))
	mux.Handle("POST /cart/add", s.handle(s.change(+1, "/")))
	mux.Handle("POST /cart/more", s.handle(s.change(+1, "/cart")))
	mux.Handle("POST /cart/less", s.handle(s.change(-1, "/cart")))
	mux.Handle("POST /order", s.handle(s.order))
	mux.Handle("GET /signin", s.handle(s.signInForm))
	mux.Handle("POST /signin", s.handle(s.signIn))
	mux.Handle("POST /signout", s.handle(s.signOut))
	mux.Handle("GET /prefs", s.handle(s.prefs))
	mux.Handle("POST /prefs", s.handle(s.setPrefs))
	mux.Handle("GET /travels", s.handle(s.travels))
	mux.Handle("GET /api", s.handle(s.apiPage))
	mux.Handle("GET /api/products", s.handle(s.apiProducts))
	mux.Handle("GET /api/cart", s.handle(s.apiCart))
	mux.Handle("POST /api/cart", s.handle(s.apiAdd))
	mux.Handle("DELETE /api/cart", s.handle(s.apiEnd))
	mux.Handle("GET /static/", cached(http.FileServerFS(staticFiles)))
	mux.Handle("/", s.handle(func(http.ResponseWriter, *http.Request) error { return errNoPage }))
	return mux
}

// cached lets anyone keep an answer for a while. No session is used for it, so Satchel adds nothing.
func cached(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=60")
		h.ServeHTTP(w, r)
	})
}

// secured allows the shop's pages nothing but the shop's own style sheet and drawings.
func secured(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "+
			"base-uri 'none'; frame-ancestors 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "same-origin")
		h.ServeHTTP(w, r)
	})
}
