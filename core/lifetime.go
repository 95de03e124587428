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

	Renew int64 // a token is renewed when it is so old; 0 is never
	Grace int64 // for how long a renewed token leads to its successor after that was first seen, at most MaxGrace

	LongestIdle int64 // the longest idle time that one session may be given; 0 is Idle, MaxInstant without limit
	Longest     int64 // the longest absolute life that one session may be given; 0 is Absolute, MaxInstant without limit
}

// MaxGrace is the longest Lifetime.Grace, ten minutes.
const MaxGrace = 10 * 60 * 1000

func (l Lifetime) check() error {
	var errs []error
	for _, f := range [...]struct {
		name  string
		value int64
	}{
		{"Idle", l.Idle},
		{"Absolute", l.Absolute},
		{"Touch", l.Touch},
		{"Skew", l.Skew},
		{"Renew", l.Renew},
		{"Grace", l.Grace},
		{"LongestIdle", l.LongestIdle},
		{"Longest", l.Longest},
	} {
		if f.value < 0 || f.value > MaxInstant {
			errs = append(errs, fmt.Errorf("lifetime: %s is %d ms, outside 0 to %d", f.name, f.value, int64(MaxInstant)))
		}
	}
	if l.Idle > 0 && l.Touch >= l.Idle {
		errs = append(errs, fmt.Errorf("lifetime: a touch every %d ms comes too late for an idle time of %d ms", l.Touch, l.Idle))
	}
	if l.Grace > MaxGrace {
		errs = append(errs, fmt.Errorf("lifetime: Grace is %d ms, at most %d", l.Grace, int64(MaxGrace)))
	}
	if l.Renew > 0 && l.Grace >= l.Renew {
		errs = append(errs, fmt.Errorf("lifetime: a grace of %d ms does not end before the next renewal, after %d ms", l.Grace, l.Renew))
	}
	if l.LongestIdle > 0 && l.LongestIdle < endless(l.Idle) {
		errs = append(errs, fmt.Errorf("lifetime: LongestIdle is %d ms, shorter than Idle", l.LongestIdle))
	}
	if l.Longest > 0 && l.Longest < endless(l.Absolute) {
		errs = append(errs, fmt.Errorf("lifetime: Longest is %d ms, shorter than Absolute", l.Longest))
	}
	return errors.Join(errs...)
}

// endless returns a limit of which 0 is none, as one of which MaxInstant is none.
func endless(limit int64) int64 {
	if limit == 0 {
		return MaxInstant
	}
	return limit
}

// Bounds returns the longest idle time and absolute life that a session can have, by its kind or of its own; MaxInstant is
// without limit.
func (l Lifetime) Bounds() (idle, absolute int64) {
	idle, absolute = l.LongestIdle, l.Longest
	if idle == 0 {
		idle = endless(l.Idle)
	}
	if absolute == 0 {
		absolute = endless(l.Absolute)
	}
	return idle, absolute
}

// life returns the longest absolute life of a session, as transforms are told it: 0 is unlimited.
func (l Lifetime) life() int64 {
	if _, absolute := l.Bounds(); absolute < MaxInstant {
		return absolute
	}
	return 0
}

// own returns the lifetime of a session that has an idle time or an absolute life of its own; 0 is none of its own. What it was
// given under an earlier policy is cut to the longest of this one.
func (l Lifetime) own(idle, absolute int64) Lifetime {
	if idle == 0 && absolute == 0 {
		return l
	}
	longestIdle, longest := l.Bounds()
	if absolute > 0 {
		l.Absolute = min(absolute, longest)
	}
	if idle > 0 {
		if l.Idle == 0 && l.Touch == 0 {
			l.Touch = MaxInstant // a kind without an idle time has nothing to say of how often its use is noted
		}
		l.Idle = min(idle, longestIdle)
		l.Touch = min(l.Touch, l.Idle/10)
	}
	return l
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
// any clock within the skew could say. A clock that jumps backward lengthens no absolute life. Of the idle time it
// lengthens what is noted already: seen never moves back, so a use that a clock ahead has noted counts from there.
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
