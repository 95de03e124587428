package satcheltest

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// Client is one visitor: a browser as far as cookies go, which also keeps the tokens that travel by header fields and
// sends them back. [Program.Client] and [Program.ClientAt] make it. Many goroutines may use it at once, as tabs; its fields
// are not changed meanwhile.
type Client struct {
	// URL is where the program is: scheme and host. Addresses may be relative to it.
	URL string
	// Transport carries requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
	// Jar has the visitor's cookies.
	Jar *Jar
	// Stay hands a redirect to the test. Otherwise it is followed, as a browser does.
	Stay bool
	// Tenant is what the adapter's Tenant says of this visitor's requests, if it has one.
	Tenant string

	program *Program
	mu      sync.Mutex
	fields  map[field]core.Token
}

// field is a header field by which tokens travel, at one host.
type field struct{ host, name string }

// Get requests an address.
func (c *Client) Get(t testing.TB, address string) Answer {
	t.Helper()
	return c.Do(t, c.request(t, http.MethodGet, address, nil))
}

// Post sends a form, its fields in pairs of name and value.
func (c *Client) Post(t testing.TB, address string, fields ...string) Answer {
	t.Helper()
	if len(fields)%2 != 0 {
		t.Fatalf("satcheltest: a form of %d names and values, which are not pairs", len(fields))
	}
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	req := c.request(t, http.MethodPost, address, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.Do(t, req)
}

func (c *Client) request(t testing.TB, method, address string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatalf("satcheltest: %v", err)
	}
	return req
}

// Do sends a request with the visitor's tokens, and keeps those that come back. It takes requests of [http.NewRequest] and
// of [httptest.NewRequest], of which it changes nothing. A relative address is under the client's URL, host included. A
// header field that the request has already is sent as it is, and cookies are added to those that it has.
//
// A test that gets no answer ends; one whose answer sets a cookie that a browser would drop fails.
func (c *Client) Do(t testing.TB, req *http.Request) Answer {
	t.Helper()
	out := req.Clone(req.Context())
	out.RequestURI = ""
	if out.URL = c.at(t, req.URL); out.Host == "" || !req.URL.IsAbs() {
		out.Host = out.URL.Host
	}
	hop := &hop{client: c}
	client := http.Client{Transport: hop}
	if c.Stay {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	res, err := client.Do(out)
	for _, err := range hop.dropped {
		t.Errorf("satcheltest: %s %s: %v", req.Method, req.URL.Path, err)
	}
	if err != nil {
		t.Fatalf("satcheltest: %v", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("satcheltest: %s %s: the answer breaks off: %v", req.Method, req.URL.Path, err)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return Answer{Response: res, Text: string(body), program: c.program}
}

// at returns an address as an absolute one.
func (c *Client) at(t testing.TB, address *url.URL) *url.URL {
	t.Helper()
	base, err := url.Parse(c.URL)
	if err != nil || base.Host == "" {
		t.Fatalf("satcheltest: the client's URL is %q, want one such as http://localhost", c.URL)
	}
	return base.ResolveReference(address)
}

// hop carries the requests that one Do comes to, one after the other, and moves tokens between them and the client.
type hop struct {
	client  *Client
	dropped []error
}

func (h *hop) RoundTrip(req *http.Request) (*http.Response, error) {
	c, out := h.client, req.Clone(req.Context())
	c.AddTokens(out)
	transport := c.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	res, err := transport.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	res.Request = out
	for _, line := range res.Header["Set-Cookie"] {
		if err := c.Jar.Receive(out.URL, line); err != nil {
			h.dropped = append(h.dropped, err)
		}
	}
	c.keepFields(out.URL, res.Header)
	return res, nil
}

// AddTokens adds to a request what the client would send with it: cookies, and tokens in header fields that the request
// does not have already. It is for code that takes a request; what Do sends has them by itself. A request without a host
// is one to the client's URL.
func (c *Client) AddTokens(req *http.Request) {
	u := req.URL
	if !u.IsAbs() {
		if base, err := url.Parse(c.URL); err == nil {
			u = base.ResolveReference(u)
		}
	}
	if cookies := c.Jar.field(u); cookies != "" {
		if own := req.Header.Get("Cookie"); own != "" {
			cookies = own + "; " + cookies
		}
		req.Header.Set("Cookie", cookies)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for at, token := range c.fields {
		if at.host == u.Host && len(req.Header.Values(at.name)) == 0 {
			req.Header.Set(at.name, string(token))
		}
	}
}

// keepFields keeps the tokens that came by header fields.
func (c *Client) keepFields(u *url.URL, h http.Header) {
	for _, placed := range c.program.Sessions.Placed() {
		name := placed.Transport.Header
		if values := h.Values(name); name != "" && len(values) > 0 {
			c.keepField(u, name, core.Token(values[0]))
		}
	}
}

// keepField keeps a token, or with "" forgets the one that is kept.
func (c *Client) keepField(u *url.URL, name string, token core.Token) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := field{u.Host, name}
	if delete(c.fields, at); token != "" {
		if c.fields == nil {
			c.fields = map[field]core.Token{}
		}
		c.fields[at] = token
	}
}
