package answer_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/core"
)

func TestStatusOf(t *testing.T) {
	for want, errs := range map[int][]error{
		503: {satchel.ErrUnavailable, satchel.ErrTooLate},
		421: {answer.ErrInsecure},
		409: {satchel.ErrConflict, satchel.ErrEnded, satchel.ErrAmbiguous, satchel.ErrTooMany},
		413: {&core.TooLargeError{}, &cookie.SizeError{}},
		500: {errors.New("x"), satchel.ErrClosed, satchel.ErrTenant},
	} {
		for _, err := range errs {
			for _, err := range []error{err, fmt.Errorf("w: %w", err), errors.Join(errors.New("y"), err)} {
				if got := answer.StatusOf(err); got != want {
					t.Errorf("%v: %d, want %d", err, got, want)
				}
			}
		}
	}
}

func TestReason(t *testing.T) {
	for want, err := range map[string]error{
		answer.ErrInsecure.Error(): fmt.Errorf("%w: kind %q, and a secret", answer.ErrInsecure, "cart"),
		satchel.ErrTenant.Error():  fmt.Errorf("a secret: %w", satchel.ErrTenant),
		"":                         errors.New("a secret"),
	} {
		if got := answer.Reason(errors.Join(err, errors.New("x"))); got != want {
			t.Errorf("%v: %q", err, got)
		}
	}
}

func TestTrusts(t *testing.T) {
	compiled := func(c cookie.Config) satchel.Transport {
		k, err := c.Compile("cart")
		if err != nil {
			t.Fatal(err)
		}
		return satchel.Transport{Kind: "cart", Cookie: k}
	}
	insecure, safe := compiled(cookie.Config{InsecureLoopback: true}), compiled(cookie.Config{})
	for _, c := range []struct {
		transport satchel.Transport
		host      string
		want      bool
	}{
		{insecure, "localhost:8080", true},
		{insecure, "127.0.0.1", true},
		{insecure, "[::1]:80", true},
		{insecure, "shop.example", false},
		{insecure, "localhost.shop.example", false},
		{insecure, "", false},
		{safe, "shop.example", true},
		{satchel.Transport{Header: "X-Cart"}, "shop.example", true},
	} {
		if got := answer.Trusts(c.transport, c.host); got != c.want {
			t.Errorf("%+v at %q: %v", c.transport, c.host, got)
		}
	}
}

func TestLists(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  bool
	}{
		{nil, false},
		{[]string{""}, false},
		{[]string{"Accept, cookie\t,X"}, true},
		{[]string{"Accept", "X, Cookie"}, true},
		{[]string{"*"}, true},
		{[]string{"Cookies, X-Cookie, Coo kie"}, false},
		{[]string{"Coo\u212aie"}, false}, // the Kelvin sign folds to k
	} {
		if got := answer.Lists(c.lines, "Cookie"); got != c.want {
			t.Errorf("%q: %v", c.lines, got)
		}
	}
}

func TestTargeted(t *testing.T) {
	for name, want := range map[string]bool{
		"CDN-Cache-Control": true, "cdn-cache-control": true, "Cloudflare-Cdn-Cache-Control": true, "surrogate-control": true,
		"Cache-Control": false, "-Cache-Control": false, "X-Cache-Controls": false, "Vary": false, "": false,
	} {
		if got := answer.Targeted(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
		if want && !answer.OfHandler(name, "") {
			t.Errorf("%s is of the handler's answer", name)
		}
	}
}

func TestOfHandler(t *testing.T) {
	for name, want := range map[string]bool{
		"Content-Type": true, "ETAG": true, "location": true, "Cache-Control": true, "Upgrade": true,
		"Clear-Site-Data": true, "WWW-Authenticate": true,
		"Set-Cookie": false, "Vary": false, "Access-Control-Allow-Origin": false, "X-Request-Id": false, "Connection": false,
	} {
		if got := answer.OfHandler(name, "close"); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, value := range []string{"Upgrade", "keep-alive, Upgrade", "upgrade,keep-alive", "keep-alive,\tUPGRADE"} {
		if !answer.OfHandler("Connection", value) {
			t.Errorf("Connection: %s stays", value)
		}
	}
	for _, value := range []string{"", "keep-alive", "upgrades", "close, X-Upgrade"} {
		if answer.OfHandler("Connection", value) {
			t.Errorf("Connection: %s goes", value)
		}
	}
}

func ExampleCacheControl() {
	fmt.Printf("%q\n", answer.CacheControl(true, true))   // a token leaves: nobody may keep this
	fmt.Printf("%q\n", answer.CacheControl(false, false)) // a session was read
	fmt.Printf("%q\n", answer.CacheControl(false, true))  // the handler knows better
	// Output:
	// "no-store"
	// "private"
	// ""
}
