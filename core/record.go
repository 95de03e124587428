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

// Format prints eight characters that tell keys apart, whatever the verb: a bare policy's key is a bearer's secret.
func (k Key) Format(f fmt.State, _ rune) {
	sum := sha256.Sum256([]byte(k))
	_, _ = io.WriteString(f, "key:"+hex.EncodeToString(sum[:4]))
}

// Record is what a store keeps under a key. Its strings are immutable, so a store may hand out what it holds.
type Record struct {
	Revision uint64 // grows with each Replace; never changed by Touch
	Seen     int64  // when the session was last used, within the touch interval; Unix milliseconds
	Deadline int64  // from this instant on the store may drop the record; Unix milliseconds
	Body     string // opaque to the store: format version, family, times, subject, payload
}
