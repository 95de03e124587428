// Package satchel keeps sessions: typed state that belongs to one conversation, across requests or messages.
//
//	type Cart struct{ Items []string `cbor:"1,keyasint"` }
//
//	var carts = satchel.NewKind[Cart]("cart") // pure: a name and a type
//
//	sessions := satchel.Must(satchel.New(     // where each kind lives is one line in main
//		carts.ServerSide(store.NewMemory()),
//	))
//	http.ListenAndServe(addr, nethttp.Wrap(mux, sessions))
//
// Cookies are Secure, so a browser keeps them over https, and over plain http on localhost at the most. To develop over plain http
// on loopback set InsecureLoopback in [Config].Cookie.
//
//	cart, err := carts.Update(ctx, func(c Cart) Cart { … }) // in a handler
//
// # Rules
//
// The shell is the only room with a clock and randomness. What becomes of a session core decides; the shell asks its
// questions, carries out its plans in one function and one order, and moves values through codecs.
//
// A request that does not access a session costs no store call. Reading writes nothing, but for a note of a server-side
// session's use, at most once each Touch interval.
//
// Reading is never an error because of what a visitor sent. An error is an outage, a conflict, or a programmer's mistake;
// see the Err variables.
//
// An [Exchange] is safe for concurrent use and runs no code of the application's (functions, codecs, observers) under a
// lock; what Config and placements bring (Carrier, Keys, Clock, Entropy, stores) it does. No goroutine outlives a call.
package satchel
