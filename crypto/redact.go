package crypto

import (
	"fmt"
	"strings"
)

// Keys and keyrings have value receivers here, so that a copy is redacted as its pointer is. Format serves every verb of
// fmt; MarshalText serves JSON, slog and what else asks for text.

// String returns the key's id and state, without its secret.
func (k Key) String() string { return "key(" + k.id + ":" + k.state.String() + ")" }

// Format prints the key's id and state under every verb, without its secret.
func (k Key) Format(w fmt.State, _ rune) { _, _ = w.Write([]byte(k.String())) }

// MarshalText returns the key's id and state, without its secret, so that nothing can be read back from it.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// String returns the ids and states of the ring's keys, without their secrets.
func (k Keyring) String() string {
	var b strings.Builder
	b.WriteString("keyring(")
	for i, key := range k.inner().keys {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(key.id + ":" + key.state.String())
	}
	b.WriteByte(')')
	return b.String()
}

// Format prints the ids and states of the ring's keys under every verb, without their secrets.
func (k Keyring) Format(w fmt.State, _ rune) { _, _ = w.Write([]byte(k.String())) }

// MarshalText returns the ids and states of the ring's keys, without their secrets, so that nothing can be read back
// from it; see [Keyring.RevealText].
func (k Keyring) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
