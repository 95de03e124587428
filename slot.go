package satchel

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// slot is the session of one kind in one exchange, as it becomes known and changes.
type slot struct {
	exchange *Exchange
	placed   *placed

	mu      sync.Mutex
	begun   bool
	stale   bool  // a conflict has shown that the record is another one by now
	fresh   bool  // the record was loaded past any cache
	whole   whole // whether the payload at hand was decoded without loss
	session core.Session
	version int   // grows with each change, so that work done outside the lock can tell
	outage  error // sticky
	send    core.Send
	stamp   core.Send
	sentAt  int64 // when that was decided, in Unix milliseconds
	notes   []note
	script  *core.Transcript // nil where nobody wants it
	entropy [64]byte         // room for one plan's, drawn anew for each
	loading limited          // the context of the first load
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
	case s.exchange.closed.Load():
		return ErrClosed
	case !s.begun:
		at := sessions.config.Clock()
		now := at.UnixMilli()
		policy, err := s.placed.policy(ctx, now)
		if err != nil {
			s.note(sessions.config.Observer.KeysFailed, now, new(core.Session), err)
		}
		if sessions.config.RevealTranscripts != nil {
			s.script = new(core.Transcript)
		}
		s.loading = limited{parent: ctx, within: sessions.config.LoadLimit}
		if s.placed.keys == nil { // else reading the keyring may have taken a while
			s.loading.from(at, sessions)
		}
		s.script.Begin(&s.session, policy, now, s.tokens(ctx))
		s.load(&s.loading, now)
		s.begun = true // and not if a carrier or store has panicked, so that there is never a session of no policy
		s.noteRefusal(now)
	case s.stale:
		limit := time.Now().Add(sessions.config.LoadLimit)
		s.reload(&limited{parent: ctx, limit: limit})
	}
	return s.outage
}

// tokens returns what arrived for the kind, with the ID that was chosen for a new session of it.
func (s *slot) tokens(ctx context.Context) core.Tokens {
	t := s.exchange.carrier.Tokens(s.placed.transport)
	if s.placed.stamp.Kind != "" {
		t.Stamp = s.exchange.carrier.Tokens(s.placed.stamp).First
	}
	if s.placed.chosenIDs {
		if id, chosen := ctx.Value(newIDKey(s.placed.kind.Name())).(newID); chosen {
			t.NewID = id()
		}
	}
	return t
}

// load gets the questions of the session answered. The caller holds the lock.
func (s *slot) load(ctx *limited, now int64) {
	defer ctx.stop(context.Canceled)
	err := ask(ctx, s.placed, s.script, &s.session, now)
	s.whole, s.stale = wholeUnknown, false
	s.version++
	s.setAside(ctx, now)
	if s.session.Standing() == core.Unavailable {
		s.outage = unavailable(err)
		if ctx.parent.Err() == nil { // else it is the client that has gone, and not the store
			s.note(s.exchange.sessions.config.Observer.Unavailable, now, &s.session, err)
		}
	}
}

// reload loads the session anew, past any cache: after a conflict, or where a copy does not do. It is stale until that is done, so that after
// a store's panic it is asked for again and not taken for gone. The caller holds the lock.
func (s *slot) reload(ctx *limited) {
	s.script.Reloaded(&s.session)
	s.stale, s.fresh = true, true
	ctx.parent = store.Fresh(ctx.parent)
	s.load(ctx, s.exchange.sessions.now())
}

// look returns a copy of the session as it is now.
func (s *slot) look(ctx context.Context) (core.Session, error) {
	s.mu.Lock()
	defer s.unlock(ctx)
	err := s.begin(ctx)
	return s.session, err
}

// view is what a reading of the value, or a change of it, needs of the session as it is now.
type view struct {
	payload    string
	ok         bool // there is a payload
	sets       bool // it is this exchange's own
	lost       bool // the session was live in this exchange, and has ended elsewhere
	unreadable bool // there is a session that this program cannot read, with nothing wanted in its place
	version    int
	known      whole
}

