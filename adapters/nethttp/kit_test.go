package nethttp_test

import (
	"context"
	"errors"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
)

type cart struct {
	Items []string `cbor:"1,keyasint"`
}

var (
	carts = satchel.NewKind[cart]("cart")
	notes = satchel.NewKind[string]("note")
)

// world is a store that counts and fails as told, a clock, and sessions on both.
type world struct {
	*store.Memory
	calls  atomic.Int64
	down   atomic.Bool
	before atomic.Pointer[func(context.Context)] // called before each write
	now    atomic.Int64
	begin  time.Time
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

func (w *world) written(ctx context.Context) error {
	if before := w.before.Load(); before != nil {
		(*before)(ctx)
	}
	return w.called(ctx)
}

func (w *world) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if err := w.called(ctx); err != nil {
		return core.Record{}, err
	}
	return w.Memory.Load(ctx, key)
}

func (w *world) Create(ctx context.Context, key core.Key, rec core.Record) error {
	if err := w.written(ctx); err != nil {
		return err
	}
	return w.Memory.Create(ctx, key, rec)
}

func (w *world) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	if err := w.written(ctx); err != nil {
		return err
	}
	return w.Memory.Replace(ctx, key, at, rec)
}

func (w *world) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	if err := w.written(ctx); err != nil {
		return err
	}
	return w.Memory.Touch(ctx, key, at, seen, deadline)
}

