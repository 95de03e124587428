package nethttp_test

import (
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// page is a handler that says something, or why not.
type page func(w http.ResponseWriter, r *http.Request) (string, error)

func (p page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := p(w, r)
	if err != nil {
		http.Error(w, err.Error(), nethttp.StatusOf(err))
		return
	}
	_, _ = io.WriteString(w, text)
}

// add puts the query's item into the cart and says what is in it.
func add(_ http.ResponseWriter, r *http.Request) (string, error) {
	item := r.URL.Query().Get("item")
	if item == "" {
		item = "tea"
	}
	v, err := carts.Update(r.Context(), func(v cart) cart {
		v.Items = append(v.Items, item)
		return v
	})
	return strings.Join(v.Items, " "), err
}

// show says what is in the cart.
func show(_ http.ResponseWriter, r *http.Request) (string, error) {
	v, ok, err := carts.Get(r.Context())
	if err == nil && !ok {
		return "none", nil
	}
	return strings.Join(v.Items, " "), err
}

// put puts one item, by a change that leaves with the commit.
func put(r *http.Request, item string) error {
	if _, _, err := carts.Get(r.Context()); err != nil {
		return err
	}
	return carts.Set(r.Context(), cart{Items: []string{item}})
}

func signIn(_ http.ResponseWriter, r *http.Request) (string, error) {
	v, _, err := carts.Get(r.Context())
	if err != nil {
		return "", err
	}
	return "hello", carts.SignIn(r.Context(), "ann", v)
}

func leave(_ http.ResponseWriter, r *http.Request) (string, error) {
	return "bye", carts.Clear(r.Context())
}

func plain(http.ResponseWriter, *http.Request) (string, error) { return "plain", nil }

// pages are handlers by their patterns.
type pages map[string]page

func (p pages) mux() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, h := range p {
		mux.Handle(pattern, h)
	}
	return mux
}

// shop serves a cart that can be filled, shown, signed in with and left, and more.
func (w *world) shop(t testing.TB, o satchel.Options, more pages) http.Handler {
	all := pages{"/add": add, "/show": show, "/plain": plain, "/signin": signIn, "/leave": leave}
	maps.Copy(all, more)
	return nethttp.Wrap(all.mux(), w.Sessions(t, carts.ServerSide(w).With(o)))
}
