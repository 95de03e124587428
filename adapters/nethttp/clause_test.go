package nethttp_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// Item 34: an answer to a logout can tell the browser to forget all of the site, and is then no-store; but only if the
// session has been ended, because a logout that failed takes nothing from anybody.
func TestItem34_ClearSiteData(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		p := start(w.shop(t, satchel.Options{}, pages{"/logout": func(w http.ResponseWriter, r *http.Request) (string, error) {
			w.Header().Set("Cache-Control", "max-age=60")
			text, err := leave(w, r)
			if err == nil {
				nethttp.ClearSiteData(w)
			}
			return text, err
		}})).person()
		const all = `"cache", "cookies", "storage"`
		p.Get("/logout").Says(t, 200, "bye").Has(t, "Clear-Site-Data", all).Has(t, "Cache-Control", "no-store")
		p.Get("/add")
		goesDown := func(context.Context) { w.Down.Store(true) }
		w.Before.Store(&goesDown) // in the middle of the commit, when the handler is done
		p.Get("/logout").Says(t, 503, "Service Unavailable").Has(t, "Clear-Site-Data").Has(t, "Set-Cookie")
		w.Before.Store(nil)
		w.Down.Store(false)
		p.Get("/show").Says(t, 200, "tea")
		p.Get("/logout").Says(t, 200, "bye").Has(t, "Clear-Site-Data", all).Has(t, "Cache-Control", "no-store").Clears(t, "__Host-cart")
		p.Get("/show").Says(t, 200, "none")
	})
}

// Item 35: whatever sets or clears a token is no-store, over what the handler says to whichever cache.
func TestItem35_AnAnswerWithATokenIsNotStored(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		public := func(p page) page {
			return func(w http.ResponseWriter, r *http.Request) (string, error) {
				w.Header().Set("Cache-Control", "public, max-age=60")
				w.Header().Set("CDN-Cache-Control", "max-age=60")
				return p(w, r)
			}
		}
		for name, o := range map[string]satchel.Options{"cookie": {}, "header": {Header: "X-Cart"}} {
			w := newWorld()
			p := start(w.shop(t, o, pages{
				"/show": public(show), "/add": public(add), "/signin": public(signIn), "/leave": public(leave),
			})).person()
			var sent http.Header // by header, which the visitor's jar does not keep
			for _, path := range []string{"/add", "/signin", "/leave"} {
				a := p.GetWith(path, sent).Has(t, "Cache-Control", "no-store").Has(t, "CDN-Cache-Control")
				if o.Header == "" {
					if len(a.Cookies()) != 1 {
						t.Errorf("%s, %s: %q", name, path, a.Header)
					}
					continue
				}
				if lines := a.Header.Values(o.Header); len(lines) != 1 {
					t.Errorf("%s, %s: %q", name, path, a.Header)
				}
				sent = http.Header{o.Header: a.Header.Values(o.Header)}
			}
			p.GetWith("/show", sent).Has(t, "Cache-Control", "public, max-age=60").Has(t, "CDN-Cache-Control", "max-age=60")
		}
	})
}
