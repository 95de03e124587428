package main

import (
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/store"
)

// The kinds of session. Each is a name and a Go type; handlers use them by these variables and know nothing more.
var (
	carts    = satchel.NewKind[Cart]("cart")     // what a visitor is buying, and who has signed in
	prefs    = satchel.NewKind[Prefs]("prefs")   // how a visitor wants to see the shop
	flashes  = satchel.NewKind[string]("flash")  // one sentence for the next page
	apiCarts = satchel.NewKind[Cart]("api-cart") // what a program is buying
)

// apiHeader is the header field in which the API's session travels, in both directions.
const apiHeader = "X-Shop-Session"

// place says where each kind lives, by what it travels and how long it lasts. Nothing else in the program knows.
func place(c satchel.Config, kept store.Store, keys satchel.Keys, https bool) (*satchel.Sessions, error) {
	// On plain http a browser takes no Secure cookies, or only some browsers do. This option leaves Secure out, and makes
	// sure that the cookie never leaves this machine. With https the zero Config is the right one.
	browser := cookie.Config{InsecureLoopback: !https}

	return c.New(
		// In the store. Only an ID travels, so signing out ends it for good, whoever has a copy of the cookie. It ends by itself after half
		// an hour unused and after a day in all; who asks to be remembered may have longer (sign.go), and this is the most.
		carts.ServerSide(kept).With(satchel.Options{
			Cookie: browser, Idle: 30 * time.Minute, Absolute: 24 * time.Hour, LongestIdle: remembered, Longest: remembered,
		}),

		// In the browser, sealed. It costs the shop no memory and outlives it. Nothing can end a copy before its time,
		// which is why its placement has to say so; for a choice of colours that is no loss.
		prefs.ClientSide(keys, satchel.Unrevocable).With(satchel.Options{Cookie: browser, Absolute: 365 * 24 * time.Hour}),
		flashes.ClientSide(keys, satchel.Unrevocable).With(satchel.Options{Cookie: browser, Absolute: time.Minute}),

		// In the store, by a header field instead of a cookie: for programs, which keep no cookies.
		apiCarts.ServerSide(kept).With(satchel.Options{Header: apiHeader}),
	)
}
