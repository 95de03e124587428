package satchel

import (
	"context"
	"errors"
	"time"

	"github.com/satchel-go/satchel/core"
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
func (s *slot) note(tell func(context.Context, Event), now int64, session *core.Session, err error) {
	if tell == nil {
		return
	}
	s.notes = append(s.notes, note{tell, Event{
		Kind: s.placed.kind.Name(), At: time.UnixMilli(now), Handle: session.Handle(), Subject: session.Subject(),
		Reason: session.Refusal(), Err: err,
	}})
}

func (s *slot) noteRefusal(now int64) {
	observer := &s.exchange.sessions.config.Observer
	switch r := s.session.Refusal(); {
	case s.session.Standing() != core.Refused:
	case r == core.Expired || r == core.Idle:
		s.note(observer.Expired, now, &s.session, nil)
	case r == core.Reused:
		s.note(observer.Reused, now, &s.session, nil)
	default:
		s.note(observer.Refused, now, &s.session, nil)
	}
}

func (s *slot) noteDone(now int64, p *core.Plan) {
	observer := &s.exchange.sessions.config.Observer
	switch p.Verdict {
	case core.Create:
		s.note(observer.Created, now, &p.Next, nil)
	case core.Save:
		s.note(observer.Saved, now, &p.Next, nil)
	case core.Renew:
		before, _ := s.asFound(now).Payload()
		if after, _ := p.Next.Payload(); after != before {
			s.note(observer.Saved, now, &p.Next, nil)
		}
		s.note(observer.Renewed, now, &p.Next, nil)
	case core.Rotate:
		s.note(observer.Rotated, now, &p.Next, nil)
	case core.Clear:
		s.note(observer.Ended, now, s.asFound(now), nil)
	case core.Recreate:
		s.note(observer.Ended, now, s.asFound(now), nil)
		s.note(observer.Created, now, &p.Next, nil)
	}
}

// asFound returns the session as it was before the application wanted anything: what ended was its first subject's.
func (s *slot) asFound(now int64) *core.Session {
	kept, _ := s.session.Plan(core.Keep, now, nil) // its error is about what is wanted, and nothing of that is taken
	return &kept.Next
}

func (s *slot) noteFailure(now int64, err error) {
	observer := &s.exchange.sessions.config.Observer
	if errors.Is(err, ErrUnavailable) {
		s.outage = err
		s.note(observer.Unavailable, now, &s.session, err)
		return
	}
	s.note(observer.Conflicted, now, &s.session, err)
}
