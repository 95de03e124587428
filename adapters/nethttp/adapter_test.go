package nethttp_test

import (
	"net"
	"net/http"
	"testing"

	"github.com/satchel-go/satchel/adapters/adaptertest"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// TestAdapter holds this adapter to the behaviour that all share.
func TestAdapter(t *testing.T) {
	adaptertest.Run(t, adaptertest.Adapter{HTTP2: true, Serve: serveSite})
}

func serveSite(t testing.TB, l net.Listener, site adaptertest.Site) {
	t.Helper()
	config := nethttp.Config{Tenant: adaptertest.Tenant}
	mux := http.NewServeMux()
	mux.Handle("/", site.Handler())
	if site.Inside != nil {
		mux.Handle("/inside/", config.Wrap(site.Handler(), site.Inside))
	}
	adaptertest.ServeHTTP(t, l, config.Wrap(mux, site.Sessions))
}
