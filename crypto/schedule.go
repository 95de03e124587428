package crypto

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/satchel-go/satchel/core"
)

// Schedule is the policy by which the keys of a ring follow each other: published before they are used, then primary,
// then retiring for as long as anything lives that they protect, then gone. It is a pure function of the ring and of the
// instants that stand in it. All durations are in milliseconds.
//
// One program, or one person, makes the next ring and puts it where all nodes read theirs.
type Schedule struct {
	// Rotate is how long a key is primary, and more than Lag; 0 is for good.
	Rotate int64
	// Lag is the time after which every node uses a ring that was written: on its way, and until it is read (twice the nodes'
	// KeyRefresh), with the widest difference between two clocks added. It is not 0.
	Lag int64
	// Life is the longest that anything lives which the keys protect: the longest Absolute or Longest of their kinds.
	// 0 is unlimited, and no key that was ever used is then dropped, so that after 60 rotations there is no room for another; see Next.
	Life int64
}

// Change is one step that a key took.
type Change struct {
	ID   string
	From State // 0 if the key is new
	To   State // 0 if the key is gone; From if it was only dated
}

// String returns the change as in "k1: primary to retiring".
func (c Change) String() string {
	switch {
	case c.From == 0:
		return c.ID + ": new, " + c.To.String()
	case c.To == 0:
		return c.ID + ": " + c.From.String() + ", dropped"
	case c.From == c.To:
		return c.ID + ": " + c.To.String() + ", counted from now"
	}
	return c.ID + ": " + c.From.String() + " to " + c.To.String()
}

var (
	errLag     = errors.New("lag must be positive: no ring is everywhere at once")
	errRotate  = errors.New("rotate must be longer than lag, or 0")
	errLife    = errors.New("life must not be negative")
	errCrowded = fmt.Errorf("life and lag are so long, and rotate so short, that more than %d keys would retire at once", maxRetiring)
)

// Check returns all that is wrong with the schedule, or nil. Every method returns it too.
func (s Schedule) Check() error {
	var faults []error
	if s.Lag <= 0 || s.Lag > core.MaxInstant {
		faults = append(faults, errLag)
	}
	if s.Rotate != 0 && (s.Rotate <= s.Lag || s.Rotate > core.MaxInstant) {
		faults = append(faults, errRotate)
	}
	if s.Life < 0 || s.Life > core.MaxInstant {
		faults = append(faults, errLife)
	}
	if len(faults) == 0 && s.Rotate != 0 && s.Life != 0 && (s.Life+s.Lag)/s.Rotate >= maxRetiring {
		faults = append(faults, errCrowded)
	}
	if len(faults) > 0 {
		return fmt.Errorf("crypto: schedule: %w", errors.Join(faults...))
	}
	return nil
}

// NeededUntil returns the instant from which nothing that lives needs the key, if it is used no more from now on: for a
// retiring key a Lag and a Life after it became that, for the primary one, and for one that retires nobody knows since
// when, the same after now. It is core.MaxInstant where lives are unlimited, and 0 for a pending key, which has sealed
// nothing, and for a revoked one, which opens nothing.
func (s Schedule) NeededUntil(key Key, now int64) int64 {
	switch {
	case key.state != Primary && key.state != Retiring:
		return 0
	case s.Life == 0:
		return core.MaxInstant
	case key.state == Retiring && key.since != 0:
		now = key.since
	}
	return min(now+s.Lag+s.Life, core.MaxInstant)
}

// Next returns the ring that is due now, and the steps to it; if nothing is due, the very same ring and no step. It is to be
// called more often than every Lag; when it is called late all that follows is late, and nothing is skipped. Entropy is
// 32 bytes from the system's generator, for the key that may have to be published; no two calls are handed the same.
//
// At most 60 keys retire at once. Where they do, and none may be dropped yet, a rotation that is due is an error at each call,
// and the primary stays one: with a Life this comes only from a ring that somebody wrote, without one after 60 rotations.
//
// A key without an instant is counted from now. An instant that lies ahead of now by more than Lag is an error, because
// one of two clocks is wrong and a step too early cannot be taken back.
func (s Schedule) Next(ring *Keyring, now int64, entropy []byte) (*Keyring, []Change, error) {
	step, err := s.begin(ring, now)
	if err != nil {
		return nil, nil, err
	}
	step.date()
	step.drop()
	if s.Rotate != 0 {
		err = step.rotate(entropy)
	}
	return step.end(ring, err)
}

// Revoke returns the ring in which a key is revoked, and the steps to it. What it seals and signs is refused by each node
// as soon as that uses the ring: live sessions end, which is what revoking is for.
//
// If it was the primary, the key that has been pending longest takes its place, or if there is none, a new one of the given
// entropy (see Next). A node that does not have that key yet refuses what others seal under it, until it uses the new ring;
// no client loses it for that.
//
// It is possible however full the ring is: where there is no room for a new key the one that was revoked first is dropped, and
// where there is none, the one that is to be revoked. What a dropped key has sealed stays refused, as of an unknown key.
func (s Schedule) Revoke(ring *Keyring, id string, now int64, entropy []byte) (*Keyring, []Change, error) {
	step, err := s.begin(ring, now)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(step.keys, func(k Key) bool { return k.id == id })
	if i < 0 {
		return nil, nil, errors.New("crypto: revoke: no key has this id")
	}
	switch step.keys[i].state {
	case Revoked:
		return step.end(ring, nil)
	case Primary:
		next := step.longest(Pending)
		if next < 0 {
			return step.end(ring, step.replace(id, entropy))
		}
		step.move(next, Primary)
	}
	step.move(i, Revoked)
	return step.end(ring, nil)
}

