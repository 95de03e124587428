package satchel

import (
	"context"
	"slices"

	"github.com/satchel-go/satchel/core"
)

// makeRoom takes off the roster who is over or not there any more, and then ends the oldest or refuses. Who is to go has ended
// before the roster says so: a crash between the two leaves one session too few, never one that nobody can list.
func (r *roster) makeRoom(ctx context.Context, kept core.Roster, e core.Enrol) (core.Roster, error) {
	kept, over, damaged, err := r.there(ctx, kept)
	if err != nil {
		return kept, err
	}
	most := min(e.Most+len(damaged), max(e.Most, core.MaxMembers))
	for _, m := range over {
		if _, err := r.end(ctx, m); err != nil {
			return kept, err
		}
		kept, _ = kept.Left(m.Family)
	}
	if e.Refuse && len(kept.Members) >= most {
		return kept, ErrTooMany
	}
	for len(kept.Members) >= most {
		oldest := kept.Members[max(0, slices.IndexFunc(kept.Members, func(m core.Member) bool { return !slices.Contains(damaged, m) }))]
		was, err := r.end(ctx, oldest)
		if err != nil {
			return kept, err
		}
		if was && r.told != nil {
			r.told(oldest)
		}
		kept, _ = kept.Left(oldest.Family)
	}
	return kept, nil
}

// hasRoom says whether makeRoom would find room without ending the oldest. It ends nobody: who is over by this node's clock or
// configuration may be served by another, and what asks may never be committed.
func (r *roster) hasRoom(ctx context.Context, kept core.Roster, most int) (bool, error) {
	if len(kept.Members) < most {
		return true, nil
	}
	kept, over, damaged, err := r.there(ctx, kept)
	return len(kept.Members)-len(over)-len(damaged) < most, err
}

// there returns the roster without who is not there any more, and who on it is over for this node. Who is damaged is on it still, and does not
// count: nobody has that session, and nobody can end it, so it would keep its subject out.
func (r *roster) there(ctx context.Context, kept core.Roster) (left core.Roster, over, damaged []core.Member, err error) {
	left = kept
	for _, m := range kept.Members {
		_, is, err := r.find(ctx, m)
		if err != nil {
			return left, nil, nil, err
		}
		switch {
		case is == memberDamaged:
			damaged = append(damaged, m)
		case is == memberOver:
			over = append(over, m)
		case is == memberGone && r.clock() >= m.Since+signingIn:
			left, _ = left.Left(m.Family)
		}
	}
	return left, over, damaged, nil
}

// most returns how many sessions a subject may have.
func (p *placed) most() int {
	if p.config.MaxSessions == 0 {
		return core.MaxMembers
	}
	return p.config.MaxSessions
}
