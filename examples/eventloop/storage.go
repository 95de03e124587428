package main

import (
	"context"
	"errors"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// storage does what waits, beside the loop, and posts a step with what came of it.
type storage struct {
	ctx   context.Context
	store store.Store
	loop  *loop
}

func newStorage(ctx context.Context, s store.Store, l *loop) *storage {
	return &storage{ctx: ctx, store: s, loop: l}
}

// patience is for how long a store is waited for.
const patience = 2 * time.Second

// beside runs work beside the loop, and then a step with its result.
func beside[T any](s *storage, work func(context.Context) T, then func(T)) {
	s.loop.begin()
	go func() {
		ctx, cancel := context.WithTimeout(s.ctx, patience)
		defer cancel()
		result := work(ctx)
		s.loop.post(func() {
			then(result)
			s.loop.end()
		})
	}()
}

// load answers a question.
func (s *storage) load(key core.Key, then func(core.Answer)) {
	beside(s, func(ctx context.Context) core.Answer {
		record, err := s.store.Load(ctx, key)
		switch {
		case err == nil:
			return core.Answer{Status: core.Found, Record: record}
		case errors.Is(err, store.ErrNotFound):
			return core.Answer{Status: core.Missing}
		case errors.Is(err, store.ErrGarbled):
			return core.Answer{Status: core.Garbled, Record: record}
		}
		return core.Answer{Status: core.Unasked} // an outage is no answer about the session
	}, then)
}

// carryOut does what a plan says. Only if that succeeded may the client be told what the plan sends.
func (s *storage) carryOut(p core.Plan, then func(error)) {
	if p.Create.Key == "" && p.Replace.Key == "" && p.Touch.Key == "" && p.End.Key == "" {
		then(nil) // there is nothing to wait for
		return
	}
	beside(s, func(ctx context.Context) error { return carryOut(ctx, s.store, p) }, then)
}

// carryOut takes the steps of a plan in the one order that there is: create, replace, touch, end.
func carryOut(ctx context.Context, st store.Store, p core.Plan) error {
	if p.Create.Key != "" {
		if err := st.Create(ctx, p.Create.Key, p.Create.Record); err != nil {
			return err
		}
	}
	if p.Replace.Key != "" {
		err := st.Replace(ctx, p.Replace.Key, p.Replace.At, p.Replace.Record)
		if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrConflict) {
			undo(ctx, st, p) // who loses the race for an old record leaves no new one behind
		}
		if errors.Is(err, store.ErrNotFound) {
			return errEnded // deletion wins: what is gone does not come back
		}
		if err != nil {
			return err
		}
	}
	if p.Touch.Key != "" {
		// It only notes that the session was used. Whoever reads need not fail because of that.
		_ = st.Touch(ctx, p.Touch.Key, p.Touch.At, p.Touch.Seen, p.Touch.Deadline)
	}
	if p.End.Key != "" {
		if err := end(ctx, st, p.End); err != nil {
			undo(ctx, st, p)
			return err
		}
	}
	return nil
}

func undo(ctx context.Context, st store.Store, p core.Plan) {
	if p.Create.Key != "" {
		_ = st.Delete(ctx, p.Create.Key, p.Create.Record.Revision)
	}
}

// end deletes a session wherever it has gone: under another revision, or under the successor that a tombstone names. An end that is
// exact is of the revision that was read and no other: of several who take a session one has it.
func end(ctx context.Context, st store.Store, e core.End) error {
	key, at := e.Key, e.At
	for {
		err := st.Delete(ctx, key, at)
		if e.Exact && errors.Is(err, store.ErrNotFound) {
			return errEnded // somebody else has it
		}
		if err == nil || errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if e.Exact || !errors.Is(err, store.ErrConflict) {
			return err
		}
		record, err := st.Load(ctx, key)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil && record.Revision == 0 {
			return err
		}
		if successor, dead := core.Successor(record); dead {
			key, at = successor, 0
		} else {
			at = record.Revision
		}
	}
}
