package nethttp_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// What an answer says about itself, by what its handler has said and what was done with a session.
func TestVaryAndCacheControl(t *testing.T) {
	read := func(r *http.Request) error { _, _, err := carts.Get(r.Context()); return err }
	write := func(r *http.Request) error { return put(r, "new") }
	same := func(r *http.Request) error { return put(r, "tea") }
	public, always := []string{"public, max-age=60"}, []string(nil)
	for name, c := range map[string]struct {
		use                   func(*http.Request) error
		vary, cache           []string // of the handler
		wantVary, wantControl []string
		cdn                   bool // what the handler says to CDNs stays
	}{
		"not used":            {nil, []string{"Origin"}, public, []string{"Origin"}, public, true},
		"not used, no word":   {nil, nil, nil, nil, always, true},
		"read":                {read, nil, nil, []string{"Cookie"}, []string{"private"}, true},
		"read, public":        {read, []string{"Origin"}, public, []string{"Origin", "Cookie"}, public, true},
		"read, an empty word": {read, nil, []string{""}, []string{"Cookie"}, []string{"private"}, true},
		"two lines":           {read, []string{"Origin", "Accept"}, nil, []string{"Origin", "Accept", "Cookie"}, []string{"private"}, true},
		"varies already":      {read, []string{"Origin, cookie"}, nil, []string{"Origin, cookie"}, []string{"private"}, true},
		"varies by all":       {read, []string{"*"}, nil, []string{"*"}, []string{"private"}, true},
		"equal bytes":         {same, nil, public, []string{"Cookie"}, public, true},
		"changed in place":    {write, nil, public, []string{"Cookie"}, public, true},
		"a token sent": {func(r *http.Request) error {
			return carts.SignIn(r.Context(), "ann", cart{})
		}, []string{"Origin"}, public, []string{"Origin", "Cookie"}, []string{"no-store"}, false},
		"a token cleared": {func(r *http.Request) error {
			return carts.Clear(r.Context())
		}, nil, []string{"public", "max-age=1"}, []string{"Cookie"}, []string{"no-store"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, start func(http.Handler) *site) {
				w := newWorld()
				p := start(w.shop(t, satchel.Options{}, pages{"/": func(w http.ResponseWriter, r *http.Request) (string, error) {
					h := w.Header()
					for name, lines := range map[string][]string{"Vary": c.vary, "Cache-Control": c.cache} {
						if lines != nil {
							h[name] = lines
						}
					}
					h.Set("CDN-Cache-Control", "public")
					h.Set("Surrogate-Control", "max-age=60")
					if c.use == nil {
						return "ok", nil
					}
					return "ok", c.use(r)
				}})).person()
				p.get("/add")
				a := p.get("/").says(t, 200, "ok").has(t, "Vary", c.wantVary...).has(t, "Cache-Control", c.wantControl...)
				if c.cdn {
					a.has(t, "CDN-Cache-Control", "public").has(t, "Surrogate-Control", "max-age=60").has(t, "Set-Cookie")
				} else {
					a.has(t, "CDN-Cache-Control").has(t, "Surrogate-Control")
				}
			})
		})
	}
}

// The lines that a handler or an outer middleware shares between answers are not written to.
func TestSharedHeaderLinesStay(t *testing.T) {
	shared := make([]string, 1, 4)
	shared[0] = "Origin"
	w := newWorld()
	h := w.shop(t, satchel.Options{}, pages{"/": func(w http.ResponseWriter, r *http.Request) (string, error) {
		w.Header()["Vary"] = shared
		w.Header()["Set-Cookie"] = shared
		return add(w, r)
	}})
	for range 2 {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", nil))
		if got := rec.Header()["Vary"]; !slices.Equal(got, []string{"Origin", "Cookie"}) || len(rec.Header()["Set-Cookie"]) != 2 {
			t.Errorf("%q", rec.Header())
		}
	}
	if got := shared[:4]; !slices.Equal(got, []string{"Origin", "", "", ""}) {
		t.Errorf("the shared lines are %q", got)
	}
}

