package store

import "sync"

// recordCost is what a record is counted for beside its body: 72 bytes of entry, up to 21 of index, and what the
// allocator rounds up.
const recordCost = 128

func cost(body string) int64 { return recordCost + int64(len(body)) }

// room counts what is kept against the limits. One lock over both counts makes each step exact: a refused record never
// takes, for an instant, the room of another.
type room struct {
	sync.Mutex
	records    int
	bytes      int64
	maxRecords int
	maxBytes   int64
}

// take counts a new record of n bytes, or refuses it.
func (r *room) take(n int64) bool {
	r.Lock()
	defer r.Unlock()
	if r.records >= r.maxRecords || n > r.maxBytes-r.maxBytes/16-r.bytes {
		return false
	}
	r.records++
	r.bytes += n
	return true
}

// swap counts a record of now bytes in place of one of was. It refuses only one that is larger.
func (r *room) swap(was, now int64) bool {
	r.Lock()
	defer r.Unlock()
	if now-was > r.maxBytes-r.bytes {
		return false
	}
	r.bytes += now - was
	return true
}

// give counts records out that together were n bytes.
func (r *room) give(records int, n int64) {
	if records == 0 {
		return
	}
	r.Lock()
	defer r.Unlock()
	r.records -= records
	r.bytes -= n
}

func (r *room) stats() MemoryStats {
	r.Lock()
	defer r.Unlock()
	return MemoryStats{Records: r.records, Bytes: r.bytes}
}
