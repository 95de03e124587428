package satchel

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/satchel-go/satchel/core"
)

// Subject is somebody, with the sessions of one kind that are theirs: they can be listed and ended, from any node. A session
// is listed since the commit of its SignIn and until it is over.
//
// What is ended is dead on every node when the call returns: under its token and every earlier one, and for requests in
// flight, which can read what they loaded and save nothing. Behind a cache it is dead within the cache's bound, and of a
// Revocable client-side kind within the log's Lag. A node whose clock is ahead, or which has shorter lifetimes, lists fewer
// sessions, and ends all.
//
// A session that cannot be ended, as one whose record is damaged, shields none of the others: they end, and the error is of those that are
// left. It is worth another call, unless the record has to be taken away by hand.
type Subject struct {
	sessions     *Sessions
	kind         string
	name, tenant string
}

// Of returns a subject of this kind's sessions in s. It does no I/O.
func (k Kind[T]) Of(s *Sessions, subject string) Subject {
	return Subject{sessions: s, kind: k.name, name: subject}
}

// InTenant returns the subject of that name in a tenant, as an exchange's carrier names it.
func (u Subject) InTenant(tenant string) Subject {
	u.tenant = tenant
	return u
}

// Listed is what is shown of one session. There is nothing in it that opens it.
type Listed struct {
	Handle        core.Handle
	Created       time.Time
	Authenticated time.Time // its sign-in
	Seen          time.Time // its last use, exact to the touch interval
	Expires       time.Time // when it is over if it is not used again; zero if never
	Level         uint8     // how sure the sign-in was
	Methods       string    // how it was done
	Hint          string    // what the application said of it when it signed in
}