// Whatever the handler itself set by our name, one line is sent (RFC 6265bis, section 4.1.1).
func TestOneCookieOfAName(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		own := func(next page) page {
			return func(w http.ResponseWriter, r *http.Request) (string, error) {
				for _, value := range []string{"mine", "again"} {
					http.SetCookie(w, &http.Cookie{Name: "__Host-cart", Value: value, Path: "/", Secure: true})
					http.SetCookie(w, &http.Cookie{Name: "other", Value: value})
				}
				http.SetCookie(w, &http.Cookie{Name: "__Host-cart2", Value: "stays"})
				return next(w, r)
			}
		}
		p := start(w.shop(t, satchel.Options{}, pages{"/own": own(add), "/own/leave": own(leave)})).person()
		set := p.get("/own").says(t, 200, "tea")
		if value := set.sets(t, "__Host-cart"); value == "mine" || value == "again" {
			t.Error("the handler's value was sent")
		}
		cleared := p.get("/own/leave").says(t, 200, "bye").clears(t, "__Host-cart")
		for _, a := range []answered{set, cleared} {
			names := map[string]int{}
			for _, c := range a.Cookies() {
				names[c.Name]++
			}
			if len(names) != 3 || names["__Host-cart"] != 1 || names["other"] != 2 || names["__Host-cart2"] != 1 {
				t.Errorf("%q", a.Header["Set-Cookie"])
			}
		}
	})
}

// Tokens by a header field, in and out, as they are; two of one name; none by another way (CHECKLIST, item 7).
func TestHeaderTransport(t *testing.T) {
	for _, name := range []string{"X-Cart", "x-cart", "Authorization"} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, start func(http.Handler) *site) {
				w := newWorld()
				p := start(w.shop(t, satchel.Options{Header: name}, pages{
					"/own": func(w http.ResponseWriter, r *http.Request) (string, error) {
						w.Header().Set(name, "mine")
						return add(w, r)
					},
				})).person()
				if own := p.get("/own").Header.Values(name); len(own) != 1 || own[0] == "mine" {
					t.Errorf("the handler's line beside ours: %q", own)
				}
				first := p.get("/add").says(t, 200, "tea").has(t, "Vary", name).has(t, "Cache-Control", "no-store").has(t, "Set-Cookie")
				value := first.Header.Get(name)
				if value == "" || len(first.Header.Values(name)) != 1 {
					t.Fatalf("%q", first.Header)
				}
				field := http.CanonicalHeaderKey(name)
				p.getWith("/show", with(field, value)).says(t, 200, "tea").has(t, name).has(t, "Cache-Control", "private")
				p.getWith("/add?item=milk", with(field, value)).says(t, 200, "tea milk").has(t, name)
				p.getWith("/show", with(field, "bad", value)).says(t, 200, "tea milk").has(t, name)
				p.getWith("/show", with(field, value, "bad")).says(t, 200, "tea milk").has(t, name)
				p.getWith("/show", with(field, "bad", "bad", value)).says(t, 200, "none").has(t, name)
				p.getWith("/show", with(field, value, "bad", "bad")).says(t, 200, "tea milk").has(t, name)
				p.getWith("/show", with(field, "bad, "+value)).says(t, 200, "none").has(t, name)
				for _, elsewhere := range []http.Header{
					with("Cookie", name+"="+value), with("Cookie", "__Host-cart="+value), with("X-Other", value), {field: {}},
				} {
					p.getWith("/show?"+name+"="+value, elsewhere).says(t, 200, "none").has(t, name)
				}
				p.getWith("/leave", with(field, value)).says(t, 200, "bye").has(t, name, "").has(t, "Cache-Control", "no-store")
				p.getWith("/show", with(field, value)).says(t, 200, "none")
			})
		})
	}
}

// Two valid tokens of one name: nothing is granted, changed or cleared.
func TestAmbiguous(t *testing.T) {
	for _, header := range []string{"", "X-Cart"} {
		onEach(t, func(t *testing.T, start func(http.Handler) *site) {
			w := newWorld()
			s := start(w.shop(t, satchel.Options{Header: header}, pages{"/put": func(_ http.ResponseWriter, r *http.Request) (string, error) {
				return "put", put(r, "x")
			}}))
			two := http.Header{}
			for range 2 {
				a := s.person().get("/add")
				if header != "" {
					two.Add(header, a.Header.Get(header))
				} else {
					two.Add("Cookie", "__Host-cart="+a.sets(t, "__Host-cart"))
				}
			}
			tell := func(a answered, status int, body string) {
				t.Helper()
				a.says(t, status, body).has(t, "Set-Cookie").has(t, "X-Cart")
			}
			p := s.person()
			tell(p.getWith("/show", two), 200, "none")
			for _, path := range []string{"/add", "/put", "/signin", "/leave"} {
				tell(p.getWith(path, two), 409, satchel.ErrAmbiguous.Error())
			}
			if w.records() != 2 {
				t.Errorf("%d records", w.records())
			}
		})
	}
}

