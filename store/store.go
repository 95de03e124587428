package store

import (
	"context"
	"errors"
	"time"

	"github.com/satchel-go/satchel/core"
)

// The answers of a store that a caller acts on, found with errors.Is. Any other error means that the store could not be
// asked: it is unavailable.
var (
	ErrNotFound = errors.New("store: no such record")
	ErrExists   = errors.New("store: record exists")
	ErrConflict = errors.New("store: record has another revision")
	ErrFull     = errors.New("store: full") // a bounded store refuses the new, and never evicts the live
	ErrGarbled  = errors.New("store: not a record that this program can read")
)

// Store keeps records by key. It is the truth about server-side sessions. Every method may be called by many goroutines
// at once, and is one atomic step to all of them, on every node that shares the store.
//
// A store needs no clock and judges no expiry: core does, from the record. From the instant of its Deadline on a record
// may vanish at any moment; until it does it is a record as any other, but for Touch. A record before its deadline is
// never dropped, not to make room either. The Seen of a record that is created is not after the caller's present, so a
// store may take it for the present when it looks for records to drop.
//
// Nothing is aliased: a store keeps no memory of a key or body that it was handed, which may be part of a large buffer.
//
// Keys and bodies are binary and may be empty. Seen and Deadline are 0 to core.MaxInstant, and revisions are 1 to 2⁶³-1.
//
// What is kept under a key and cannot be read (a foreign value, damage, the layout of a newer program) is garbled: it is
// never overwritten. Create returns ErrExists for it, Replace and Touch return ErrGarbled and change nothing. A method returns soon after its context ends, or at once if it had ended
// before, with an error that wraps the context's. An error that is none of this package's says nothing about the record:
// a write that returned one may have taken effect or not.
type Store interface {
	// Load returns the record, or ErrNotFound. What it returns is what the last completed write left, on every node; from a
	// cache it may be what was left so long ago as its Guarantees' MaxStale. With ErrGarbled it returns a record that has its
	// Revision only, 0 where not even that can be read.
	Load(ctx context.Context, key core.Key) (core.Record, error)

	// Create keeps rec under a key that has none, else it changes nothing and returns ErrExists. It returns ErrFull if a
	// bounded store has no room.
	Create(ctx context.Context, key core.Key, rec core.Record) error

	// Replace keeps rec in place of a record whose revision is at. It changes nothing and returns ErrNotFound if there is
	// no record (so that deletion wins), or ErrConflict if it has another revision. rec.Revision is larger than at. A
	// bounded store may return ErrFull, and changes nothing then.
	Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error

	// Touch moves Seen and Deadline of a record whose revision is at, and changes neither revision nor body. It never moves
	// either back: an instant before the kept one leaves that as it is. It changes nothing and returns ErrNotFound if there
	// is no record or if seen is not before the kept Deadline (so that a touch cannot revive), else ErrConflict if the
	// record has another revision. A bounded store may return ErrFull, and changes nothing then.
	Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error

	// Delete removes a record whose revision is at, also a garbled one whose revision can be read. It changes nothing and
	// returns ErrNotFound if there is no record, ErrConflict if it has another revision, or ErrGarbled.
	Delete(ctx context.Context, key core.Key, at uint64) error

	// Guarantees declares what the store promises. It never changes during the store's life.
	Guarantees() Guarantees
}

// Guarantees is what a store promises. The zero value promises nothing.
type Guarantees struct {
	CompareAndSwap bool       // Replace, Touch and Delete hold the revision against concurrent calls
	Durability     Durability // what an acknowledged write survives
	Failover       bool       // what was acknowledged survives the loss of any one machine; else a failover may undo it
	Shared         bool       // several processes may use the same records
	Feed           bool       // it is a Feed: it can announce changes that other processes make

	// MaxStale is how much later a write that has returned on one node may show on another. It is 0 for what is no cache. To
	// each node its own writes show at once.
	MaxStale time.Duration
}

// Durability is what an acknowledged write survives.
type Durability uint8

// The durabilities.
const (
	Volatile Durability = iota // nothing: the records end with the process
	Process                    // the end of the process, but not of the machine
	Machine                    // loss of power
)

// Sweeper is a store that can remove records past their deadline, in batches small enough to run beside requests.
//
// Whatever calls Sweep from time to time, as [Sweeping] does and a store that sweeps by itself, rests before each sweep, also the first, and
// between batches, for times that differ: so stores that began at once do not sweep at once, and what expires at one instant does not go at one.
type Sweeper interface {
	// Sweep removes at most limit records whose Deadline is not after now, and returns how many it removed and whether
	// it may find more when it is called again at once. When it says that it may not, every record that was past its
	// deadline when it was called is gone. A limit below 1 is an error. It holds no lock for longer than a small part of a
	// batch.
	Sweep(ctx context.Context, now int64, limit int) (removed int, more bool, err error)
}
