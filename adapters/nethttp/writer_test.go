package nethttp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

var errStore = errors.New("the store is away")

// request is a per-request state as the middleware has one: the writer is a value inside it.
type request struct {
	out    writer
	note   func(event string)
	err    error // of the commit
	answer func(http.ResponseWriter)
}

func (r *request) commitHeaders(inner http.ResponseWriter) error {
	r.note("commit")
	if r.err == nil {
		inner.Header().Add("Set-Cookie", "cart=token")
	}
	return r.err
}

func (r *request) commitFailed(w http.ResponseWriter, err error) {
	r.note("failed: " + err.Error())
	if r.answer != nil {
		r.answer(w)
	}
}

func (r *request) tell(http.Header) error { return nil }

// spy is an inner writer with every ability. It notes what reaches it, without any lock, so that the race detector sees
// two calls at once.
type spy struct {
	header http.Header
	events []string
	source io.Reader // that ReadFrom was handed
}

func newSpy() *spy { return &spy{header: http.Header{}} }

func (s *spy) note(event string)           { s.events = append(s.events, event) }
func (s *spy) Header() http.Header         { return s.header }
func (s *spy) WriteHeader(code int)        { s.note(fmt.Sprint("status ", code)) }
func (s *spy) Write(p []byte) (int, error) { s.note("write " + string(p)); return len(p), nil }

func (s *spy) WriteString(p string) (int, error)             { s.note("string " + p); return len(p), nil }
func (s *spy) Flush()                                        { s.note("flush") }
func (s *spy) FlushError() error                             { s.note("flush"); return nil }
func (s *spy) Push(target string, _ *http.PushOptions) error { s.note("push " + target); return nil }

func (s *spy) CloseNotify() <-chan bool { s.note("notify"); return make(chan bool) }

func (s *spy) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	s.note("hijack")
	return nil, nil, nil
}

func (s *spy) ReadFrom(src io.Reader) (int64, error) {
	s.source = src
	p, err := io.ReadAll(src)
	s.note("read " + string(p))
	return int64(len(p)), err
}

// full shows everything that a writer can show, apart from CloseNotify.
type full interface {
	http.ResponseWriter
	http.Flusher
	http.Hijacker
	http.Pusher
	io.ReaderFrom
	io.StringWriter
	FlushError() error
}

// withoutNotify hides CloseNotify of a spy, so that the writer over it is full.
type withoutNotify struct {
	http.ResponseWriter
	http.Flusher
	http.Hijacker
	http.Pusher
	io.ReaderFrom
	io.StringWriter
}

func begun(r *request) (*spy, full) {
	s := newSpy()
	if r.note == nil {
		r.note = s.note
	}
	return s, r.out.begin(withoutNotify{s, s, s, s, s, s}, r).(full)
}

// moments are the calls that send the header, and what of each reaches the inner writer.
var moments = []struct {
	name, event string
	call        func(full) error
}{
	{"WriteHeader", "status 404", func(w full) error { w.WriteHeader(404); return nil }},
	{"WriteHeader 101", "status 101", func(w full) error { w.WriteHeader(101); return nil }},
	{"WriteHeader 204", "status 204", func(w full) error { w.WriteHeader(204); return nil }},
	{"WriteHeader 304", "status 304", func(w full) error { w.WriteHeader(304); return nil }},
	{"Write", "write a", func(w full) error { _, err := w.Write([]byte("a")); return err }},
	{"Write of nothing", "write ", func(w full) error { _, err := w.Write(nil); return err }},
	{"WriteString", "string a", func(w full) error { _, err := w.WriteString("a"); return err }},
	{"ReadFrom", "read a", func(w full) error { _, err := w.ReadFrom(strings.NewReader("a")); return err }},
	{"Flush", "flush", func(w full) error { w.Flush(); return nil }},
	{"FlushError", "flush", func(w full) error { return w.FlushError() }},
	{"controller Flush", "flush", func(w full) error { return http.NewResponseController(w).Flush() }},
	{"Hijack", "hijack", func(w full) error { _, _, err := w.Hijack(); return err }},
	{"controller Hijack", "hijack", func(w full) error { _, _, err := http.NewResponseController(w).Hijack(); return err }},
}

func TestEachMomentCommitsFirstAndOnce(t *testing.T) {
	for _, m := range moments {
		t.Run(m.name, func(t *testing.T) {
			r := &request{}
			s, w := begun(r)
			for range 2 {
				if err := m.call(w); err != nil {
					t.Fatal(err)
				}
			}
			r.out.finish()
			if want := []string{"commit", m.event, m.event}; !slices.Equal(s.events, want) {
				t.Errorf("%q, want %q", s.events, want)
			}
		})
	}
}

func TestFinishCommitsWhatNothingSent(t *testing.T) {
	r := &request{}
	s, _ := begun(r)
	r.out.finish()
	r.out.finish()
	if want := []string{"commit"}; !slices.Equal(s.events, want) {
		t.Errorf("%q, want %q", s.events, want)
	}
}

