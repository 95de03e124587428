package store

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Choices returns a seed of a model: it makes dozens of its steps, the same in each process.
func Choices(i int) []byte {
	b := make([]byte, 8<<10)
	_, _ = rand.NewChaCha8([32]byte{byte(i)}).Read(b)
	return b
}

// FuzzTable lets the fuzzer choose what is done to the table of a Memory, beside a map.
func FuzzTable(f *testing.F) {
	for i := range 50 {
		f.Add(Choices(i))
	}
	f.Fuzz(rapid.MakeFuzz(tableAgainstMap))
}