func (w *world) Delete(ctx context.Context, key core.Key, at uint64) error {
	if err := w.written(ctx); err != nil {
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
	s, err := satchel.Config{Clock: w.clock, CommitLimit: time.Minute}.New(placements...)
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

// site is a handler behind a socket.
type site struct {
	*httptest.Server
	t   testing.TB
	mu  sync.Mutex
	log strings.Builder
	may string // what its log may hold
}

// onEach runs a test over TLS by HTTP/1.1 and by HTTP/2. What it starts serves until the test is over, and has nothing to
// complain of in the server's log.
func onEach(t *testing.T, test func(t *testing.T, start func(http.Handler) *site)) {
	for name, http2 := range map[string]bool{"HTTP1": false, "HTTP2": true} {
		t.Run(name, func(t *testing.T) {
			test(t, func(h http.Handler) *site {
				return start(t, h, func(s *httptest.Server) {
					s.EnableHTTP2 = http2
					s.StartTLS()
				})
			})
		})
	}
}

func start(t testing.TB, h http.Handler, listen func(*httptest.Server)) *site {
	t.Helper()
	s := &site{t: t, Server: httptest.NewUnstartedServer(h)}
	s.Config.ErrorLog = log.New(s, "", 0)
	listen(s.Server)
	t.Cleanup(func() {
		s.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		if logged := s.log.String(); s.may == "" && logged != "" || !strings.Contains(logged, s.may) {
			t.Errorf("the server's log, which should hold %q: %s", s.may, logged)
		}
	})
	return s
}

// Write takes a line of the server's log.
func (s *site) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.Contains(string(line), "TLS handshake error") { // a connection that was opened ahead of need
		s.log.Write(line)
	}
	return len(line), nil
}

// person is a browser: a cookie jar and its connections.
type person struct {
	*http.Client
	site *site
}

func (s *site) person() *person {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &person{&http.Client{Transport: s.Client().Transport, Jar: jar, CheckRedirect: asItCame}, s}
}

// asItCame follows no redirect.
func asItCame(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// answered is a response that was read.
type answered struct {
	*http.Response
	body string
}

// with is a request's header of one field.
func with(name string, values ...string) http.Header { return http.Header{name: values} }

// token is a request's header that has a cart's cookie.
func token(value string) http.Header { return with("Cookie", "__Host-cart="+value) }

func (p *person) get(path string) answered {
	p.site.t.Helper()
	return p.getWith(path, nil)
}

func (p *person) getWith(path string, header http.Header) answered {
	p.site.t.Helper()
	return p.send(p.request(http.MethodGet, path, header))
}

func (p *person) request(method, path string, header http.Header) *http.Request {
	p.site.t.Helper()
	r, err := http.NewRequestWithContext(p.site.t.Context(), method, p.site.URL+path, nil)
	if err != nil {
		p.site.t.Fatal(err)
	}
	maps.Copy(r.Header, header)
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	return r
}

func (p *person) send(r *http.Request) answered {
	p.site.t.Helper()
	res, err := p.Do(r)
	if err != nil {
		p.site.t.Fatalf("%s: %v", r.URL.Path, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.site.t.Fatalf("%s: %v", r.URL.Path, err)
	}
	return answered{res, string(body)}
}

// cookies is what the jar sends to the site.
func (p *person) cookies() []*http.Cookie {
	return p.Jar.Cookies(p.request(http.MethodGet, "/", nil).URL)
}

// says fails the test unless the answer has that status and body, but for a newline at its end.
func (a answered) says(t testing.TB, status int, body string) answered {
	t.Helper()
	if a.StatusCode != status || strings.TrimSuffix(a.body, "\n") != strings.TrimSuffix(body, "\n") {
		t.Errorf("%s: %d %q, want %d %q", a.Request.URL.Path, a.StatusCode, a.body, status, body)
	}
	return a
}

// has fails the test unless a header field has exactly these lines.
func (a answered) has(t testing.TB, name string, lines ...string) answered {
	t.Helper()
	if got := a.Header.Values(name); !slices.Equal(got, lines) {
		t.Errorf("%s: %s is %q, want %q", a.Request.URL.Path, name, got, lines)
	}
	return a
}

// tellsNothing fails the test if the answer has anything to tell about sessions.
func (a answered) tellsNothing(t testing.TB) answered {
	t.Helper()
	return a.has(t, "Set-Cookie").has(t, "Vary").has(t, "Cache-Control")
}

// sets returns the value that the answer gives a cookie, and fails the test if it sets none, or two of a name.
func (a answered) sets(t testing.TB, name string) string {
	t.Helper()
	var found []string
	for _, c := range a.Cookies() {
		if c.Name == name {
			found = append(found, c.Value)
		}
	}
	if len(found) != 1 || found[0] == "" {
		t.Fatalf("%s: not one %s in %q", a.Request.URL.Path, name, a.Header["Set-Cookie"])
	}
	return found[0]
}

// clears fails the test unless the answer takes a cookie away.
func (a answered) clears(t testing.TB, name string) answered {
	t.Helper()
	for _, c := range a.Cookies() {
		if c.Name == name && c.Value == "" && c.MaxAge < 0 {
			return a
		}
	}
	t.Errorf("%s: %s is not cleared by %q", a.Request.URL.Path, name, a.Header["Set-Cookie"])
	return a
}

// page is a handler that says something, or why not.
type page func(w http.ResponseWriter, r *http.Request) (string, error)

func (p page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := p(w, r)
	if err != nil {
		http.Error(w, err.Error(), nethttp.StatusOf(err))
		return
	}
	_, _ = io.WriteString(w, text)
}

// add puts the query's item into the cart and says what is in it.
func add(_ http.ResponseWriter, r *http.Request) (string, error) {
	item := r.FormValue("item")
	if item == "" {
		item = "tea"
	}
	v, err := carts.Update(r.Context(), func(v cart) cart {
		v.Items = append(v.Items, item)
		return v
	})
	return strings.Join(v.Items, " "), err
}

// show says what is in the cart.
func show(_ http.ResponseWriter, r *http.Request) (string, error) {
	v, ok, err := carts.Get(r.Context())
	if err == nil && !ok {
		return "none", nil
	}
	return strings.Join(v.Items, " "), err
}

// put puts one item, by a change that leaves with the commit.
func put(r *http.Request, item string) error {
	if _, _, err := carts.Get(r.Context()); err != nil {
		return err
	}
	return carts.Set(r.Context(), cart{Items: []string{item}})
}

func signIn(_ http.ResponseWriter, r *http.Request) (string, error) {
	v, _, err := carts.Get(r.Context())
	if err != nil {
		return "", err
	}
	return "hello", carts.SignIn(r.Context(), "ann", v)
}

func leave(_ http.ResponseWriter, r *http.Request) (string, error) {
	return "bye", carts.Clear(r.Context())
}

func plain(http.ResponseWriter, *http.Request) (string, error) { return "plain", nil }

// pages are handlers by their patterns.
type pages map[string]page

func (p pages) mux() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, h := range p {
		mux.Handle(pattern, h)
	}
	return mux
}

// shop serves a cart that can be filled, shown, signed in with and left, and more.
func (w *world) shop(t testing.TB, o satchel.Options, more pages) http.Handler {
	all := pages{"/add": add, "/show": show, "/plain": plain, "/signin": signIn, "/leave": leave}
	maps.Copy(all, more)
	return nethttp.Wrap(all.mux(), w.sessions(t, carts.ServerSide(w).With(o)))
}
