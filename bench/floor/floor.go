// Package floor is the least code that does the work: what a session library could cost if it had no rule to keep.
//
// It keeps a session's end, because all contenders do: in the record, and inside what is sealed. It has no revisions, no kinds, no bindings,
// no outages, no touch and one fixed key, and is for nothing but to be compared with. Encoding is fxamacker/cbor in array mode, sealing a
// prebuilt AES-256-GCM, a token is base64url in a buffer that is used again; the store is a map of 64 shards behind a SHA-256 of the ID.
package floor

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Encoding and Decoding are cbor's modes, built once as its documentation advises.
var (
	Encoding = must(cbor.EncOptions{}.UserBufferEncMode())
	Decoding = must(cbor.DecOptions{}.DecMode())
)

var errToken = errors.New("floor: no token of ours")

// Sealer seals values into tokens and opens them. It uses its buffers again: each goroutine needs one of its own.
type Sealer struct {
	aead   cipher.AEAD
	plain  bytes.Buffer
	sealed []byte
	text   []byte
}

// NewSealer returns a sealer with the one fixed key.
func NewSealer() *Sealer {
	block := must(aes.NewCipher([]byte("0123456789abcdef0123456789abcdef")))
	return &Sealer{aead: must(cipher.NewGCM(block))}
}

// Seal returns the token of v, which is the sealer's until it seals again.
func (s *Sealer) Seal(v any) ([]byte, error) {
	s.plain.Reset()
	s.plain.Write(binary.BigEndian.AppendUint64(s.plain.AvailableBuffer(), uint64(ends())))
	if err := Encoding.MarshalToBuffer(v, &s.plain); err != nil {
		return nil, err
	}
	n := s.aead.NonceSize()
	s.sealed = append(s.sealed[:0], make([]byte, n)...)
	if _, err := rand.Read(s.sealed); err != nil {
		return nil, err
	}
	s.sealed = s.aead.Seal(s.sealed, s.sealed, s.plain.Bytes(), nil)
	s.text = base64.RawURLEncoding.AppendEncode(s.text[:0], s.sealed)
	return s.text, nil
}

// Open decodes a token into v.
func (s *Sealer) Open(token string, v any) error {
	s.text = append(s.text[:0], token...)
	var err error
	if s.sealed, err = base64.RawURLEncoding.AppendDecode(s.sealed[:0], s.text); err != nil {
		return err
	}
	n := s.aead.NonceSize()
	if len(s.sealed) < n {
		return errToken
	}
	plain, err := s.aead.Open(s.sealed[n:n], s.sealed[:n], s.sealed[n:], nil)
	if err != nil {
		return err
	}
	if len(plain) < 8 || int64(binary.BigEndian.Uint64(plain)) <= time.Now().UnixMilli() {
		return errToken
	}
	return Decoding.Unmarshal(plain[8:], v)
}

// ends is when a session ends that is written now, in ms.
func ends() int64 { return time.Now().UnixMilli() + 86_400_000 }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
