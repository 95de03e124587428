package peers

import (
	"net/http"

	"github.com/go-chi/chi/v5"
)

// OnChi is a contender behind chi's router, as chi's README mounts middleware: r.Use, then routes.
func OnChi(h HTTP) HTTP {
	r := chi.NewRouter()
	if h.Middleware != nil {
		r.Use(h.Middleware)
	}
	for way, inner := range map[string]http.HandlerFunc{
		None: answer, Untouched: answer, Read: h.Read, Write: h.Write, Create: h.Create,
	} {
		r.Get("/"+way, inner)
	}
	return HTTP{Name: h.Name, Read: r.ServeHTTP, Write: r.ServeHTTP, Create: r.ServeHTTP, routed: true}
}
