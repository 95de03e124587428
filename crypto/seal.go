package crypto

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"slices"

	"github.com/satchel-go/satchel/core"
)

const (
	nonceSize = 12 // of GCM: NIST SP 800-38D, section 8.2.2
	tagSize   = 16
	timeSize  = 6 // 48 bits of Unix milliseconds: core.MaxInstant

	clearSize = 1 + 1 + timeSize // of a seal's clear prefix, without the id
)

var (
	errNonce    = errors.New("the entropy is not 12 bytes")
	errInstant  = errors.New("the time is not in 0 … core.MaxInstant")
	errUnusable = errors.New("AES-256-GCM with a given nonce is refused here, as under GODEBUG=fips140=only")
)

// Seal returns the transform that encrypts and authenticates: AES-256-GCM (NIST SP 800-38D) under a key derived from
// the ring's primary key by HKDF-SHA-256 (RFC 5869) for the kind, the purpose and the epoch of sealing. It makes
//
//	idLen id e sealedAt nonce ciphertext tag
//
// of 1, 1…8, 1, 6, 12, any and 16 bytes, where sealedAt is Unix milliseconds, big-endian, and an epoch is an hour times
// 2^e. The tag binds all that stands before the nonce, and version, kind, purpose, audience and tenant of the frame.
// What a frame says of lives may change between Out and In: e is chosen from Frame.Life at sealing and travels along.
//
// Out needs 12 random bytes, used for nothing else, and a ring with a primary key. In refuses, in this order:
// core.Malformed, core.UnknownKey, core.RevokedKey; core.Future and core.Stale (by more than Frame.Life and an epoch)
// before any key is derived; core.Forged.
//
// Two Seals of one ring are equal. Seal of nil, or of the zero ring, refuses everything.
func Seal(ring *Keyring) core.Transform { return sealing{ring.inner()} }

type sealing struct {
	ring *ring
}

// String returns "seal".
func (sealing) String() string { return "seal" }

func (sealing) Entropy() int { return nonceSize }

func (sealing) Overhead() int { return clearSize + maxID + nonceSize + tagSize }

func (s sealing) Out(f core.Frame, entropy, dst, src []byte) ([]byte, error) {
	key := s.ring.primary
	switch {
	case key.root == nil:
		return dst, fmt.Errorf("crypto: seal: %w", errEmpty)
	case len(entropy) != nonceSize:
		return dst, fmt.Errorf("crypto: seal: %w", errNonce)
	case f.Now < 0 || f.Now > core.MaxInstant:
		return dst, fmt.Errorf("crypto: seal: %w", errInstant)
	}
	e := exponentFor(f.Life)
	at := slot{root: key.root, kind: f.Kind, purpose: f.Purpose, exponent: e, epoch: f.Now / epochLength(e)}
	aead, ok := s.ring.aeads.find(at)
	if !ok {
		var err error
		if aead, err = newAEAD(at); err != nil {
			return dst, fmt.Errorf("crypto: seal: %w", err)
		}
		s.ring.aeads.keep(at, aead, f.Now)
	}
	start := len(dst)
	out := slices.Grow(dst, clearSize+len(key.id)+nonceSize+len(src)+tagSize)
	out = appendClear(out, key.id, e, f.Now)
	bound := s.ring.bound(labelSealTag, f, out[start:])
	out = append(out, entropy...)
	out = aead.Seal(out, entropy, src, *bound)
	s.ring.giveBack(bound)
	return out, nil
}

func (s sealing) In(f core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	c, ok := readClear(src)
	if !ok {
		return dst, core.Malformed
	}
	root, refusal := s.ring.opening(c.id)
	if refusal != core.NotRefused {
		return dst, refusal
	}
	if refusal = timely(f, c.exponent, c.sealedAt); refusal != core.NotRefused {
		return dst, refusal
	}
	at := slot{root, f.Kind, f.Purpose, c.exponent, c.sealedAt / epochLength(c.exponent)}
	aead, known := s.ring.aeads.find(at)
	if !known {
		var err error
		if aead, err = newAEAD(at); err != nil {
			return dst, core.UnknownKey // a key that this process may not use; Out says so as an error
		}
	}
	bound := s.ring.bound(labelSealTag, f, src[:c.size])
	nonce, sealed := src[c.size:c.size+nonceSize], src[c.size+nonceSize:]
	out, err := aead.Open(dst, nonce, sealed, *bound)
	s.ring.giveBack(bound)
	if err != nil {
		return dst, core.Forged
	}
	if !known {
		s.ring.aeads.keep(at, aead, f.Now)
	}
	return out, core.NotRefused
}

func newAEAD(at slot) (cipher.AEAD, error) {
	key, err := at.root.derive(appendSealInfo(nil, at))
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, errUnusable
	}
	return aead, nil
}

// clearPart is what stands readable before a seal's nonce.
type clearPart struct {
	id       []byte
	exponent byte
	sealedAt int64
	size     int // its bytes
}

// appendClear appends idLen id e sealedAt.
func appendClear(dst []byte, id string, exponent byte, at int64) []byte {
	dst = append(dst, byte(len(id)))
	dst = append(dst, id...)
	dst = append(dst, exponent)
	return append(dst, byte(at>>40), byte(at>>32), byte(at>>24), byte(at>>16), byte(at>>8), byte(at))
}

// readClear reads what appendClear wrote, and sees that a nonce and a tag can follow.
func readClear(src []byte) (c clearPart, ok bool) {
	id, rest, ok := cutID(src)
	if !ok || len(rest) < 1+timeSize+nonceSize+tagSize || rest[0] > maxExponent {
		return clearPart{}, false
	}
	var at int64
	for _, b := range rest[1 : 1+timeSize] {
		at = at<<8 | int64(b)
	}
	return clearPart{id: id, exponent: rest[0], sealedAt: at, size: clearSize + len(id)}, true
}

// cutID reads idLen id, and returns what follows.
func cutID(src []byte) (id, rest []byte, ok bool) {
	if len(src) < 1 {
		return nil, nil, false
	}
	end := 1 + int(src[0])
	if len(src) < end {
		return nil, nil, false
	}
	return src[1:end], src[end:], validID(src[1:end])
}
