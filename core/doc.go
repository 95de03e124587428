// Package core decides what becomes of a session, and does nothing else.
//
// It is pure: it sees strings, bytes, instants and entropy that it is handed, and answers with values that compare
// with ==. It reads no clock, draws no randomness, takes no context, starts no goroutine, touches no store and knows no
// protocol. Its caller, the shell, asks and obeys:
//
//	s := policy.Begin(now, tokens)                    // whatever bytes arrive: never an error, never a panic
//	for q, ok := s.Next(); ok; q, ok = s.Next() {     // one for each token
//		s = s.Answer(now, ask(q))
//	}
//	s = s.With(payload)                               // or Rotated, Cleared, …: what the application wants
//	v := s.Decide(now)                                // one truth table, testdata/decide.txt
//	plan, err := s.Plan(v, now, entropy)              // what to write, to end and to send
//
// # Rules
//
// Nothing that a client sends becomes an error. A token that gives no session leaves a [Refusal], for logs and counters.
//
// Instants are Unix milliseconds. The instant of a deadline is already past it.
//
// Nothing is decoded before it is authenticated, and syntax is checked before a key is touched or a store is asked.
//
// A token has exactly one spelling, and only tokens that we made are accepted.
//
// The formats that this package spells (tokens, records) are specified in SPEC.md of the repository.
package core
