package core

import (
	"errors"
	"fmt"
)

// Lifetime says how long a session lives. All fields are milliseconds.
type Lifetime struct {
	Idle     int64 // it ends when unused for so long; 0 is no such limit
	Absolute int64 // it ends so long after it began, or after its subject signed in; 0 is no such limit
	Touch    int64 // at the least so much time lies between two notes of its use, so it may idle by this much less
	Skew     int64 // how far ahead the clock of a node that made it may be
}

func (l Lifetime) check() error {
	var errs []error
	for _, f := range [...]struct {
		name  string
		value int64
	}{{"Idle", l.Idle}, {"Absolute", l.Absolute}, {"Touch", l.Touch}, {"Skew", l.Skew}} {
		if f.value < 0 || f.value > MaxInstant {
			errs = append(errs, fmt.Errorf("lifetime: %s is %d ms, outside 0 to %d", f.name, f.value, int64(MaxInstant)))
		}
	}
	if l.Idle > 0 && l.Touch >= l.Idle {
		errs = append(errs, fmt.Errorf("lifetime: a touch every %d ms comes too late for an idle time of %d ms", l.Touch, l.Idle))
	}
	return errors.Join(errs...)
}

// Deadline returns the instant at which a session that began at started and was last used at seen is over.
func (l Lifetime) Deadline(started, seen int64) int64 {
	deadline := l.Until(started)
	if l.Idle > 0 {
		deadline = min(deadline, later(seen, l.Idle))
	}
	return deadline
}

// Until returns the instant at which a session that began at started is over, however much it is used.
func (l Lifetime) Until(started int64) int64 {
	if l.Absolute > 0 {
		return later(started, l.Absolute)
	}
	return MaxInstant
}

// Judge says whether the session is over at now, and by which limit: Expired or Idle, or Future if it began later than
// any clock within the skew could say. A clock that jumps backward lengthens nothing: seen never moves back.
func (l Lifetime) Judge(started, seen, now int64) Refusal {
	switch {
	case started > later(now, l.Skew):
		return Future
	case now >= l.Until(started):
		return Expired
	case l.Idle > 0 && now >= later(seen, l.Idle):
		return Idle
	}
	return NotRefused
}

// touchDue reports whether a use at now is to be noted.
func (l Lifetime) touchDue(seen, now int64) bool { return l.Idle > 0 && now-seen >= max(l.Touch, 1) }
