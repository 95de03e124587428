package nethttp

import (
	"errors"
	"net/http"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/core"
)

// transports are one by cookie and one by a header field.
func transports(t *testing.T) (byCookie, byHeader satchel.Transport) {
	t.Helper()
	c, err := cookie.Config{}.Compile("cart")
	if err != nil {
		t.Fatal(err)
	}
	return satchel.Transport{Kind: "cart", Cookie: c}, satchel.Transport{Kind: "cart", Header: "x-cart"}
}

// The first two tokens of a name are handed over, and how many there were, as they came.
func TestTokensOfOneName(t *testing.T) {
	byCookie, byHeader := transports(t)
	for _, want := range []core.Tokens{
		{},
		{First: "a", Count: 1},
		{First: "a", Second: "b", Count: 2},
		{First: "a", Second: "b", Count: 3},
		{First: "a", Second: "b", Count: 4},
	} {
		r := &http.Request{Header: http.Header{"X-Other": {"z"}}}
		for _, value := range []string{"a", "b", "c", "d"}[:want.Count] {
			r.Header.Add("X-Cart", value)
			r.Header.Add("Cookie", "other=z; __Host-cart="+value)
		}
		q := &state{in: r, config: &Config{Tenant: func(*http.Request) string { return "north" }}}
		q.take([]string{"X-Other", "X-Cart"})
		clear(r.Header)
		want.Tenant = "north"
		for _, transport := range []satchel.Transport{byCookie, byHeader} {
			if got := q.Tokens(transport); got != want {
				t.Errorf("%d by header %q: %d came, or other ones", want.Count, transport.Header, got.Count)
			}
		}
	}
}

// A token that a cookie cannot carry is an error, and no line is sent. Sessions give no such token, but a Chain may.
func TestTokenThatNoCookieCarries(t *testing.T) {
	byCookie, _ := transports(t)
	q := &state{}
	h := http.Header{"Set-Cookie": {"__Host-cart=handlers"}}
	o := satchel.Outcome{Transport: byCookie, Action: core.SendToken, Token: "a;b", Until: 2000, Now: 1000}
	if err := q.send(h, &o); !errors.Is(err, cookie.ErrValue) || h.Get("Set-Cookie") != "__Host-cart=handlers" {
		t.Errorf("%v, %q", err, h)
	}
	if o.Token = "ab"; q.send(h, &o) != nil || len(h["Set-Cookie"]) != 1 || h.Get("Set-Cookie") == "__Host-cart=handlers" {
		t.Errorf("%q", h)
	}
}
