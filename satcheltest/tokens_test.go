package satcheltest_test

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

// counting is a store that counts what changes it.
type counting struct {
	store.Store
	writes int
	down   bool
}

func (c *counting) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if c.down {
		return core.Record{}, errors.New("the store is down")
	}
	return c.Store.Load(ctx, key)
}

func (c *counting) Create(ctx context.Context, key core.Key, rec core.Record) error {
	c.writes++
	if c.down {
		return errors.New("the store is down")
	}
	return c.Store.Create(ctx, key, rec)
}

func (c *counting) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	c.writes++
	return c.Store.Touch(ctx, key, at, seen, deadline)
}

func TestLookingChangesNothing(t *testing.T) {
	kept := &counting{Store: store.NewMemory()}
	shop := satcheltest.New(t, carts.ServerSide(kept))
	ann := satcheltest.SignIn(t, shop.Client(nil), carts, "ann", Cart{Items: []string{"tea"}})
	before, token := kept.writes, ann.Token(t, carts)
	shop.Clock.Advance(20 * time.Minute)
	if cart, ok := satcheltest.Value(t, ann, carts); !ok || len(cart.Items) != 1 {
		t.Errorf("%v, %v", cart, ok)
	}
	if about := ann.About(t, carts); about.Subject != "ann" || !about.Authenticated.Equal(satcheltest.Start) {
		t.Errorf("about: %+v", about)
	}
	if kept.writes != before || ann.Token(t, carts) != token {
		t.Error("a look wrote something")
	}
	shop.Clock.Advance(10 * time.Minute) // half an hour without use, whoever looked meanwhile
	if _, ok := satcheltest.Value(t, ann, carts); ok {
		t.Error("a look kept the session alive")
	}
	if about := ann.About(t, carts); about != (satchel.About{}) {
		t.Errorf("about an expired session: %+v", about)
	}
}

// The cookie is gone when the session is, by one clock.
func TestCookiesEndByTheTestsClock(t *testing.T) {
	shop := newShop(t, satchel.Options{})
	ann := satcheltest.Set(t, shop.Client(nil), themes, "dark")
	shop.Clock.Advance(24*time.Hour - time.Second)
	if theme, ok := satcheltest.Value(t, ann, themes); !ok || theme != "dark" || ann.Token(t, themes) == "" {
		t.Errorf("%q, %v", theme, ok)
	}
	shop.Clock.Advance(time.Second)
	if ann.Token(t, themes) != "" {
		t.Error("the client holds the cookie still")
	}
}

func TestATestsExchange(t *testing.T) {
	shop := newShop(t, satchel.Options{})
	ann := satcheltest.SignIn(t, shop.Client(nil), carts, "ann", Cart{Items: []string{"tea"}})
	first := ann.Token(t, carts)
	ann.Exchange(t, func(ctx context.Context) error {
		return errors.Join(carts.Rotate(ctx), themes.Set(ctx, "dark"))
	})
	if second := ann.Token(t, carts); second == first || second == "" {
		t.Error("the token was not rotated")
	}
	if cart, ok := satcheltest.Value(t, ann, carts); !ok || len(cart.Items) != 1 || ann.About(t, carts).Subject != "ann" {
		t.Errorf("after the rotation: %v, %v", cart, ok)
	}
	ann.Exchange(t, carts.Clear)
	if ann.Token(t, carts) != "" || ann.Token(t, themes) == "" {
		t.Error("clearing one kind: the other is gone, or both are left")
	}
	thief := shop.Client(nil)
	thief.Paste(t, carts, first)
	if _, ok := satcheltest.Value(t, thief, carts); ok {
		t.Error("an old token opens the session")
	}
	thief.Paste(t, carts, "")
	if thief.Token(t, carts) != "" {
		t.Error("an empty token takes nothing away")
	}
	if left := thief.Jar.Cookies(address(t, thief.URL)); len(left) != 0 {
		t.Errorf("an empty token leaves %v", left)
	}
}

