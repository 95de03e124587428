package satchel

import (
	"context"
	"errors"
	"fmt"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Kind is one declared sort of session: a name and a Go type. It is an immutable value, most often a package's variable.
// Its methods work on the exchange that their context belongs to.
type Kind[T any] struct {
	name  string
	codec codec.Codec[T]
}

// NewKind declares a kind whose values are kept as CBOR. The name, 1 to 64 characters that a cookie's name may have, is
// bound into every token and store key: a kind that is renamed loses its sessions.
func NewKind[T any](name string) Kind[T] { return Kind[T]{name: name, codec: codec.CBOR[T]()} }

// WithCodec returns the kind with its values kept by another codec.
func (k Kind[T]) WithCodec(c codec.Codec[T]) Kind[T] {
	k.codec = c
	return k
}

// Name returns the kind's name.
func (k Kind[T]) Name() string { return k.name }

// ServerSide places the kind in a store, with only an ID travelling.
func (k Kind[T]) ServerSide(s store.Store) Placement {
	return Placement{kind: k, place: core.ServerSide, store: s}
}

// ClientSide places the kind in the client, sealed. A session cannot know of a parallel change: of two requests that
// change it at once, the one whose answer arrives last wins.
func (k Kind[T]) ClientSide(keys Keys, r Revocations) Placement {
	return Placement{kind: k, place: core.ClientSide, keys: keys, revocations: r}
}

// slot returns the kind's slot in the exchange that ctx belongs to, and the codec that the kind was placed with.
func (k Kind[T]) slot(ctx context.Context) (*slot, codec.Codec[T], error) {
	ex, index, err := find(ctx, k.name)
	if err != nil {
		return nil, nil, err
	}
	c := k.codec
	if placed, same := ex.sessions.placed[index].kind.(Kind[T]); same {
		c = placed.codec
	} else if named, byName := any(c).(anyCodec); !byName || named.valueType() != ex.sessions.placed[index].kind.valueType() {
		return nil, nil, fmt.Errorf("%w: %q holds %s", ErrUnplaced, k.name, ex.sessions.placed[index].kind.valueType())
	}
	s, err := ex.slot(index)
	return s, c, err
}

// Get returns the session's value as the exchange sees it, and whether there is one. An error is an outage or a mistake,
// never the visitor's: no session, a forged token and an expired one are all false without an error.
func (k Kind[T]) Get(ctx context.Context) (T, bool, error) {
	s, c, err := k.slot(ctx)
	if err != nil {
		var none T
		return none, false, err
	}
	r, err := read(ctx, s, c)
	return r.value, r.ok, err
}

// Set makes v the session's value. It leaves with the exchange's commit, on the condition that nobody changed the session
// since this exchange read it, else the commit is ErrConflict; Update replays instead, and Overwrite does not care. An
// error here means that the commit would fail.
//
// A v that was not made from what Get returned has nothing of its codec.Unknown fields, and so drops them. What this exchange
// itself has changed since its Get is nobody's concern but the program's.
func (k Kind[T]) Set(ctx context.Context, v T) error {
	s, c, err := k.slot(ctx)
	if err != nil {
		return err
	}
	if err := mayWrite(ctx, s, c); err != nil {
		return err
	}
	payload, err := encode(c, v)
	if err != nil {
		return err
	}
	return s.want(ctx, with(payload))
}

// Overwrite makes v the session's value whatever others made of it meanwhile: the last writer wins. It is Update with a
// function that does not look. A session that has ended meanwhile does not come back, which is ErrEnded.
func (k Kind[T]) Overwrite(ctx context.Context, v T) error {
	_, err := k.Update(ctx, func(T) T { return v })
	return err
}

// GetOrSet returns the session's value, or makes the one that f returns its value, as by Set. Goroutines of one exchange get
// one value, of whichever comes first.
func (k Kind[T]) GetOrSet(ctx context.Context, f func() T) (T, error) {
	s, c, err := k.slot(ctx)
	if err != nil {
		var none T
		return none, err
	}
	for {
		r, err := read(ctx, s, c)
		if err != nil || r.ok {
			return r.value, err
		}
		if !r.whole {
			return r.value, ErrNewerSchema
		}
		v := f()
		payload, err := encode(c, v)
		if err != nil {
			return r.value, err
		}
		if err = s.wantOf(ctx, with(payload), r.version); !errors.Is(err, errReplay) {
			return v, err
		}
	}
}

// Update makes f of the session's value its value, and returns what that is. f is handed the zero value where there is no
// session, and a value of its own each time.
//
// A server-side session is committed at once, and after a conflict loaded anew and f called again, until the CommitLimit
// is over (ErrConflict): no change of another exchange is lost. f must therefore do nothing but compute. What Set has
// left for the commit goes along, under the condition that Set makes.
//
// A client-side session is changed as by Set.
func (k Kind[T]) Update(ctx context.Context, f func(T) T) (T, error) {
	var none T
	s, c, err := k.slot(ctx)
	if err != nil {
		return none, err
	}
	for t := s.exchange.sessions.tries(); ; {
		r, err := read(ctx, s, c)
		if err != nil {
			return none, err
		}
		if !r.whole {
			return none, ErrNewerSchema
		}
		if r.lost {
			return none, ErrEnded
		}
		v := f(r.value)
		payload, err := encode(c, v)
		if err != nil {
			return none, err
		}
		err = s.replace(ctx, payload, r.version)
		if err == nil {
			return v, nil
		}
		if !errors.Is(err, errReplay) {
			return none, err
		}
		if !t.again(ctx) {
			return none, ErrConflict
		}
	}
}

// Rotate gives the session another token with the exchange's commit, as is due when privileges change. The old token of a
// server-side session is dead before the new one leaves; that of a client-side one opens until its life is over. Without
// a session it does nothing.
func (k Kind[T]) Rotate(ctx context.Context) error {
	s, _, err := k.slot(ctx)
	if err != nil {
		return err
	}
	return s.want(ctx, (*core.Transcript).Rotated)
}

// Clear ends the session with the exchange's commit: first on the server, with every token that it ever had, then the client's
// copy. Of a client-side session only that is cleared; whoever has another copy can use it until its life is over.
func (k Kind[T]) Clear(ctx context.Context) error {
	s, _, err := k.slot(ctx)
	if err != nil {
		return err
	}
	return s.want(ctx, (*core.Transcript).Cleared)
}
