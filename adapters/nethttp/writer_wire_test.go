package nethttp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// through is the middleware in small: it begins, and finishes unless the handler panicked.
func through(err error, h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		r := &request{note: func(string) {}, err: err, answer: away}
		w := r.out.begin(rw, r)
		returned := false
		defer func() {
			if !returned {
				r.out.abandon()
			}
		}()
		h(w, req)
		returned = true
		r.out.finish()
	})
}

// wire is a server on a real socket, and its client.
type wire struct {
	*httptest.Server
	log *bytes.Buffer // of the server, complete after Close
}

func over(t *testing.T, http2 bool, h http.Handler) wire {
	t.Helper()
	lines := &bytes.Buffer{}
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(lines, "", 0)
	if http2 {
		s.EnableHTTP2 = true
		s.StartTLS()
	} else {
		s.Start()
	}
	s.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(s.Close)
	return wire{s, lines}
}

func (s wire) get(t *testing.T, path string) (*http.Response, string) {
	t.Helper()
	res, err := s.Client().Get(s.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// both runs a test on HTTP/1.1 and HTTP/2.
func both(t *testing.T, test func(t *testing.T, http2 bool)) {
	t.Run("HTTP1", func(t *testing.T) { test(t, false) })
	t.Run("HTTP2", func(t *testing.T) { test(t, true) })
}

func wantCookie(t *testing.T, h http.Header) {
	t.Helper()
	if got := h.Values("Set-Cookie"); len(got) != 1 || got[0] != "cart=token" {
		t.Errorf("Set-Cookie %q", got)
	}
}

func TestWireAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		h      http.HandlerFunc
		status int
		body   string
	}{
		"nothing":         {func(http.ResponseWriter, *http.Request) {}, 200, ""},
		"implicit 200":    {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hi") }, 200, "hi"},
		"status and body": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); fmt.Fprint(w, "no") }, 404, "no"},
		"204":             {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, 204, ""},
		"304":             {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) }, 304, ""},
		"redirect":        {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusSeeOther) }, 303, ""},
		"string":          {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hi") }, 200, "hi"},
		"copy": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, onlyReads{strings.NewReader("hi")})
		}, 200, "hi"},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, http2 bool) {
				res, body := over(t, http2, through(nil, c.h)).get(t, "/")
				wantCookie(t, res.Header)
				if res.StatusCode != c.status || (c.body != "" && body != c.body) {
					t.Errorf("%d %q", res.StatusCode, body)
				}
			})
		})
	}
}

// onlyReads hides WriterTo, so that io.Copy asks the writer for ReadFrom.
type onlyReads struct{ io.Reader }

func TestWireHEAD(t *testing.T) {
	both(t, func(t *testing.T, http2 bool) {
		s := over(t, http2, through(nil, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "2")
			if _, err := w.Write([]byte("hi")); err != nil && !errors.Is(err, http.ErrBodyNotAllowed) {
				t.Error(err)
			}
		}))
		res, err := s.Client().Head(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		wantCookie(t, res.Header)
		if res.ContentLength != 2 {
			t.Error(res.ContentLength)
		}
	})
}

func TestWireFailedCommit(t *testing.T) {
	both(t, func(t *testing.T, http2 bool) {
		s := over(t, http2, through(errStore, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5")
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("ETag", `"1"`)
			if n, err := w.Write([]byte("saved")); n != 0 || err != errStore {
				t.Error(n, err)
			}
		}))
		res, body := s.get(t, "/")
		h := res.Header
		if res.StatusCode != 503 || body != "try again" || h.Get("ETag") != "" || h.Get("Content-Type") != "text/plain" ||
			h.Get("Cache-Control") != "no-store" || len(h["Set-Cookie"]) != 0 {
			t.Errorf("%d %q %v", res.StatusCode, body, h)
		}
	})
}

