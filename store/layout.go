package store

import (
	"encoding/binary"
	"fmt"

	"github.com/satchel-go/satchel/core"
)

// The layout of a record for engines that keep one value under a key, with numbers in big endian:
//
//	offset  bytes
//	0       1      version of the layout, 1
//	1       8      revision
//	9       6      seen, in Unix milliseconds
//	15      6      deadline, in Unix milliseconds
//	21             body
//
// The version, 1 to 31, and the revision stand where they are in every later layout as well. So a program that cannot
// read a value never replaces it, and can still delete it.
const (
	layout     = 1
	layouts    = 31 // the last that will be, so that a text is none
	layoutSeen = 9
	layoutBody = 21
)

// AppendRecord appends a record's layout to a slice: 21 bytes, then the body. It is for those who write stores over engines that
// keep one value under a key. It refuses what [CheckRecord] does.
func AppendRecord(to []byte, rec core.Record) ([]byte, error) {
	if err := CheckRecord(rec); err != nil {
		return to, err
	}
	to = append(to, layout)
	to = binary.BigEndian.AppendUint64(to, rec.Revision)
	to = appendInstant(to, rec.Seen)
	to = appendInstant(to, rec.Deadline)
	return append(to, rec.Body...), nil
}

// ReadRecord returns the record that AppendRecord spelled, or ErrGarbled with one that has its Revision only, 0 where not even that can
// be read. The record's body is part of value.
func ReadRecord(value string) (core.Record, error) {
	if len(value) < layoutSeen || value[0] < 1 || value[0] > layouts {
		return core.Record{}, ErrGarbled
	}
	rec := core.Record{Revision: number(value[1:layoutSeen])}
	if len(value) < layoutBody || value[0] != layout || CheckRecord(rec) != nil {
		return core.Record{Revision: known(rec.Revision)}, ErrGarbled
	}
	rec.Seen = int64(number(value[layoutSeen : layoutSeen+6]))
	rec.Deadline = int64(number(value[layoutSeen+6 : layoutBody]))
	rec.Body = value[layoutBody:]
	return rec, nil
}

// known returns a revision, or 0 for what is none.
func known(revision uint64) uint64 {
	if revision > maxRevision {
		return 0
	}
	return revision
}

// maxRevision is the last one that a record has.
const maxRevision = 1<<63 - 1

// CheckRecord refuses a record that the contract does not know: its revision is 1 to 2⁶³-1, and its instants are 0 to
// core.MaxInstant.
func CheckRecord(rec core.Record) error {
	if rec.Revision < 1 || rec.Revision > maxRevision {
		return fmt.Errorf("the revision %d is outside 1 to 2⁶³-1", rec.Revision)
	}
	return CheckInstants(rec.Seen, rec.Deadline)
}

// CheckInstants refuses what is outside 0 to core.MaxInstant.
func CheckInstants(instants ...int64) error {
	for _, t := range instants {
		if t < 0 || t > core.MaxInstant {
			return fmt.Errorf("the instant %d is outside 0 to core.MaxInstant", t)
		}
	}
	return nil
}

// Touched returns a record as a Touch at the revision at leaves it, or why the Touch changes nothing: ErrNotFound or ErrConflict. It is
// for those who write stores over engines that cannot do so by themselves.
func Touched(rec core.Record, at uint64, seen, deadline int64) (core.Record, error) {
	switch {
	case seen >= rec.Deadline:
		return rec, ErrNotFound
	case rec.Revision != at:
		return rec, ErrConflict
	}
	rec.Seen, rec.Deadline = max(rec.Seen, seen), max(rec.Deadline, deadline)
	return rec, nil
}

func number(digits string) (n uint64) {
	for i := range len(digits) {
		n = n<<8 | uint64(digits[i])
	}
	return n
}

func appendInstant(to []byte, t int64) []byte {
	return append(to, byte(t>>40), byte(t>>32), byte(t>>24), byte(t>>16), byte(t>>8), byte(t))
}
