package crypto

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"hash"
	"slices"
	"sync"

	"github.com/satchel-go/satchel/core"
)

const macSize = sha256.Size

// Sign returns the transform that authenticates and leaves readable: HMAC-SHA-256 (RFC 2104) under a key derived from
// the ring's primary key by HKDF-SHA-256 for the kind and the purpose. It makes
//
//	idLen id src mac
//
// of 1, 1…8, any and 32 bytes. The mac binds id and src, and version, kind, purpose, audience and tenant of the frame. It
// carries no time: how old what is signed may be is for what is inside it to say.
//
// Out needs no entropy, and a ring with a primary key. In refuses, in this order: core.Malformed, core.UnknownKey,
// core.RevokedKey, core.Forged.
//
// Two Signs of one ring are equal. Sign of nil, or of the zero ring, refuses everything.
func Sign(ring *Keyring) core.Transform { return signing{ring.inner()} }

type signing struct {
	ring *ring
}

// String returns "sign".
func (signing) String() string { return "sign" }

func (signing) Entropy() int { return 0 }

func (signing) Overhead() int { return 1 + maxID + macSize }

func (s signing) Out(f core.Frame, _, dst, src []byte) ([]byte, error) {
	key := s.ring.primary
	if key.root == nil {
		return dst, fmt.Errorf("crypto: sign: %w", errEmpty)
	}
	at := slot{root: key.root, kind: f.Kind, purpose: f.Purpose}
	signer, ok := s.ring.macs.find(at)
	if !ok {
		var err error
		if signer, err = newSigner(at); err != nil {
			return dst, fmt.Errorf("crypto: sign: %w", err)
		}
		s.ring.macs.keep(at, signer, f.Now)
	}
	start := len(dst)
	out := slices.Grow(dst, 1+len(key.id)+len(src)+macSize)
	out = append(out, byte(len(key.id)))
	out = append(out, key.id...)
	w := signer.sum(f, out[start:], src)
	out = append(out, src...)
	out = append(out, w.sum...)
	signer.giveBack(w)
	return out, nil
}

func (s signing) In(f core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	id, rest, ok := cutID(src)
	if !ok || len(rest) < macSize {
		return dst, core.Malformed
	}
	root, refusal := s.ring.opening(id)
	if refusal != core.NotRefused {
		return dst, refusal
	}
	at := slot{root: root, kind: f.Kind, purpose: f.Purpose}
	signer, known := s.ring.macs.find(at)
	if !known {
		var err error
		if signer, err = newSigner(at); err != nil {
			return dst, core.UnknownKey // a key that this process may not use; Out says so as an error
		}
	}
	message, mac := rest[:len(rest)-macSize], rest[len(rest)-macSize:]
	w := signer.sum(f, src[:1+len(id)], message)
	authentic := hmac.Equal(w.sum, mac)
	signer.giveBack(w)
	if !authentic {
		return dst, core.Forged
	}
	if !known {
		s.ring.macs.keep(at, signer, f.Now)
	}
	return append(dst, message...), core.NotRefused
}

// signer makes the macs of one derived key. An HMAC that is used again spares two of four hashes' set-up; each is used
// by one goroutine at a time, and none leaves this file.
type signer struct {
	key  []byte
	idle sync.Pool // of *work
}

// work is one HMAC with room for what it hashes beside the message and for what comes out.
type work struct {
	mac   hash.Hash
	bound []byte
	sum   []byte
}

func newSigner(at slot) (*signer, error) {
	key, err := at.root.derive(appendSignInfo(nil, at))
	if err != nil {
		return nil, err
	}
	return &signer{key: key}, nil
}

// sum leaves the mac of message, and of all that is bound to it, in the work that it lends until that is given back.
func (s *signer) sum(f core.Frame, clear, message []byte) *work {
	w, ok := s.idle.Get().(*work)
	if !ok {
		w = &work{mac: hmac.New(sha256.New, s.key), bound: make([]byte, 0, 256), sum: make([]byte, 0, macSize)}
	}
	w.bound = appendBound(w.bound[:0], labelSignTag, f, clear)
	w.mac.Write(w.bound)
	w.mac.Write(message)
	w.sum = w.mac.Sum(w.sum[:0])
	return w
}

// giveBack forgets what was hashed.
func (s *signer) giveBack(w *work) {
	if cap(w.bound) <= maxScratch {
		w.mac.Reset()
		s.idle.Put(w)
	}
}
