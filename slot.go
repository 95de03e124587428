package satchel

import (
	"context"
	"errors"
	"sync"

	"github.com/satchel-go/satchel/core"
)

// slot is the session of one kind in one exchange, as it becomes known and changes.
type slot struct {
	exchange *Exchange
	placed   *placed

	mu        sync.Mutex
	begun     bool
	stale     bool // a conflict has shown that the record is another one by now
	session   core.Session
	version   int   // grows with each change, so that work done outside the lock can tell
	overwrite bool  // what is wanted may be replayed on any revision
	whole     whole // whether the payload at hand was decoded without loss
	outage    error // sticky
	send      core.Send
	sentAt    int64 // when that was decided, in Unix milliseconds
	notes     []note
	entropy   [64]byte // room for one plan's, drawn anew for each
}

// whole says whether the payload at hand was decoded without loss.
type whole uint8

const (
	wholeUnknown whole = iota
	wholeYes
	wholeNo
)

// begin reads the tokens and loads the record, once, and again when a conflict has shown it stale. The caller holds the
// lock.
func (s *slot) begin(ctx context.Context) error {
	sessions := s.exchange.sessions
	switch {
	case !s.begun:
		now := sessions.now()
		policy, err := s.placed.policy(ctx, now)
		if err != nil {
			s.note(sessions.config.Observer.KeysFailed, now, core.Session{}, err)
		}
		s.load(ctx, policy.Begin(now, s.exchange.carrier.Tokens(s.placed.transport)), now)
		s.begun = true // and not if a carrier or store has panicked, so that there is never a session of no policy
		s.noteRefusal(now)
	case s.stale:
		s.load(ctx, s.session.Reloaded(), sessions.now())
	}
	return s.outage
}

// load gets the questions of a session answered and puts it in place. The caller holds the lock.
func (s *slot) load(ctx context.Context, begun core.Session, now int64) {
	session, err := ask(ctx, s.placed.store, begun, now)
	s.session, s.whole, s.stale = session, wholeUnknown, false
	s.version++
	if session.Standing() == core.Unavailable {
		s.outage = unavailable(err)
		s.note(s.exchange.sessions.config.Observer.Unavailable, now, session, err)
	}
}

// look returns the session as it is now, with its version and whether its payload is known to be whole.
func (s *slot) look(ctx context.Context) (core.Session, int, whole, error) {
	s.mu.Lock()
	defer s.unlock(ctx)
	err := s.begin(ctx)
	return s.session, s.version, s.whole, err
}

// sawWhole remembers whether the payload of a version was decoded without loss.
func (s *slot) sawWhole(version int, isWhole bool) {
	s.mu.Lock()
	if s.version == version {
		s.whole = wholeNo
		if isWhole {
			s.whole = wholeYes
		}
	}
	s.mu.Unlock()
}

// sawNewer remembers that the payload of a version was written by a newer program.
func (s *slot) sawNewer(ctx context.Context, version int) {
	s.mu.Lock()
	defer s.unlock(ctx)
	if s.version == version && s.whole != wholeNo {
		s.whole = wholeNo
		s.note(s.exchange.sessions.config.Observer.Refused, s.exchange.sessions.now(), s.session.Undecodable(), nil)
	}
}

// sawUndecodable remembers that the payload of a version cannot be read by this program.
func (s *slot) sawUndecodable(ctx context.Context, version int) {
	s.mu.Lock()
	defer s.unlock(ctx)
	if s.version == version {
		s.session = s.session.Undecodable()
		s.version++
		s.noteRefusal(s.exchange.sessions.now())
	}
}

// want notes what the application wants, for the commit. After the commit it is carried out at once.
func (s *slot) want(ctx context.Context, change func(core.Session) core.Session) error {
	s.mu.Lock()
	defer s.unlock(ctx)
	if err := s.begin(ctx); err != nil {
		return err
	}
	return s.changeTo(ctx, change(s.session), s.overwrite)
}

// put is want for a payload made outside the lock.
func (s *slot) put(ctx context.Context, payload string, overwrite bool, change func(core.Session, string) core.Session) error {
	s.mu.Lock()
	defer s.unlock(ctx)
	if err := s.begin(ctx); err != nil {
		return err
	}
	return s.changeTo(ctx, change(s.session, payload), overwrite)
}

// changeTo puts a changed session in place, to be settled with the commit, or now if that has passed.
func (s *slot) changeTo(ctx context.Context, changed core.Session, overwrite bool) error {
	if err := changed.Fits(); err != nil {
		return err
	}
	if err := refused(changed, changed.Decide(s.exchange.sessions.now())); err != nil {
		return err
	}
	before := s.session
	s.session, s.overwrite = changed, overwrite
	s.version++
	if !s.exchange.committed.Load() {
		return nil
	}
	err := s.settle(ctx, answerLate)
	if err != nil && s.outage == nil && s.session.Changed() {
		s.session = before
	}
	return err
}

// replace puts a payload made from a version in its place: at once where a store holds the session, else with the commit.
// It returns errReplay if the payload is to be made again.
func (s *slot) replace(ctx context.Context, payload string, version int) error {
	s.mu.Lock()
	defer s.unlock(ctx)
	if s.version != version {
		return errReplay
	}
	before := s.session
	if s.placed.place == core.ClientSide {
		return s.changeTo(ctx, before.With(payload), s.overwrite)
	}
	changed := before.With(payload)
	if err := changed.Fits(); err != nil {
		return err
	}
	s.session = changed
	commit := s.exchange.sessions.detach(ctx)
	defer commit.stop(context.Canceled)
	err := s.carry(commit, answerTo(ctx, s.exchange.committed.Load()))
	if err == nil {
		return nil
	}
	s.session = before
	// What was set before this update was made from what another one has changed meanwhile.
	if errors.Is(err, ErrConflict) && (s.overwrite || !before.Conditional()) {
		s.stale = true
		return errReplay
	}
	return err
}

// errReplay: the session has changed since the payload was made.
var errReplay = errors.New("satchel: replay")
