package crypto_test

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// A real program hands NewKey 32 bytes of crypto/rand and keeps what RevealText gives in a file of mode 0600.
func ExampleNewKey() {
	key, err := crypto.NewKey("k1", crypto.Primary, bytes.Repeat([]byte{7}, 32))
	fmt.Println(key, err)
	_, err = crypto.NewKey("k1", crypto.Primary, []byte("correct horse battery staple"))
	fmt.Println(err)
	// Output:
	// key(k1:primary) <nil>
	// crypto: new key: the secret is shorter than 32 bytes
}

// Keys move through their states from one ring to the next: here the next key takes over and the last one retires.
func ExampleNewKeyring() {
	k1, _ := crypto.NewKey("k1", crypto.Primary, bytes.Repeat([]byte{1}, 32))
	k2, _ := crypto.NewKey("k2", crypto.Pending, bytes.Repeat([]byte{2}, 32))
	ring, err := crypto.NewKeyring(k1.As(crypto.Retiring), k2.As(crypto.Primary))
	fmt.Println(ring, err)
	fmt.Print(ring.RevealText())
	// Output:
	// keyring(k1:retiring k2:primary) <nil>
	// k1:retiring:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
	// k2:primary:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI
}

func ExampleParseKeyring() {
	ring, err := crypto.ParseKeyring(`
		k2:primary:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI  # since November
		k1:retiring:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
	`)
	fmt.Println(ring, err)
	_, err = crypto.ParseKeyring("k1:primary:AQEBAQ, k1:active:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE")
	fmt.Println(err)
	// Output:
	// keyring(k2:primary k1:retiring) <nil>
	// crypto: keyring: entry 1 (k1): the secret is shorter than 32 bytes
	// entry 2 (k1): the state must be pending, primary, retiring or revoked
	// entry 2 (k1): the same id as entry 1
}

func ExampleSeal() {
	ring, _ := crypto.ParseKeyring("k1:primary:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE")
	seal := crypto.Seal(ring)
	frame := core.Frame{
		Kind: "cart", Purpose: core.PurposePayload, Version: 1,
		Now: 1_794_000_000_000, Life: 24 * 60 * 60 * 1000,
	}
	nonce := []byte("twelve bytes") // from the system's generator, and never twice

	body, err := seal.Out(frame, nonce, nil, []byte("a teapot"))
	fmt.Println(hex.EncodeToString(body), err)

	src, refusal := seal.In(frame, nil, body)
	fmt.Printf("%q %v\n", src, refusal)

	frame.Kind = "prefs"
	_, refusal = seal.In(frame, nil, body)
	fmt.Println(refusal)
	// Output:
	// 026b310001a1b2bb94007477656c76652062797465734ae9bf6defebc40f5bb32e65983919d9330ad1ec7f4223fd <nil>
	// "a teapot" none
	// forged
}

func ExampleSign() {
	ring, _ := crypto.ParseKeyring("k1:primary:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE")
	sign := crypto.Sign(ring)
	frame := core.Frame{Kind: "prefs", Purpose: core.PurposePayload, Version: 1}

	body, err := sign.Out(frame, nil, nil, []byte("dark"))
	fmt.Printf("%q %v\n", body[:7], err)

	src, refusal := sign.In(frame, nil, body)
	fmt.Printf("%q %v\n", src, refusal)

	body[4] ^= 1
	_, refusal = sign.In(frame, nil, body)
	fmt.Println(refusal)
	// Output:
	// "\x02k1dark" <nil>
	// "dark" none
	// forged
}
