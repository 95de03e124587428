package store

import (
	"context"

	"github.com/satchel-go/satchel/core"
)

// Feed announces changes of a store's records, whichever process makes them. A store that has one is found by this interface;
// its Guarantees say so.
type Feed interface {
	// Listen begins to listen, and returns when every change that begins to take effect from then on will be announced. It returns
	// soon after ctx ends.
	Listen(ctx context.Context) (Listener, error)
}

// Listener is one unbroken listening to a Feed. Its methods are called by one goroutine at a time. An error of Probe, or of Next while its
// context has not ended, means that announcements may have been missed: then it is closed, and a new one is begun.
type Listener interface {
	// Next waits for the next announcement. When ctx ends it returns an error soon, has lost no announcement, and may be called
	// again.
	Next(ctx context.Context) (Announcement, error)

	// Probe asks for an announcement of n. It comes by the way that the others take, behind those of all changes whose calls had
	// returned before, on any node. Probe need not wait for it.
	Probe(ctx context.Context, n uint64) error

	// Close ends the listening and everything that it started. It does not wait for a server that hangs.
	Close()
}

// Announcement is what a Feed says: that the record of Key was changed or removed, or may have been. If All is set that may be true of
// every record. If Probe is not 0 it is the answer to that one and says nothing else.
type Announcement struct {
	Key   core.Key
	All   bool
	Probe uint64
}
