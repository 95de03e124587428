package satchel

import (
	"context"
	"errors"

	"github.com/satchel-go/satchel/core"
)

// Take returns the session's value and ends the session, for what is to be read once: a message for the next page, a one-time
// code. Of several exchanges that take a server-side session at the same time one gets it, because it ends at once;
// a client-side one ends with the exchange's commit, and whoever has another copy can take that. An anchored one ends at once too, and is
// in conflict if it was changed meanwhile: the newer value lies with the client.
func (k Kind[T]) Take(ctx context.Context) (T, bool, error) {
	var none T
	s, c, err := k.slot(ctx)
	if err != nil {
		return none, false, err
	}
	for t := s.exchange.sessions.tries(); ; {
		r, err := read(ctx, s, c)
		if err != nil || !r.ok {
			return none, false, err
		}
		switch err = s.take(ctx, r.version); {
		case err == nil:
			return r.value, true, nil
		case errors.Is(err, ErrEnded):
			return none, false, nil // somebody else has it
		case !errors.Is(err, errReplay):
			return none, false, err
		case !t.again(ctx):
			return none, false, ErrConflict
		}
	}
}

// take ends a session of a version: at once where a store holds it, else with the commit. It returns errReplay if the session is
// another by now.
func (s *slot) take(ctx context.Context, version int) error {
	s.mu.Lock()
	defer s.unlock(ctx)
	if s.exchange.closed.Load() {
		return ErrClosed
	}
	if s.version != version {
		return errReplay
	}
	before := s.session
	if before.Sets() || s.session.Key() == "" {
		return s.grant(ctx, (*core.Transcript).Cleared) // what this exchange itself has set, nobody else can take
	}
	s.script.Taken(&s.session)
	commit, now := s.exchange.sessions.beginCommit(ctx)
	defer commit.stop(context.Canceled)
	err := s.carry(commit, answerTo(ctx, s.exchange.committed.Load()), now)
	if err == nil || errors.Is(err, ErrTooLate) { // only the client's copy remains, which opens nothing
		return nil
	}
	s.script.Undone(&s.session, &before)
	// What an anchored session's newer token holds is in a client's hands, so there is nothing to take instead.
	if errors.Is(err, ErrConflict) && s.placed.place == core.ServerSide {
		s.stale = true
		return errReplay
	}
	return err
}
