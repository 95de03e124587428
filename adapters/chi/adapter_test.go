package satchelchi_test

import (
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// wrapping puts chi's own writer between, as its Logger does.
func wrapping(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(middleware.NewWrapResponseWriter(w, r.ProtoMajor), r)
	})
}

// quiet is a log that nobody reads. chi's logger wraps the writer as wrapping does.
type quiet struct{}

func (quiet) NewLogEntry(*http.Request) middleware.LogEntry   { return quiet{} }
func (quiet) Write(int, int, http.Header, time.Duration, any) {}
func (quiet) Panic(any, []byte)                               {}

// TestAdapter: chi behaves as all do, with its own middleware around ours and within.
func TestAdapter(t *testing.T) {
	around := []func(http.Handler) http.Handler{
		middleware.RequestID, middleware.RequestLogger(quiet{}), middleware.Recoverer, middleware.Compress(5), middleware.Timeout(adaptertest.Patience),
	}
	within := []func(http.Handler) http.Handler{wrapping, middleware.Compress(5), wrapping, middleware.GetHead}
	for name, stack := range map[string]struct {
		around, within []func(http.Handler) http.Handler
	}{
		"around": {around, nil}, "within": {nil, within},
	} {
		t.Run(name, func(t *testing.T) {
			adaptertest.Run(t, adaptertest.Adapter{HTTP2: true, Upgrades: true, Serve: func(t testing.TB, l net.Listener, site adaptertest.Site) {
				t.Helper()
				config, inside := nethttp.Config{Tenant: adaptertest.Tenant}, nethttp.Config{Tenant: adaptertest.InsideTenant}
				r := chi.NewRouter()
				r.Use(stack.around...)
				r.Use(config.Middleware(site.Sessions))
				r.Use(stack.within...)
				r.Route("/inside", func(r chi.Router) {
					if site.Inside != nil {
						r.Use(site.Around, inside.Middleware(site.Inside))
					}
					r.Handle("/*", site.Handler())
				})
				for path, g := range site.Gates {
					r.Route(path, func(r chi.Router) {
						r.Use(guard(g).Wrap)
						r.Handle("/*", site.Handler())
					})
				}
				r.Handle("/*", site.Handler())
				adaptertest.ServeHTTP(t, l, r)
			}})
		})
	}
}

// guard is a gate of the kit's as a program has it.
func guard(g adaptertest.Gate) nethttp.Guard[adaptertest.Words, adaptertest.Principal] {
	out := nethttp.Guard[adaptertest.Words, adaptertest.Principal]{Kind: g.Kind, Validate: g.Validate}
	switch {
	case g.Redirect != "":
		out.Challenge = nethttp.RedirectTo(g.Redirect)
	case g.Tell != nil:
		out.Challenge = func(w http.ResponseWriter, _ *http.Request, why satchel.Authentication) {
			told := g.Tell(why)
			http.Error(w, told.Text, told.Status)
		}
	}
	return out
}