// step is the making of the next ring.
type step struct {
	Schedule
	now     int64
	keys    []Key
	changes []Change
}

func (s Schedule) begin(ring *Keyring, now int64) (*step, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if now < 1 || now > core.MaxInstant {
		return nil, fmt.Errorf("crypto: schedule: %w", errInstant)
	}
	keys := ring.inner().keys
	if len(keys) == 0 {
		return nil, fmt.Errorf("crypto: schedule: %w", errEmpty)
	}
	for i, k := range keys {
		if k.since-now > s.Lag {
			return nil, fmt.Errorf("crypto: schedule: %w", entryFault(i, k.id, errAhead))
		}
	}
	return &step{Schedule: s, now: now, keys: slices.Clone(keys)}, nil
}

var errAhead = errors.New("its instant lies ahead: the clock is wrong, or was when that was written")

// end makes a ring of what the step has come to.
func (s *step) end(ring *Keyring, err error) (*Keyring, []Change, error) {
	if err != nil {
		return nil, nil, err
	}
	if len(s.changes) == 0 {
		return ring, nil, nil
	}
	next, err := NewKeyring(s.keys...)
	if err != nil {
		return nil, nil, err
	}
	return next, s.changes, nil
}

// date counts keys of no known instant from now.
func (s *step) date() {
	for i, k := range s.keys {
		if k.since == 0 {
			s.move(i, k.state)
		}
	}
}

// drop removes the keys that nothing needs. A revoked one stays for as long as its tokens would have lived, so that they are
// refused by name and its id is not taken anew.
func (s *step) drop() {
	s.keys = slices.DeleteFunc(s.keys, func(k Key) bool {
		over := (k.state == Retiring || k.state == Revoked) && s.now >= s.NeededUntil(k.AsOf(Retiring, k.since), s.now)
		if over {
			s.changes = append(s.changes, Change{ID: k.id, From: k.state})
		}
		return over
	})
}

// promotes reports whether the next key is to be primary: that is due, and every node has it.
func (s *step) promotes() bool {
	next := s.longest(Pending)
	return next >= 0 && s.inUse() >= s.Rotate && s.now-s.keys[next].since >= s.Lag
}

func (s *step) promote() {
	if s.promotes() {
		primary, next := s.longest(Primary), s.longest(Pending)
		s.move(next, Primary)
		s.move(primary, Retiring)
	}
}

// publishes reports whether the next key is to be published, so early that every node has it when it is to be used.
func (s *step) publishes() bool { return s.longest(Pending) < 0 && s.inUse() >= s.Rotate-s.Lag }

func (s *step) publish(entropy []byte) error {
	if !s.publishes() {
		return nil
	}
	id := nextID(s.keys) // no id of a key that is dropped here
	s.makeRoom()
	return s.add(id, Pending, entropy)
}

// inUse returns for how long the primary has been that.
func (s *step) inUse() int64 { return s.now - s.keys[s.longest(Primary)].since }

// longest returns the index of the key that has been in a state for the longest, or -1.
func (s *step) longest(state State) int {
	found := -1
	for i, k := range s.keys {
		if k.state == state && (found < 0 || k.since < s.keys[found].since) {
			found = i
		}
	}
	return found
}

func (s *step) move(i int, state State) {
	s.changes = append(s.changes, Change{ID: s.keys[i].id, From: s.keys[i].state, To: state})
	s.keys[i] = s.keys[i].AsOf(state, s.now)
}

func (s *step) add(id string, state State, entropy []byte) error {
	key, err := NewKey(id, state, entropy)
	if err != nil {
		return err
	}
	s.keys = append(s.keys, key.AsOf(state, s.now))
	s.changes = append(s.changes, Change{ID: key.id, To: state})
	return nil
}

// maxNumber is the highest for which "k" and the number fit an id.
const maxNumber = 9_999_999

// nextID returns k1, or the one after the highest of its form. After the last one it begins anew with what is free.
func nextID(keys []Key) string {
	highest := 0
	for _, k := range keys {
		highest = max(highest, number(k.id))
	}
	for {
		highest = highest%maxNumber + 1
		id := "k" + strconv.Itoa(highest)
		if !slices.ContainsFunc(keys, func(k Key) bool { return k.id == id }) {
			return id
		}
	}
}

// number returns the number of an id of the form k1, or 0.
func number(id string) int {
	digits, ok := strings.CutPrefix(id, "k")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || strconv.Itoa(n) != digits {
		return 0
	}
	return n
}

// Generate returns the first ring of a program: k1, primary since now (Unix milliseconds), of 32 bytes from the system's
// generator.
func Generate(now int64, entropy []byte) (*Keyring, error) {
	key, err := NewKey("k1", Primary, entropy)
	if err != nil {
		return nil, err
	}
	return NewKeyring(key.AsOf(Primary, now))
}
