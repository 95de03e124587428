package satchelchi_test

import (
	"net/http"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/internal/need"
)

func TestAlloc(t *testing.T) {
	need.NoRace(t)
	adaptertest.Allocations(t, func(h http.Handler, s *satchel.Sessions) http.Handler {
		r := chi.NewRouter()
		if s != nil {
			r.Use(nethttp.Middleware(s))
		}
		r.Handle("/", h)
		return r
	})
}
