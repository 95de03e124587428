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
//	cart, err := carts.Update(ctx, func(c Cart) Cart { … }) // in a handler
//
// # Rules
//
// The shell is the only room with a clock and randomness. What becomes of a session core decides; the shell asks its
// questions, carries out its plans in one function and one order, and moves values through codecs.
//
// A request that does not access a session costs no store call. Reading writes nothing.
//
// An error is never the visitor's: it is an outage, a conflict, or a programmer's mistake. See the Err variables.
//
// An [Exchange] is safe for concurrent use and runs no code of the application's (functions, codecs, observers) under a
// lock. No goroutine outlives a call.
package satchel