// view returns what is needed of the session. It is look without a copy of it all.
func (s *slot) view(ctx context.Context) (v view, err error) {
	s.mu.Lock()
	defer s.unlock(ctx)
	err = s.begin(ctx)
	session := &s.session
	v.payload, v.ok = session.Payload()
	v.sets = session.Sets()
	v.lost = session.Standing() == core.Lost && !session.Changed()
	v.unreadable = session.Standing() == core.Refused && session.Refusal() == core.Undecodable && !v.sets && !session.Clears()
	v.version, v.known = s.version, s.whole
	return v, err
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
		undecodable := s.session.Undecodable()
		s.note(s.exchange.sessions.config.Observer.Refused, s.exchange.sessions.now(), &undecodable, nil)
	}
}

// sawUndecodable remembers that the payload of a version cannot be read by this program.
func (s *slot) sawUndecodable(ctx context.Context, version int) {
	s.mu.Lock()
	defer s.unlock(ctx)
	if s.version == version {
		now := s.exchange.sessions.now()
		s.script.Undecodable(&s.session)
		s.version++
		s.noteRefusal(now)
		s.setAside(ctx, now)
	}
}

// setAside keeps the record of a session that cannot be read, where the kind wants that. It holds nobody up: what fails is
// told to the observer.
func (s *slot) setAside(ctx context.Context, now int64) {
	if s.placed.undecodable != SetAside {
		return
	}
	plan := s.session.Aside(now + aside.Milliseconds())
	if plan.Touch.Key == "" {
		return
	}
	commit := s.exchange.sessions.commitContext(ctx)
	defer commit.stop(context.Canceled)
	if err := carryOut(commit, s.placed.store, &plan, nil, nil); err != nil {
		s.note(s.exchange.sessions.config.Observer.Unavailable, now, &s.session, err)
	}
}

// aside is how long a record that was set aside is kept.
const aside = 30 * 24 * time.Hour

// want makes a wish of the application's the session's, for the commit. After the commit it is carried out at once.
func (s *slot) want(ctx context.Context, w wish) error {
	s.mu.Lock()
	defer s.unlock(ctx)
	if err := s.begin(ctx); err != nil {
		return err
	}
	return s.grant(ctx, w)
}

// wantOf is want for a wish that was made of a version, or errReplay if the session is another by now.
func (s *slot) wantOf(ctx context.Context, w wish, version int) error {
	s.mu.Lock()
	defer s.unlock(ctx)
	if err := s.begin(ctx); err != nil {
		return err
	}
	if s.version != version {
		return errReplay
	}
	return s.grant(ctx, w)
}

// wish is what an application wants of a session, in the words of a transcript.
type wish func(*core.Transcript, *core.Session)

// grant is want under the lock, with the session loaded.
func (s *slot) grant(ctx context.Context, w wish) error {
	before := s.session
	w(s.script, &s.session)
	err := s.session.Fits()
	if err == nil {
		err = refused(&s.session, s.session.Decide(s.exchange.sessions.now()))
	}
	if err != nil {
		s.script.Undone(&s.session, &before)
		return err
	}
	s.version++
	if !s.exchange.committed.Load() {
		return nil
	}
	err = s.settle(ctx, answerLate)
	if err != nil && s.outage == nil && s.session.Changed() {
		s.script.Undone(&s.session, &before)
		s.stale = errors.Is(err, ErrConflict)
	}
	return err
}

// replace puts a payload made from a version in its place: at once where a store holds the session, else with the commit.
// It returns errReplay if the payload is to be made again.
func (s *slot) replace(ctx context.Context, payload string, version int) error {
	s.mu.Lock()
	defer s.unlock(ctx)
	if s.exchange.closed.Load() {
		return ErrClosed
	}
	if s.version != version {
		return errReplay
	}
	before := s.session
	if s.placed.place == core.ClientSide {
		return s.grant(ctx, with(payload))
	}
	s.script.With(&s.session, payload)
	err := s.session.Fits()
	if err == nil {
		commit, now := s.exchange.sessions.beginCommit(ctx)
		defer commit.stop(context.Canceled)
		err = s.carry(commit, answerTo(ctx, s.exchange.committed.Load()), now)
	}
	if err == nil {
		return nil
	}
	s.script.Undone(&s.session, &before)
	// If it is overtaken, what was set before this update was made from what another one has changed meanwhile.
	if errors.Is(err, ErrConflict) && !before.Overtaken() {
		s.stale = true
		return errReplay
	}
	return err
}

func with(payload string) wish {
	return func(t *core.Transcript, s *core.Session) { t.With(s, payload) }
}

// errReplay: the session has changed since the payload was made.
var errReplay = errors.New("satchel: replay")