// Whatever a cookie's options are, the client finds it where the program would.
func TestCookiesOfAllSorts(t *testing.T) {
	for name, x := range map[string]struct {
		cookie cookie.Config
		url    string
		page   string // below /shop/, if it is not cart
	}{
		"path":      {cookie.Config{Name: "cart", Path: "/shop/cart"}, "http://localhost", ""},
		"spelled":   {cookie.Config{Name: "cart", Path: "/shop/c%61rt"}, "http://localhost", "c%61rt/add"},
		"domain":    {cookie.Config{Name: "cart", Domain: "shop.example"}, "http://www.shop.example", ""},
		"loopback":  {cookie.Config{InsecureLoopback: true}, "http://127.0.0.1:8080", ""},
		"session":   {cookie.Config{BrowserSession: true}, "http://localhost", ""},
		"none":      {cookie.Config{SameSite: cookie.None, Partitioned: true}, "https://shop.example", ""},
		"host-http": {cookie.Config{Name: "__Host-Http-cart"}, "http://localhost:1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t, satchel.Options{Cookie: x.cookie})
			c := shop.Client(nethttp.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if _, err := carts.Update(r.Context(), func(c Cart) Cart { return Cart{append(c.Items, "tea")} }); err != nil {
					t.Error(err)
				}
			}), shop.Sessions))
			c.URL = x.url
			satcheltest.SignIn(t, c, carts, "ann", Cart{Items: []string{"milk"}})
			if page := c.Get(t, "/shop/"+cmp.Or(x.page, "cart")); page.Told(t, carts) != satcheltest.Kept {
				t.Errorf("the handler saw another session, or none: %v", page.Told(t, carts))
			}
			if cart, _ := satcheltest.Value(t, c, carts); len(cart.Items) != 2 {
				t.Errorf("the cart holds %q", cart.Items)
			}
		})
	}
}

func TestTenants(t *testing.T) {
	shop := newShop(t, satchel.Options{})
	tenant := func(r *http.Request) string { return r.URL.Query().Get("tenant") }
	h := nethttp.Config{Tenant: tenant}.Wrap(pages(t), shop.Sessions)
	c := shop.Client(h)
	c.Tenant = "north"
	satcheltest.Set(t, c, carts, Cart{Items: []string{"tea"}})
	if got := c.Get(t, "/cart?tenant=north").Text; got != `["tea"] true` {
		t.Errorf("the tenant's own page: %q", got)
	}
	if got := c.Get(t, "/cart?tenant=south").Text; got != "[] false" {
		t.Errorf("another tenant's page: %q", got)
	}
}

func TestWhatNoTestCanDo(t *testing.T) {
	kept := &counting{Store: store.NewMemory()}
	shop := satcheltest.New(t, carts.ServerSide(kept))
	ann := satcheltest.Set(t, shop.Client(nil), carts, Cart{})
	kept.down = true
	fails(t, true, func(t testing.TB) { satcheltest.Value(t, ann, carts) }, `the session "cart"`, "unavailable")
	fails(t, true, func(t testing.TB) { ann.About(t, carts) }, `the session "cart"`, "unavailable")
	fails(t, true, func(t testing.TB) { satcheltest.Set(t, ann, carts, Cart{}) }, "in an exchange of the test's own", "unavailable")
	fails(t, true, func(t testing.TB) { satcheltest.SignIn(t, shop.Client(nil), carts, "ann", Cart{}) }, "in an exchange of the test's own", "unavailable")
	kept.down = false
	fails(t, true, func(t testing.TB) { satcheltest.SignIn(t, ann, carts, "", Cart{}) }, "without a subject")

	fails(t, true, func(t testing.TB) { satcheltest.Value(t, ann, themes) }, `not placed: "theme"`)
	fails(t, true, func(t testing.TB) { ann.About(t, themes) }, `"theme" is not placed`)
	fails(t, true, func(t testing.TB) { ann.Token(t, themes) }, `"theme" is not placed`)
	fails(t, true, func(t testing.TB) { ann.Paste(t, carts, "no token;") }, `the token of "cart"`, "cookie-octets")

	fails(t, true, func(t testing.TB) {
		shop := satcheltest.New(t, carts.ServerSide(store.NewMemory()).With(satchel.Options{Cookie: cookie.Config{InsecureLoopback: true}}))
		c := shop.Client(nil)
		c.URL = "http://shop.example"
		here := satcheltest.Set(t, shop.Client(nil), carts, Cart{})
		if err := c.Jar.Receive(address(t, c.URL), "cart="+string(here.Token(t, carts))); err != nil {
			t.Error(err)
		}
		if _, ok := satcheltest.Value(t, c, carts); ok {
			t.Error("a value where no cookie may travel")
		}
		if s := t.(*standIn); s.Failed() {
			panic(s.said)
		}
		satcheltest.Set(t, c, carts, Cart{})
	}, "for loopback only", "shop.example")
	fails(t, true, func(t testing.TB) {
		shop := satcheltest.New(t, carts.ServerSide(store.NewMemory()).With(satchel.Options{Cookie: cookie.Config{Name: "c", Domain: "shop.example"}}))
		satcheltest.Set(t, shop.Client(nil), carts, Cart{})
	}, "its Domain is shop.example, and it came from localhost")
	fails(t, true, func(t testing.TB) { satcheltest.New(t, carts.ServerSide(nil)) }, "cannot be placed", "no store")
}
