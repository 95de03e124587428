package satchel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// roster works on the subject record of one subject: an ordinary record, changed by compare-and-swap.
type roster struct {
	placed  *placed
	policy  *core.Policy
	key     core.Key
	subject string
	clock   func() int64
	tries   tries
	told    func(core.Member) // whom making room has ended; may be nil
}

func (r *roster) load(ctx context.Context) (core.Roster, uint64, error) {
	record, err := r.placed.store.Load(store.Fresh(ctx), r.key)
	if errors.Is(err, store.ErrNotFound) {
		return core.Roster{}, 0, nil
	}
	if err != nil {
		return core.Roster{}, 0, unavailable(err)
	}
	kept, ok := core.ParseRoster(record.Body)
	if !ok {
		return core.Roster{}, 0, fmt.Errorf("%w: a subject record", ErrUndecodable)
	}
	return kept, record.Revision, nil
}

// change makes f of the roster the roster, again and again until nobody else changed it meanwhile. What f returns with errKept
// is not written.
func (r *roster) change(ctx context.Context, f func(core.Roster) (core.Roster, error)) error {
	for {
		before, at, err := r.load(ctx)
		if err != nil {
			return err
		}
		after, err := f(before)
		if errors.Is(err, errKept) {
			return nil
		}
		if err != nil {
			return err
		}
		record := after.Record(at+1, r.clock())
		if at == 0 {
			err = r.placed.store.Create(ctx, r.key, record)
		} else {
			err = r.placed.store.Replace(ctx, r.key, at, record)
		}
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrExists) && !errors.Is(err, store.ErrNotFound):
			return unavailable(err)
		case !r.tries.again(ctx):
			return fmt.Errorf("%w: a subject record", ErrConflict)
		}
	}
}

// errKept: the roster is to stay as it is.
var errKept = errors.New("satchel: kept")

// enrol puts a session on the roster, and returns what takes that back, for a sign-in that fails then. What was on the roster
// before comes back, and whom another sign-in has put there since stays.
func (r *roster) enrol(ctx context.Context, e core.Enrol) (back func(context.Context), err error) {
	var (
		before    core.Member
		displaced bool
		joined    core.Member
	)
	err = r.change(ctx, func(kept core.Roster) (core.Roster, error) {
		if kept.Epoch != e.Epoch {
			return kept, ErrEnded
		}
		kept = kept.Swept(r.clock())
		joined = e.Member
		if before, displaced = kept.Find(joined.Family.Handle()); displaced && before == joined {
			joined.Since++ // so that two sign-ins of one moment are told apart
		}
		kept, _ = kept.Left(joined.Family)
		room := e
		if _, ends := kept.Find(e.Instead.Handle()); ends {
			room.Most++
		}
		if len(kept.Members) >= room.Most {
			var err error
			if kept, err = r.makeRoom(ctx, kept, room); err != nil {
				return kept, err
			}
		}
		return kept.Joined(joined), nil
	})
	return func(ctx context.Context) {
		_ = r.change(ctx, func(kept core.Roster) (core.Roster, error) {
			switch now, there := kept.Find(joined.Family.Handle()); {
			case !there || now != joined:
				return kept, errKept
			case displaced:
				kept = kept.Joined(before)
				slices.SortStableFunc(kept.Members, func(a, b core.Member) int { return cmp.Compare(a.Since, b.Since) })
				return kept, nil
			}
			kept, _ = kept.Left(joined.Family)
			return kept, nil
		})
	}, err
}

// leave takes a session off the roster. What ended is listed no more even where this fails, only later.
func (r *roster) leave(ctx context.Context, f core.Family) error {
	return r.change(ctx, func(kept core.Roster) (core.Roster, error) {
		kept, there := kept.Left(f)
		if !there {
			return kept, errKept
		}
		return kept, nil
	})
}

// member is where a session of the roster is by now.
type member struct {
	core.Member

	record core.Record
	facts  core.Facts
}

// memberIs is what a session of the roster is by now.
type memberIs uint8

const (
	memberGone    memberIs = iota // it is nowhere, or another subject's
	memberOver                    // by this node's clock and configuration, and perhaps by no other's
	memberDamaged                 // its record cannot be read, and not even its revision; a newer program may
	memberLive
)

