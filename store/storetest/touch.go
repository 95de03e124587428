package storetest

import (
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// touched touches a record that has revision 1 and returns what is kept then.
func (p *probe) touched(key core.Key, seen, deadline int64) core.Record {
	p.Helper()
	p.want("Touch", p.store.Touch(p.ctx, key, 1, seen, deadline), nil)
	rec, err := p.store.Load(p.ctx, key)
	p.want("Load", err, nil)
	return rec
}

func (p *probe) instants(rec core.Record, seen, deadline int64) {
	p.Helper()
	if rec.Seen != seen || rec.Deadline != deadline {
		p.brokenf("The record has seen %d and deadline %d, want %d and %d.", rec.Seen, rec.Deadline, seen, deadline)
	}
}

func touchMoves(p *probe) {
	key := p.created(live(1, "body"))
	other := p.created(live(1, "other"))
	p.instants(p.touched(key, present+10, far+20), present+10, far+20)
	p.instants(p.touched(key, present+30, far+20), present+30, far+20)
	p.instants(p.touched(key, present+30, far+40), present+30, far+40)
	p.holds(other, live(1, "other"))
}

func touchKeeps(p *probe) {
	key := p.created(live(1, "body"))
	if rec := p.touched(key, present+1, far+1); rec.Revision != 1 || rec.Body != "body" {
		p.brokenf("The record is %s after a touch, want revision 1 and body \"body\".", show(rec))
	}
}

func touchMonotone(p *probe) {
	key := p.created(core.Record{Revision: 1, Seen: present + 10, Deadline: far + 10, Body: "body"})
	for _, step := range []struct{ seen, deadline, wantSeen, wantDeadline int64 }{
		{present, far, present + 10, far + 10},
		{present + 20, far, present + 20, far + 10},
		{present, far + 20, present + 20, far + 20},
	} {
		p.instants(p.touched(key, step.seen, step.deadline), step.wantSeen, step.wantDeadline)
	}
}

func touchDead(p *probe) {
	rec := live(1, "body")
	key := p.created(rec)
	for _, seen := range []int64{far, far + 1} {
		for _, at := range []uint64{1, 2} {
			p.want("Touch past the deadline", p.store.Touch(p.ctx, key, at, seen, far+10), store.ErrNotFound)
			p.holds(key, rec)
		}
	}
}

func touchLast(p *probe) {
	key := p.created(live(1, "body"))
	p.want("Touch in the last instant", p.store.Touch(p.ctx, key, 1, far-1, far+10), nil)
}

func touchConflict(p *probe) {
	rec := live(5, "kept")
	key := p.created(rec)
	for _, at := range []uint64{0, 4, 6} {
		p.want("Touch", p.store.Touch(p.ctx, key, at, present+1, far+1), store.ErrConflict)
		p.holds(key, rec)
	}
}

func touchAbsent(p *probe) {
	key := p.created(live(1, "body"))
	p.want("Delete", p.store.Delete(p.ctx, key, 1), nil)
	for _, key := range []core.Key{key, p.key()} {
		p.want("Touch", p.store.Touch(p.ctx, key, 1, present+1, far+1), store.ErrNotFound)
		p.absent(key)
	}
}
