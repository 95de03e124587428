package core

// Refusal is why a token gave no session. It is for logs and counters: no refusal is an error, and none is shown to
// the client that caused it, whose copy of the token stays as it is until the application ends the session.
type Refusal uint8

// The refusals. The comment of each says what was seen.
const (
	NotRefused     Refusal = iota
	Malformed              // not the spelling of any token: alphabet, length, trailing bits
	UnknownVersion         // a format that this program does not read, perhaps of a newer one
	UnknownKey             // its key id is not in the keyring, perhaps not yet
	RevokedKey             // its key was withdrawn
	Forged                 // its tag does not verify, or not for this kind, purpose, audience or tenant
	Stale                  // the time in its clear part is further back than its kind's life, so its tag was not even tried
	Future                 // made later than now, beyond the allowed skew
	Unknown                // well-formed, but no record is kept under it
	Undecodable            // authentic, but its record or payload cannot be read by this program
	Ambiguous              // two tokens of one name both give a session
	Rotated                // rotated away just now: an answer with its successor may be on its way to the same client
	Expired                // past its absolute lifetime
	Idle                   // unused for longer than its idle lifetime
	Superseded             // rotated away longer ago
	Reused                 // a renewed token, used after its grace
	Ended                  // a client-side session that was ended before its time
)

var refusalNames = [...]string{
	NotRefused: "none", Malformed: "malformed", UnknownVersion: "unknown-version", UnknownKey: "unknown-key", RevokedKey: "revoked-key",
	Forged: "forged", Stale: "stale", Future: "future", Unknown: "unknown", Undecodable: "undecodable", Ambiguous: "ambiguous",
	Rotated: "rotated",
	Expired: "expired", Idle: "idle", Superseded: "superseded", Reused: "reused", Ended: "ended",
}

// String returns the name that vectors, transcripts, logs and metrics use.
func (r Refusal) String() string {
	return nameOf(refusalNames[:], r)
}
