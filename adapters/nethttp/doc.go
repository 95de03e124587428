// Package nethttp moves tokens between net/http and sessions.
//
//	mux := http.NewServeMux()
//	mux.HandleFunc("POST /add", add) // carts.Update(r.Context(), …)
//	http.ListenAndServe("localhost:8080", nethttp.Wrap(mux, sessions))
//
// # Rules
//
// Sessions are committed at the true header moment: before the first byte of the final answer leaves, or when the handler
// has returned. A handler that panics commits nothing.
//
// An answer that sends or clears a token is no-store, whatever the handler says. One for which a session was used varies
// by what the token travels in, and is private unless the handler says otherwise. Where no session was used nothing is
// added.
//
// If a commit fails, the client gets the answer of OnCommitError and nothing of the handler's. Tokens of kinds whose
// commit was done go along.
//
// Wrappers nest: a kind is looked for in the innermost exchange first.
//
// A wrapped handler costs two allocations. The state of a request is never used for another.
package nethttp
