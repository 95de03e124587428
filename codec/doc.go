// Package codec turns the values of a kind's Go type into payloads and back.
//
// [CBOR] is the default and [JSON] is for payloads that other programs read. [Text] and [Bytes] are their own payloads.
// [Version] and [Migrate] build a codec that reads every older version of a type, [Fallback] one that reads older formats.
// Users write their own by the interface [Codec] and hold it to the rules with package codectest.
//
// # Rules
//
// What Encode wrote, Decode reads, and the value comes back equal: Encode refuses a value that would not, and [Check] a
// type of which values would not.
//
// Equal values have equal payloads, so that saving an unchanged session is nothing. Maps are written in the order of
// their keys.
//
// A decoded value shares memory with nothing. No memory that a user can hold is ever used again.
//
// Decode ends with an error and never with a panic, whatever the payload, and takes memory in proportion to it. No error
// text quotes a payload; a cause that might is reached by errors.As alone.
//
// A payload is decoded by one codec, which its first bytes choose. None is ever tried after another failed.
//
// # Change
//
// A field may be added to a type at any time; anything else that changes what is written, such as a field's type or the
// length of an array, is a new version. Where nodes with and without the new field share sessions, the older must not
// write without it: it keeps the field in an embedded [Unknown], or [Read] tells that the value is not whole and it must
// not be written. A payload of a newer version is [ErrNewer], which is not [ErrUndecodable].
//
// A new version comes to nodes that share sessions in two deploys, so that at no time one writes what another cannot read.
// The first brings nodes that read it and write the version before ([StillWriting]); the second, once no older node is
// left, nodes that write it. Back it goes the same way in the other order, and for the last step waits until what the newest
// wrote has been written again, or is over. In one deploy nothing is lost either, but the older nodes see no session where
// a newer one has written: they are told ErrNewer, and do not write.
package codec
