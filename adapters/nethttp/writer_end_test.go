package nethttp

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

func TestWirePanicSendsNoCookieAndGoesOn(t *testing.T) {
	both(t, func(t *testing.T, http2 bool) {
		s := over(t, http2, through(nil, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
		if res, err := s.Client().Get(s.URL); err == nil {
			res.Body.Close()
			t.Error("an answer:", res.Status, res.Header)
		}
	})
}

// A goroutine that outlives its handler writes beside the end of the request: it is either before it or refused.
func TestWireGoroutinesThatOutliveTheHandler(t *testing.T) {
	both(t, func(t *testing.T, http2 bool) {
		var strays sync.WaitGroup
		s := over(t, http2, through(nil, func(w http.ResponseWriter, _ *http.Request) {
			started := make(chan struct{})
			strays.Go(func() {
				close(started)
				for {
					if _, err := w.Write([]byte("x")); err != nil {
						break
					}
					if f, ok := w.(http.Flusher); ok {
						f.Flush()
					}
				}
				w.WriteHeader(500)
				w.Header().Set("A", "1")
			})
			<-started
		}))
		for range 20 {
			res, _ := s.get(t, "/")
			wantCookie(t, res.Header)
		}
		strays.Wait()
	})
}

func TestTimeoutHandlerOutside(t *testing.T) {
	var late sync.WaitGroup
	late.Add(1)
	s := over(t, false, http.TimeoutHandler(through(nil, func(w http.ResponseWriter, r *http.Request) {
		defer late.Done()
		<-r.Context().Done() // the answer of TimeoutHandler leaves beside what follows
		w.Header().Set("A", "1")
		for {
			if _, err := w.Write([]byte("late")); err == http.ErrHandlerTimeout {
				return
			}
		}
	}), time.Millisecond, "too slow"))
	res, body := s.get(t, "/")
	if res.StatusCode != 503 || body != "too slow" || res.Header.Get("Set-Cookie") != "" {
		t.Error(res, body)
	}
	late.Wait()
}

func TestTimeoutHandlerOutsideInTime(t *testing.T) {
	s := over(t, false, http.TimeoutHandler(through(nil, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "fast")
	}), time.Hour, ""))
	res, body := s.get(t, "/")
	wantCookie(t, res.Header)
	if body != "fast" {
		t.Error(body)
	}
}

func TestTimeoutHandlerInside(t *testing.T) {
	release := make(chan struct{})
	var late sync.WaitGroup
	late.Add(1)
	s := over(t, false, through(nil, http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		defer late.Done()
		<-release
		_, _ = w.Write([]byte("late"))
		if p, ok := w.(http.Pusher); ok {
			_ = p.Push("/", nil)
		}
	}), time.Millisecond, "too slow").ServeHTTP))
	res, body := s.get(t, "/")
	wantCookie(t, res.Header) // the answer is TimeoutHandler's, and the session was committed with it
	if res.StatusCode != 503 || body != "too slow" {
		t.Error(res, body)
	}
	close(release)
	late.Wait()
}
