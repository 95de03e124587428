// Package crypto protects tokens: a keyring, the two transforms that use it, [Seal] and [Sign], and the [Schedule] by which
// its keys follow each other.
//
// It is pure: secrets, nonces and instants are handed to it. It draws no randomness and reads no clock.
//
// # Rules
//
// The algorithm and the key come from the keyring and from what the program was built with, never from a token. A token
// names a key by id; an id that is not in the ring, or is revoked, is refused, and no other key is tried in its place.
//
// Syntax is checked first, then the key's state, then the time in the clear; only what passes all three costs a
// derivation, and only what then carries a valid tag is given back. What fails is refused as one of core's refusals.
//
// A root secret encrypts nothing. Each kind and purpose has its own derived key, and sealing a new one each epoch, so
// that no key meets more messages than its nonces allow. What is derived is remembered, within a bound, only once
// it has sealed or verified something: a forger who invents epochs finds nothing to push out.
//
// Every tag binds the format's version, kind, purpose, audience, tenant and key id, each with its length before it. All
// labels and all bound bytes are spelled in labels.go, and specified in SPEC.md of the repository.
//
// Secrets are never printed: keys and keyrings show their ids and states under every verb, in JSON and in slog. The one
// way out is [Keyring.RevealText], named for what it does. Secrets are compared in constant time.
//
// Memory of derived keys cannot be seen from outside, is bounded, and is handed to nobody.
//
// # FIPS 140
//
// Seal uses AES-256-GCM with the nonce that it is handed, so that a plan can be replayed. Go's GODEBUG=fips140=only
// refuses every such AEAD: there, Out of Seal is an error and In refuses with core.UnknownKey. fips140=on runs it. Sign
// runs in both.
package crypto
