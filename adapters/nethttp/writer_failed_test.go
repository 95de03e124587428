package nethttp

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
)

func away(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusServiceUnavailable)
	fmt.Fprint(w, "try again")
}

func TestFailedCommitSendsOnlyItsAnswer(t *testing.T) {
	for _, m := range moments {
		t.Run(m.name, func(t *testing.T) {
			r := &request{err: errStore, answer: away}
			s, w := begun(r)
			for range 2 {
				if err := m.call(w); err != errStore && !silent(m.name) {
					t.Errorf("error %v", err)
				}
			}
			for _, later := range moments {
				if err := later.call(w); err != errStore && !silent(later.name) {
					t.Errorf("then %s: %v", later.name, err)
				}
			}
			w.WriteHeader(103)
			if err := w.Push("/", nil); err != errStore {
				t.Errorf("then Push: %v", err)
			}
			w.Header().Set("Late", "1")
			r.out.finish()
			want := []string{"commit", "failed: " + errStore.Error(), "status 503", "write try again"}
			if !slices.Equal(s.events, want) || s.header.Get("Late") != "" {
				t.Errorf("%q, want %q; header %v", s.events, want, s.header)
			}
		})
	}
}

func TestFailedCommitAtTheEndIsAnswered(t *testing.T) {
	r := &request{err: errStore, answer: away}
	s, _ := begun(r)
	r.out.finish()
	want := []string{"commit", "failed: " + errStore.Error(), "status 503", "write try again"}
	if !slices.Equal(s.events, want) {
		t.Errorf("%q, want %q", s.events, want)
	}
}

func TestAnswerWithoutStatusIsA500(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter)
		want   []string
	}{
		"nothing":       {nil, []string{"status 500"}},
		"body alone":    {func(w http.ResponseWriter) { fmt.Fprint(w, "oh") }, []string{"status 500", "write oh"}},
		"informational": {func(w http.ResponseWriter) { w.WriteHeader(103) }, []string{"status 103", "status 500"}},
		"redirect":      {func(w http.ResponseWriter) { w.WriteHeader(303) }, []string{"status 303"}},
	} {
		r := &request{err: errStore, answer: c.answer}
		s, w := begun(r)
		w.WriteHeader(200)
		if got := s.events[2:]; !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestFailedCommitDropsWhatSpeaksOfTheLostAnswer(t *testing.T) {
	r := &request{err: errStore}
	s, w := begun(r)
	outer := map[string]string{
		"Access-Control-Allow-Origin": "*", "Vary": "Origin", "X-Request-Id": "7", "Content-Security-Policy": "default-src 'self'",
		"Strict-Transport-Security": "max-age=1", "Set-Cookie": "theme=dark", "Connection": "close",
	}
	for name, value := range outer {
		s.header.Set(name, value)
	}
	handlers := []string{
		"Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Location", "Content-Range",
		"Content-Disposition", "Content-Md5", "Digest", "Content-Digest", "Repr-Digest", "Accept-Ranges", "Etag", "ETag", "last-modified",
		"Transfer-Encoding", "Trailer", "Trailer:Sum", "Cache-Control", "Cdn-Cache-Control", "Surrogate-Control", "Expires", "Pragma",
		"Age", "Location", "Refresh", "Retry-After", "Upgrade", "Sec-Websocket-Accept", "Sec-WebSocket-Protocol",
		"Sec-Websocket-Extensions", "Clear-Site-Data", "Www-Authenticate",
	}
	for _, name := range handlers {
		w.Header()[name] = []string{"x"} // as it is: some write ETag
	}
	w.WriteHeader(201)
	for _, name := range handlers {
		if slices.Contains(s.header[name], "x") {
			t.Errorf("%s stayed", name)
		}
	}
	for name, value := range outer {
		if s.header.Get(name) != value {
			t.Errorf("%s went", name)
		}
	}
}

func TestFailedUpgradeDoesNotSaySo(t *testing.T) {
	r := &request{err: errStore}
	s, w := begun(r)
	w.Header().Set("Connection", "Upgrade")
	w.WriteHeader(101)
	if s.header.Get("Connection") != "" {
		t.Error(s.header)
	}
}

// An outer writer that compresses may say so before the handler begins, as gorilla/handlers does, and compresses the
// error's answer like any other. What the handler says is of the body that is not sent.
func TestContentEncodingOfAnOuterWriterStays(t *testing.T) {
	for _, touched := range []bool{false, true} {
		r := &request{err: errStore}
		s, w := begun(r)
		s.header.Set("Content-Encoding", "gzip")
		if touched {
			w.Header().Set("Content-Encoding", "br")
		}
		w.WriteHeader(200)
		if got := s.header.Get("Content-Encoding"); got != "gzip" {
			t.Errorf("touched %v: %q", touched, got)
		}
	}
}

func TestAHookThatPanicsLeavesNothingToSend(t *testing.T) {
	for name, test := range map[string]struct {
		panics string // the event
		err    error  // of the commit
		want   []string
	}{
		"commit": {"commit", nil, []string{"failed: nethttp: the commit did not end", "status 500"}},
		"answer": {"failed: no", errors.New("no"), []string{"commit", "failed: no", "status 500"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, left := &request{err: test.err}, 1
			s, w := begun(r)
			r.note = func(event string) {
				if event == test.panics && left > 0 {
					left--
					panic("hook")
				}
				s.note(event)
			}
			func() {
				defer func() {
					if recover() != "hook" {
						t.Error("the panic was swallowed")
					}
				}()
				w.WriteHeader(200)
			}()
			if _, err := w.Write([]byte("body")); err == nil || test.err == nil && err != errInterrupted {
				t.Error(err)
			}
			r.out.finish() // the handler has recovered: silence would be an empty 200
			if !slices.Equal(s.events, test.want) || s.header.Get("Set-Cookie") != "" {
				t.Errorf("%q, %q", s.events, s.header)
			}
		})
	}
}

// A hook that panics when it has begun its answer has answered.
func TestAHookThatPanicsInItsAnswer(t *testing.T) {
	r := &request{err: errors.New("no"), answer: func(w http.ResponseWriter) { w.WriteHeader(503); panic("hook") }}
	s, w := begun(r)
	func() {
		defer func() { _ = recover() }()
		w.WriteHeader(200)
	}()
	r.out.finish()
	if want := []string{"commit", "failed: no", "status 503"}; !slices.Equal(s.events, want) {
		t.Errorf("%q", s.events)
	}
}