// What came with a request is taken when the middleware is entered: what an outer middleware makes of it counts, what an
// inner one does is too late, as with every other adapter.
func TestOuterMiddlewareDecides(t *testing.T) {
	for name, o := range map[string]satchel.Options{"cookie": {}, "header": {Header: "X-Cart"}} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, start func(http.Handler) *site) {
				w := newWorld()
				field, others := "Cookie", ""
				h := w.shop(t, o, pages{"/inside": func(w http.ResponseWriter, r *http.Request) (string, error) {
					r.Host = "elsewhere.example"
					r.Header.Set(field, others)
					r.Header.Del(field)
					return show(w, r)
				}})
				if o.Header != "" {
					field = o.Header
				}
				outer := http.NewServeMux()
				outer.Handle("/", h)
				outer.HandleFunc("/without/", func(w http.ResponseWriter, r *http.Request) {
					r.Header.Del(field)
					http.StripPrefix("/without", h).ServeHTTP(w, r)
				})
				outer.HandleFunc("/other/", func(w http.ResponseWriter, r *http.Request) {
					r.Header.Set(field, others)
					http.StripPrefix("/other", h).ServeHTTP(w, r)
				})
				s := start(outer)
				begin := func(item string) http.Header {
					a := s.person().get("/add?item=" + item)
					if o.Header != "" {
						return with(field, a.Header.Get(field))
					}
					return token(a.sets(t, "__Host-cart"))
				}
				own, p := begin("own"), s.person()
				others = begin("others").Get(field)
				p.getWith("/without/show", own).says(t, 200, "none")
				p.getWith("/other/show", own).says(t, 200, "others")
				p.getWith("/inside", own).says(t, 200, "own")
			})
		})
	}
}

// A cookie for plain http on this machine is neither read from nor sent to another host.
func TestInsecureLoopbackCookie(t *testing.T) {
	w := newWorld()
	o := satchel.Options{Cookie: cookie.Config{InsecureLoopback: true}}
	var failed []error
	all := pages{"/add": add, "/show": show, "/leave": leave}.mux()
	config := nethttp.Config{OnCommitError: func(w http.ResponseWriter, _ *http.Request, err error) {
		failed = append(failed, err)
		http.Error(w, "failed", nethttp.StatusOf(err))
	}}
	sessions := w.sessions(t, carts.ServerSide(w).With(o))
	mux := http.NewServeMux()
	mux.Handle("/", nethttp.Wrap(all, sessions))
	mux.Handle("/custom/", http.StripPrefix("/custom", config.Wrap(all, sessions)))
	s := start(t, mux, (*httptest.Server).Start)

	p := s.person()
	if line := p.get("/add").says(t, 200, "tea").Header.Get("Set-Cookie"); strings.Contains(line, "Secure") {
		t.Error(line)
	}
	p.get("/show").says(t, 200, "tea")
	sent := p.get("/add?item=milk").has(t, "Set-Cookie").Request.Header.Get("Cookie")
	stranger := s.person()
	for _, host := range []string{"localhost", "shop.localhost:8080", "[::1]:80", "127.0.0.2"} {
		stranger.getWith("/show", http.Header{"Host": {host}, "Cookie": {sent}}).says(t, 200, "tea milk")
	}
	for _, host := range []string{"shop.example", "localhost.shop.example", "127.0.0.1.shop.example", "192.0.2.1:8080"} {
		elsewhere := http.Header{"Host": {host}, "Cookie": {sent}}
		stranger.getWith("/show", elsewhere).says(t, 200, "none").has(t, "Set-Cookie").has(t, "Vary", "Cookie")
		stranger.getWith("/add", elsewhere).says(t, 421, "Misdirected Request").has(t, "Set-Cookie").has(t, "Cache-Control", "no-store")
		stranger.getWith("/custom/add", elsewhere).says(t, 421, "failed").has(t, "Set-Cookie")
		stranger.getWith("/leave", elsewhere).says(t, 200, "bye").has(t, "Set-Cookie")
	}
	for _, err := range failed {
		if text := err.Error(); !strings.Contains(text, "loopback") || !strings.Contains(text, `"cart"`) {
			t.Errorf("which kind, and why: %v", err)
		}
	}
	if len(failed) != 4 {
		t.Errorf("%d failures", len(failed))
	}
	p.get("/leave").clears(t, "cart")
	if len(p.cookies()) != 0 {
		t.Error("the cookie stays")
	}
}
