package satchel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// ask gets the questions of a session answered. An outage leaves it Unavailable.
func ask(ctx context.Context, p *placed, script *core.Transcript, s *core.Session, now int64) (outage error) {
	for q, open := s.Next(); open; q, open = s.Next() {
		if q.Ask == core.AskEnded {
			a, _, err := p.ends.ended(ctx, s.Policy(), now, q)
			if err != nil {
				outage = err
			}
			script.Answer(s, now, a)
			continue
		}
		record, err := p.store.Load(ctx, q.Key)
		a := core.Answer{Status: core.Found, Record: record}
		switch {
		case errors.Is(err, store.ErrNotFound):
			a = core.Answer{Status: core.Missing}
		case errors.Is(err, store.ErrGarbled):
			a.Status = core.Garbled
		case err != nil:
			a, outage = core.Answer{Status: core.Unasked}, err
		}
		script.Answer(s, now, a)
	}
	return outage
}

// plan plans what is to become of the session. It draws what entropy core asks for, afresh each time: a nonce is never used for a
// second plan.
func (s *slot) plan(p *core.Plan, v core.Verdict, now int64) error {
	var entropy []byte
	if n := s.session.Entropy(v); n > 0 {
		if entropy = s.entropy[:]; n > len(entropy) {
			entropy = make([]byte, n)
		}
		entropy = entropy[:n]
		if _, err := io.ReadFull(s.exchange.sessions.config.Entropy, entropy); err != nil {
			return fmt.Errorf("satchel: no entropy: %w", err)
		}
	}
	return s.script.Plan(p, &s.session, v, now, entropy)
}

// carryOut does what a plan says, in the one order that there is. It is the only code that does. An error is ErrConflict,
// ErrEnded, ErrTooMany or ErrUnavailable, and then nothing may be sent.
func carryOut(
	ctx context.Context, st store.Store, p *core.Plan,
	rosters func(key core.Key, subject string) *roster, revoke func(context.Context, core.Ending) error,
) error {
	if p.Create.Key != "" {
		if err := st.Create(ctx, p.Create.Key, p.Create.Record); err != nil {
			return unavailable(err)
		}
	}
	var enrolled func(context.Context) // takes it back
	if p.Enrol.Key != "" {
		var err error
		if enrolled, err = rosters(p.Enrol.Key, p.Enrol.Subject).enrol(ctx, p.Enrol); err != nil {
			undo(ctx, st, p)
			return err
		}
	}
	err := carryOn(ctx, st, p, rosters, revoke)
	// After an outage it may yet take effect; what a full store has refused will not.
	if err != nil && enrolled != nil && (!errors.Is(err, ErrUnavailable) || errors.Is(err, store.ErrFull)) {
		ctx, cancel := aftermath(ctx)
		defer cancel()
		enrolled(ctx)
	}
	return err
}

// carryOn does what comes after the session that is to come is there and listed.
func carryOn(
	ctx context.Context, st store.Store, p *core.Plan,
	rosters func(key core.Key, subject string) *roster, revoke func(context.Context, core.Ending) error,
) error {
	if p.Replace.Key != "" {
		if err := replace(ctx, st, p); err != nil {
			return err
		}
	}
	if p.Touch.Key != "" {
		err := st.Touch(ctx, p.Touch.Key, p.Touch.At, p.Touch.Seen, p.Touch.Deadline)
		// Who changed the record meanwhile has moved its times as well; who ended it need not be hindered; and a store that
		// is full must not fail whoever only reads.
		if err != nil && !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrFull) &&
			!errors.Is(err, store.ErrGarbled) {
			return unavailable(err)
		}
	}
	if p.End.Key != "" {
		if err := end(ctx, st, p.End); err != nil {
			undo(ctx, st, p)
			return err
		}
	}
	if p.Revoke != (core.Ending{}) {
		if err := revoke(ctx, p.Revoke); err != nil {
			return err
		}
	}
	if p.Leave.Key != "" {
		_ = rosters(p.Leave.Key, "").leave(ctx, p.Leave.Family)
	}
	return nil
}

// replace saves, or claims what is rotated. Who loses deletes what it created.
func replace(ctx context.Context, st store.Store, p *core.Plan) error {
	err := st.Replace(ctx, p.Replace.Key, p.Replace.At, p.Replace.Record)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrConflict):
		undo(ctx, st, p)
		return fmt.Errorf("%w: %w", ErrConflict, err)
	case errors.Is(err, store.ErrNotFound):
		undo(ctx, st, p)
		return fmt.Errorf("%w: %w", ErrEnded, err)
	case p.Create.Key != "" && claimed(ctx, st, p):
		return nil
	case errors.Is(err, store.ErrFull): // no outage: it was refused, and will not arrive
		undo(ctx, st, p)
	}
	// The claim may still arrive, so what it names stays until its deadline, with a token that nobody was sent.
	return unavailable(err)
}

// claimed reports whether a claim took effect whose answer was lost. Its tombstone names a key that is drawn at random,
// so no other writer can have left it; a save has no such mark, and is never taken for done.
func claimed(ctx context.Context, st store.Store, p *core.Plan) bool {
	ctx, cancel := aftermath(ctx)
	defer cancel()
	until, _ := ctx.Deadline()
	for t := (tries{until: until}); ; {
		kept, err := st.Load(ctx, p.Replace.Key)
		if err == nil || errors.Is(err, store.ErrNotFound) || !t.again(ctx) {
			return err == nil && kept.Revision == p.Replace.Record.Revision && kept.Body == p.Replace.Record.Body
		}
	}
}

// undo deletes what the plan created. Nobody holds its token, so what cannot be deleted now ends with its deadline.
func undo(ctx context.Context, st store.Store, p *core.Plan) {
	if p.Create.Key != "" {
		ctx, cancel := aftermath(ctx)
		defer cancel()
		_ = st.Delete(ctx, p.Create.Key, p.Create.Record.Revision)
	}
}

// aftermath returns a context for what a failed step leaves to be done: a step fails most often because its time is over.
func aftermath(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), time.Second)
}

// maxHops bounds how far a logout follows tombstones: one for each rotation since its token was sent.
const maxHops = 10_000

// end deletes a session, wherever rotations have taken it. A session that is gone already has ended.
func end(ctx context.Context, st store.Store, e core.End) error {
	key, at := e.Key, e.At
	if e.Exact {
		switch err := st.Delete(ctx, key, at); {
		case err == nil:
			return nil
		case errors.Is(err, store.ErrNotFound):
			return fmt.Errorf("%w: %w", ErrEnded, err)
		case errors.Is(err, store.ErrConflict):
			return fmt.Errorf("%w: %w", ErrConflict, err)
		default:
			return unavailable(err)
		}
	}
	for range maxHops {
		err := st.Delete(ctx, key, at)
		if err == nil || errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if !errors.Is(err, store.ErrConflict) {
			return unavailable(err)
		}
		record, err := st.Load(ctx, key)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil && (!errors.Is(err, store.ErrGarbled) || record.Revision == 0) {
			return unavailable(err)
		}
		if successor, dead := core.Successor(record); dead {
			key, at = successor, 0
		} else {
			at = record.Revision
		}
	}
	return unavailable(errors.New("satchel: too many rotations to follow"))
}

func unavailable(err error) error { return fmt.Errorf("%w: %w", ErrUnavailable, err) }
