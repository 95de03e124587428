package main

import (
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/store"
)

// Visit is a person's session.
type Visit struct {
	Nick string `cbor:"1,keyasint"`
	Room string `cbor:"2,keyasint"` // or "" in none
	Said int    `cbor:"3,keyasint"` // how often they have said something

	Moves int `cbor:"4,keyasint"` // how often they have changed their room, by which the hub knows the newest
}

var visits = satchel.NewKind[Visit]("chat")

// place says where visits live. An outage of more than an hour, or a night's sleep, is no reason to lose a name.
func place(s store.Store, observer satchel.Observer) (*satchel.Sessions, error) {
	return satchel.Config{Observer: observer}.New(visits.ServerSide(s).With(satchel.Options{
		Idle: 24 * time.Hour, Absolute: 30 * 24 * time.Hour,
	}))
}
