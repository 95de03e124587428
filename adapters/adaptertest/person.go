package adaptertest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"strings"
	"sync"

	"github.com/satchel-go/satchel/satcheltest"
)

// person is a visitor: a cookie jar, and the tokens that came by header fields.
type person struct {
	jar *satcheltest.Jar

	mu     sync.Mutex
	fields map[string]string
}

// person returns a visitor by name. What follows a slash is a tab, which shares everything.
func (b *bench) person(name string) *person {
	b.mu.Lock()
	defer b.mu.Unlock()
	name, _, _ = strings.Cut(name, "/")
	p := b.people[name]
	if p == nil {
		p = &person{jar: satcheltest.NewJar(b.ledger.Clock.Now), fields: map[string]string{}}
		b.people[name] = p
	}
	return p
}

// came is an answer as it came.
type came struct {
	status int
	header http.Header
	body   string
	hints  []http.Header // of what came before
	err    error         // the answer is broken
}

// newRequest returns a request to a path of the site, with what the visitor keeps.
func (b *bench) newRequest(ctx context.Context, p *person, method, path string) *http.Request {
	b.Helper()
	r, err := http.NewRequestWithContext(ctx, method, origin+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range p.jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, value := range p.fields {
		r.Header.Set(name, value)
	}
	return r
}

// do sends a request and returns what came.
func (b *bench) do(r *http.Request) came {
	var c came
	var mu sync.Mutex
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(_ int, h textproto.MIMEHeader) error {
			mu.Lock()
			defer mu.Unlock()
			c.hints = append(c.hints, http.Header(h).Clone())
			return nil
		},
	}))
	res, err := b.transport.RoundTrip(r)
	if err != nil {
		return came{err: err}
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close() // it was read
	mu.Lock()
	defer mu.Unlock()
	c.status, c.header, c.body, c.err = res.StatusCode, res.Header, strings.TrimSuffix(string(body), "\n"), err
	return c
}

// keep makes the visitor keep what an answer tells of tokens, and returns what a browser would not.
func (p *person) keep(at *url.URL, c came, fields []string) error {
	for _, set := range c.header.Values("Set-Cookie") {
		if err := p.jar.Receive(at, set); err != nil {
			return fmt.Errorf("a browser drops what is set: %w", err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range fields {
		if values, told := c.header[http.CanonicalHeaderKey(name)]; told {
			if p.fields[name] = values[0]; values[0] == "" {
				delete(p.fields, name)
			}
		}
	}
	return nil
}
