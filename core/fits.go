package core

import (
	"errors"
	"fmt"
)

// TooLargeError says that a session is larger than its kind allows.
type TooLargeError struct {
	Kind        string
	What        string // "payload", "token" or "subject"
	Size, Limit int    // bytes of a payload or subject, characters of a token
}

// Error names the size and the limit.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("session %q: a %s of %d is over the limit of %d", e.Kind, e.What, e.Size, e.Limit)
}

var (
	errSubject     = errors.New("core: a sign-in without a subject")
	errBareSubject = errors.New("core: a foreign session has no place for a subject")
	errForeignID   = errors.New("core: the ID of a foreign session is not 1 to 512 bytes, or could be a key of ours")
	errNoPolicy    = errors.New("core: a session that no policy began")
)

// Fits returns a *TooLargeError if what the application wants cannot be kept or sent, another error if it signs in nobody, or
// somebody whom a foreign session would forget, else nil.
func (s *Session) Fits() error {
	tooLarge := func(what string, size, limit int) error {
		return &TooLargeError{Kind: s.policy.config.Kind, What: what, Size: size, Limit: limit}
	}
	if s.policy == nil {
		return errNoPolicy
	}
	if s.wants.signsIn() && s.wanted.Subject == "" {
		return errSubject
	}
	if s.wants.signsIn() && s.policy.config.Format == Bare {
		return errBareSubject
	}
	if n := len(s.wanted.Subject); n > maxSubject {
		return tooLarge("subject", n, maxSubject)
	}
	if n := len(s.wanted.Methods); n > maxMethods {
		return tooLarge("list of methods", n, maxMethods)
	}
	if n := len(s.wanted.Hint); n > maxHint {
		return tooLarge("hint", n, maxHint)
	}
	if err := s.lastsRightly(); err != nil {
		return err
	}
	if n, limit := len(s.wanted.Payload), s.policy.limits.payload; n > limit {
		return tooLarge("payload", n, limit)
	}
	if s.policy.config.Place == ClientSide && (s.wants.sets() || s.wants == wantsRotate || s.wants == wantsLower) {
		b := s.next(0)
		s.policy.fill(&b)
		if n, limit := s.policy.tokenSize(&b), s.policy.limits.token; n > limit {
			return tooLarge("token", n, limit)
		}
	}
	return nil
}
