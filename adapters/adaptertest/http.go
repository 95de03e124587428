package adaptertest

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// Handler returns Handle for frameworks that are made of net/http.
func (s Site) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r}
		if f := s.Handle(v); f != nil {
			http.Error(w, f.Text, f.Status)
			return
		}
		v.begin()
	})
}

// Around returns a handler that calls Before, if there is one, for frameworks that are made of net/http.
func (s Site) Around(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.Before != nil {
			s.Before(&visit{w: w, r: r})
		}
		h.ServeHTTP(w, r)
	})
}

// Tenant returns the tenant of a request for the Config of an adapter.
func Tenant(r *http.Request) string { return r.Header.Get("X-Tenant") }

// InsideTenant is Tenant for the Config of the middleware of Site.Inside.
func InsideTenant(r *http.Request) string {
	return cmp.Or(r.Header.Get("X-Inside-Tenant"), r.Header.Get("X-Tenant"))
}

// visit is a Visit of net/http's.
type visit struct {
	w      http.ResponseWriter
	r      *http.Request
	status int
}

func (v *visit) Context() context.Context { return v.r.Context() }
func (v *visit) Sent(name string) string  { return v.r.Header.Get(name) }
func (v *visit) Set(name, value string)   { v.w.Header().Set(name, value) }
func (v *visit) Add(name, value string)   { v.w.Header().Add(name, value) }
func (v *visit) Status(code int)          { v.status = code }

func (v *visit) Hint(link string) error {
	v.w.Header().Set("Link", link)
	v.w.WriteHeader(http.StatusEarlyHints)
	v.w.Header().Del("Link")
	return nil
}

func (v *visit) Commit() error {
	v.begin()
	return http.NewResponseController(v.w).Flush()
}

func (v *visit) Body(text string) error {
	v.begin()
	_, err := io.WriteString(v.w, text)
	return err
}

func (v *visit) Stream(body func(context.Context, func(string) error)) error {
	v.begin()
	c := http.NewResponseController(v.w)
	if err := c.Flush(); err != nil {
		return err
	}
	body(v.r.Context(), func(text string) error {
		_, err := io.WriteString(v.w, text)
		return errors.Join(err, c.Flush())
	})
	return nil
}

// Upgrade hands over the connection of an answer by HTTP/1.1.
func (v *visit) Upgrade(serve func(context.Context, io.ReadWriter)) error {
	v.w.WriteHeader(http.StatusSwitchingProtocols)
	conn, buffered, err := http.NewResponseController(v.w).Hijack()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // what became of it is seen by the client
	serve(v.r.Context(), struct {
		io.Reader
		io.Writer
	}{buffered, conn})
	return nil
}

// begin sends the status that was set, once.
func (v *visit) begin() {
	if v.status != 0 {
		v.w.WriteHeader(v.status)
		v.status = 0
	}
}

// ServeHTTP serves h on l until the test is over. The server must have nothing to complain of but panics.
func ServeHTTP(t testing.TB, l net.Listener, h http.Handler) {
	t.Helper()
	logged := &serverLog{}
	server := &http.Server{Handler: h, ErrorLog: log.New(logged, "", 0), ReadHeaderTimeout: Patience}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		if complaints := logged.text(); complaints != "" {
			t.Errorf("the server logs %s", complaints)
		}
	})
}

// Patience is how long anything may take that ought to take no time.
const Patience = 30 * time.Second

// serverLog is what a server complains of.
type serverLog struct {
	mu    sync.Mutex
	lines strings.Builder
}

func (l *serverLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := string(line)
	// A client opens connections ahead of need; and scenarios panic.
	if !strings.Contains(text, "TLS handshake error") && !strings.Contains(text, planned) {
		l.lines.WriteString(text)
	}
	return len(line), nil
}

func (l *serverLog) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.String()
}
