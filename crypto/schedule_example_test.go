package crypto_test

import (
	"bytes"
	"fmt"

	"github.com/satchel-go/satchel/crypto"
)

// A program's first ring. Its text is what a key file holds; a real one is of 32 bytes from crypto/rand.
func ExampleGenerate() {
	ring, err := crypto.Generate(1_794_000_000_000, bytes.Repeat([]byte{1}, 32))
	fmt.Println(ring, err)
	fmt.Print(ring.RevealText())
	// Output:
	// keyring(k1:primary) <nil>
	// k1:primary:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE:1794000000000
}

// What makes the next ring is called every few minutes, and mostly has nothing to do.
func ExampleSchedule_Next() {
	const minute, hour = 60 * 1000, 60 * 60 * 1000
	schedule := crypto.Schedule{Rotate: 30 * 24 * hour, Lag: 10 * minute, Life: 24 * hour}
	ring, _ := crypto.Generate(1_794_000_000_000, bytes.Repeat([]byte{1}, 32))

	for now := ring.Keys()[0].Since(); now < 1_796_900_000_000; now += 5 * minute {
		entropy := fmt.Appendf(nil, "%032d", now) // from crypto/rand in a real program
		next, changes, err := schedule.Next(ring, now, entropy)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, c := range changes {
			fmt.Println(now, c)
		}
		ring = next
	}
	// Output:
	// 1796591400000 k2: new, pending
	// 1796592000000 k2: pending to primary
	// 1796592000000 k1: primary to retiring
	// 1796679000000 k1: retiring, dropped
}

// The ring that somebody has edited by hand is looked at before it takes the other's place.
func ExampleSchedule_CheckStep() {
	const minute, hour = 60 * 1000, 60 * 60 * 1000
	schedule := crypto.Schedule{Lag: 10 * minute, Life: 24 * hour}
	old, _ := crypto.ParseKeyring(`
		k2:primary:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI:1794000000000
		k1:retiring:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE:1794000000000`)
	edited, _ := crypto.ParseKeyring(`k2:primary:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI:1794000000000`)

	fmt.Println(schedule.CheckStep(old, edited, 1_794_000_000_000+hour))
	fmt.Println(schedule.CheckStep(old, edited, 1_794_000_000_000+25*hour))
	// Output:
	// crypto: keyring: key k1 (retiring) is dropped, and live tokens need it until 1794087000000
	// <nil>
}
