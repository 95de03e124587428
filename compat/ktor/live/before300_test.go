package live_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// sealedBefore300 makes a token as Ktor up to 2.3 did, with the MAC over the plaintext.
func sealedBefore300(plain string) string {
	block, err := aes.NewCipher(counting(0, 16))
	if err != nil {
		panic(err)
	}
	iv := counting(100, 16)
	pad := 16 - len(plain)%16
	text := append([]byte(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(text, text)
	h := hmac.New(sha256.New, counting(1, 32))
	h.Write([]byte(plain))
	return hex.EncodeToString(iv) + "/" + hex.EncodeToString(text) + ":" + hex.EncodeToString(h.Sum(nil))
}
