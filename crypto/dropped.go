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
		if until := s.NeededUntil(old, now); !kept && now < until {
			faults = append(faults, &NeededError{ID: old.id, State: old.state, Until: until})
		}
		hurry = hurry || kept && old.state == Primary && key.state == Revoked
	}
	for _, key := range is {
		old, _ := find(was, key)
		for _, err := range s.checkKey(old, key, now, hurry) {
			faults = append(faults, fmt.Errorf("key %s %w", key.id, err))
		}
	}
	if len(faults) > 0 {
		return fmt.Errorf("crypto: keyring: %w", errors.Join(faults...))
	}
	return nil
}

// checkKey lists what is wrong with the step that one key takes; was is the zero Key if it is new.
func (s Schedule) checkKey(was, is Key, now int64, hurry bool) (faults []error) {
	switch {
	case was.state == Revoked && is.state != Revoked:
		faults = append(faults, errUnended)
	case (was.state == Primary || was.state == Retiring) && is.state == Pending:
		faults = append(faults, errBack)
	}
	if is.state == Primary && !hurry && !s.everywhere(was, now) {
		faults = append(faults, errEarly)
	}
	since := now - s.Lag // what has changed did so while the new ring was on its way
	if was.state == is.state && was.since != 0 {
		since = was.since
	}
	if is.since != 0 && is.since < since {
		faults = append(faults, errBefore)
	}
	return faults
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
	switch was.state {
	case Primary, Retiring:
		return true
	case Pending:
		return was.since != 0 && now-was.since >= s.Lag
	default: // it was not there, or had been revoked
		return false
	}
}
