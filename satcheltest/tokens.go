package satcheltest

import (
	"context"
	"net/url"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
	"github.com/satchel-go/satchel/core"
)

// SignIn makes the client's session subject's, with v as its value, as [satchel.Kind.SignIn] does in a handler, and
// returns the client. So a signed-in request is one line:
//
//	page := satcheltest.SignIn(t, shop.Client(handler), carts, "ann", Cart{}).Get(t, "/orders")
func SignIn[T any](t testing.TB, c *Client, kind satchel.Kind[T], subject string, v T) *Client {
	t.Helper()
	c.Exchange(t, func(ctx context.Context) error { return kind.SignIn(ctx, subject, v) })
	return c
}

// Set makes v the value of the client's session, as [satchel.Kind.Set] does in a handler, and returns the client.
func Set[T any](t testing.TB, c *Client, kind satchel.Kind[T], v T) *Client {
	t.Helper()
	c.Exchange(t, func(ctx context.Context) error { return kind.Set(ctx, v) })
	return c
}

// Value returns what the client's session holds now, and whether there is one, by the client's tokens. It is read where
// the session lives, and nothing is written: neither its value nor its use.
func Value[T any](t testing.TB, c *Client, kind satchel.Kind[T]) (T, bool) {
	t.Helper()
	v, ok, err := kind.Get(c.look(t))
	if err != nil {
		t.Fatalf("satcheltest: the session %q: %v", kind.Name(), err)
	}
	return v, ok
}

// About says whose the client's session is and since when, and the zero value where there is none. Like Value it only
// looks.
func (c *Client) About(t testing.TB, kind Kind) satchel.About {
	t.Helper()
	named, ok := c.program.Sessions.Kind(kind.Name())
	if !ok {
		t.Fatalf("satcheltest: the kind %q is not placed", kind.Name())
	}
	about, err := named.About(c.look(t))
	if err != nil {
		t.Fatalf("satcheltest: the session %q: %v", kind.Name(), err)
	}
	return about
}

// look returns the context of an exchange of the client's that is never committed. It is not closed either, and so has
// no transcript: nothing happened.
func (c *Client) look(t testing.TB) context.Context {
	t.Helper()
	return c.program.Sessions.Open(arrived{c, c.at(t, new(url.URL))}).Context(t.Context())
}

// Exchange does f in an exchange of the client's, as a handler would in a request, commits it, and keeps what it sends.
// All that kinds can do works in the context that f is handed. An error of f, or of the commit, ends the test.
func (c *Client) Exchange(t testing.TB, f func(ctx context.Context) error) {
	t.Helper()
	at := c.at(t, new(url.URL))
	ex := c.program.Sessions.Open(arrived{c, at})
	defer ex.Close()
	if err := f(ex.Context(t.Context())); err != nil {
		t.Fatalf("satcheltest: in an exchange of the test's own: %v", err)
	}
	outcomes, err := ex.Commit(t.Context())
	for _, o := range outcomes {
		c.take(t, at, o)
	}
	if err != nil {
		t.Fatalf("satcheltest: the commit of an exchange of the test's own: %v", err)
	}
}

// Token returns the token of a kind that the client holds, or "": to be compared with another, or for [Client.Paste] into
// another client, as whoever has copied it would.
func (c *Client) Token(t testing.TB, kind Kind) core.Token {
	t.Helper()
	return arrived{c, c.at(t, new(url.URL))}.Tokens(c.program.transport(t, kind)).First
}

// Paste puts a token into the client, in place of the one that it holds. An empty token takes that away.
func (c *Client) Paste(t testing.TB, kind Kind, token core.Token) {
	t.Helper()
	o := satchel.Outcome{Transport: c.program.transport(t, kind), Action: core.SendToken, Token: token, Until: core.MaxInstant}
	if token == "" {
		o.Action = core.SendClear
	}
	c.take(t, c.at(t, new(url.URL)), o)
}

// arrived hands over a client's tokens as an adapter does with those of a request to at.
type arrived struct {
	client *Client
	at     *url.URL
}

func (a arrived) Tokens(t satchel.Transport) core.Tokens {
	found := core.Tokens{Tenant: a.client.Tenant}
	if t.Cookie == nil {
		a.client.mu.Lock()
		defer a.client.mu.Unlock()
		if token, ok := a.client.fields[field{a.at.Host, t.Header}]; ok {
			found.First, found.Count = token, 1
		}
		return found
	}
	if !answer.Trusts(t, a.at.Host) {
		return found
	}
	first, second, count := t.Cookie.Find([]string{a.client.Jar.field(under(a.at, t))})
	found.First, found.Second, found.Count = core.Token(first), core.Token(second), count
	return found
}

// under returns the address at the host of at where a transport's cookie travels.
func under(at *url.URL, t satchel.Transport) *url.URL {
	u := &url.URL{Scheme: at.Scheme, Host: at.Host, RawPath: t.Cookie.Config().Path}
	u.Path = u.RawPath
	if path, err := url.PathUnescape(u.RawPath); err == nil {
		u.Path = path // and then RawPath is how it is spelled
	}
	return u
}

// take keeps what the client is told, as if an answer from at had said it.
func (c *Client) take(t testing.TB, at *url.URL, o satchel.Outcome) {
	t.Helper()
	if o.Action == core.SendNothing {
		return
	}
	if o.Transport.Cookie == nil {
		c.keepField(at, o.Transport.Header, o.Token)
		return
	}
	if !answer.Trusts(o.Transport, at.Host) {
		t.Fatalf("satcheltest: the cookie of %q is for loopback only, and the client is at %s", o.Transport.Kind, at.Host)
	}
	line, err := answer.SetCookie(&o)
	if err == nil {
		err = c.Jar.Receive(under(at, o.Transport), line)
	}
	if err != nil {
		t.Fatalf("satcheltest: the token of %q: %v", o.Transport.Kind, err)
	}
}
