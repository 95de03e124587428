package satchel

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

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

// note is an event that waits for the lock to be released.
type note struct {
	tell  func(context.Context, Event)
	event Event
}

// unlock releases the slot, then tells the observer.
func (s *slot) unlock(ctx context.Context) {
	notes := s.notes
	s.notes = nil
	s.mu.Unlock()
	for _, n := range notes {
		n.tell(ctx, n.event)
	}
}

// note remembers an event of session for unlock.
func (s *slot) note(tell func(context.Context, Event), now int64, session core.Session, err error) {
	if tell == nil {
		return
	}
	s.notes = append(s.notes, note{tell, Event{
		Kind: s.placed.kind.Name(), At: time.UnixMilli(now), Handle: session.Handle(), Subject: session.Subject(),
		Reason: session.Refusal(), Err: err,
	}})
}

// begin reads the tokens and loads the record, once, and again when a conflict has shown it stale. The caller holds the
// lock.
func (s *slot) begin(ctx context.Context) error {
	sessions := s.exchange.sessions
	switch {
	case !s.begun:
		s.begun = true
		now := sessions.now()
		policy, err := s.placed.policy(ctx, now)
		if err != nil {
			s.note(sessions.config.Observer.KeysFailed, now, core.Session{}, err)
		}
		s.load(ctx, policy.Begin(now, s.exchange.carrier.Tokens(s.placed.transport)), now)
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

func (s *slot) noteRefusal(now int64) {
	observer := &s.exchange.sessions.config.Observer
	switch r := s.session.Refusal(); {
	case s.session.Standing() != core.Refused:
	case r == core.Expired || r == core.Idle:
		s.note(observer.Expired, now, s.session, nil)
	default:
		s.note(observer.Refused, now, s.session, nil)
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

// commit settles the slot and returns what the client is to be told.
func (s *slot) commit(ctx context.Context) (core.Send, int64, error) {
	s.mu.Lock()
	defer s.unlock(ctx)
	if !s.begun {
		return core.Send{}, 0, nil
	}
	err := s.settle(ctx, answerTo(ctx, false))
	return s.send, s.sentAt, err
}

// settle carries out what is wanted, with a replay after a conflict where what is wanted does not depend on what was read.
func (s *slot) settle(ctx context.Context, to answer) error {
	if !s.session.Changed() && s.session.Decide(s.exchange.sessions.now()) == core.Keep {
		return nil
	}
	if s.placed.place == core.ClientSide {
		return s.carry(ctx, to) // there is nothing to wait for, and nobody to be in conflict with
	}
	commit := s.exchange.sessions.detach(ctx)
	defer commit.stop(context.Canceled)
	for t := s.exchange.sessions.tries(); ; {
		err := s.carry(commit, to)
		if !errors.Is(err, ErrConflict) || s.session.Conditional() && !s.overwrite || !t.again(commit) {
			return err
		}
		s.load(commit, s.session.Reloaded(), s.exchange.sessions.now())
		if s.outage != nil {
			return s.outage
		}
	}
}

// answer says whether a token still reaches the client.
type answer uint8

const (
	answerOpen answer = iota
	answerGone        // the client has hung up: a rotation would leave it with a dead token
	answerLate        // the answer has begun
)

func answerTo(ctx context.Context, late bool) answer {
	switch {
	case late:
		return answerLate
	case ctx.Err() != nil:
		return answerGone
	}
	return answerOpen
}

// carry decides, plans and carries out, once. What needs a token that would not arrive is not done. The caller holds the
// lock.
func (s *slot) carry(ctx context.Context, to answer) error {
	sessions := s.exchange.sessions
	now := sessions.now()
	verdict := s.session.Decide(now)
	if err := refused(s.session, verdict); err != nil {
		return err
	}
	plan, err := sessions.plan(s.session, verdict, now, s.entropy[:])
	if err != nil {
		return err
	}
	if to != answerOpen && plan.Send.Action == core.SendToken {
		return ErrTooLate
	}
	if err := carryOut(ctx, s.placed.store, plan); err != nil {
		s.noteFailure(now, err)
		return err
	}
	s.noteDone(now, plan)
	s.session, s.whole = plan.Next, wholeUnknown
	s.version++
	if plan.Send.Action != core.SendNothing {
		s.send, s.sentAt = plan.Send, now
		if to == answerLate {
			return ErrTooLate
		}
	}
	return nil
}

// refused returns the error of a change that cannot be made.
func refused(session core.Session, v core.Verdict) error {
	switch {
	case v == core.Outage:
		return ErrUnavailable
	case v != core.Refuse:
		return nil
	case session.Refusal() == core.Ambiguous:
		return ErrAmbiguous
	}
	return ErrEnded
}

func (s *slot) noteDone(now int64, p core.Plan) {
	observer := &s.exchange.sessions.config.Observer
	switch p.Verdict {
	case core.Create:
		s.note(observer.Created, now, p.Next, nil)
	case core.Save:
		s.note(observer.Saved, now, p.Next, nil)
	case core.Rotate:
		s.note(observer.Rotated, now, p.Next, nil)
	case core.Clear:
		s.note(observer.Ended, now, s.session, nil)
	case core.Recreate:
		s.note(observer.Ended, now, s.session, nil)
		s.note(observer.Created, now, p.Next, nil)
	}
}

func (s *slot) noteFailure(now int64, err error) {
	observer := &s.exchange.sessions.config.Observer
	if errors.Is(err, ErrUnavailable) {
		s.outage = err
		s.note(observer.Unavailable, now, s.session, err)
		return
	}
	s.note(observer.Conflicted, now, s.session, err)
}

// tries paces the replays of one change.
type tries struct {
	until time.Time
	count int
}

func (s *Sessions) tries() tries { return tries{until: time.Now().Add(s.config.CommitLimit)} }

// again waits a little, longer each time and never the same, and reports whether there is time for another try.
func (t *tries) again(ctx context.Context) bool {
	wait := rand.N(time.Millisecond << min(t.count, 5))
	t.count++
	if time.Now().Add(wait).After(t.until) {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
