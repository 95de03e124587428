package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"iter"

	"github.com/satchel-go/satchel/core"
)

// Lister is a store that can go through its records, for the tools of its operator. No request ever does.
type Lister interface {
	// List goes through the records, in an order of the store's own, and ends where its caller does. Each record that stays as
	// it is from the beginning to the end is listed, once at least; one that is created, changed or removed meanwhile may be listed
	// or not, as it was or as it is. Those past their deadline are records as any other.
	//
	// What is kept and cannot be read is listed as Garbled. With an error, which is also its context's end, a listing is over; it
	// then says nothing about what it has not listed. It holds no lock for longer than a small part of it takes.
	List(ctx context.Context) iter.Seq2[Listed, error]
}

// Listed is what a [Lister] tells of one record: neither its key nor its body.
type Listed struct {
	Name     string // see [Name]
	Revision uint64 // 0 if it cannot be read
	Seen     int64
	Deadline int64
	Size     int  // of the body, in bytes
	Garbled  bool // a listing saw that it cannot be read; damage to the body alone it need not see

	// Load and Delete do what the methods of [Store] do, under this record's key.
	Load   func(ctx context.Context) (core.Record, error)
	Delete func(ctx context.Context, at uint64) error
}

// Name returns the name by which a key's record is listed: the SHA-256 of the key in lowercase hex. A key itself is not shown, for
// a bare policy's key is its bearer's secret.
func Name(key core.Key) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// Under returns l with the Name, Load and Delete of a record that s keeps under a key. It is for those who write stores.
func (l Listed) Under(s Store, key core.Key) Listed {
	l.Name = Name(key)
	l.Load = func(ctx context.Context) (core.Record, error) { return s.Load(ctx, key) }
	l.Delete = func(ctx context.Context, at uint64) error { return s.Delete(ctx, key, at) }
	return l
}
