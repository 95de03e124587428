package core

import (
	"errors"
	"fmt"
)

var (
	errForeignLasts = errors.New("core: a lifetime of a foreign session's own, which has no place for one")
	errNotesNoUse   = errors.New("core: an Idle of a session's own, of a client-side kind without Idle, which notes no use")
	errLengthened   = errors.New("core: a longer lifetime without signing in")
)

// lasts is a session's own lifetimes to come.
type lasts struct {
	set            bool
	idle, absolute int64
}

// Lasting returns the session with lifetimes of its own to come, in milliseconds: 0 is its kind's, MaxInstant without limit. They
// go with what makes a new token: a new session and a sign-in, and else a rotation, because what the client
// holds names the earlier end. Lasting begins no session. Signing in without it goes back to the kind's.
//
// Somebody's session is lengthened by signing in only: it lasts from then on, and is on their roster until then.
func (s Session) Lasting(idle, absolute int64) Session {
	s.lasts = lasts{true, idle, absolute}
	return s.Rotated()
}

// lastsRightly returns an error if the session may not have the lifetimes that it is to have.
func (s *Session) lastsRightly() error {
	w := s.lasts
	if !w.set {
		return nil
	}
	l := s.policy.config.Lifetime
	idle, absolute := l.Bounds()
	switch {
	case s.policy.config.Format == Bare:
		return errForeignLasts
	case s.policy.config.Place == ClientSide && l.Idle == 0 && w.idle > 0: // there is nothing to note its use by
		return errNotesNoUse
	}
	if err := errors.Join(within("Idle", w.idle, idle, "LongestIdle"), within("Absolute", w.absolute, absolute, "Longest")); err != nil {
		return err
	}
	if s.standing != Live || s.wants.clears() || s.wants.signsIn() || s.live.body.Subject == "" {
		return nil
	}
	is, will := s.policy.lifetime(&s.live.body), l.own(w.idle, w.absolute)
	if endless(will.Idle) > endless(is.Idle) || endless(will.Absolute) > endless(is.Absolute) {
		return errLengthened
	}
	return nil
}

// within returns an error, which names both, if a lifetime of a session's own is over the longest that its kind allows.
func within(name string, is, longest int64, option string) error {
	switch {
	case is < 0:
		return fmt.Errorf("core: %s of a session's own is negative", name)
	case is <= longest:
		return nil
	case is == MaxInstant:
		return fmt.Errorf("core: %s without limit is over the kind's %s, %d ms", name, option, longest)
	}
	return fmt.Errorf("core: %s of %d ms is over the kind's %s, %d ms", name, is, option, longest)
}
