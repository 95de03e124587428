package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"math"
	"strings"
	"time"

	"github.com/satchel-go/satchel/core"
)

// A record's file is its head of 48 bytes and then the body, to the end of the file. Numbers are big-endian.
//
//	 0  8  "satchel1": what the file is, and the version of its format
//	 8  8  revision
//	16  8  seen, in Unix milliseconds
//	24  8  deadline, in Unix milliseconds
//	32  8  length of the body, at most 64 MiB
//	40  4  CRC-32C of the body
//	44  4  CRC-32C of bytes 0 to 43 and the file's name
//
// Its name is the SHA-256 of the record's key in lowercase hex: one rule for keys of every length, and a listing of the
// folder tells nobody the key, which a bare policy's client holds as its token. The name is in the sum, so that a file that
// was copied to another name is not taken for that record.
//
// # The file's time
//
// A touch writes no bytes: it sets the file's modification time. The milliseconds are the new seen. What a clock counts
// below a millisecond, 1 to 999999 ns, is a mark: CRC-32C of the head's last sum, seen and a rule, reduced to that range.
// The rule says what the deadline has become:
//
//	rule 0  it moved with seen: the head's deadline - the head's seen + seen
//	rule 1  it stayed at the head's
//
// A time without a mark that fits, or before the head's seen, was not set by a touch but by a copy, a restored backup or a
// person; then the head's times hold, which are earlier and so end the session sooner. One in half a million such times
// has a mark that fits by chance. What no rule expresses is written as a new file.
const (
	fileMagic = "satchel1"
	headSize  = 48
	maxBody   = 64 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// fileName is where a key's record lies: in which drawer, and under what name.
func fileName(key core.Key) (drawer int, name string) {
	sum := sha256.Sum256([]byte(key))
	return int(sum[0]) % drawerCount, hex.EncodeToString(sum[:])
}

// isFileName reports whether a file of this name is a record.
func isFileName(name string) bool {
	return len(name) == 2*sha256.Size && strings.Trim(name, "0123456789abcdef") == ""
}

type fileHead struct {
	revision       uint64
	seen, deadline int64
	bodySize       uint64
	bodySum, sum   uint32
}

// appendFile appends the bytes of a record's file to b, which is empty.
func appendFile(b []byte, name string, rec core.Record) []byte {
	b = append(b, fileMagic...)
	b = binary.BigEndian.AppendUint64(b, rec.Revision)
	b = binary.BigEndian.AppendUint64(b, uint64(rec.Seen))
	b = binary.BigEndian.AppendUint64(b, uint64(rec.Deadline))
	b = binary.BigEndian.AppendUint64(b, uint64(len(rec.Body)))
	b = append(b, make([]byte, 8)...)
	b = append(b, rec.Body...)
	binary.BigEndian.PutUint32(b[40:], crc32.Checksum(b[headSize:], castagnoli))
	binary.BigEndian.PutUint32(b[44:], headSum(b, name))
	return b
}

func headSum(b []byte, name string) uint32 {
	return crc32.Update(crc32.Checksum(b[:44], castagnoli), castagnoli, []byte(name))
}

// readHead reads the beginning of a file, and reports whether it is a head of the record of that name. The file may be
// damaged behind it.
func readHead(b []byte, name string) (h fileHead, ok bool) {
	if len(b) < headSize || string(b[:8]) != fileMagic {
		return fileHead{}, false
	}
	h = fileHead{
		revision: binary.BigEndian.Uint64(b[8:]),
		seen:     int64(binary.BigEndian.Uint64(b[16:])),
		deadline: int64(binary.BigEndian.Uint64(b[24:])),
		bodySize: binary.BigEndian.Uint64(b[32:]),
		bodySum:  binary.BigEndian.Uint32(b[40:]),
		sum:      binary.BigEndian.Uint32(b[44:]),
	}
	if h.sum != headSum(b, name) {
		return fileHead{}, false // no number of it can be believed
	}
	return h, true
}

// owns reports whether body is what the head was written with.
func (h fileHead) owns(body []byte) bool {
	return uint64(len(body)) == h.bodySize && crc32.Checksum(body, castagnoli) == h.bodySum
}

// times returns the times of a record whose file has that modification time.
func (h fileHead) times(mtime time.Time) (seen, deadline int64) {
	seen = mtime.UnixMilli()
	if seen < h.seen {
		return h.seen, h.deadline
	}
	for rule := range byte(2) {
		if deadline, ok := h.rule(rule, seen); ok && mtime.Equal(h.marked(rule, seen)) {
			return seen, deadline
		}
	}
	return h.seen, h.deadline
}

// mtime returns the modification time that times reads as these times, and reports whether there is one before the limit.
func (h fileHead) mtime(seen, deadline, limit int64) (t time.Time, ok bool) {
	if seen < h.seen || seen < 0 || seen >= limit {
		return time.Unix(0, 0), false
	}
	for rule := range byte(2) {
		if d, ok := h.rule(rule, seen); ok && d == deadline {
			return h.marked(rule, seen), true
		}
	}
	return time.Unix(0, 0), false
}

// rule returns the deadline that a rule gives. It fails where numbers are no instants, rather than overflow.
func (h fileHead) rule(rule byte, seen int64) (deadline int64, ok bool) {
	if rule == 1 {
		return h.deadline, true
	}
	moved := seen - h.seen // not below 0: the callers have compared
	return h.deadline + moved, h.seen >= 0 && h.deadline <= math.MaxInt64-moved
}

// marked returns the time of a touch.
func (h fileHead) marked(rule byte, seen int64) time.Time {
	var b [13]byte
	binary.BigEndian.PutUint32(b[:], h.sum)
	binary.BigEndian.PutUint64(b[4:], uint64(seen))
	b[12] = rule
	const marks = 999_999 / fileTimeStep
	mark := 1 + crc32.Checksum(b[:], castagnoli)%marks
	return time.UnixMilli(seen).Add(time.Duration(mark) * fileTimeStep)
}
