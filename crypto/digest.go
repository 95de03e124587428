package crypto

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"hash"
	"slices"
	"strings"

	"github.com/satchel-go/satchel/core"
)

// DigestAlgorithm is the hash function of a [ForgeableDigest]. The zero one is none.
type DigestAlgorithm uint8

// The algorithms, of FIPS 180-4.
const (
	DigestSHA256 DigestAlgorithm = iota + 1
	DigestSHA384
	DigestSHA512
)

var digests = [...]struct {
	name string
	size int
	make func() hash.Hash
}{
	DigestSHA256: {"sha-256", sha256.Size, sha256.New},
	DigestSHA384: {"sha-384", sha512.Size384, sha512.New384},
	DigestSHA512: {"sha-512", sha512.Size, sha512.New},
}

// String returns the algorithm's name, as "sha-384".
func (a DigestAlgorithm) String() string {
	if !a.valid() {
		return "invalid"
	}
	return digests[a].name
}

func (a DigestAlgorithm) valid() bool { return a >= DigestSHA256 && a <= DigestSHA512 }

var errDigest = errors.New("crypto: digest: the algorithm must be DigestSHA256, DigestSHA384 or DigestSHA512")

// ForgeableDigest returns the transform that notices accidents and nothing else. It is there to read and write what
// Ktor's SessionTransportTransformerDigest did, until Ktor removed it:
//
//	src "/" hex( H( salt src ) )
//
// with digits in lower case. It authenticates nobody: there is no key in it. Whoever knows the salt, which in Ktor is "ktor"
// unless somebody changed it, can make any session; and where the salt is not known, one under DigestSHA256 or DigestSHA512 can
// still be lengthened. It binds no kind, audience, tenant or time. Use [Sign], or [Seal].
//
// Out needs no entropy, and an algorithm. In refuses as core.Malformed what has no digest of the right length and
// spelling after its last "/", and as core.Forged what has another one than it should.
func ForgeableDigest(a DigestAlgorithm, salt string) core.Transform { return digest{a, salt} }

type digest struct {
	algorithm DigestAlgorithm
	salt      string
}

// String returns "digest".
func (digest) String() string { return "digest" }

func (digest) Entropy() int { return 0 }

func (d digest) Overhead() int {
	if !d.algorithm.valid() {
		return 0
	}
	return 1 + hex.EncodedLen(digests[d.algorithm].size)
}

func (d digest) Out(_ core.Frame, _, dst, src []byte) ([]byte, error) {
	if !d.algorithm.valid() {
		return dst, errDigest
	}
	dst = slices.Grow(dst, len(src)+d.Overhead())
	dst = append(append(dst, src...), '/')
	return hex.AppendEncode(dst, d.sum(src)), nil
}

func (d digest) In(_ core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	at := len(src) - d.Overhead()
	if !d.algorithm.valid() || at < 0 || src[at] != '/' || !lowerHex(src[at+1:]) {
		return dst, core.Malformed
	}
	if subtle.ConstantTimeCompare(hex.AppendEncode(nil, d.sum(src[:at])), src[at+1:]) != 1 {
		return dst, core.Forged
	}
	return append(dst, src[:at]...), core.NotRefused
}

func (d digest) sum(src []byte) []byte {
	h := digests[d.algorithm].make()
	h.Write([]byte(d.salt))
	h.Write(src)
	return h.Sum(nil)
}

// lowerHex reports whether all of text is digits of the one spelling.
func lowerHex(text []byte) bool {
	return strings.Trim(string(text), "0123456789abcdef") == ""
}
