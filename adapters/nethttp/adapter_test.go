package nethttp_test

import (
	"net"
	"net/http"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// TestAdapter holds this adapter to the behaviour that all share.
func TestAdapter(t *testing.T) {
	adaptertest.Run(t, adaptertest.Adapter{HTTP2: true, Upgrades: true, Serve: serveSite})
}

func serveSite(t testing.TB, l net.Listener, site adaptertest.Site) {
	t.Helper()
	config, inside := nethttp.Config{Tenant: adaptertest.Tenant}, nethttp.Config{Tenant: adaptertest.InsideTenant}
	mux := http.NewServeMux()
	mux.Handle("/", site.Handler())
	if site.Inside != nil {
		mux.Handle("/inside/", site.Around(inside.Wrap(site.Handler(), site.Inside)))
	}
	for path, g := range site.Gates {
		mux.Handle(path, guard(g).Wrap(site.Handler()))
	}
	adaptertest.ServeHTTP(t, l, config.Wrap(mux, site.Sessions))
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
