package adaptertest

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/satcheltest"
)

// Visitor is a browser of an adapter's own tests: a cookie jar and connections. It follows no redirect.
type Visitor struct {
	*http.Client

	t   testing.TB
	url string
}

// NewVisitor returns a visitor of the server at url, scheme and host, with an empty jar.
func NewVisitor(t testing.TB, url string, transport http.RoundTripper) *Visitor {
	asItCame := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Visitor{&http.Client{Transport: transport, Jar: satcheltest.NewJar(nil), CheckRedirect: asItCame}, t, url}
}

// Field is a request's header of one field.
func Field(name string, lines ...string) http.Header { return http.Header{name: lines} }

// Request returns a request to a path, with a header; Host in it is the request's.
func (v *Visitor) Request(method, path string, header http.Header) *http.Request {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.url+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	maps.Copy(r.Header, header)
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	return r
}

// Get requests a path.
func (v *Visitor) Get(path string) Answer {
	v.t.Helper()
	return v.GetWith(path, nil)
}

// GetWith requests a path, with a header.
func (v *Visitor) GetWith(path string, header http.Header) Answer {
	v.t.Helper()
	return v.Send(v.Request(http.MethodGet, path, header))
}

// Send sends a request and reads its answer, or ends the test.
func (v *Visitor) Send(r *http.Request) Answer {
	v.t.Helper()
	res, err := v.Do(r)
	if err != nil {
		v.t.Fatalf("%s: %v", r.URL.Path, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatalf("%s: %v", r.URL.Path, err)
	}
	return Answer{res, string(text)}
}

// Cookies is what the jar sends to the server's front page.
func (v *Visitor) Cookies() []*http.Cookie {
	return v.Jar.Cookies(v.Request(http.MethodGet, "/", nil).URL)
}

// Answer is a response that was read. Its methods fail the test if it is not what they say, and return it.
type Answer struct {
	*http.Response

	Text string
}

// Says is about status and body, but for a newline at its end.
func (a Answer) Says(t testing.TB, status int, text string) Answer {
	t.Helper()
	if a.StatusCode != status || strings.TrimSuffix(a.Text, "\n") != strings.TrimSuffix(text, "\n") {
		t.Errorf("%s: %d %q, want %d %q", a.Request.URL.Path, a.StatusCode, a.Text, status, text)
	}
	return a
}

// Has says that a header field has exactly these lines.
func (a Answer) Has(t testing.TB, name string, lines ...string) Answer {
	t.Helper()
	if got := a.Header.Values(name); !slices.Equal(got, lines) {
		t.Errorf("%s: %s is %q, want %q", a.Request.URL.Path, name, got, lines)
	}
	return a
}

// TellsNothing says that there is nothing in the answer about sessions.
func (a Answer) TellsNothing(t testing.TB) Answer {
	t.Helper()
	return a.Has(t, "Set-Cookie").Has(t, "Vary").Has(t, "Cache-Control")
}

// Sets returns the value that the answer gives a cookie. The test ends if that is none, or two.
func (a Answer) Sets(t testing.TB, name string) string {
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

// Clears says that the answer takes a cookie away.
func (a Answer) Clears(t testing.TB, name string) Answer {
	t.Helper()
	for _, c := range a.Cookies() {
		if c.Name == name && c.Value == "" && c.MaxAge < 0 {
			return a
		}
	}
	t.Errorf("%s: %s is not cleared by %q", a.Request.URL.Path, name, a.Header["Set-Cookie"])
	return a
}
