package adaptertest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/satchel-go/satchel"
)

// twice: the same sessions around a part of the application as around all of it are one exchange. What was changed around is
// seen within, one token is sent, and no record is left behind.
func twice(b *bench) {
	s := b.sessions(b.placed("cart", way{"server", "cookie"}, satchel.Options{}))
	b.path = "/inside/"
	b.serve(Site{Sessions: s, Inside: s, Handle: answering(map[string]page{
		"sign-in": func(v Visit) (string, error) {
			w, _, err := carts.Get(v.Context())
			return "hello", errors.Join(err, carts.SignIn(v.Context(), "ann", w))
		},
		"clear": func(v Visit) (string, error) { return "bye", carts.Clear(v.Context()) },
	}), Before: func(v Visit) {
		if v.Sent(pageField) == "add" {
			if _, err := add(v); err != nil {
				b.Error(err)
			}
		}
	}})
	says := func(what, text string, lines int) {
		b.Helper()
		c := b.visit("ann", what)
		if c.status != 200 || c.body != text || len(c.header.Values("Set-Cookie")) != lines {
			b.Errorf("%s: %d %s, %q", what, c.status, brief(c.body), c.header)
		}
	}
	says("add x", "x x", 1)
	says("add y", "x x y y", 0) //nolint:dupword // each middleware adds its own
	if n := b.ledger.Records(); n != 1 {
		b.Errorf("%d records of one session", n)
	}
	says("sign-in", "hello", 1)
	says("add z", "x x y y z z", 0) //nolint:dupword // as above
	says("clear", "bye", 1)
	says("show", "none", 0)
}

// twiceTenants: a middleware within one of the same sessions names the tenant that this one names, or nothing is served: its
// tokens would be good for another tenant.
func twiceTenants(b *bench) {
	s := b.sessions(b.placed("cart", b.way, satchel.Options{}))
	b.path = "/inside/"
	served := 0
	b.serve(Site{Sessions: s, Inside: s, Handle: answering(map[string]page{
		"count": func(v Visit) (string, error) { served++; return add(v) },
	})})
	asks := func(tenant, inside string) came {
		r := b.pageRequest(b.person("ann"), "count x")
		r.Header.Set("X-Tenant", tenant)
		r.Header.Set("X-Inside-Tenant", inside)
		c := b.do(r)
		if err := errors.Join(c.err, b.person("ann").keep(r.URL, c, []string{fieldOf("cart")})); err != nil {
			b.Error(err)
		}
		return c
	}
	if c := asks("north", "north"); c.status != 200 || c.body != "x" || served != 1 {
		b.Errorf("of one tenant: %d %s, %d served", c.status, brief(c.body), served)
	}
	for _, tenants := range [][2]string{{"north", "south"}, {"", "south"}} {
		c := asks(tenants[0], tenants[1])
		if c.status != 500 || c.body != satchel.ErrTenant.Error() || served != 1 || c.header.Get("Cache-Control") != "no-store" ||
			len(c.header["Set-Cookie"]) > 0 {
			b.Errorf("within %q of %q: %d %s, %d served, %q", tenants[1], tenants[0], c.status, brief(c.body), served, c.header)
		}
	}
	if c := asks("north", "north"); c.status != 200 || c.body != "x x" || served != 2 {
		b.Errorf("afterwards: %d %s, %d served", c.status, brief(c.body), served)
	}
}

// upgrade: an answer that hands over its connection has the token. What is changed after it takes effect at once if it needs
// none, and a late logout ends the session.
func upgrade(b *bench) {
	served := make(chan struct{})
	b.pages(map[string]page{"upgrade": upgrading(served, func(ctx context.Context, conn io.ReadWriter) {
		line, err := bufio.NewReader(conn).ReadString('\n')
		w, changed := carts.Update(ctx, func(w Words) Words { return Words{append(w.Words, strings.TrimSpace(line))} })
		rotated, cleared := carts.Rotate(ctx), carts.Clear(ctx)
		if err = errors.Join(err, changed); err != nil || !errors.Is(rotated, satchel.ErrTooLate) || !errors.Is(cleared, satchel.ErrTooLate) {
			b.Errorf("on the connection: %v; to rotate: %v; to clear: %v", err, rotated, cleared)
		}
		_, _ = fmt.Fprintln(conn, strings.Join(w.Words, " "))
	})})
	res, conn := b.upgraded("ann", served) //nolint:bodyclose // upgraded sees to it
	if res.StatusCode != http.StatusSwitchingProtocols || len(res.Header.Values("Set-Cookie")) != 1 || res.Header.Get("Cache-Control") != "no-store" {
		b.Fatalf("%d %q", res.StatusCode, res.Header)
	}
	if err := b.person("ann").keep(res.Request.URL, came{header: res.Header}, nil); err != nil {
		b.Error(err)
	}
	_, _ = fmt.Fprintln(conn, "milk")
	if text, err := io.ReadAll(conn); err != nil || string(text) != "tea milk\n" {
		b.Errorf("on the connection came %q, %v", text, err)
	}
	b.says("ann", "show", "none")
	if n := b.ledger.Records(); n != 0 {
		b.Errorf("%d records", n)
	}
}

// upgradeFails: if the commit fails no connection is handed over, and the client is told as ever.
func upgradeFails(b *bench) {
	served := make(chan struct{})
	b.pages(map[string]page{"upgrade": upgrading(served, func(context.Context, io.ReadWriter) { b.Error("a connection was handed over") })})
	b.ledger.Down.Store(true)
	res, conn := b.upgraded("ann", served) //nolint:bodyclose // upgraded sees to it
	text, err := io.ReadAll(conn)
	_, upgrades := res.Header["Upgrade"]
	if res.StatusCode != http.StatusServiceUnavailable || strings.TrimSpace(string(text)) != "Service Unavailable" || upgrades || len(res.Header["Set-Cookie"]) != 0 {
		b.Errorf("%d %q %q, %v", res.StatusCode, text, res.Header, err)
	}
}

// upgrading sets the session and switches protocols, and closes served when the connection was served.
func upgrading(served chan<- struct{}, serve func(ctx context.Context, conn io.ReadWriter)) page {
	return func(v Visit) (string, error) {
		u, ok := v.(Upgrader)
		if !ok {
			return "", errors.New("the visit is no Upgrader")
		}
		if err := carts.Set(v.Context(), Words{[]string{"tea"}}); err != nil {
			return "", err
		}
		v.Set("Connection", "Upgrade")
		v.Set("Upgrade", "lines")
		return "", u.Upgrade(func(ctx context.Context, conn io.ReadWriter) {
			defer close(served)
			serve(ctx, conn)
		})
	}
}

// upgraded asks for the page upgrade, and returns the answer and what is its body or the connection. The test does not end before
// that was served, for which no server waits.
func (b *bench) upgraded(who string, served <-chan struct{}) (*http.Response, io.ReadWriter) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), Patience)
	b.Cleanup(cancel)
	r := b.pageRequest(b.person(who), "upgrade").WithContext(ctx)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "lines")
	res, err := b.transport.RoundTrip(r)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if _ = res.Body.Close(); res.StatusCode == http.StatusSwitchingProtocols {
			within(b, served)
		}
	})
	if conn, ok := res.Body.(io.ReadWriter); ok {
		return res, conn
	}
	return res, struct {
		io.Reader
		io.Writer
	}{res.Body, io.Discard}
}
