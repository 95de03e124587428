package impure

import (
	"crypto/cipher"
	"crypto/rand"  // want "imports crypto/rand, which draws randomness"
	"hash/maphash" // want "imports hash/maphash, which draws randomness"
	rand2 "math/rand/v2" // want "imports math/rand/v2, which draws randomness"
)

func chance(b cipher.Block) (any, error) {
	_ = rand.Text()
	_ = maphash.MakeSeed()
	_ = rand2.Int()
	return cipher.NewGCMWithRandomNonce(b) // want "draws randomness: crypto/cipher.NewGCMWithRandomNonce"
}
