package satcheltest_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

// newShop places a cart with options, and a theme.
func newShop(t testing.TB, o satchel.Options) *satcheltest.Program {
	t.Helper()
	return satcheltest.New(t,
		carts.ServerSide(store.NewMemory()).With(o), themes.ClientSide(satcheltest.Keys(t), satchel.Unrevocable))
}

// pages is an application with all that a client has to do with.
func pages(t testing.TB) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, f func(w http.ResponseWriter, r *http.Request) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			// Of two tabs one may end the session that the other is changing.
			if err := f(w, r); err != nil && !errors.Is(err, satchel.ErrEnded) {
				t.Errorf("%s: %v", pattern, err)
			}
		})
	}
	handle("POST /add", func(w http.ResponseWriter, r *http.Request) error {
		_, err := carts.Update(r.Context(), func(c Cart) Cart {
			c.Items = append(c.Items, r.PostFormValue("item"))
			return c
		})
		http.Redirect(w, r, "/cart", http.StatusSeeOther)
		return err
	})
	handle("GET /cart", func(w http.ResponseWriter, r *http.Request) error {
		c, ok, err := carts.Get(r.Context())
		fmt.Fprintf(w, "%q %v", c.Items, ok)
		return err
	})
	handle("POST /out", func(_ http.ResponseWriter, r *http.Request) error { return carts.Clear(r.Context()) })
	handle("POST /dark", func(_ http.ResponseWriter, r *http.Request) error { return themes.Set(r.Context(), "dark") })
	handle("GET /echo", func(w http.ResponseWriter, r *http.Request) error {
		fmt.Fprintf(w, "%s %s %q %q", r.Host, r.URL, r.Header.Values("Cookie"), r.Header.Values("X-Cart"))
		return nil
	})
	return mux
}

// visit is what any client must be able to do, whatever lies between it and the program.
func visit(t *testing.T, shop *satcheltest.Program, c *satcheltest.Client) {
	t.Helper()
	if page := c.Get(t, "/cart"); page.Text != "[] false" || page.Told(t, carts) != satcheltest.Kept {
		t.Errorf("before: %q, %v", page.Text, page.Told(t, carts))
	}
	page := c.Post(t, "/add", "item", "tea & milk")
	if page.StatusCode != 200 || page.Text != `["tea & milk"] true` {
		t.Errorf("%s: %q", page.Status, page.Text)
	}
	// The token came with the redirect, and not with the page that it led to.
	if page.Told(t, carts) != satcheltest.Sent || page.Told(t, themes) != satcheltest.Kept {
		t.Errorf("the cart was %v, the theme %v", page.Told(t, carts), page.Told(t, themes))
	}
	if body, err := io.ReadAll(page.Body); err != nil || string(body) != page.Text {
		t.Errorf("the body holds %q, %v", body, err)
	}
	if page := c.Post(t, "/add", "item", "tea"); page.Told(t, carts) != satcheltest.Kept {
		t.Errorf("an update within a session: %v", page.Told(t, carts))
	}
	if cart, ok := satcheltest.Value(t, c, carts); !ok || !slices.Equal(cart.Items, []string{"tea & milk", "tea"}) {
		t.Errorf("saved: %q, %v", cart.Items, ok)
	}
	stranger := shop.Client(nil)
	stranger.URL, stranger.Transport = c.URL, c.Transport
	if _, ok := satcheltest.Value(t, stranger, carts); ok || strings.Contains(stranger.Get(t, "/cart").Text, "tea") {
		t.Error("two clients share a session")
	}
	copied := c.Token(t, carts)
	if page := c.Post(t, "/out"); page.Told(t, carts) != satcheltest.Cleared {
		t.Errorf("a logout: %v", page.Told(t, carts))
	}
	if _, ok := satcheltest.Value(t, c, carts); ok || c.Token(t, carts) != "" {
		t.Errorf("after the logout: %v", ok)
	}
	stranger.Paste(t, carts, copied)
	if _, ok := satcheltest.Value(t, stranger, carts); ok {
		t.Error("a copied token opens an ended session")
	}
}

