package satcheltest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/satcheltest"
)

// sees calls a handler by a request of a client's, and returns the answer.
func sees(t *testing.T, req *http.Request, f http.HandlerFunc) (*http.Response, error) {
	t.Helper()
	res, err := satcheltest.Handler(f).RoundTrip(req)
	if err == nil {
		t.Cleanup(func() { _ = res.Body.Close() })
	}
	return res, err
}

// What a handler sees is what a server shows it.
func TestAHandlerSeesWhatAServerShows(t *testing.T) {
	type view struct {
		method, host, uri, path, escaped, query, proto, body, header string
		length                                                       int64
		tls, bodiless                                                bool
	}
	seen := make(chan view, 1)
	look := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		seen <- view{
			r.Method, r.Host, r.RequestURI, r.URL.Path, r.URL.EscapedPath(), r.URL.RawQuery, r.Proto, string(body), r.Header.Get("X-Own"),
			r.ContentLength, r.TLS != nil, r.Body == nil,
		}
		if r.URL.Host != "" || r.URL.Scheme != "" || r.RemoteAddr == "" || r.Response != nil {
			t.Errorf("the handler sees %v, from %q", r.URL, r.RemoteAddr)
		}
	})
	plain, secure := httptest.NewServer(look), httptest.NewTLSServer(look)
	defer plain.Close()
	defer secure.Close()
	for _, c := range []struct{ method, path, body, host string }{
		{"GET", "", "", ""}, {"GET", "/a%2Fb%41?x=1&y=%20", "", ""}, {"POST", "/a", "body", "shop.example"}, {"DELETE", "/?", "", ""},
	} {
		for _, server := range []*httptest.Server{plain, secure} {
			request := func() *http.Request {
				req := must(http.NewRequestWithContext(t.Context(), c.method, server.URL+c.path, strings.NewReader(c.body)))
				req.Header.Set("X-Own", "own")
				req.Host = c.host
				return req
			}
			res := must(server.Client().Do(request()))
			_ = res.Body.Close()
			want := <-seen
			redirected := request()
			redirected.Response = new(http.Response)
			if _, err := sees(t, redirected, look); err != nil {
				t.Fatal(err)
			}
			if got := <-seen; got != want {
				t.Errorf("%s %s: the handler sees\n%+v, and behind a server\n%+v", c.method, c.path, got, want)
			}
		}
	}
}

func TestAnAnswerIsTheHandlers(t *testing.T) {
	req := must(http.NewRequestWithContext(t.Context(), "GET", "http://localhost/", nil))
	var ended <-chan struct{}
	res, err := sees(t, req, func(w http.ResponseWriter, r *http.Request) {
		ended = r.Context().Done()
		w.Header().Set("Link", "</style.css>")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Set("X-Late", "no")
		w.WriteHeader(http.StatusTeapot)
		w.Header().Set("X-Later", "too late")
		_, _ = io.WriteString(w, "short and stout")
		if err := http.NewResponseController(w).Flush(); err != nil || r.Context().Err() != nil {
			t.Errorf("within the handler: %v, %v", err, r.Context().Err())
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusTeapot || string(body) != "short and stout" || err != nil {
		t.Errorf("%s: %q, %v", res.Status, body, err)
	}
	if res.Header.Get("X-Late") != "no" || res.Header.Get("X-Later") != "" {
		t.Errorf("the header is %v", res.Header)
	}
	if res.Request != req || req.Context().Err() != nil {
		t.Error("the request is another, or has ended")
	}
	select {
	case <-ended:
	default:
		t.Error("the handler's context goes on without it")
	}
}

// closing is a body that notes its end.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

func TestHandlersThatPanic(t *testing.T) {
	request := func() (*http.Request, *closing) {
		body := &closing{Reader: strings.NewReader("x")}
		return must(http.NewRequestWithContext(t.Context(), "POST", "http://localhost/", body)), body
	}
	req, body := request()
	if _, err := sees(t, req, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }); err == nil || !body.closed {
		t.Errorf("an aborted answer: %v, body closed %v", err, body.closed)
	}
	req, body = request()
	defer func() {
		if fault := recover(); fault != "a fault" || !body.closed {
			t.Errorf("the panic became %v, body closed %v", fault, body.closed)
		}
	}()
	_, err := sees(t, req, func(http.ResponseWriter, *http.Request) { panic("a fault") })
	t.Errorf("a panic is an answer, with error %v", err)
}
