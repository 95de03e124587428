// Package satchelchi has what chi adds to net/http: a route's pattern as a label.
//
// The middleware itself and its guards are those of package nethttp, because chi is made of net/http:
//
//	r := chi.NewRouter()
//	r.Use(nethttp.Middleware(sessions)) // kinds of the whole application
//	r.Get("/cart", show)
//	r.Route("/admin", func(r chi.Router) {
//		r.Use(nethttp.Middleware(admins)) // and those of a group
//		r.Use(nethttp.SignedIn(staff).Wrap)
//		r.Get("/orders/{id}", order)
//	})
//
// # Rules
//
// A kind is looked for in the innermost group first, and then outwards. A group's kinds are not placed outside of it.
//
// chi's own middleware works on either side. Outside of ours stands what answers in place of a handler: Recoverer, so that a
// panic commits nothing, and Timeout, so that a handler whose time is over ends as one whose client has gone. Compress and
// what wraps the writer (Logger, or your own use of NewWrapResponseWriter) may stand inside as well: the header is complete
// before the first byte passes them, wherever that is.
//
// [Pattern] needs the middleware inside of the router, in Use, With or a group. Around a router (nethttp.Wrap(r, …)) the
// context of a commit has no route.
package satchelchi
