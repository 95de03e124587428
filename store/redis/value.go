package redis

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/satchel-go/satchel/core"
)

// The layout of a value, as the package's comment has it. The scripts know it too.
const (
	layout   = 1
	layouts  = 31 // the last that will be, so that a text is none
	seenAt   = 9
	headSize = 21
)

// encode spells a record. The result shares no memory with its body.
func encode(rec core.Record) (string, error) {
	if err := checkInstants(rec.Seen, rec.Deadline); err != nil {
		return "", err
	}
	value := make([]byte, 0, headSize+len(rec.Body))
	value = append(value, layout)
	value = binary.BigEndian.AppendUint64(value, rec.Revision)
	value = appendInstant(value, rec.Seen)
	value = appendInstant(value, rec.Deadline)
	return string(append(value, rec.Body...)), nil
}

// decode reads what encode spelled. Of what it cannot read it gives the revision, or 0 where there is none.
func decode(value string) (rec core.Record, ok bool) {
	if len(value) < seenAt || value[0] < 1 || value[0] > layouts {
		return core.Record{}, false
	}
	if len(value) < headSize || value[0] != layout {
		return core.Record{Revision: number(value[1:seenAt])}, false
	}
	return core.Record{
		Revision: number(value[1:seenAt]),
		Seen:     int64(number(value[seenAt : seenAt+6])),
		Deadline: int64(number(value[seenAt+6 : headSize])),
		Body:     value[headSize:],
	}, true
}

func number(bytes string) (n uint64) {
	for i := range len(bytes) {
		n = n<<8 | uint64(bytes[i])
	}
	return n
}

// checkInstants refuses what six bytes cannot spell.
func checkInstants(seen, deadline int64) error {
	for _, t := range [...]int64{seen, deadline} {
		if t < 0 || t > core.MaxInstant {
			return fmt.Errorf("the instant %d is outside 0 to core.MaxInstant", t)
		}
	}
	return nil
}

func appendInstant(to []byte, t int64) []byte {
	return append(to, byte(t>>40), byte(t>>32), byte(t>>24), byte(t>>16), byte(t>>8), byte(t))
}

func spellInstant(t int64) string { return string(appendInstant(nil, t)) }

func spellRevision(n uint64) string { return string(binary.BigEndian.AppendUint64(nil, n)) }

// collect returns the instant from which Redis may drop a record, in decimal, or "" for never.
func (s *Store) collect(deadline int64) string {
	if deadline == core.MaxInstant {
		return ""
	}
	return strconv.FormatInt(deadline+s.slack, 10)
}
