package ktor

import (
	"bytes"
	"crypto/hmac"
	"encoding/hex"
	"hash"
	"slices"

	"github.com/satchel-go/satchel/core"
)

// MessageAuthentication returns SessionTransportTransformerMessageAuthentication: value, "/", and the HMAC of value in hex.
// SHA256 is Ktor's default since 1.1.2, SHA1 before. The key is one byte or more, as in Ktor; 32 random bytes is what it
// should be.
//
// The MAC binds the value and nothing else: neither the cookie's name, nor its age. What is signed for one session passes for
// any other under the same key, for ever. [Migrating] leads away from that.
//
// In takes the last "/" for the separator, and hex in lower case only. It refuses core.Malformed and core.Forged.
func MessageAuthentication(h Hash, key []byte) (core.Transform, error) {
	switch {
	case h.make() == nil:
		return nil, errHash
	case len(key) == 0:
		return nil, errKey
	}
	key = bytes.Clone(key)
	return &tagged{
		name: "ktor message authentication", size: h.make()().Size(), strict: true,
		start: func() hash.Hash { return hmac.New(h.make(), key) },
	}, nil
}

// WeakDigest returns SessionTransportTransformerDigest, which Ktor had until 1.6.8: value, "/", and the hash of salt and value
// in hex. The hash is SHA256, Ktor's default until 1.0.1, or SHA384, its default since; its default salt is "ktor".
//
// It protects from nobody. Whoever knows the salt can write any value, and who does not can append to a value under SHA-256.
// It is here to read what old cookies hold; [Migrating] leads away from it.
//
// In takes the last "/" for the separator, hex in either case, and as Ktor 1.6.8 it does not look at an odd last digit. It
// refuses core.Malformed and core.Forged.
func WeakDigest(h Hash, salt string) (core.Transform, error) {
	if h != SHA256 && h != SHA384 {
		return nil, errHash
	}
	return &tagged{
		name: "ktor digest", size: h.make()().Size(),
		start: func() hash.Hash {
			digest := h.make()()
			digest.Write([]byte(salt))
			return digest
		},
	}, nil
}

// tagged is a transformer that puts a tag behind the value.
type tagged struct {
	name   string
	size   int  // of the tag, in bytes
	strict bool // the tag is read in lower case only
	start  func() hash.Hash
}

// String returns the transformer's name.
func (t *tagged) String() string { return t.name }

func (t *tagged) writesSlash() {}

func (t *tagged) Entropy() int { return 0 }

func (t *tagged) Overhead() int { return 1 + 2*t.size }

func (t *tagged) sum(value []byte) []byte {
	h := t.start()
	h.Write(value)
	return h.Sum(nil)
}

func (t *tagged) Out(_ core.Frame, _, dst, src []byte) ([]byte, error) {
	dst = slices.Grow(dst, len(src)+t.Overhead())
	dst = append(dst, src...)
	return hex.AppendEncode(append(dst, '/'), t.sum(src)), nil
}

func (t *tagged) In(_ core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	value, text := cutLast(src, '/')
	if !t.strict {
		text = text[:len(text)&^1]
	}
	if len(text) != 2*t.size || t.strict && !lowerHex(text, t.size) {
		return dst, core.Malformed
	}
	tag, err := hex.AppendDecode(nil, text)
	if err != nil {
		return dst, core.Malformed
	}
	if !hmac.Equal(tag, t.sum(value)) {
		return dst, core.Forged
	}
	return append(dst, value...), core.NotRefused
}