// List returns the subject's live sessions in the order of their sign-ins. It reads each of them.
func (u Subject) List(ctx context.Context) ([]Listed, error) {
	r, ctx, done, err := u.roster(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	kept, _, err := r.load(ctx)
	if err != nil {
		return nil, err
	}
	var (
		listed []Listed
		moved  = map[core.Family]member{}
		gone   []core.Family
	)
	for _, m := range kept.Members {
		found, is, err := r.find(ctx, m)
		switch {
		case err != nil:
			return nil, err
		case is == memberOver || is == memberGone && u.sessions.now() < m.Since+signingIn:
			continue // another node may know it as live, or it is about to be
		case is == memberGone:
			gone = append(gone, m.Family)
			continue
		case found.Key != m.Key:
			moved[m.Family] = found
		}
		listed = append(listed, Listed{
			Handle: m.Family.Handle(), Created: instant(found.facts.Created), Authenticated: instant(m.Since),
			Seen: instant(found.facts.Seen), Expires: expiry(found.facts.Until), Level: found.facts.Level, Methods: found.facts.Methods, Hint: m.Hint,
		})
	}
	u.tidy(ctx, r, moved, gone)
	return listed, nil
}

// signingIn is how long a sign-in may take from the moment at which its session is on the roster, in milliseconds.
const signingIn = 60_000

// tidy notes on the roster where sessions have gone, so that the next list finds them at once. Nothing depends on it.
func (u Subject) tidy(ctx context.Context, r *roster, moved map[core.Family]member, gone []core.Family) {
	if len(moved)+len(gone) == 0 {
		return
	}
	_ = r.change(ctx, func(kept core.Roster) (core.Roster, error) {
		for _, f := range gone {
			kept, _ = kept.Left(f)
		}
		return kept.Moved(func(m core.Member) core.Key {
			if at, ok := moved[m.Family]; ok {
				return at.Key
			}
			return m.Key
		}), nil
	})
}

// End ends the session of a handle, and reports whether the subject had it.
func (u Subject) End(ctx context.Context, h core.Handle) (bool, error) {
	ended, err := u.endWhere(ctx, false, func(m core.Member) bool { return m.Family.Handle() == h })
	return ended > 0, err
}

// EndOthers ends all of the subject's sessions but the one of a handle, and returns how many.
func (u Subject) EndOthers(ctx context.Context, keep core.Handle) (int, error) {
	return u.endWhere(ctx, false, func(m core.Member) bool { return m.Family.Handle() != keep })
}

// EndAll ends all of the subject's sessions, and returns how many. A SignIn that began before and commits after is refused,
// with ErrEnded.
func (u Subject) EndAll(ctx context.Context) (int, error) {
	return u.endWhere(ctx, true, func(core.Member) bool { return true })
}

// endWhere ends members. First the epoch is raised where that is wanted: who is not on the roster by then will not come
// onto it.
func (u Subject) endWhere(ctx context.Context, raise bool, which func(core.Member) bool) (ended int, err error) {
	r, ctx, done, err := u.roster(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	var all core.Roster
	err = r.change(ctx, func(kept core.Roster) (core.Roster, error) {
		if all = kept; !raise {
			return kept, errKept
		}
		all = kept.Raised(min(u.sessions.now()+r.placed.longest(), core.MaxInstant))
		return all, nil
	})
	if err != nil {
		return 0, err
	}
	if raise && r.placed.place == core.ClientSide && r.placed.ends != nil {
		ending := core.Ending{Subject: r.key, Below: uint64(all.Epoch), Until: all.Keep}
		if err := r.placed.revoke(ctx, r.policy, r.clock, r.tries, ending, nil); err != nil {
			return 0, err
		}
	}
	var (
		gone   []core.Family
		failed []error
	)
	for _, m := range all.Members {
		if !which(m) {
			continue
		}
		was, err := r.end(ctx, m)
		if err != nil {
			failed = append(failed, err)
			if ctx.Err() != nil {
				break
			}
			continue
		}
		if was {
			ended++
			u.sessions.watches.pokeFamily(m.Family)
			u.tell(ctx, m)
		}
		gone = append(gone, m.Family)
	}
	u.tidy(ctx, r, nil, gone)
	return ended, errors.Join(failed...)
}

// roster returns the subject's, and a context for one call.
func (u Subject) roster(ctx context.Context) (*roster, context.Context, func(), error) {
	index, ok := u.sessions.byName[u.kind]
	if !ok {
		return nil, nil, nil, fmt.Errorf("%w: %q", ErrUnplaced, u.kind)
	}
	p := u.sessions.placed[index]
	if !p.tracked() {
		return nil, nil, nil, ErrUntracked
	}
	if u.name == "" {
		return nil, nil, nil, errNoSubject
	}
	policy, err := p.policy(ctx, u.sessions.now())
	if err != nil && u.sessions.config.Observer.KeysFailed != nil {
		u.sessions.config.Observer.KeysFailed(ctx, Event{Kind: u.kind, At: u.sessions.config.Clock(), Err: err})
	}
	limited := &limited{parent: ctx, limit: time.Now().Add(u.sessions.config.CommitLimit)}
	r := u.sessions.roster(p, policy, policy.RosterKey(u.tenant, u.name), u.name)
	return r, limited, func() { limited.stop(context.Canceled) }, nil
}

// tell tells the observer of a session that was ended by its subject.
func (u Subject) tell(ctx context.Context, m core.Member) {
	if tell := u.sessions.config.Observer.Ended; tell != nil {
		tell(ctx, Event{Kind: u.kind, At: u.sessions.config.Clock(), Handle: m.Family.Handle(), Subject: u.name})
	}
}

// tracked reports whether the kind keeps subject records.
func (p *placed) tracked() bool { return p.config.Tracked }

// longest returns how long a session of the kind may live, in milliseconds.
func (p *placed) longest() int64 {
	_, absolute := p.config.Lifetime.Bounds()
	return absolute
}

// expiry is instant for a deadline, of which the last one is never.
func expiry(t int64) time.Time {
	if t == core.MaxInstant {
		return time.Time{}
	}
	return instant(t)
}
