package nethttp_test

import (
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

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