func TestAClientVisits(t *testing.T) {
	byHeader := satchel.Options{Header: "X-Cart"}
	for name, o := range map[string]satchel.Options{"cookie": {}, "header": byHeader} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t, o)
			h := nethttp.Wrap(pages(t), shop.Sessions)
			t.Run("without sockets", func(t *testing.T) { visit(t, shop, shop.Client(h)) })
			t.Run("over plain http", func(t *testing.T) {
				server := httptest.NewServer(h)
				defer server.Close()
				visit(t, shop, shop.ClientAt(server))
			})
			t.Run("over TLS", func(t *testing.T) {
				server := httptest.NewTLSServer(h)
				defer server.Close()
				visit(t, shop, shop.ClientAt(server))
			})
			t.Run("through a framework's door", func(t *testing.T) {
				c := shop.Client(nil)
				c.Transport = satcheltest.RoundTrip(func(r *http.Request) (*http.Response, error) {
					w := httptest.NewRecorder()
					h.ServeHTTP(w, r)
					return w.Result(), nil // without a Request, as frameworks give it
				})
				visit(t, shop, c)
			})
		})
	}
}

// On the real clock, with sessions that were made elsewhere.
func TestAProgramOfSessionsMadeElsewhere(t *testing.T) {
	sessions := satchel.Must(satchel.New(carts.ServerSide(store.NewMemory()), themes.ClientSide(satcheltest.Keys(t), satchel.Unrevocable)))
	shop := &satcheltest.Program{Sessions: sessions}
	visit(t, shop, shop.Client(nethttp.Wrap(pages(t), sessions)))
}

func TestARedirectCanBeLookedAt(t *testing.T) {
	shop := newShop(t, satchel.Options{})
	c := shop.Client(nethttp.Wrap(pages(t), shop.Sessions))
	c.Stay = true
	page := c.Post(t, "/add", "item", "tea")
	if page.StatusCode != http.StatusSeeOther || page.Header.Get("Location") != "/cart" || page.Told(t, carts) != satcheltest.Sent {
		t.Errorf("%s to %q, %v", page.Status, page.Header.Get("Location"), page.Told(t, carts))
	}
}

// A redirect that clears what an earlier hop sent: the last word counts.
func TestTheLastWordCounts(t *testing.T) {
	shop := newShop(t, satchel.Options{})
	mux := http.NewServeMux()
	mux.HandleFunc("/in", func(w http.ResponseWriter, r *http.Request) {
		if err := carts.SignIn(r.Context(), "ann", Cart{}); err != nil {
			t.Error(err)
		}
		http.Redirect(w, r, "/out", http.StatusFound)
	})
	mux.HandleFunc("/out", func(w http.ResponseWriter, r *http.Request) {
		if err := carts.Clear(r.Context()); err != nil {
			t.Error(err)
		}
		http.Redirect(w, r, "/", http.StatusFound)
	})
	mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) {})
	page := shop.Client(nethttp.Wrap(mux, shop.Sessions)).Get(t, "/in")
	if page.StatusCode != 200 || page.Told(t, carts) != satcheltest.Cleared {
		t.Errorf("%s, %v", page.Status, page.Told(t, carts))
	}
}

func TestDoTakesAnyRequest(t *testing.T) {
	shop := newShop(t, satchel.Options{Header: "X-Cart"})
	c := shop.Client(pages(t))
	c.Paste(t, carts, "token")
	if err := c.Jar.Receive(must(http.NewRequest("GET", "http://localhost/", nil)).URL, "b=2"); err != nil {
		t.Fatal(err)
	}
	own := httptest.NewRequest("GET", "/echo?x=1", nil)
	own.Header.Set("X-Cart", "mine")
	own.Header.Set("Cookie", "a=1")
	before := own.Clone(t.Context())
	for _, x := range []struct {
		req  *http.Request
		want string
	}{
		{httptest.NewRequest("GET", "/echo?x=1", nil), `localhost /echo?x=1 ["b=2"] ["token"]`},
		{must(http.NewRequest("GET", "echo", nil)), `localhost /echo ["b=2"] ["token"]`},
		{must(http.NewRequest("GET", "http://other.example/echo", nil)), `other.example /echo [] []`},
		{own, `localhost /echo?x=1 ["a=1; b=2"] ["mine"]`},
	} {
		if got := c.Do(t, x.req).Text; got != x.want {
			t.Errorf("the handler saw %s, want %s", got, x.want)
		}
	}
	if own.Header.Get("Cookie") != before.Header.Get("Cookie") || own.Host != before.Host || own.RequestURI != before.RequestURI {
		t.Error("Do changed the request")
	}
}

