package satchelfiber_test

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
)

type cart struct {
	Items []string `cbor:"1,keyasint"`
}

var (
	carts  = satchel.NewKind[cart]("cart")
	visits = satchel.NewKind[int]("visits")
)

// world is a store that counts and fails as told.
type world = adaptertest.Ledger

func newWorld() *world { return adaptertest.NewLedger() }

// certificates is httptest's, which is good for 127.0.0.1.
var certificates = sync.OnceValues(func() (*tls.Config, *tls.Config) {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	return s.TLS.Clone(), s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
})

// site is a fiber app behind a socket.
type site struct {
	t    testing.TB
	addr string
}

// start serves app by TLS on loopback until the test is over.
func start(t testing.TB, app *fiber.App) *site {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, _ := certificates()
	server.NextProtos = nil
	listen(t, app, tls.NewListener(listener, server))
	return &site{t, listener.Addr().String()}
}

func (s *site) person() *adaptertest.Visitor { return s.people(1)[0] }

// people are several browsers behind one proxy: all of their requests come one after the other on one connection, so that
// the server reads them into the same buffers.
func (s *site) people(n int) []*adaptertest.Visitor {
	s.t.Helper()
	_, client := certificates()
	transport := &http.Transport{TLSClientConfig: client.Clone(), MaxConnsPerHost: 1}
	s.t.Cleanup(transport.CloseIdleConnections)
	all := make([]*adaptertest.Visitor, n)
	for i := range all {
		all[i] = adaptertest.NewVisitor(s.t, "https://"+s.addr, transport)
	}
	return all
}

// add is a handler that puts the query's item into the cart and says how many there are.
func add(c fiber.Ctx) error {
	v, err := carts.Update(c, func(v cart) cart {
		v.Items = append(v.Items, strings.Clone(c.Query("item", "tea")))
		return v
	})
	if err != nil {
		return err
	}
	return c.SendString(strings.Join(v.Items, " "))
}

// show is a handler that says what is in the cart.
func show(c fiber.Ctx) error {
	v, ok, err := carts.Get(c)
	if err != nil {
		return err
	}
	if !ok {
		return c.SendString("none")
	}
	return c.SendString(strings.Join(v.Items, " "))
}
