package crypto

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/satchel-go/satchel/core"
)

// maxKept is how many derived keys of one sort a ring remembers: the 32 live epochs of four kinds.
const maxKept = 128

// slot names one derived key. A signing key has exponent and epoch 0.
type slot struct {
	root     *root
	kind     string
	purpose  core.Purpose
	exponent byte
	epoch    int64
}

// age returns how many epochs ago the slot's epoch was.
func (s slot) age(now int64) int64 { return now/epochLength(s.exponent) - s.epoch }

// memo remembers what was derived for a slot. Nobody waits: readers scan a list that is never changed, only
// replaced. The newest comes first, where nearly every reader finds it.
//
// Only what has sealed, or verified a tag, may be kept; so what a forger invents is derived, fails and is forgotten.
type memo[V any] struct {
	list atomic.Pointer[[]kept[V]]
}

type kept[V any] struct {
	slot  slot
	value V
}

func (m *memo[V]) all() []kept[V] {
	if list := m.list.Load(); list != nil {
		return *list
	}
	return nil
}

func (m *memo[V]) find(s slot) (v V, ok bool) {
	list := m.all()
	for i := range list {
		if k := &list[i]; k.slot.epoch == s.epoch && k.slot == s {
			return k.value, true
		}
	}
	return v, false
}

// keep remembers v. A full memo gives up what lies most epochs back, measured in each key's own epochs, so that a kind
// of long life keeps its current key beside one of many short epochs; when s itself lies as far back as any, it is s that
// is not kept, so that a full memo comes to rest.
func (m *memo[V]) keep(s slot, v V, now int64) {
	old := m.list.Load()
	if _, ok := m.find(s); ok {
		return // another was first
	}
	var list []kept[V]
	if old != nil {
		list = *old
	}
	next := make([]kept[V], 0, min(len(list)+1, maxKept))
	s.kind, s.purpose = strings.Clone(s.kind), core.Purpose(strings.Clone(string(s.purpose))) // hold no caller's buffer
	next = append(next, kept[V]{slot: s, value: v})
	if len(list) < maxKept {
		next = append(next, list...)
	} else {
		oldest := 0
		for i := range list {
			if list[i].slot.age(now) >= list[oldest].slot.age(now) {
				oldest = i
			}
		}
		if list[oldest].slot.age(now) <= s.age(now) {
			return
		}
		next = append(next, slices.Delete(slices.Clone(list), oldest, oldest+1)...)
	}
	m.list.CompareAndSwap(old, &next) // when another was faster, the next use of s keeps it
}
