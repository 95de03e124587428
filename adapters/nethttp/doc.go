// Package nethttp moves tokens between net/http and sessions.
//
//	mux := http.NewServeMux()
//	mux.HandleFunc("POST /add", add) // carts.Update(r.Context(), …)
//	http.ListenAndServe("localhost:8080", nethttp.Wrap(mux, sessions))
//
// gin, echo and other engines are handlers as well: wrap the engine as a whole, nethttp.Wrap(engine, sessions), and hand kinds the context of
// the request, carts.Get(c.Request.Context()). A *gin.Context in its place is "no exchange in this context". The
// folder frameworks has an example of each.
//
// # Rules
//
// What came with the request is taken when the middleware is entered. So what an outer middleware makes of its header
// counts, and what an inner one does with the map is too late.
//
// Sessions are committed at the true header moment: before the first byte of the final answer leaves, or when the handler
// has returned. A handler that panics commits nothing, but for what Update has committed. After it the exchange is closed.
//
// An answer that sends or clears a token is no-store, whatever the handler says. One for which a session was used varies
// by what the token travels in, and is private unless the handler says otherwise. Where no session was used nothing is
// added.
//
// If a commit fails, the client gets the answer of OnCommitError and nothing of the handler's. Tokens of kinds whose
// commit was done go along.
//
// Wrappers nest: a kind is looked for in the innermost exchange first. Wrapping twice with the same sessions is wrapping once,
// with the outer Config; but where the inner one names another tenant nothing within is served. [Config] says more.
//
// http.TimeoutHandler goes outside. A handler that runs on ends there as one whose client has hung up: what it wanted is
// done, but for a rotation, which is satchel.ErrTooLate. Inside, its answer cannot be told from the handler's, and commits what
// was wanted by then.
//
// A connection that is taken over is committed first. What Hijack is called without a status for writes its own answer, which
// this package cannot add to: gorilla/websocket's 101 has what its Upgrade is handed and nothing else, so a new token reaches the
// client by upgrader.Upgrade(w, r, w.Header()) and not by Upgrade(w, r, nil). coder/websocket's 101 has it by itself.
//
// A [Guard] stands within, before what only some may see. Whoever it does not let through is answered by its Challenge, told
// whether there was no session or one that is refused; an outage is answered with 503, and never with the Challenge.
//
// A wrapped handler costs two allocations. The state of a request is never used for another.
package nethttp
