package storetest

import (
	"errors"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// The cases of Sweep hand in a future instant as now, so that no engine drops their records by its own clock.

func (p *probe) sweeper() store.Sweeper {
	p.Helper()
	s, ok := p.store.(store.Sweeper)
	if !ok {
		p.Skip("the store is no Sweeper")
	}
	return s
}

// spread creates n records with that deadline.
func (p *probe) spread(n int, deadline int64) []core.Key {
	p.Helper()
	var keys []core.Key
	for range n {
		keys = append(keys, p.created(core.Record{Revision: 1, Seen: present, Deadline: deadline, Body: "body"}))
	}
	return keys
}

// kept returns how many of the keys have a record.
func (p *probe) kept(keys []core.Key) int {
	p.Helper()
	n := 0
	for _, key := range keys {
		_, err := p.store.Load(p.ctx, key)
		if err == nil {
			n++
		} else {
			p.want("Load", err, store.ErrNotFound)
		}
	}
	return n
}

// swept sweeps until there is no more.
func (p *probe) swept(s store.Sweeper, now int64, limit int) {
	p.Helper()
	for range 100 {
		_, more, err := s.Sweep(p.ctx, now, limit)
		p.want("Sweep", err, nil)
		if !more {
			return
		}
	}
	p.brokenf("Sweep still says that it may find more after 100 calls.")
}

func sweepLimit(p *probe) {
	s := p.sweeper()
	keys := p.spread(20, far)
	for _, limit := range []int{0, -1} {
		if _, _, err := s.Sweep(p.ctx, far, limit); err == nil || answered(err) {
			p.brokenf("Sweep with limit %d returned %s.", limit, spell(err))
		}
		if n := p.kept(keys); n != 20 {
			p.brokenf("Sweep with limit %d removed %d records.", limit, 20-n)
		}
	}
	before := 20
	for _, limit := range []int{1, 3, 1, 7} {
		_, _, err := s.Sweep(p.ctx, far, limit)
		p.want("Sweep", err, nil)
		after := p.kept(keys)
		if before-after > limit {
			p.brokenf("Sweep with limit %d removed %d records.", limit, before-after)
		}
		before = after
	}
}

func sweepDeadline(p *probe) {
	s := p.sweeper()
	before, at, after := p.spread(5, far-1), p.spread(5, far), p.spread(5, far+1)
	p.swept(s, far, 100)
	if n := p.kept(before); n != 0 {
		p.brokenf("%d of 5 records are left whose deadline is before now.", n)
	}
	if n := p.kept(at); n != 0 {
		p.brokenf("%d of 5 records are left whose deadline is now.", n)
	}
	if n := p.kept(after); n != 5 {
		p.brokenf("%d of 5 records are gone whose deadline is after now.", 5-n)
	}
}

func sweepCount(p *probe) {
	s := p.sweeper()
	dead := p.spread(20, far)
	p.spread(20, far+1)
	before := 20
	for range 4 {
		removed, _, err := s.Sweep(p.ctx, far, 4)
		p.want("Sweep", err, nil)
		after := p.kept(dead)
		if removed != before-after {
			p.brokenf("Sweep returned %d, and removed %d records.", removed, before-after)
		}
		before = after
	}
}

func sweepMore(p *probe) {
	s := p.sweeper()
	var dead []core.Key
	for range 10 {
		dead = append(dead, p.spread(3, far)...)
		p.spread(3, far+1)
	}
	p.swept(s, far, 7)
	if n := p.kept(dead); n != 0 {
		p.brokenf("%d of %d records past their deadline are left.", n, len(dead))
	}
}

// full fills a store, which has then to keep all that it took.
func full(p *probe) {
	if p.config.Small == nil {
		p.Skip("Config.Small is not set")
	}
	p.store = p.config.Small(p)
	rec := live(1, "body")
	var keys []core.Key
	var refused core.Key
	for refused = p.key(); len(keys) <= 1000; refused = p.key() {
		err := p.store.Create(p.ctx, refused, rec)
		if errors.Is(err, store.ErrFull) {
			break
		}
		p.want("Create", err, nil)
		keys = append(keys, refused)
	}
	if len(keys) < 2 || len(keys) > 1000 {
		p.brokenf("The store that Config.Small opened took %d records, want 2 to 1000.", len(keys))
	}
	p.absent(refused)
	p.want("Create in a full store", p.store.Create(p.ctx, refused, rec), store.ErrFull)
	p.want("Create under a kept key", p.store.Create(p.ctx, keys[0], rec), store.ErrExists)
	for _, key := range keys {
		p.holds(key, rec)
		p.want("Replace by a body of the same length", p.store.Replace(p.ctx, key, 1, live(2, "next")), nil)
		p.want("Touch", p.store.Touch(p.ctx, key, 2, present+1, far+1), nil)
	}
	p.want("Delete", p.store.Delete(p.ctx, keys[0], 2), nil)
	p.want("Create after a Delete", p.store.Create(p.ctx, refused, rec), nil)
	p.want("Create in a full store", p.store.Create(p.ctx, keys[0], rec), store.ErrFull)
	if n := p.kept(keys); n != len(keys)-1 {
		p.brokenf("%d of %d records are kept, want all but the one deleted.", n, len(keys))
	}
}
