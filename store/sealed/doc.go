// Package sealed encrypts the records of a store at rest, under the keys of a keyring.
//
//	records, err := sealed.New(ctx, inner, satchel.KeysFromFile("record-keys"))
//	…
//	sessions, err := satchel.New(carts.ServerSide(records))
//
// # Rules
//
// The rules of package store hold as they do inside. What the inner store can do beside the contract the outer one can as well.
//
// A body is sealed by crypto.Seal: AES-256-GCM under a key that is derived from the ring's primary key for this purpose and for the hour of
// the record's Seen. The seal binds the record's key and revision, so a body that was moved to another row, or an older one that was put
// under a newer revision, does not open. Key, revision, Seen and Deadline stand in the clear, because the inner store
// decides by them; Seen and Deadline are not bound, because a touch moves them. Whoever may write to the inner store can still
// put back a whole row as it once was, move its times, or remove it.
//
// Core's own lifetimes stand in the body, so a session's absolute life is protected and its idle time is not.
//
// What does not open (its key is not in the ring or revoked, it was changed, it was never sealed) is store.ErrGarbled, with the record's revision: it is
// never overwritten, and can be deleted at that revision. To see to that Replace and Touch load the record first, so each is two calls
// to the inner store.
//
// Keys rotate without a restart: the source is asked again after [Config].Refresh, and at once (but not more than once a second) when a record
// comes under a key that is not in the ring. A source that fails logs nobody out: the last ring serves on, and a record whose key is not in it
// is an outage, until the source, asked since such a record was first seen, says that it has no such key.
//
// A record is sealed anew, under the primary key of the moment, by each Replace. What a session, a roster or an ending needs is kept for the longest
// absolute life and a day at most, without a Replace. The log of a kind whose sessions were all ended by EndEveryone is kept for ever, and whoever
// reads it writes it anew once in half of the longest life. So a key may be dropped from the ring when the longest absolute life and a day have
// passed since it was primary, and a program has served each kind that has a log in the second half of that.
//
// A store that holds records which were never sealed cannot be read through this one: begin with an empty one.
//
// Sizes are those of the sealed body, up to 44 bytes more, but for a listing, which opens each record.
package sealed
