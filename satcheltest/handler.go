package satcheltest

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
)

// RoundTrip is a function as an [http.RoundTripper], for frameworks that have a door of their own for tests.
type RoundTrip func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f RoundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Handler returns a transport that calls h in place of sending anything, with the request as a server would hand it over.
// A handler's panic goes on into the test, but for [http.ErrAbortHandler], which is an error as it is for a client. Early
// hints are passed over; what needs a connection (Hijack, deadlines) needs a server, see [Program.ClientAt].
func Handler(h http.Handler) http.RoundTripper {
	return RoundTrip(func(out *http.Request) (res *http.Response, err error) {
		ctx, cancel := context.WithCancel(out.Context())
		defer cancel() // as a server does when the handler has returned
		in := arriving(ctx, out)
		defer in.Body.Close()
		defer func() {
			switch fault := recover(); fault {
			case nil:
			case http.ErrAbortHandler:
				err = errors.New("satcheltest: the handler aborted its answer")
			default:
				panic(fault)
			}
		}()
		w := &recorder{httptest.NewRecorder()}
		h.ServeHTTP(w, in)
		res = w.Result()
		res.Request = out
		return res, nil
	})
}

// arriving returns a client's request as its server sees it.
func arriving(ctx context.Context, out *http.Request) *http.Request {
	in := out.Clone(ctx)
	in.URL = &url.URL{Path: out.URL.Path, RawPath: out.URL.RawPath, RawQuery: out.URL.RawQuery}
	if in.URL.Path == "" {
		in.URL.Path = "/"
	}
	in.RequestURI = out.URL.RequestURI()
	if in.Host == "" {
		in.Host = out.URL.Host
	}
	in.Response, in.GetBody = nil, nil
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	in.RemoteAddr = "192.0.2.1:1234" // RFC 5737: documentation's own, as in httptest
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if out.URL.Scheme == "https" {
		in.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: out.URL.Hostname()}
	}
	return in
}

// recorder takes no informational answer for the final one.
type recorder struct{ *httptest.ResponseRecorder }

func (r *recorder) WriteHeader(status int) {
	if status >= 100 && status < 200 && status != http.StatusSwitchingProtocols {
		return
	}
	r.ResponseRecorder.WriteHeader(status)
}
