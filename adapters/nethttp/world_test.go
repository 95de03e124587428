package nethttp_test

import (
	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
)

type cart struct {
	Items []string `cbor:"1,keyasint"`
}

var (
	carts = satchel.NewKind[cart]("cart")
	notes = satchel.NewKind[string]("note")
)

// world is a store that counts and fails as told, and what is served on it.
type world struct{ *adaptertest.Ledger }

func newWorld() *world { return &world{adaptertest.NewLedger()} }
