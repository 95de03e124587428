package satchel

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Revocations say how a client-side session, which no store holds, is ended before its time. It is one of [Unrevocable],
// [Revocable] and [Anchored].
type Revocations struct {
	unrevocable bool
	store       store.Store
	log         LogOptions
	anchored    bool
	window      time.Duration
}

// Unrevocable says that nothing can: a copy of a token opens until its absolute life is over, whatever was cleared or
// rotated meanwhile.
var Unrevocable = Revocations{unrevocable: true}

// Revocable keeps a log of what ended in a store: of families, of all sessions of a subject, of everyone's. A logout is written to it
// before it returns, and each node has a copy of it that is at most LogOptions.Lag old: so late a session that ended elsewhere may
// still be served, and no later. Reading a session costs no call of the store, but one for each node in half of the Lag, and
// after an EndEveryone a write in half of the longest life, which keeps the log for a store that seals. The log
// remembers an ending for as long as any token of the session could live, and never evicts.
func Revocable(s store.Store, o LogOptions) Revocations { return Revocations{store: s, log: o} }

// LogOptions refine a Revocable log.
//
// The log remembers an ending for the longest life that a session could have, by Options.Absolute and Options.Longest, when it ended,
// and a day. Who lengthens either afterwards calls [Sessions.EndEveryone] once all nodes have the longer one: else sessions that
// ended under the shorter could be good again, for the log has forgotten them.
type LogOptions struct {
	// Lag is how old a node's copy of the log may be, 0 for one second. It is Δ of the design: an ended session is dead
	// everywhere so much later.
	Lag time.Duration
	// ServeOnOutage serves sessions by an older copy while the log cannot be read, and so perhaps ones that have ended. Without
	// it they are unavailable then.
	ServeOnOutage bool
}

// Anchored keeps a record of each session in a store, with everything but the value: so a client-side session ends at once, a
// change is in conflict with a parallel one, and an older state of it is refused: at once after a rotation, and
// window after each other change, for requests that were on their way (0 to 10 minutes). It costs what a server-side
// session does, and the value still lives in the client: one whose answer is lost on its way keeps an older token, which is
// dead after the window.
func Anchored(s store.Store, window time.Duration) Revocations {
	return Revocations{store: s, anchored: true, window: window}
}

// check returns what is wrong with the revocations of a client-side kind.
func (r Revocations) check() []error {
	var errs []error
	if r.unrevocable {
		return nil
	}
	if v := reflect.ValueOf(r.store); r.store == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		return []error{errors.New("no revocations; Unrevocable accepts what follows from that")}
	}
	if !r.store.Guarantees().CompareAndSwap {
		errs = append(errs, errors.New("revocations: the store has no compare-and-swap"))
	}
	if r.log.Lag < 0 || r.log.Lag > 0 && r.log.Lag < 10*time.Millisecond {
		errs = append(errs, fmt.Errorf("revocations: a Lag of %v, less than 10 ms", r.log.Lag))
	}
	return errs
}

// logs reports whether what ends is logged.
func (r Revocations) logs() bool { return r.store != nil && !r.anchored }

// endings returns the log, or nil.
func (r Revocations) endings() *endings {
	if !r.logs() {
		return nil
	}
	lag := r.log.Lag
	if lag == 0 {
		lag = time.Second
	}
	return newEndings(r.store, lag, r.log.ServeOnOutage)
}

// EndEveryone ends all sessions of a kind: everybody's, with a subject or without. The kind is Revocable, or
// server-side with Options.Revocations, else it is ErrUnrevocable: of anchors whoever empties their store ends everyone's. They are dead on each
// node within the log's Lag. Whoever signs in afterwards has a session, on whatever node. One that begins without a sign-in, on a node that
// has not yet heard of it, ends with the others.
func (s *Sessions) EndEveryone(ctx context.Context, kind string) error {
	index, ok := s.byName[kind]
	if !ok {
		return fmt.Errorf("%w: %q", ErrUnplaced, kind)
	}
	p := s.placed[index]
	if p.ends == nil {
		return ErrUnrevocable
	}
	limited := s.commitContext(ctx)
	defer limited.stop(context.Canceled)
	err := p.ends.write(limited, p.current.Load().policy, s.now, s.tries(), func(log core.Log) (core.Log, error) {
		log.Everyone++
		return log, nil
	})
	if err == nil {
		s.watches.poke("")
	}
	return err
}

// revoke logs what a plan ends. A session that has ended already, by the log as it is when this is written, does not go on under another
// token: endedSince says so of the one that is rotated, as it was found. It is nil where nothing is.
func (p *placed) revoke(ctx context.Context, policy *core.Policy, clock func() int64, t tries, e core.Ending, endedSince func() bool) error {
	if e.Family != (core.Family{}) && e.Below == core.WholeFamily && p.ends.over(e) {
		return nil // it is logged, and a visitor who logs out again and again is not to fill the log
	}
	return p.ends.write(ctx, policy, clock, t, func(log core.Log) (core.Log, error) {
		if e.Subject == "" && e.Below != core.WholeFamily && endedSince() {
			return log, ErrEnded
		}
		log.Endings = append(log.Endings, e)
		return log, nil
	})
}
