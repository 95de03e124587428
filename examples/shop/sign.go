package main

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/satchel-go/satchel"
)

// remembered is for how long a browser stays signed in, used or not, for who ticks the box.
const remembered = 30 * 24 * time.Hour

func (s *shop) signInForm(r request) (answer, error) {
	return s.render(r, page{name: "signin", title: "Sign in"})
}

// signIn makes the session somebody's. A real shop would ask for a passkey or a password first.
func (s *shop) signIn(r request) (answer, error) {
	name := strings.TrimSpace(r.form("name"))
	if name == "" || utf8.RuneCountInString(name) > 40 || !utf8.ValidString(name) {
		return redirect(r, "/signin", "A name has 1 to 40 characters.")
	}
	cart, _, err := carts.Get(r)
	if err != nil {
		return answer{}, err
	}
	about, err := carts.About(r)
	if err != nil {
		return answer{}, err
	}
	if about.Subject != "" && about.Subject != name {
		cart = Cart{} // what somebody else has left behind is not for this one
	}
	// SignInWith keeps what we hand it and gives the session another token; the one from before opens nothing any more. Whoever
	// had planted it in this browser is left with nothing. The hint is for the page of devices.
	in := satchel.SignIn{Subject: name, Hint: deviceOf(r.field("User-Agent"))}
	if r.form("remember") != "" { // both: a session ends by whichever comes first
		in.Idle, in.Absolute = remembered, remembered
	}
	if err := carts.SignInWith(r, in, cart); err != nil {
		return answer{}, err
	}
	return redirect(r, "/", "Welcome, "+name+".")
}

// signOut ends the session on the server first, and then takes the cookie away.
func (s *shop) signOut(r request) (answer, error) {
	if err := carts.Clear(r); err != nil {
		return answer{}, err
	}
	return redirect(r, "/", "You are signed out, and your cart is gone.")
}
