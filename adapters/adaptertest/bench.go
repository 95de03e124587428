package adaptertest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/satcheltest"
)

// origin is where sites are, as far as their visitors know. The certificate of httptest is good for it.
const origin = "https://example.com"

// certificate is what sites serve with, and who trusts it.
var certificate = sync.OnceValues(func() (tls.Certificate, *x509.CertPool) {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	return s.TLS.Certificates[0], s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
})

// bench is one site that an adapter serves, with its store, and people who visit it.
type bench struct {
	testing.TB
	adapter Adapter
	http2   bool
	ledger  *Ledger
	path    string // that pages are asked for at
	way     way    // in which a case's cart lives

	transport *http.Transport
	mu        sync.Mutex
	people    map[string]*person
}

func newBench(t testing.TB, a Adapter, http2 bool) *bench {
	return &bench{TB: t, adapter: a, http2: http2, ledger: NewLedger(), path: "/", way: byDefault, people: map[string]*person{}}
}

// sessions places kinds, or returns nil if there are none.
func (b *bench) sessions(placements ...satchel.Placement) *satchel.Sessions {
	b.Helper()
	if len(placements) == 0 {
		return nil
	}
	return b.ledger.Sessions(b, placements...)
}

// placed returns a placement of a kind in way w. In the client it has no idle time.
func (b *bench) placed(name string, w way, o satchel.Options) satchel.Placement {
	b.Helper()
	if w.placement == "client" {
		o.Idle, o.Touch = 0, 0
	}
	return b.stamped(name, w, o)
}

// stamped returns a placement of a kind in way w, which has an idle time in the client as well.
func (b *bench) stamped(name string, w way, o satchel.Options) satchel.Placement {
	b.Helper()
	k := satchel.NewKind[Words](name)
	if w.transport == "header" {
		o.Cookie, o.Header = satchel.Options{}.Cookie, fieldOf(name)
	}
	if w.placement == "client" {
		o.Renew, o.Grace = 0, 0
		return k.ClientSide(satcheltest.Keys(b), satchel.Unrevocable).With(o)
	}
	return k.ServerSide(b.ledger).With(o)
}

// Words is the type of every kind of the kit.
type Words struct {
	Words []string `cbor:"1,keyasint"`
}

// fieldOf returns the header field of a kind whose tokens do not travel by cookie.
func fieldOf(name string) string { return "X-" + strings.ToUpper(name[:1]) + name[1:] }

// serve has the adapter serve a site until the test is over.
func (b *bench) serve(site Site) {
	b.Helper()
	l, err := new(net.ListenConfig).Listen(b.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ours, trusted := certificate()
	protocol := "http/1.1"
	if b.http2 {
		protocol = "h2"
	}
	address := l.Addr().String()
	b.adapter.Serve(b, tls.NewListener(l, &tls.Config{
		Certificates: []tls.Certificate{ours}, NextProtos: []string{protocol}, MinVersion: tls.VersionTLS13,
	}), site)
	dialer := new(net.Dialer)
	b.transport = &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS13},
		ForceAttemptHTTP2:   b.http2,
		MaxIdleConnsPerHost: 100,
		DisableCompression:  true, // a middleware that compresses is another matter
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, address)
		},
	}
	b.Cleanup(b.transport.CloseIdleConnections) // before the server's own end, which would wait for them
}
