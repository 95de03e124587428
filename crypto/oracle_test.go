package crypto_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"

	"github.com/satchel-go/satchel/core"
)

// This is SPEC.md's sealing and signing once more, slow and plain: nothing is remembered, HKDF is spelled out, and no
// code of the package is used.

type oracleKey struct {
	id     string
	secret []byte
	state  string
}

func num(n int64, size int) (b []byte) {
	for i := size - 1; i >= 0; i-- {
		b = append(b, byte(n>>(8*i)))
	}
	return b
}

func fields(list ...string) (b []byte) {
	for _, s := range list {
		b = append(b, num(int64(len(s)), 4)...)
		b = append(b, s...)
	}
	return b
}

func hmac256(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(bytes.Join(parts, nil))
	return h.Sum(nil)
}

// hkdf256 is RFC 5869 with no salt and one block of output.
func hkdf256(secret, info []byte) []byte {
	return hmac256(hmac256(make([]byte, 32), secret), info, []byte{1})
}

func oracleGCM(root []byte, f core.Frame, e byte, at int64) cipher.AEAD {
	epoch := at / (3_600_000 << e)
	info := fields("satchel seal key v1", f.Kind, string(f.Purpose))
	info = append(append(info, e), num(epoch, 8)...)
	block, _ := aes.NewCipher(hkdf256(root, info))
	gcm, _ := cipher.NewGCM(block)
	return gcm
}

func oracleBound(label string, f core.Frame, clear []byte) []byte {
	b := append(fields(label), f.Version)
	return append(append(b, fields(f.Kind, string(f.Purpose), f.Audience, f.Tenant)...), clear...)
}

func oracleExponent(life int64) (e byte) {
	if life == 0 {
		life = 400 * 24 * 3_600_000
	}
	for e < 9 && life > 31*(3_600_000<<e) {
		e++
	}
	return e
}

func oracleSeal(k oracleKey, f core.Frame, nonce, src []byte) []byte {
	e := oracleExponent(f.Life)
	clear := append(append([]byte{byte(len(k.id))}, k.id...), e)
	clear = append(clear, num(f.Now, 6)...)
	sealed := oracleGCM(k.secret, f, e, f.Now).Seal(nil, nonce, src, oracleBound("satchel seal tag v1", f, clear))
	return bytes.Join([][]byte{clear, nonce, sealed}, nil)
}

func oracleSign(k oracleKey, f core.Frame, src []byte) []byte {
	clear := append([]byte{byte(len(k.id))}, k.id...)
	key := hkdf256(k.secret, fields("satchel sign key v1", f.Kind, string(f.Purpose)))
	return bytes.Join([][]byte{clear, src, hmac256(key, oracleBound("satchel sign tag v1", f, clear), src)}, nil)
}

// oracleID finds the key that a body names.
func oracleID(ring []oracleKey, body []byte) (k oracleKey, size int, refusal core.Refusal) {
	if len(body) == 0 || body[0] == 0 || body[0] > 8 || len(body) < 1+int(body[0]) {
		return k, 0, core.Malformed
	}
	id := body[1 : 1+body[0]]
	if len(bytes.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-")) > 0 {
		return k, 0, core.Malformed
	}
	refusal = core.UnknownKey
	for _, k = range ring {
		if k.id == string(id) {
			if k.state == "revoked" {
				return k, 1 + len(id), core.RevokedKey
			}
			return k, 1 + len(id), core.NotRefused
		}
	}
	return k, 1 + len(id), refusal
}

func oracleOpen(ring []oracleKey, f core.Frame, body []byte) ([]byte, core.Refusal) {
	k, n, refusal := oracleID(ring, body)
	if refusal == core.Malformed || len(body) < n+1+6+12+16 || body[n] > 9 {
		return nil, core.Malformed
	}
	if refusal != core.NotRefused {
		return nil, refusal
	}
	e, at := body[n], int64(0)
	for _, b := range body[n+1 : n+7] {
		at = at<<8 + int64(b)
	}
	if at > f.Now+f.Skew {
		return nil, core.Future
	}
	if f.Life != 0 && at < f.Now-f.Life-(3_600_000<<e) {
		return nil, core.Stale
	}
	clear, nonce, sealed := body[:n+7], body[n+7:n+19], body[n+19:]
	src, err := oracleGCM(k.secret, f, e, at).Open(nil, nonce, sealed, oracleBound("satchel seal tag v1", f, clear))
	if err != nil {
		return nil, core.Forged
	}
	return src, core.NotRefused
}

func oracleVerify(ring []oracleKey, f core.Frame, body []byte) ([]byte, core.Refusal) {
	k, n, refusal := oracleID(ring, body)
	if refusal == core.Malformed || len(body) < n+32 {
		return nil, core.Malformed
	}
	if refusal != core.NotRefused {
		return nil, refusal
	}
	src := body[n : len(body)-32]
	if !bytes.Equal(oracleSign(k, f, src), body) {
		return nil, core.Forged
	}
	return src, core.NotRefused
}
