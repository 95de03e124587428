package nethttp_test

import (
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/satchel-go/satchel/adapters/adaptertest"
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

func (s *site) person() *adaptertest.Visitor {
	return adaptertest.NewVisitor(s.t, s.URL, s.Client().Transport)
}

// token is a request's header that has a cart's cookie.
func token(value string) http.Header { return adaptertest.Field("Cookie", "__Host-cart="+value) }
