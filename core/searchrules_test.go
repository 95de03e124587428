package core_test

import (
	"fmt"
	"slices"

	"github.com/satchel-go/satchel/core"
)

// The rules that every state of the search is held to.

// check holds a state to the rules, and says which one is broken.
func (w *world) check(s *state) string {
	if s.wrong != nothingWrong {
		return wrongs[s.wrong]
	}
	lives := map[core.Key]bool{}
	for i := range int(s.sent) {
		session := w.probe(s, w.tokens.list[s.tokens[i]])
		if session.Standing() != core.Live {
			if session.Refusal() == core.Reused && !w.succeeded(s, i) {
				return fmt.Sprintf("token %d is refused before its successor was used", i)
			}
			continue
		}
		key, _ := session.LiveKey()
		lives[key] = true
		payload, _ := session.Payload()
		switch {
		case s.ended:
			return fmt.Sprintf("token %d reads the session after its completed end", i)
		case s.dead&(1<<i) != 0:
			return fmt.Sprintf("token %d reads the session after it was rotated away", i)
		case len(lives) > 1:
			return "two tokens read two sessions"
		case w.now(s) >= w.instants()[s.used]+w.policy.Lifetime().Idle:
			return fmt.Sprintf("token %d reads a session that nobody used within its idle time", i)
		case w.graceOver(s, i):
			return fmt.Sprintf("token %d reads the session after its grace", i)
		}
		for bit := range 8 {
			if s.acked&(1<<bit) != 0 && !slices.Contains([]byte(payload), byte('a'+bit)) {
				return fmt.Sprintf("token %d reads %q, without the acknowledged change %c", i, payload, 'a'+bit)
			}
		}
	}
	for _, a := range s.actors {
		if a.step != stepIdle {
			return ""
		}
	}
	return w.checkRest(s, len(lives))
}

// graceOver reports whether a token was renewed and its successor used so long ago that the old one has to be refused.
func (w *world) graceOver(s *state, token int) bool {
	for next := range int(s.sent) {
		if s.after[next] == uint8(token)+1 && s.seenAt[next] > 0 &&
			w.now(s) >= w.instants()[s.seenAt[next]-1]+w.policy.Lifetime().Grace {
			return true
		}
	}
	return false
}

// succeeded reports whether the successor of a renewed token has been used.
func (w *world) succeeded(s *state, token int) bool {
	if int(s.outages) < w.size.outages {
		return true // or may have been
	}
	for next := range int(s.sent) {
		if s.after[next] == uint8(token)+1 && s.seenAt[next] > 0 {
			return true
		}
	}
	return false
}

// checkRest holds a state in which every actor is idle, after no outage, to what must be left.
func (w *world) checkRest(s *state, lives int) string {
	left := 0
	for _, c := range s.kept {
		rec := w.records.list[c.rec]
		if _, dead := core.Successor(rec); c.key != 0 && !dead && rec.Deadline > w.now(s) {
			left++
		}
	}
	switch {
	case left > lives:
		return "a live record is left that no token reads"
	case lives == 0 && !s.ended && w.now(s) < w.instants()[0]+w.policy.Lifetime().Idle:
		return "the session is lost, though nobody ended it"
	}
	return ""
}

// judge looks at what the client of a completed exchange holds: in time it has the one token that lives on.
func (w *world) judge(s *state, a *actor, held uint8) {
	session := w.probe(s, w.tokens.list[s.tokens[held]])
	_, byPointer := session.LiveKey()
	switch {
	case session.Refusal() == core.Reused && w.now(s) < w.instants()[a.began]+w.policy.Lifetime().Grace:
		s.wrong = leftBehind
	case session.Standing() == core.Live && byPointer && held == a.token && a.decided == s.clock && w.fault != pointerAdopts:
		s.wrong = notHandedOn
	}
}
