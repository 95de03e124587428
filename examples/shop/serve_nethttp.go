package main

import (
	"io"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/satchel-go/satchel/adapters/nethttp"
)

// newNetHTTP is the shop on a ServeMux of net/http.
func newNetHTTP(s *shop) server {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		pattern := r.method + " " + r.path
		if r.path == "/" {
			pattern += "{$}"
		}
		mux.Handle(pattern, s.handle(r.handler))
	}
	mux.Handle("/", s.handle(noPage))
	return httpServer(s.around(s.commits().Wrap(mux, s.sessions)))
}

// newChi is the shop on a router of chi, whose middleware is that of net/http.
func newChi(s *shop) server {
	router := chi.NewRouter()
	router.Use(s.around, s.commits().Middleware(s.sessions), middleware.GetHead)
	for _, r := range s.routes() {
		router.Method(r.method, r.path, s.handle(r.handler))
	}
	router.NotFound(s.handle(noPage).ServeHTTP)
	router.MethodNotAllowed(s.handle(noPage).ServeHTTP)
	return httpServer(router)
}

// commits are committed when the answer begins, or when a handler has returned. What fails then is answered where
// everything is that fails.
func (s *shop) commits() nethttp.Config {
	return nethttp.Config{OnCommitError: func(w http.ResponseWriter, r *http.Request, err error) {
		send(w, s.fail(requestOf(r), err))
	}}
}

// around is what stands around all pages and their sessions.
//
// A session answers "who"; that the visitor meant it is another question. Cookies travel with requests that other sites
// cause, so what changes anything must come from the shop's own pages.
func (s *shop) around(h http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	sameOrigin.SetDenyHandler(s.handle(foreign))
	h = http.MaxBytesHandler(sameOrigin.Handler(h), maxBody)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		security(w.Header().Set)
		h.ServeHTTP(w, r)
	})
}

func (s *shop) handle(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { send(w, s.answer(requestOf(r), h)) })
}

func requestOf(r *http.Request) request {
	return request{
		Context: r.Context(), path: r.URL.Path, host: r.Host,
		form: r.FormValue, field: r.Header.Get,
		cookie: func(name string) string {
			c, err := r.Cookie(name)
			if err != nil {
				return ""
			}
			return c.Value
		},
		body: func() ([]byte, error) { return io.ReadAll(r.Body) },
	}
}

func send(w http.ResponseWriter, a answer) {
	a.fields(w.Header().Set)
	w.WriteHeader(max(a.status, http.StatusOK))
	_, _ = w.Write(a.body) // the visitor may have gone
}

func httpServer(h http.Handler) server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      20 * time.Second,
		IdleTimeout:       time.Minute,
	}
}
