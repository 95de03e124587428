package ktor

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/satchel-go/satchel/core"
)

// Encryption is what SessionTransportTransformerEncrypt is made of.
type Encryption struct {
	// Key is the AES key: 16, 24 or 32 bytes. Ktor before 3.5.1 takes 16 only, with its own IVs.
	Key []byte
	// SignKey is the key of the HMAC, one byte or more, and Sign its hash function.
	SignKey []byte
	Sign    Hash
	// Before300Until is the instant until which tokens of Ktor up to 2.3 are read as well, as backwardCompatibleRead does
	// without an end; the zero value is never. These are decrypted before they are verified, which gives an attacker with
	// very many tries and a good clock an oracle for their padding, so choose it no later than the last of them expires.
	Before300Until time.Time
}

// Encrypt returns SessionTransportTransformerEncrypt as it is since Ktor 3.0.0:
//
//	hex(IV) "/" hex(ciphertext) ":" hex(MAC)
//
// AES-CBC with PKCS #7 padding, and an HMAC of the ciphertext. Ktor up to 2.3 cannot read it.
//
// The MAC does not cover the IV, so this format does not hold what it seems to promise: whoever has a token and knows or
// guesses the first 16 bytes of its plaintext can replace them by any others, without a key. {"userId":"id2" becomes
// {"userId":"adm" by changing three bytes of the IV. Ktor accepts that, and so does whatever reads its tokens. Nor does the MAC
// cover the cookie's name or a time. The safe alternative is a seal of crypto.Seal, which binds all of this: [Migrating] reads
// Ktor's tokens and writes seals. While Ktor must read what Go writes, put [MessageAuthentication] behind Encrypt in the chain, on
// both sides: it covers the IV.
//
// In reads IV and ciphertext in hex of either case with an even number of digits, as Ktor since 3.5.0, and the MAC in lower
// case only. It refuses core.Malformed before it touches a key, else core.Forged. MACs are compared in constant time, which Ktor
// does not do.
//
// Out needs 16 random bytes, which become the IV as they are.
func Encrypt(e Encryption) (core.Transform, error) {
	block, err := aes.NewCipher(e.Key)
	switch {
	case err != nil:
		return nil, errors.New("ktor: the AES key has not 16, 24 or 32 bytes")
	case e.Sign.make() == nil:
		return nil, errHash
	case len(e.SignKey) == 0:
		return nil, errKey
	}
	c := &encryption{block: block, sign: e.Sign, signKey: bytes.Clone(e.SignKey), macSize: e.Sign.make()().Size()}
	if !e.Before300Until.IsZero() {
		c.oldUntil = e.Before300Until.UnixMilli()
	}
	return c, nil
}

type encryption struct {
	block    cipher.Block
	sign     Hash
	signKey  []byte
	macSize  int
	oldUntil int64 // Unix milliseconds
}

// String returns the transformer's name.
func (*encryption) String() string { return "ktor encrypt" }

func (*encryption) writesSlash() {}

func (*encryption) Entropy() int { return aes.BlockSize }

// Size returns the bytes that Out makes of n.
func (c *encryption) Size(n int) int {
	return 2*aes.BlockSize + 1 + 2*(n/aes.BlockSize+1)*aes.BlockSize + 1 + 2*c.macSize
}

// Overhead returns how much longer the token of an ID of 64 characters is. Of longer input Size says it.
func (c *encryption) Overhead() int { return c.Size(64) - 64 }

var errIV = errors.New("ktor: encrypt: the entropy is not 16 bytes")

func (c *encryption) Out(_ core.Frame, entropy, dst, src []byte) ([]byte, error) {
	if len(entropy) != aes.BlockSize {
		return dst, errIV
	}
	pad := aes.BlockSize - len(src)%aes.BlockSize
	text := make([]byte, 0, len(src)+pad)
	text = append(append(text, src...), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(c.block, entropy).CryptBlocks(text, text)
	dst = slices.Grow(dst, c.Size(len(src)))
	dst = append(hex.AppendEncode(dst, entropy), '/')
	dst = append(hex.AppendEncode(dst, text), ':')
	return hex.AppendEncode(dst, c.mac(text)), nil
}

func (c *encryption) In(f core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	ivText, rest := cutLast(src, '/')
	cipherText, macText := cutLast(rest, ':')
	if len(ivText) != 2*aes.BlockSize || len(cipherText) == 0 || len(cipherText)%(2*aes.BlockSize) != 0 ||
		!lowerHex(macText, c.macSize) {
		return dst, core.Malformed
	}
	raw, err := hex.AppendDecode(make([]byte, 0, len(src)/2), ivText)
	if err == nil {
		raw, err = hex.AppendDecode(raw, cipherText)
	}
	if err != nil {
		return dst, core.Malformed
	}
	mac, err := hex.AppendDecode(nil, macText)
	if err != nil {
		return dst, core.Malformed
	}
	iv, text := raw[:aes.BlockSize], raw[aes.BlockSize:]
	authentic := hmac.Equal(mac, c.mac(text))
	if !authentic && f.Now >= c.oldUntil {
		return dst, core.Forged
	}
	cipher.NewCBCDecrypter(c.block, iv).CryptBlocks(text, text)
	size, padded := unpadded(text)
	// Before 3.0.0 the MAC was of the plaintext. It is computed also where the padding is wrong.
	if !authentic && !hmac.Equal(mac, c.mac(text[:size])) || !padded {
		return dst, core.Forged
	}
	return append(dst, text[:size]...), core.NotRefused
}

func (c *encryption) mac(text []byte) []byte {
	h := hmac.New(c.sign.make(), c.signKey)
	h.Write(text)
	return h.Sum(nil)
}

// unpadded returns the length of text, at least one block, without its PKCS #7 padding; or its whole length, and false. What
// it does depends on the length of text only.
func unpadded(text []byte) (size int, ok bool) {
	pad := int(text[len(text)-1])
	good := subtle.ConstantTimeLessOrEq(1, pad) & subtle.ConstantTimeLessOrEq(pad, aes.BlockSize)
	for i := 1; i <= aes.BlockSize; i++ {
		inside := subtle.ConstantTimeLessOrEq(i, pad)
		same := subtle.ConstantTimeByteEq(text[len(text)-i], byte(pad))
		good &= subtle.ConstantTimeSelect(inside, same, 1)
	}
	return subtle.ConstantTimeSelect(good, len(text)-pad, len(text)), good == 1
}
