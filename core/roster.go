package core

import "slices"

// Roster is what a subject record says: which sessions of one kind a subject has. It is an ordinary record of the same
// store, changed by compare-and-swap. A Roster is a value, and its methods return changed copies.
type Roster struct {
	Epoch   int64    // how often all of the subject's sessions were ended
	Keep    int64    // instant until which the epoch must be remembered: as long as a session of an earlier one may live
	Members []Member // in the order of their sign-ins
}

// Member is one session on a roster.
type Member struct {
	Family   Family
	Key      Key    // of the record that it had when it was last looked at; rotation leads on from there
	Since    int64  // instant of the sign-in
	Until    int64  // instant at which it is over, however much it is used
	Everyone int64  // the epoch of everyone in which it signed in
	Hint     string // what the application wants to show of it, at most 255 bytes
}

// MaxMembers is the most sessions that one subject can have at once. It bounds what a sign-in reads. A roster has one place more,
// for who signs in beside the session that ends with it.
const MaxMembers = 1000

// maxHint is the longest hint in bytes.
const maxHint = 255

// rosterLabel separates the keys of subject records from every other use of SHA-256.
const rosterLabel = "satchel subject key v1"

// RosterKey returns the key of the record that keeps subject's roster.
func (p *Policy) RosterKey(tenant, subject string) Key {
	return p.derived(rosterLabel, tenant, []byte(subject))
}

// Joined returns the roster with m, in place of a member of the same family.
func (r Roster) Joined(m Member) Roster {
	r.Members = append(r.without(m.Family), m)
	return r
}

// Left returns the roster without a family, and whether that was on it.
func (r Roster) Left(f Family) (Roster, bool) {
	before := len(r.Members)
	r.Members = r.without(f)
	return r, len(r.Members) < before
}

func (r Roster) without(f Family) []Member {
	return slices.DeleteFunc(slices.Clone(r.Members), func(m Member) bool { return m.Family == f })
}

// Swept returns the roster without members that are over by now, on any node.
func (r Roster) Swept(now int64) Roster {
	r.Members = slices.DeleteFunc(slices.Clone(r.Members), func(m Member) bool { return m.Over(now) })
	return r
}

// Over reports whether a session is over by now on any node: a day after its end, so that clocks need not agree.
func (m Member) Over(now int64) bool { return now >= later(m.Until, spareDay) }

// Raised returns the roster in the next epoch. A session of this one may live until keep.
func (r Roster) Raised(keep int64) Roster {
	r.Epoch, r.Keep = r.Epoch+1, max(r.Keep, keep)
	return r
}

// Moved returns the roster with the key of each member that to gives.
func (r Roster) Moved(to func(Member) Key) Roster {
	r.Members = slices.Clone(r.Members)
	for i, m := range r.Members {
		r.Members[i].Key = to(m)
	}
	return r
}

// Find returns the member of a handle.
func (r Roster) Find(h Handle) (Member, bool) {
	for _, m := range r.Members {
		if m.Family.Handle() == h {
			return m, true
		}
	}
	return Member{}, false
}

// Record returns the record that keeps r, as the given revision.
func (r Roster) Record(revision uint64, now int64) Record {
	deadline := max(now, r.Keep)
	for _, m := range r.Members {
		deadline = max(deadline, m.Until)
	}
	// A day more than any node needs an ending of its epochs for, which is a day already: one that is still held would end who
	// signs in to the first epoch of a roster made anew.
	return Record{Revision: revision, Seen: now, Deadline: later(deadline, 2*spareDay), Body: r.text()}
}

// versionRoster is the first byte of a roster, and no version of a body. The layout is specified in SPEC.md section 4.
const versionRoster = 0x81

func (r Roster) text() string {
	out := append(make([]byte, 0, 96*(1+len(r.Members))), versionRoster)
	out = appendInstant(appendInstant(out, r.Epoch), r.Keep)
	for _, m := range r.Members {
		out = append(append(out, m.Family[:]...), byte(len(m.Key)))
		out = appendInstant(appendInstant(appendInstant(append(out, m.Key...), m.Since), m.Until), m.Everyone)
		out = append(append(out, byte(len(m.Hint))), m.Hint...)
	}
	return string(out)
}

// ParseRoster reads the body of a subject record. What it refuses is of a newer program or damaged.
func ParseRoster(s string) (r Roster, ok bool) {
	if s == "" || s[0] != versionRoster {
		return Roster{}, false
	}
	if s, ok = cutInstants(s[1:], &r.Epoch, &r.Keep); !ok {
		return Roster{}, false
	}
	for s != "" {
		var m Member
		if len(s) < len(m.Family) || len(r.Members) > MaxMembers {
			return Roster{}, false
		}
		copy(m.Family[:], s)
		var key string
		if key, s, ok = cutShort(s[len(m.Family):]); !ok || len(key) != 0 && len(key) != keySize {
			return Roster{}, false
		}
		m.Key = Key(key)
		if s, ok = cutInstants(s, &m.Since, &m.Until, &m.Everyone); !ok {
			return Roster{}, false
		}
		if m.Hint, s, ok = cutShort(s); !ok {
			return Roster{}, false
		}
		r.Members = append(r.Members, m)
	}
	return r, true
}
