package satchel

import (
	"context"
	"fmt"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
)

// reading is a session's value with what a change of it must know.
type reading[T any] struct {
	value   T
	ok      bool
	version int
	whole   bool // writing the value loses no field of what is kept
	lost    bool // the session was live in this exchange, and has ended elsewhere
}

// read decodes the session as it is now, anew each time: no two readings share memory.
func read[T any](ctx context.Context, s *slot, c codec.Codec[T]) (reading[T], error) {
	for {
		r := reading[T]{whole: true}
		session, version, known, err := s.look(ctx)
		r.version = version
		if err != nil {
			return r, err
		}
		if unreadable(session) && s.placed.undecodable == FailOnUndecodable {
			return r, ErrUndecodable
		}
		r.lost = session.Standing() == core.Lost && !session.Changed()
		payload, ok := session.Payload()
		if !ok {
			return r, nil
		}
		r.value, r.whole, err = codec.Read(c, payload)
		switch {
		case err == nil:
			r.ok = true
			if known == wholeUnknown {
				s.sawWhole(version, r.whole)
			}
			return r, nil
		case set(session):
			return r, fmt.Errorf("satchel: the %s codec cannot read what it wrote: %w", c.Name(), err)
		}
		s.sawUndecodable(ctx, version)
	}
}

// set reports whether the payload at hand is one that this exchange has set, and not the one that was found. A rotation
// alone is a change and leaves the found one.
func set(session core.Session) bool {
	payload, ok := session.Payload()
	return ok && session == session.With(payload)
}

// unreadable reports whether there is a session that this program cannot read, and nothing wanted in its place.
func unreadable(session core.Session) bool {
	return session.Standing() == core.Refused && session.Refusal() == core.Undecodable &&
		!set(session) && session != session.Cleared()
}

// mayWrite returns an error if writing any value would lose what is kept: fields of a newer schema, or all of a session
// that cannot be read where its kind says that this is an error.
func mayWrite[T any](ctx context.Context, s *slot, c codec.Codec[T]) error {
	session, _, known, err := s.look(ctx)
	if err != nil {
		return err
	}
	if unreadable(session) && s.placed.undecodable == FailOnUndecodable {
		return ErrUndecodable
	}
	if _, kept := session.Payload(); !kept || set(session) {
		return nil // what was found is not at hand any more, or never was
	}
	if _, sees := c.(codec.WholeDecoder[T]); sees && known == wholeUnknown {
		r, err := read(ctx, s, c)
		if err == nil && !r.whole {
			err = ErrNewerSchema
		}
		return err
	}
	if known == wholeNo {
		return ErrNewerSchema
	}
	return nil
}
