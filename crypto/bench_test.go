package crypto_test

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

var sizes = []int{100, 1000, 3000}

// The limit is AES-256-GCM alone: one prebuilt AEAD, a fixed nonce, no binding.
func BenchmarkLimit(b *testing.B) {
	block, _ := aes.NewCipher(secret(1))
	gcm, _ := cipher.NewGCM(block)
	for _, size := range sizes {
		src, room, n := make([]byte, size), make([]byte, 0, size+100), nonce(1)
		sealed := gcm.Seal(nil, n, src, nil)
		b.Run(fmt.Sprint("out/", size), func(b *testing.B) {
			for b.Loop() {
				gcm.Seal(room, n, src, nil)
			}
		})
		b.Run(fmt.Sprint("in/", size), func(b *testing.B) {
			for b.Loop() {
				_, _ = gcm.Open(room, n, sealed, nil)
			}
		})
	}
}

func benchmark(b *testing.B, x core.Transform) {
	b.ReportAllocs()
	for _, size := range sizes {
		src, room, entropy := make([]byte, size), make([]byte, 0, size+100), nonce(1)[:x.Entropy()]
		body := made(b, x, frame(), string(src))
		b.Run(fmt.Sprint("out/", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = x.Out(frame(), entropy, room, src)
			}
		})
		b.Run(fmt.Sprint("in/", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = x.In(frame(), room, body)
			}
		})
	}
}

func BenchmarkSeal(b *testing.B) { benchmark(b, crypto.Seal(fleetRing(b))) }
func BenchmarkSign(b *testing.B) { benchmark(b, crypto.Sign(fleetRing(b))) }

// A token of a key that is not remembered, and a forgery, cost a derivation each.
func BenchmarkSealForged(b *testing.B) {
	b.ReportAllocs()
	x := crypto.Seal(fleetRing(b))
	body := made(b, x, frame(), "payload")
	f := frame()
	f.Kind = "other"
	for b.Loop() {
		_, _ = x.In(f, nil, body)
	}
}

func BenchmarkSealParallel(b *testing.B) {
	x := crypto.Seal(fleetRing(b))
	body := made(b, x, frame(), string(make([]byte, 100)))
	b.RunParallel(func(p *testing.PB) {
		room := make([]byte, 0, 300)
		for p.Next() {
			_, _ = x.In(frame(), room, body)
		}
	})
}