// find follows a member to its record, and says whether the subject has that session still.
func (r *roster) find(ctx context.Context, m core.Member) (found member, is memberIs, err error) {
	found = member{Member: m}
	if ends := r.placed.ends; ends != nil && r.placed.place == core.ClientSide {
		log, _, err := ends.read(ctx, r.policy, r.clock())
		if err != nil {
			return found, memberGone, unavailable(err)
		}
		found.facts = core.Facts{Family: m.Family, Subject: r.subject, Authenticated: m.Since, Until: m.Until}
		switch now := r.clock(); {
		case m.Over(now), ends.over(core.Ending{Family: m.Family, Subject: r.key, Below: core.WholeFamily}):
			return found, memberGone, nil
		case now >= m.Until, m.Everyone < log.Everyone:
			return found, memberOver, nil
		}
		return found, memberLive, nil
	}
	for range maxHops {
		found.record, err = r.placed.store.Load(store.Fresh(ctx), found.Key)
		if errors.Is(err, store.ErrNotFound) {
			return found, memberGone, nil
		}
		if errors.Is(err, store.ErrGarbled) && found.record.Revision == 0 {
			return found, memberDamaged, nil
		}
		if errors.Is(err, store.ErrGarbled) {
			return found, memberLive, nil // a newer program may read it
		}
		if err != nil {
			return found, memberGone, unavailable(err)
		}
		var refusal core.Refusal
		found.facts, refusal = r.policy.Facts(r.clock(), found.record)
		if found.facts.Successor != "" {
			found.Key = found.facts.Successor
			continue
		}
		switch {
		case refusal == core.Undecodable:
			return found, memberLive, nil
		case found.facts.Subject != r.subject:
			return found, memberGone, nil
		case refusal != core.NotRefused || r.withEveryone(ctx, found.facts.Everyone):
			return found, memberOver, nil
		}
		return found, memberLive, nil
	}
	return found, memberGone, unavailable(errors.New("satchel: too many rotations to follow"))
}

// withEveryone reports whether a session of a store ended with everyone's, as far as this node's copy of the log knows. Where that cannot be
// read the session counts as live: it is listed, and ends with its subject's.
func (r *roster) withEveryone(ctx context.Context, began int64) bool {
	if r.placed.ends == nil {
		return false
	}
	everyone, err := r.placed.ends.epoch(ctx, r.policy, r.clock())
	return err == nil && began < everyone
}

// end ends a session of the roster, wherever rotations have taken it, if the subject has it still. It reports whether that
// was so. One that is only over for this node is ended like another: for the next it may be live.
func (r *roster) end(ctx context.Context, m core.Member) (bool, error) {
	for {
		found, is, err := r.find(ctx, m)
		if err != nil || is == memberGone {
			return false, err
		}
		if r.placed.place == core.ClientSide && r.placed.ends != nil {
			until := max(m.Until, min(m.Since+r.placed.longest(), core.MaxInstant))
			// Of this subject alone: where a session that became another's could not be taken off this roster, it is not theirs to end.
			ending := core.Ending{Family: m.Family, Subject: r.key, Below: core.WholeFamily, Until: until}
			return is == memberLive, r.placed.revoke(ctx, r.policy, r.clock, r.tries, ending, nil)
		}
		err = r.placed.store.Delete(ctx, found.Key, found.record.Revision)
		switch {
		case err == nil:
			return is == memberLive, nil
		case errors.Is(err, store.ErrNotFound):
			return false, nil
		case !errors.Is(err, store.ErrConflict) || !r.tries.again(ctx):
			return false, unavailable(err)
		}
	}
}

// roster returns the one under a key. The caller holds the lock.
func (s *slot) roster(key core.Key, subject string) *roster {
	sessions := s.exchange.sessions
	r := sessions.roster(s.placed, s.session.Policy(), key, subject)
	r.told = func(m core.Member) {
		sessions.watches.pokeFamily(m.Family)
		if tell := sessions.config.Observer.Ended; tell != nil {
			s.notes = append(s.notes, note{tell, Event{
				Kind: s.placed.kind.Name(), At: sessions.config.Clock(), Handle: m.Family.Handle(), Subject: subject,
			}})
		}
	}
	return r
}

// epoch returns the epoch in which a subject signs in, or ErrTooMany if there is no room for one more session.
func (s *slot) epoch(ctx context.Context, session *core.Session, subject string) (int64, error) {
	if !s.placed.tracked() {
		return 0, nil
	}
	limited := &limited{parent: ctx, detached: true, limit: time.Now().Add(s.exchange.sessions.config.LoadLimit)}
	defer limited.stop(context.Canceled)
	r := s.exchange.sessions.roster(s.placed, session.Policy(), session.RosterKey(subject), subject)
	kept, _, err := r.load(limited)
	if err == nil && s.placed.config.RefuseNewest {
		kept = kept.Swept(r.clock())
		if session.Standing() == core.Live || session.Clears() { // else it stays beside the one that begins
			kept, _ = kept.Left(session.Family())
		}
		var room bool
		if room, err = r.hasRoom(limited, kept, s.placed.most()); err == nil && !room {
			err = ErrTooMany
		}
	}
	return kept.Epoch, err
}

// roster returns the one of a subject.
func (s *Sessions) roster(p *placed, policy *core.Policy, key core.Key, subject string) *roster {
	return &roster{placed: p, policy: policy, key: key, subject: subject, clock: s.now, tries: tries{until: time.Now().Add(s.config.CommitLimit)}}
}
