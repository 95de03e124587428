package crypto

import (
	"errors"
	"fmt"

	"github.com/satchel-go/satchel/core"
)

// NeededError says that a ring lacks a key which the one before it had, and which live tokens need.
type NeededError struct {
	ID    string
	State State // what the key was
	Until int64 // the instant from which it may be dropped, in Unix milliseconds; core.MaxInstant is never
}

// Error says which key is needed, and until when.
func (e *NeededError) Error() string {
	if e.Until == core.MaxInstant {
		return fmt.Sprintf("key %s (%s) is dropped, and what it protects lives without limit", e.ID, e.State)
	}
	return fmt.Sprintf("key %s (%s) is dropped, and live tokens need it until %d", e.ID, e.State, e.Until)
}

var (
	errEarly   = errors.New("is primary before every node can have it")
	errBack    = errors.New("is pending again, after it was used")
	errUnended = errors.New("was revoked, and is so no more")
	errBefore  = errors.New("has an instant that is too early: leave it out where a state is changed by hand")
)

// CheckStep returns what a new ring would do to live tokens, where it takes the place of an old one, or nil: it is how a
// ring that somebody wrote by hand is looked at before it is used. It lists every key that is dropped too early, as a
// [NeededError], or put to use before every node has it; everything that a later Next would count wrongly; and a
// revoked key that would be honoured again. Revoking is no fault, nor what a revoked primary's successor costs.
func (s Schedule) CheckStep(before, after *Keyring, now int64) error {
	if err := s.Check(); err != nil {
		return err
	}
	was, is := before.inner().keys, after.inner().keys
	hurry := false // the primary has been revoked
	var faults []error
	for _, old := range was {
		key, kept := find(is, old)
		if !kept {
			if until := s.NeededUntil(old, now); now < until {
				faults = append(faults, &NeededError{ID: old.id, State: old.state, Until: until})
			}
			continue
		}
		hurry = hurry || old.state == Primary && key.state == Revoked
		switch {
		case old.state == Revoked && key.state != Revoked:
			faults = append(faults, fmt.Errorf("key %s %w", old.id, errUnended))
		case (old.state == Primary || old.state == Retiring) && key.state == Pending:
			faults = append(faults, fmt.Errorf("key %s %w", old.id, errBack))
		}
	}
	for _, key := range is {
		old, kept := find(was, key)
		if key.state == Primary && !hurry && !(kept && s.everywhere(old, now)) {
			faults = append(faults, fmt.Errorf("key %s %w", key.id, errEarly))
		}
		since := now - s.Lag // what has changed did so while the new ring was on its way
		if kept && old.state == key.state && old.since != 0 {
			since = old.since
		}
		if key.since != 0 && key.since < since {
			faults = append(faults, fmt.Errorf("key %s %w", key.id, errBefore))
		}
	}
	if len(faults) > 0 {
		return fmt.Errorf("crypto: keyring: %w", errors.Join(faults...))
	}
	return nil
}

// find returns the same key in another ring: the id with the same secret.
func find(keys []Key, of Key) (Key, bool) {
	for _, k := range keys {
		if k.id == of.id && k.root.equal(of.root) {
			return k, true
		}
	}
	return Key{}, false
}

// everywhere reports whether all nodes can open what a key seals, given what it was in the ring before.
func (s Schedule) everywhere(was Key, now int64) bool {
	return was.state != Pending || was.since != 0 && now-was.since >= s.Lag
}
