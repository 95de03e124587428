package store

import (
	"crypto/sha256"
	"hash/maphash"

	"github.com/satchel-go/satchel/core"
)

// name is a key as it is kept: its 32 bytes, or the SHA-256 of a key of another length. It stands inside its entry, so
// nothing of the caller's key is kept.
type name [sha256.Size]byte

// find returns the shard of a key and its name there.
func (m *Memory) find(key core.Key) (*shard, name) {
	var n name
	part := 0
	if len(key) == len(n) {
		copy(n[:], key)
	} else {
		var room [256]byte // so that a key of usual length is hashed without an allocation
		n, part = sha256.Sum256(append(room[:0], key...)), keyShards
	}
	return &m.shards[part+int(maphash.Bytes(m.seed, n[:])>>32%keyShards)], n
}

// entry is a record and its name. The body is its one pointer, and the garbage collector's only work.
type entry struct {
	name     name
	revision uint64
	seen     int64
	deadline int64
	body     string
}

// table is a hash table whose entries lie densely in pages, found through an index without pointers. Against a map it
// takes a third less, gives memory back when records go, and has positions, so that a sweep can look at a part of it
// and go on later.
type table struct {
	seed  maphash.Seed
	index []place // open addressing, linear probing; a power of two, at most three quarters full
	pages []*page // entries 0 to size-1
	size  int
	crept int // creep goes on below this position
}

// place is a slot of the index: the low 32 bits of the name's hash above a position + 1. 0 is a free slot. The hash bits
// save most looks at foreign entries, and all of them when the index grows.
type place uint64

const (
	pageSize = 16 // entries of 72 bytes: a size class of the allocator, without waste
	minIndex = 8
)

type page [pageSize]entry

func (t *table) at(pos int) *entry { return &t.pages[pos/pageSize][pos%pageSize] }

func (t *table) hash(n *name) uint32 { return uint32(maphash.Bytes(t.seed, n[:])) }

func newPlace(hash uint32, pos int) place { return place(hash)<<32 | place(pos+1) }
func (p place) hash() uint32              { return uint32(p >> 32) }
func (p place) pos() int                  { return int(uint32(p)) - 1 }

// lookup returns the position of the entry of that name.
func (t *table) lookup(n *name) (pos int, ok bool) {
	if t.size == 0 {
		return 0, false
	}
	h, mask := t.hash(n), len(t.index)-1
	for i := int(h) & mask; t.index[i] != 0; i = (i + 1) & mask {
		if p := t.index[i]; p.hash() == h && t.at(p.pos()).name == *n {
			return p.pos(), true
		}
	}
	return 0, false
}

// lookupAt is lookup for a conditional write.
func (t *table) lookupAt(n *name, revision uint64) (pos int, err error) {
	pos, ok := t.lookup(n)
	if !ok {
		return 0, ErrNotFound
	}
	if t.at(pos).revision != revision {
		return 0, ErrConflict
	}
	return pos, nil
}

// insert adds an entry whose name the table does not have.
func (t *table) insert(e entry) {
	if (t.size+1)*4 > len(t.index)*3 {
		t.rebuild(max(minIndex, 2*len(t.index)))
	}
	if t.size == len(t.pages)*pageSize {
		t.pages = append(t.pages, new(page))
	}
	*t.at(t.size) = e
	t.enter(newPlace(t.hash(&e.name), t.size))
	t.size++
}

func (t *table) enter(p place) {
	mask := len(t.index) - 1
	i := int(p.hash()) & mask
	for t.index[i] != 0 {
		i = (i + 1) & mask
	}
	t.index[i] = p
}

// remove takes the entry at pos out, and moves the last one into its position.
func (t *table) remove(pos int) {
	t.vacate(t.slot(pos))
	last := t.size - 1
	if pos != last {
		i := t.slot(last)
		t.index[i] = newPlace(t.index[i].hash(), pos)
		*t.at(pos) = *t.at(last)
	}
	*t.at(last) = entry{}
	t.size = last
	t.shrink()
}

// slot returns the slot of the index that holds a position in use.
func (t *table) slot(pos int) int {
	p, mask := newPlace(t.hash(&t.at(pos).name), pos), len(t.index)-1
	i := int(p.hash()) & mask
	for t.index[i] != p {
		i = (i + 1) & mask
	}
	return i
}

// vacate frees slot i and moves back what was probed past it, so that lookup may stop at the first free slot.
func (t *table) vacate(i int) {
	mask := len(t.index) - 1
	for j := (i + 1) & mask; t.index[j] != 0; j = (j + 1) & mask {
		home := int(t.index[j].hash()) & mask
		if (j-home)&mask >= (j-i)&mask { // its home is not after i
			t.index[i], i = t.index[j], j
		}
	}
	t.index[i] = 0
}

// shrink gives back what a table that has become smaller no longer needs, with a margin, so that removing and adding in
// turn does not allocate each time.
func (t *table) shrink() {
	if need := t.size/pageSize + 2; len(t.pages) > need {
		clear(t.pages[need:])
		t.pages = t.pages[:need]
	}
	if len(t.index) > minIndex && t.size*8 < len(t.index) {
		t.rebuild(len(t.index) / 2)
	}
}

func (t *table) rebuild(slots int) {
	old := t.index
	t.index = make([]place, slots)
	for _, p := range old {
		if p != 0 {
			t.enter(p)
		}
	}
}