func TestInformationalAndPushDoNotCommit(t *testing.T) {
	r := &request{}
	s, w := begun(r)
	for _, code := range []int{100, 102, 103, 199} {
		w.WriteHeader(code)
	}
	if err := w.Push("/style.css", nil); err != nil {
		t.Error(err)
	}
	w.WriteHeader(200)
	want := []string{"status 100", "status 102", "status 103", "status 199", "push /style.css", "commit", "status 200"}
	if !slices.Equal(s.events, want) {
		t.Errorf("%q, want %q", s.events, want)
	}
}

func TestAnInvalidStatusPanicsBeforeTheCommit(t *testing.T) {
	for _, code := range []int{-1, 0, 99, 1000} {
		r := &request{}
		s, w := begun(r)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d: no panic", code)
				}
				r.out.abandon()
			}()
			w.WriteHeader(code)
		}()
		if len(s.events) != 0 {
			t.Errorf("%d: %q", code, s.events)
		}
	}
}

func TestSealedWriterReachesNothing(t *testing.T) {
	for name, seal := range map[string]func(*writer){"finish": (*writer).finish, "abandon": (*writer).abandon} {
		r := &request{note: func(string) {}}
		s, w := begun(r)
		seal(&r.out)
		for _, m := range moments {
			if err := m.call(w); err != errSealed && !silent(m.name) {
				t.Errorf("%s, then %s: %v", name, m.name, err)
			}
		}
		w.WriteHeader(103)
		if err := w.Push("/", nil); err != errSealed {
			t.Errorf("%s, then Push: %v", name, err)
		}
		w.Header().Set("Late", "1")
		if len(s.events) != 0 || s.header.Get("Late") != "" {
			t.Errorf("%s: %q reached the inner writer, header %v", name, s.events, s.header)
		}
	}
}

// silent tells the calls that have no error to return.
func silent(name string) bool { return strings.HasPrefix(name, "WriteHeader") || name == "Flush" }

func TestAbandonDoesNotCommit(t *testing.T) {
	r := &request{}
	s, _ := begun(r)
	r.out.abandon()
	r.out.finish()
	if len(s.events) != 0 {
		t.Errorf("%q", s.events)
	}
}

func TestCloseNotifyAfterTheEndTellsNothing(t *testing.T) {
	r := &request{}
	s := newSpy()
	r.note = s.note
	h1 := struct {
		http.ResponseWriter
		http.Flusher
		http.Hijacker
		io.ReaderFrom
		closeNotifier
	}{s, s, s, s, s}
	w := r.out.begin(h1, r).(closeNotifier)
	if w.CloseNotify() == nil {
		t.Error("no channel while the handler runs")
	}
	r.out.finish()
	if w.CloseNotify() != nil || !slices.Equal(s.events, []string{"notify", "commit"}) {
		t.Errorf("reached the inner writer: %q", s.events)
	}
}

func TestReadFromHandsTheSourceOn(t *testing.T) {
	r := &request{}
	s, w := begun(r)
	src := io.LimitReader(strings.NewReader("abc"), 2)
	if n, err := io.Copy(w, struct{ io.Reader }{src}); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if got, ok := s.source.(struct{ io.Reader }); !ok || got.Reader != src {
		t.Errorf("the inner writer got a %T", s.source)
	}
}

func TestHeaderIsTheInnerOne(t *testing.T) {
	r := &request{}
	s, w := begun(r)
	w.Header().Set("A", "1")
	w.WriteHeader(200)
	w.Header().Set("Trailer:B", "2") // trailers are set behind the commit
	if s.header.Get("A") != "1" || len(s.header["Trailer:B"]) != 1 || s.header.Get("Set-Cookie") != "cart=token" {
		t.Error(s.header)
	}
}

func TestRecorder(t *testing.T) {
	r := &request{note: func(string) {}}
	rec := httptest.NewRecorder()
	w := r.out.begin(rec, r)
	fmt.Fprint(w, "hello")
	r.out.finish()
	res := rec.Result()
	if res.StatusCode != 200 || rec.Body.String() != "hello" || res.Header.Get("Set-Cookie") != "cart=token" {
		t.Error(res, rec.Body)
	}
}

// slow is an inner writer whose client does not read.
type slow struct {
	*spy
	entered, release chan struct{}
}

func (s slow) Write(p []byte) (int, error) {
	close(s.entered)
	<-s.release
	return len(p), nil
}

func TestAbandonDoesNotWaitForAStuckWrite(t *testing.T) {
	r := &request{note: func(string) {}}
	s := slow{newSpy(), make(chan struct{}), make(chan struct{})}
	w := r.out.begin(s, r)
	var stuck sync.WaitGroup
	stuck.Go(func() { _, _ = w.Write([]byte("a")) })
	<-s.entered
	r.out.abandon() // would not return if it waited
	close(s.release)
	stuck.Wait()
	if _, err := w.Write(nil); err != errSealed {
		t.Error(err)
	}
}

// flushes is a source that pushes on what it gave before it waits for more, as proxies do.
type flushes struct {
	io.Reader
	w full
}

func (f flushes) Read(p []byte) (int, error) {
	f.w.Flush()
	return f.Reader.Read(p)
}

func TestASourceMayUseTheWriter(t *testing.T) {
	r := &request{}
	_, w := begun(r)
	if n, err := w.ReadFrom(flushes{strings.NewReader("abc"), w}); n != 3 || err != nil { // would not return under the lock
		t.Error(n, err)
	}
}
