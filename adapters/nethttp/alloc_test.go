package nethttp_test

import (
	"net/http"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/internal/need"
)

func TestAlloc(t *testing.T) {
	need.NoRace(t)
	adaptertest.Allocations(t, func(h http.Handler, s *satchel.Sessions) http.Handler {
		if s == nil {
			return h
		}
		return nethttp.Wrap(h, s)
	})
}
