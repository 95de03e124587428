package main

import (
	"io/fs"
	"log/slog"
	"mime"
	"net/http"
	"path"

	"github.com/satchel-go/satchel"
)

type shop struct {
	options

	sessions *satchel.Sessions
	log      *slog.Logger
}

// route is one address of the shop.
type route struct {
	method, path string
	handler      handler
}

// routes are all of them, for whichever framework serves them. Everything else is noPage.
func (s *shop) routes() []route {
	all := []route{
		{http.MethodGet, "/", s.front},
		{http.MethodGet, "/cart", s.cart},
		{http.MethodPost, "/cart/add", s.change(+1, "/")},
		{http.MethodPost, "/cart/more", s.change(+1, "/cart")},
		{http.MethodPost, "/cart/less", s.change(-1, "/cart")},
		{http.MethodPost, "/order", s.order},
		{http.MethodGet, "/signin", s.signInForm},
		{http.MethodPost, "/signin", s.signIn},
		{http.MethodPost, "/signout", s.signOut},
		{http.MethodGet, "/prefs", s.prefs},
		{http.MethodPost, "/prefs", s.setPrefs},
		{http.MethodGet, "/travels", s.travels},
		{http.MethodGet, "/api", s.apiPage},
		{http.MethodGet, "/api/products", s.apiProducts},
		{http.MethodGet, "/api/cart", s.apiCart},
		{http.MethodPost, "/api/cart", s.apiAdd},
		{http.MethodDelete, "/api/cart", s.apiEnd},
	}
	all = append(all, s.deviceRoutes()...)
	names, _ := fs.Glob(staticFiles, "static/*") // the only error is a bad pattern
	for _, name := range names {
		all = append(all, route{http.MethodGet, "/" + name, file(name)})
	}
	return all
}

// file answers with one of the shop's own files, which anyone may keep for a while. No session is used for it, so Satchel
// adds nothing.
func file(name string) handler {
	return func(request) (answer, error) {
		body, err := staticFiles.ReadFile(name)
		return answer{kind: mime.TypeByExtension(path.Ext(name)), cache: "public, max-age=60", body: body}, err
	}
}

func noPage(request) (answer, error) { return answer{}, errNoPage }

func foreign(request) (answer, error) { return answer{}, errForeign }

const maxBody = 64 << 10 // bytes of a request

// security allows the shop's pages nothing but the shop's own style sheet and drawings.
func security(set func(name, value string)) {
	set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "+
		"base-uri 'none'; frame-ancestors 'none'")
	set("X-Content-Type-Options", "nosniff")
	set("Referrer-Policy", "same-origin")
}
