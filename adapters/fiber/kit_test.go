package satchelfiber_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
)

type cart struct {
	Items []string `cbor:"1,keyasint"`
}

var (
	carts  = satchel.NewKind[cart]("cart")
	visits = satchel.NewKind[int]("visits")
)

// world is a store that counts and fails as told, a clock, and sessions on both.
type world struct {
	*store.Memory
	calls atomic.Int64
	down  atomic.Bool
	now   atomic.Int64
	begin time.Time
}

func newWorld() *world {
	return &world{Memory: store.NewMemory(), begin: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
}

var errDown = errors.New("the store at secret.internal is down")

func (w *world) called(ctx context.Context) error {
	w.calls.Add(1)
	if w.down.Load() {
		return errDown
	}
	return ctx.Err()
}

func (w *world) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if err := w.called(ctx); err != nil {
		return core.Record{}, err
	}
	return w.Memory.Load(ctx, key)
}

func (w *world) Create(ctx context.Context, key core.Key, rec core.Record) error {
	if err := w.called(ctx); err != nil {
		return err
	}
	return w.Memory.Create(ctx, key, rec)
}

func (w *world) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	if err := w.called(ctx); err != nil {
		return err
	}
	return w.Memory.Replace(ctx, key, at, rec)
}

func (w *world) Delete(ctx context.Context, key core.Key, at uint64) error {
	if err := w.called(ctx); err != nil {
		return err
	}
	return w.Memory.Delete(ctx, key, at)
}

// records says how many records there are.
func (w *world) records() int { return w.Stats().Records }

// pass lets time go by.
func (w *world) pass(d time.Duration) { w.now.Add(int64(d)) }

func (w *world) clock() time.Time { return w.begin.Add(time.Duration(w.now.Load())) }

// sessions places kinds under the world's clock.
func (w *world) sessions(t testing.TB, placements ...satchel.Placement) *satchel.Sessions {
	t.Helper()
	s, err := satchel.Config{Clock: w.clock}.New(placements...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// keys is a keyring of one key for client-side sessions.
func keys(t testing.TB) satchel.Keys {
	t.Helper()
	key, err := crypto.NewKey("k1", crypto.Primary, []byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := crypto.NewKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	return satchel.FixedKeys(ring)
}

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
	done := make(chan error, 1)
	go func() {
		done <- app.Listener(tls.NewListener(listener, server), fiber.ListenConfig{DisableStartupMessage: true})
	}()
	t.Cleanup(func() {
		if err := app.ShutdownWithTimeout(10 * time.Second); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return &site{t, listener.Addr().String()}
}

// person is a browser: a cookie jar and its connections.
type person struct {
	*http.Client
	site *site
}

func (s *site) person() *person { return s.people(1)[0] }

// people are several browsers behind one proxy: all of their requests come one after the other on one connection, so that
// the server reads them into the same buffers.
func (s *site) people(n int) []*person {
	s.t.Helper()
	_, client := certificates()
	transport := &http.Transport{TLSClientConfig: client.Clone(), MaxConnsPerHost: 1}
	s.t.Cleanup(transport.CloseIdleConnections)
	all := make([]*person, n)
	for i := range all {
		jar, err := cookiejar.New(nil)
		if err != nil {
			s.t.Fatal(err)
		}
		all[i] = &person{&http.Client{Transport: transport, Jar: jar, CheckRedirect: asItCame}, s}
	}
	return all
}

// asItCame follows no redirect.
func asItCame(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// answer is a response that was read.
type answer struct {
	*http.Response
	body string
}

// with is a request's header of one field.
func with(name, value string) http.Header { return http.Header{name: {value}} }

func (p *person) get(path string) answer { return p.getWith(path, nil) }

func (p *person) getWith(path string, header http.Header) answer {
	p.site.t.Helper()
	req, err := http.NewRequest(http.MethodGet, "https://"+p.site.addr+path, nil)
	if err != nil {
		p.site.t.Fatal(err)
	}
	maps.Copy(req.Header, header)
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	res, err := p.Do(req)
	if err != nil {
		p.site.t.Fatalf("GET %s: %v", path, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.site.t.Fatalf("GET %s: %v", path, err)
	}
	return answer{res, string(body)}
}

// says fails the test unless the answer has that status and body.
func (a answer) says(t testing.TB, status int, body string) answer {
	t.Helper()
	if a.StatusCode != status || a.body != body {
		t.Errorf("%s: %d %q, want %d %q", a.Request.URL.Path, a.StatusCode, a.body, status, body)
	}
	return a
}

// sets returns the value that the answer gives a cookie, and fails the test if it sets none.
func (a answer) sets(t testing.TB, name string) string {
	t.Helper()
	value, ok := a.cookie(name)
	if !ok || value == "" {
		t.Errorf("%s: no %s in %q", a.Request.URL.Path, name, a.Header["Set-Cookie"])
	}
	return value
}

// has fails the test unless a header field has exactly these lines.
func (a answer) has(t testing.TB, name string, lines ...string) answer {
	t.Helper()
	got := a.Header.Values(name)
	same := len(got) == len(lines)
	for i := 0; same && i < len(got); i++ {
		same = got[i] == lines[i]
	}
	if !same {
		t.Errorf("%s: %s is %q, want %q", a.Request.URL.Path, name, got, lines)
	}
	return a
}

// cookie returns the value that the answer sets a cookie to, and whether it sets it.
func (a answer) cookie(name string) (string, bool) {
	for _, c := range a.Cookies() {
		if c.Name == name {
			return c.Value, true
		}
	}
	return "", false
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
