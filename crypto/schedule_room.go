package crypto

import (
	"fmt"
	"slices"
)

// A ring has room for 64 keys. Those that retire take at most 60 of it, which leaves room for the primary, the next, and two
// that somebody revoked. Where more were revoked, the first of them go: their tokens stay refused, as of an unknown key.

// maxRetiring is how many keys may retire at once.
const maxRetiring = maxKeys - 4

var errNoRoom = fmt.Errorf("%d keys retire, and none of them may be dropped yet: there is no room for another rotation", maxRetiring)

// rotate makes the next key primary and publishes the one after it, where either is due.
func (s *step) rotate(entropy []byte) error {
	if s.count(Retiring) < maxRetiring {
		s.promote()
		return s.publish(entropy)
	}
	if len(s.changes) == 0 && (s.promotes() || s.publishes()) {
		return fmt.Errorf("crypto: schedule: %w", errNoRoom)
	}
	return nil // what else was due comes first
}

func (s *step) count(state State) (n int) {
	for _, k := range s.keys {
		if k.state == state {
			n++
		}
	}
	return n
}

// makeRoom drops the key that has been revoked for the longest if the ring is full, and reports whether there is room.
func (s *step) makeRoom() bool {
	if len(s.keys) < maxKeys {
		return true
	}
	i := s.longest(Revoked)
	if i < 0 {
		return false
	}
	s.remove(i)
	return true
}

func (s *step) remove(i int) {
	s.changes = append(s.changes, Change{ID: s.keys[i].id, From: s.keys[i].state})
	s.keys = slices.Delete(s.keys, i, i+1)
}

// replace puts a new primary in the place of the one of an id, which is revoked, or dropped if there is no room for both.
// Either way nothing opens that it has sealed.
func (s *step) replace(id string, entropy []byte) error {
	fresh := nextID(s.keys) // no id of a key that is dropped here
	room := s.makeRoom()
	if err := s.add(fresh, Primary, entropy); err != nil {
		return err
	}
	i := slices.IndexFunc(s.keys, func(k Key) bool { return k.id == id })
	if room {
		s.move(i, Revoked)
	} else {
		s.remove(i)
	}
	return nil
}