// Server-sent events: the header is at the client, with its cookie, while the handler still runs.
func TestWireFlush(t *testing.T) {
	flushes := map[string]func(http.ResponseWriter) error{
		"Flusher":    func(w http.ResponseWriter) error { w.(http.Flusher).Flush(); return nil },
		"controller": func(w http.ResponseWriter) error { return http.NewResponseController(w).Flush() },
	}
	for name, flush := range flushes {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, http2 bool) {
				seen := make(chan struct{})
				s := over(t, http2, through(nil, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "text/event-stream")
					if err := flush(w); err != nil { // before the first byte, as many SSE handlers do
						t.Error(err)
					}
					<-seen
					fmt.Fprint(w, "data: 1\n\n")
					if err := flush(w); err != nil {
						t.Error(err)
					}
				}))
				res, err := s.Client().Get(s.URL)
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				wantCookie(t, res.Header)
				close(seen)
				if body, _ := io.ReadAll(res.Body); string(body) != "data: 1\n\n" {
					t.Errorf("%q", body)
				}
			})
		})
	}
}

func TestWireEarlyHintsThenCookie(t *testing.T) {
	both(t, func(t *testing.T, http2 bool) {
		s := over(t, http2, through(nil, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "</a.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			fmt.Fprint(w, "page")
		}))
		var hints []http.Header
		ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
				if code != 103 {
					t.Error(code)
				}
				hints = append(hints, http.Header(h))
				return nil
			},
		})
		req, _ := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		wantCookie(t, res.Header)
		if len(hints) != 1 || hints[0].Get("Link") == "" || hints[0].Get("Set-Cookie") != "" {
			t.Error(hints)
		}
	})
}

// sniffer notes what the server's own ReadFrom is handed.
type sniffer struct {
	http.ResponseWriter
	sources *[]io.Reader
}

func (s sniffer) ReadFrom(src io.Reader) (int64, error) {
	*s.sources = append(*s.sources, src)
	return s.ResponseWriter.(io.ReaderFrom).ReadFrom(src)
}

// The file arrives at the server's ReadFrom as the file it is, which is what lets it use sendfile.
func TestWireServeContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.bin")
	want := bytes.Repeat([]byte("0123456789abcdef"), 64<<10)
	if err := os.WriteFile(path, want, 0o600); err != nil {
		t.Fatal(err)
	}
	var sources []io.Reader
	h := through(nil, func(w http.ResponseWriter, r *http.Request) {
		f, err := os.Open(path)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		http.ServeContent(w, r, "page.bin", time.Unix(0, 0), f)
	})
	s := over(t, false, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(sniffer{w, &sources}, r)
	}))
	res, body := s.get(t, "/")
	wantCookie(t, res.Header)
	if body != string(want) {
		t.Error("another content")
	}
	if len(sources) != 1 {
		t.Fatalf("ReadFrom was called %d times", len(sources))
	}
	limited, ok := sources[0].(*io.LimitedReader)
	if !ok {
		t.Fatalf("%T", sources[0])
	}
	if _, ok := limited.R.(*os.File); !ok {
		t.Errorf("%T", limited.R)
	}
}

func TestWireSuperfluousWriteHeaderIsLogged(t *testing.T) {
	s := over(t, false, through(nil, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(200)
		w.WriteHeader(500)
	}))
	res, _ := s.get(t, "/")
	s.Close()
	if res.StatusCode != 200 || !strings.Contains(s.log.String(), "superfluous") {
		t.Errorf("%d, log %q", res.StatusCode, s.log)
	}
}

// Middleware within middleware: each commits before the one around it, and nothing that the server can do is lost.
func TestWireNested(t *testing.T) {
	both(t, func(t *testing.T, http2 bool) {
		var outer abilities
		inside := through(nil, func(w http.ResponseWriter, _ *http.Request) {
			if shown(w) != outer {
				t.Errorf("%v, outside %v", shown(w), outer)
			}
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
		})
		res, _ := over(t, http2, through(nil, func(w http.ResponseWriter, r *http.Request) {
			outer = shown(w)
			inside.ServeHTTP(w, r)
		})).get(t, "/")
		if got := res.Header.Values("Set-Cookie"); len(got) != 2 {
			t.Errorf("%q", got)
		}
	})
}
