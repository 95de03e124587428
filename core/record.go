package core

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// Key is what a store sees instead of an ID: 32 bytes, the SHA-256 of the ID under a label with kind, audience and
// tenant, so that a dump of a store holds no token. A bare policy's key is the foreign ID itself.
type Key string

// String returns eight characters that tell keys apart: a bare policy's key is a bearer's secret. string(k) is the one
// way to the key itself.
func (k Key) String() string {
	sum := sha256.Sum256([]byte(k))
	return "key:" + hex.EncodeToString(sum[:4])
}

// Format prints what String returns, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalText returns what String returns, which JSON and slog therefore show.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Record is what a store keeps under a key. Its strings are immutable, so a store may hand out what it holds.
type Record struct {
	Revision uint64 // grows with each Replace; never changed by Touch
	Seen     int64  // when the session was last used, within the touch interval; Unix milliseconds
	Deadline int64  // from this instant on the store may drop the record; Unix milliseconds
	Body     string // opaque to the store: format version, family, times, subject, payload
}

// Format prints the revision and times, and nothing of the body, whatever the verb.
func (r Record) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "record (revision %d, seen %d, deadline %d)", r.Revision, r.Seen, r.Deadline)
}
