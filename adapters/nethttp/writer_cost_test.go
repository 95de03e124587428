package nethttp

import (
	"io"
	"net/http"
	"testing"

	"github.com/satchel-go/satchel/internal/need"
)

// idle is a per-request state that has nothing to say.
type idle struct{ out writer }

func (*idle) commitHeaders(http.ResponseWriter) error { return nil }
func (*idle) tell(http.Header) error                  { return nil }
func (*idle) commitFailed(http.ResponseWriter, error) {}

// sink is an inner writer that does nothing, with the abilities of HTTP/1.1.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header               { return s.header }
func (s *sink) WriteHeader(int)                   {}
func (s *sink) Write(p []byte) (int, error)       { return len(p), nil }
func (s *sink) WriteString(p string) (int, error) { return len(p), nil }

type sinks struct {
	name  string
	inner http.ResponseWriter
}

func allSinks() []sinks {
	s, all := &sink{header: http.Header{}}, newSpy()
	return []sinks{
		{"plain", s},
		{"recorder", struct {
			*sink
			http.Flusher
		}{s, all}},
		{"http1", struct {
			*sink
			http.Flusher
			http.Hijacker
			io.ReaderFrom
			closeNotifier
		}{s, all, all, all, all}},
		{"http2", struct {
			*sink
			http.Flusher
			http.Pusher
			closeNotifier
		}{s, all, all, all}},
	}
}

var hello = []byte("hello")

func serve(inner http.ResponseWriter, h http.HandlerFunc) {
	r := &idle{}
	h(r.out.begin(inner, r), nil)
	r.out.finish()
}

func writes(w http.ResponseWriter, _ *http.Request) {
	w.Header()
	w.WriteHeader(200)
	_, _ = w.Write(hello)
}

// The state of the request is the only allocation.
func TestAllocWriter(t *testing.T) {
	need.NoRace(t)
	for _, s := range allSinks() {
		if n := testing.AllocsPerRun(100, func() { serve(s.inner, writes) }); n > 1 {
			t.Errorf("%s: %v allocations", s.name, n)
		}
	}
}

func BenchmarkWriter(b *testing.B) {
	for _, s := range allSinks() {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				serve(s.inner, writes)
			}
		})
	}
	b.Run("bare", func(b *testing.B) {
		s := allSinks()[2]
		b.ReportAllocs()
		for b.Loop() {
			writes(s.inner, nil)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	s := allSinks()[2]
	r := &idle{}
	w := r.out.begin(s.inner, r)
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			_, _ = w.Write(hello)
		}
	})
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			_, _ = s.inner.Write(hello)
		}
	})
}
