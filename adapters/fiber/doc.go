// Package satchelfiber moves tokens between fiber v3 and sessions. It speaks fasthttp's own header, and does not go
// through fiber's adaptor for net/http.
//
//	app := fiber.New()
//	app.Use(satchelfiber.Middleware(sessions))
//	app.Post("/add", func(c fiber.Ctx) error {
//		cart, err := carts.Update(c, func(cart Cart) Cart { … }) // c.Context() does as well
//		…
//	})
//
// # Rules
//
// What came with the request is copied when the middleware is entered: the values of our own cookies and header fields,
// and nothing else. fasthttp uses its buffers again for the next request of the connection, and fiber its Ctx for any
// other, so an exchange holds neither.
//
// Sessions are committed when the handler has returned and its error, if it returned one, was answered by the app's
// ErrorHandler: that is when the header of a fiber answer is complete. So an ErrorHandler reads and changes sessions as
// any handler does, and the middleware itself returns nil, as fiber's logger does; see Config.PassErrors. A handler that
// panics commits nothing; a recover middleware goes outside of this one, or its error is a handler's like any other.
//
// An answer that sends or clears a token is no-store, whatever the handler says. One for which a session was used varies
// by what the token travels in, and is private unless the handler says otherwise. Where no session was used nothing is
// added.
//
// If a commit fails, the client gets the answer to a *fiber.Error with StatusOf's status and nothing of the handler's.
// Tokens of kinds whose commit was done go along.
//
// Middlewares nest, as those of an app, of a group and of a mounted app do: a kind is looked for in the innermost
// exchange first. One within another of the same sessions joins its exchange, with the outer Config; but where the inner one names
// another tenant nothing within is served. [Config] says more.
//
// A [Guard] stands behind the middleware, before what only some may see. Whoever it does not let through is answered by its
// Challenge, told whether there was no session or one that is refused; an outage is answered with 503, and never with the
// Challenge.
//
// A request without a token of ours costs one allocation.
//
// # Streams
//
// The body of SendStreamWriter runs beside its handler, and for long after it. It must not touch c, which serves another
// request by then: whatever it needs, ctx := c.Context() too, the handler takes along. On that ctx kinds work until the
// answer was written. (fiber's sse keeps c for its handler, which may use it as well as the stream's Context.)
//
// Committed the exchange is when the handler has returned, before the first byte leaves. What a stream does before that
// counts as the handler's; after it a change that needs a token to be sent is satchel.ErrTooLate, every other takes effect at
// once, and a late Clear ends the session on the server. The same holds for a connection taken over by Hijack.
//
// fiber's timeout middleware lets its handler run on when the time is over. If it is inside of this one nothing is
// committed then, as after a panic, and the handler gets satchel.ErrClosed. If it is outside, what its handler wanted is done
// when that returns, but for a rotation, because nobody would hear of the new token.
//
// A client that hangs up is not noticed, because fasthttp looks at its connection only when the answer is written. So all that
// the handler wanted is done, a rotation too: its token reaches nobody, and the client's is dead.
//
// c.End sends its answer from within the handler, before a commit. Call [Commit] first.
//
// # Beside other middleware
//
// Tokens are read from the request as the middleware finds it, and written when it is left. So a middleware outside of it
// that removes a cookie from the request removes the session with it, and one that encrypts all cookies does so
// consistently.
//
// A goroutine that a handler starts uses c.Context(), taken in the handler. With c, fiber itself would show it the
// sessions of whatever request c serves by then.
package satchelfiber
