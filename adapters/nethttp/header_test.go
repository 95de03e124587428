package nethttp_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
)

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
				if own := p.Get("/own").Header.Values(name); len(own) != 1 || own[0] == "mine" {
					t.Errorf("the handler's line beside ours: %q", own)
				}
				first := p.Get("/add").Says(t, 200, "tea").Has(t, "Vary", name).Has(t, "Cache-Control", "no-store").Has(t, "Set-Cookie")
				value := first.Header.Get(name)
				if value == "" || len(first.Header.Values(name)) != 1 {
					t.Fatalf("%q", first.Header)
				}
				field := http.CanonicalHeaderKey(name)
				p.GetWith("/show", adaptertest.Field(field, value)).Says(t, 200, "tea").Has(t, name).Has(t, "Cache-Control", "private")
				p.GetWith("/add?item=milk", adaptertest.Field(field, value)).Says(t, 200, "tea milk").Has(t, name)
				p.GetWith("/show", adaptertest.Field(field, "bad", value)).Says(t, 200, "tea milk").Has(t, name)
				p.GetWith("/show", adaptertest.Field(field, value, "bad")).Says(t, 200, "tea milk").Has(t, name)
				p.GetWith("/show", adaptertest.Field(field, "bad", "bad", value)).Says(t, 200, "none").Has(t, name)
				p.GetWith("/show", adaptertest.Field(field, value, "bad", "bad")).Says(t, 200, "none").Has(t, name)
				p.GetWith("/show", adaptertest.Field(field, "bad, "+value)).Says(t, 200, "none").Has(t, name)
				for _, elsewhere := range []http.Header{
					adaptertest.Field("Cookie", name+"="+value), adaptertest.Field("Cookie", "__Host-cart="+value), adaptertest.Field("X-Other", value), {field: {}},
				} {
					p.GetWith("/show?"+name+"="+value, elsewhere).Says(t, 200, "none").Has(t, name)
				}
				p.GetWith("/leave", adaptertest.Field(field, value)).Says(t, 200, "bye").Has(t, name, "").Has(t, "Cache-Control", "no-store")
				p.GetWith("/show", adaptertest.Field(field, value)).Says(t, 200, "none")
			})
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
					a := s.person().Get("/add?item=" + item)
					if o.Header != "" {
						return adaptertest.Field(field, a.Header.Get(field))
					}
					return token(a.Sets(t, "__Host-cart"))
				}
				own, p := begin("own"), s.person()
				others = begin("others").Get(field)
				p.GetWith("/without/show", own).Says(t, 200, "none")
				p.GetWith("/other/show", own).Says(t, 200, "others")
				p.GetWith("/inside", own).Says(t, 200, "own")
			})
		})
	}
}
