package satchel

import (
	"context"
	"errors"
	"fmt"

	"github.com/satchel-go/satchel/codec"
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
		at, err := s.view(ctx)
		r.version = at.version
		if err != nil {
			return r, err
		}
		if at.unreadable && s.placed.undecodable == FailOnUndecodable {
			return r, ErrUndecodable
		}
		r.lost = at.lost
		if !at.ok {
			return r, nil
		}
		r.value, r.whole, err = codec.Read(c, at.payload)
		switch {
		case err == nil:
			r.ok = true
			if at.known == wholeUnknown {
				s.sawWhole(at.version, r.whole)
			}
			return r, nil
		case errors.Is(err, codec.ErrNewer):
			// A newer program wrote it. It is neither garbage nor ours to replace: reading gives none, writing is refused.
			if at.known == wholeUnknown {
				s.sawNewer(ctx, at.version)
			}
			if s.placed.undecodable == FailOnUndecodable {
				err = fmt.Errorf("%w: %w", ErrUndecodable, err)
			} else {
				err = nil
			}
			return r, err
		case at.sets:
			return r, fmt.Errorf("satchel: the %s codec cannot read what it wrote: %w", c.Name(), err)
		}
		s.sawUndecodable(ctx, at.version)
	}
}

// mayWrite returns an error if writing any value would lose what is kept: fields of a newer schema, or all of a session
// that cannot be read where its kind says that this is an error.
func mayWrite[T any](ctx context.Context, s *slot, c codec.Codec[T]) error {
	at, err := s.view(ctx)
	if err != nil {
		return err
	}
	if at.unreadable && s.placed.undecodable == FailOnUndecodable {
		return ErrUndecodable
	}
	if !at.ok || at.sets {
		return nil // what was found is not at hand any more, or never was
	}
	if _, sees := c.(codec.WholeDecoder[T]); sees && at.known == wholeUnknown {
		r, err := read(ctx, s, c)
		if err == nil && !r.whole {
			err = ErrNewerSchema
		}
		return err
	}
	if at.known == wholeNo {
		return ErrNewerSchema
	}
	return nil
}

// encode is Encode, with what would lose fields under the shell's own name for it.
func encode[T any](c codec.Codec[T], v T) (string, error) {
	payload, err := c.Encode(v)
	if errors.Is(err, codec.ErrIncomplete) {
		err = fmt.Errorf("%w: %w", ErrNewerSchema, err)
	}
	return payload, err
}