// A request for code that takes one.
func TestAddTokens(t *testing.T) {
	for name, o := range map[string]satchel.Options{"cookie": {}, "header": {Header: "X-Cart"}} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t, o)
			ann := satcheltest.SignIn(t, shop.Client(nil), carts, "ann", Cart{Items: []string{"tea"}})
			req := httptest.NewRequest("GET", "/cart", nil)
			ann.AddTokens(req)
			w := httptest.NewRecorder()
			nethttp.Wrap(pages(t), shop.Sessions).ServeHTTP(w, req)
			if !strings.Contains(w.Body.String(), "tea") {
				t.Errorf("the handler answered %q", w.Body)
			}
		})
	}
}

func TestTabsAtOnce(t *testing.T) {
	for name, o := range map[string]satchel.Options{"cookie": {}, "header": {Header: "X-Cart"}} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t, o)
			c := shop.Client(nethttp.Wrap(pages(t), shop.Sessions))
			satcheltest.Set(t, c, carts, Cart{})
			var tabs sync.WaitGroup
			for i := range 16 {
				tabs.Go(func() {
					c.Post(t, "/dark")
					c.Post(t, "/add", "item", fmt.Sprint(i))
				})
			}
			tabs.Wait()
			if cart, _ := satcheltest.Value(t, c, carts); len(cart.Items) != 16 {
				t.Errorf("%d items of 16", len(cart.Items))
			}
			if theme, _ := satcheltest.Value(t, c, themes); theme != "dark" {
				t.Errorf("the theme is %q", theme)
			}
		})
	}
}

// Tabs that begin and end sessions leave the client with one of them, or none.
func TestTabsThatBeginSessions(t *testing.T) {
	shop := newShop(t, satchel.Options{Header: "X-Cart"})
	c := shop.Client(nethttp.Wrap(pages(t), shop.Sessions))
	var tabs sync.WaitGroup
	for range 8 {
		tabs.Go(func() {
			c.Post(t, "/add", "item", "tea")
			c.Post(t, "/out")
		})
	}
	tabs.Wait()
	c.Post(t, "/out")
	if _, ok := satcheltest.Value(t, c, carts); ok || c.Token(t, carts) != "" {
		t.Error("a session is left after the last logout")
	}
}

// A planted fault in an application, and the client says so.
func TestACookieThatABrowserWouldDrop(t *testing.T) {
	shop := newShop(t, satchel.Options{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Set-Cookie", "ok=secret-1; Path=/")
		w.Header().Add("Set-Cookie", "__Host-x=secret-2; Path=/; Secure; Domain=shop.example")
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/next", http.StatusFound)
		}
	})
	const why = `GET /: a browser would drop the cookie "__Host-x": its Domain is shop.example, and it came from localhost`
	fails(t, false, func(t testing.TB) {
		c := shop.Client(h)
		c.Get(t, "/")
		s := t.(*standIn)
		if n := len(s.said); n != 2 {
			s.Errorf("%d texts, want one for each hop", n)
		}
		if strings.Contains(strings.Join(s.said, ""), "secret") {
			s.Errorf("a value is quoted")
		}
	}, why)
}

func TestWhatNoClientCanDo(t *testing.T) {
	shop := newShop(t, satchel.Options{})
	c := shop.Client(http.NotFoundHandler())
	fails(t, true, func(t testing.TB) { c.Post(t, "/", "name") }, "1 names and values, which are not pairs")
	fails(t, true, func(t testing.TB) { c.Get(t, "http://[") }, "missing ']'")
	fails(t, true, func(t testing.TB) {
		c := shop.Client(http.NotFoundHandler())
		c.URL = "localhost"
		c.Get(t, "/")
	}, `the client's URL is "localhost", want one such as http://localhost`)
	fails(t, true, func(t testing.TB) {
		c := shop.Client(nil)
		c.Transport = satcheltest.RoundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("no way") })
		c.Get(t, "/")
	}, "no way")
	fails(t, true, func(t testing.TB) {
		c := shop.Client(nil)
		c.Transport = satcheltest.RoundTrip(func(*http.Request) (*http.Response, error) {
			body := io.NopCloser(io.MultiReader(strings.NewReader("half"), faulty{}))
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: body}, nil
		})
		c.Get(t, "/x")
	}, "GET /x: the answer breaks off: cut")
	fails(t, true, func(t testing.TB) { c.Get(t, "/").Told(t, satchel.NewKind[string]("other")) }, `the kind "other" is not placed`)
}

type faulty struct{}

func (faulty) Read([]byte) (int, error) { return 0, errors.New("cut") }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
