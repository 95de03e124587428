package main

import (
	"net/http"
	"strings"
	"unicode/utf8"
)

func (s *shop) signInForm(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, page{name: "signin", title: "Sign in"})
}

// signIn makes the session somebody's. A real shop would ask for a passkey or a password first.
func (s *shop) signIn(w http.ResponseWriter, r *http.Request) error {
	name := strings.TrimSpace(r.FormValue("name"))
	if name == "" || utf8.RuneCountInString(name) > 40 || !utf8.ValidString(name) {
		return redirect(w, r, "/signin", "A name has 1 to 40 characters.")
	}
	cart, _, err := carts.Get(r.Context())
	if err != nil {
		return err
	}
	about, err := carts.About(r.Context())
	if err != nil {
		return err
	}
	if about.Subject != "" && about.Subject != name {
		cart = Cart{} // what somebody else has left behind is not for this one
	}
	// SignIn keeps what we hand it and gives the session another token; the one from before opens nothing any more. Whoever
	// had planted it in this browser is left with nothing.
	if err := carts.SignIn(r.Context(), name, cart); err != nil {
		return err
	}
	return redirect(w, r, "/", "Welcome, "+name+".")
}

// signOut ends the session on the server first, and then takes the cookie away.
func (s *shop) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := carts.Clear(r.Context()); err != nil {
		return err
	}
	return redirect(w, r, "/", "You are signed out, and your cart is gone.")
}
