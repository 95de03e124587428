package storetest

import (
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

func loadAbsent(p *probe) {
	p.absent(p.key())
	p.created(live(1, "another"))
	p.absent(p.key())
}

func createLoad(p *probe) {
	rec := core.Record{Revision: 7, Seen: present + 1, Deadline: far + 2, Body: "body"}
	p.holds(p.created(rec), rec)
}

func createExists(p *probe) {
	rec := live(1, "first")
	key := p.created(rec)
	for _, second := range []core.Record{live(1, "second"), live(2, "second"), rec} {
		p.want("Create", p.store.Create(p.ctx, key, second), store.ErrExists)
		p.holds(key, rec)
	}
}

func createAgain(p *probe) {
	key := p.created(live(5, "first"))
	p.want("Delete", p.store.Delete(p.ctx, key, 5), nil)
	again := live(1, "again")
	p.create(key, again)
	p.holds(key, again)
}

func replaceLoad(p *probe) {
	key := p.created(live(3, "before"))
	other := p.created(live(3, "other"))
	for revision := uint64(4); revision < 12; revision += 3 {
		was := max(revision-3, 3)
		step := int64(revision)
		after := core.Record{Revision: revision, Seen: present + step, Deadline: far + step, Body: "after"}
		p.want("Replace", p.store.Replace(p.ctx, key, was, after), nil)
		p.holds(key, after)
	}
	p.holds(other, live(3, "other"))
}

func replaceAsGiven(p *probe) {
	key := p.created(core.Record{Revision: 1, Seen: present + 10, Deadline: far + 10, Body: "before"})
	after := core.Record{Revision: 2, Seen: present, Deadline: far, Body: "after"}
	p.want("Replace", p.store.Replace(p.ctx, key, 1, after), nil)
	p.holds(key, after)
}

func replaceConflict(p *probe) {
	rec := live(5, "kept")
	key := p.created(rec)
	for _, at := range []uint64{0, 4, 6} {
		p.want("Replace", p.store.Replace(p.ctx, key, at, live(7, "lost")), store.ErrConflict)
		p.holds(key, rec)
	}
}

func replaceAbsent(p *probe) {
	key := p.key()
	for _, at := range []uint64{0, 1} {
		p.want("Replace", p.store.Replace(p.ctx, key, at, live(2, "new")), store.ErrNotFound)
		p.absent(key)
	}
}

func replaceDeleted(p *probe) {
	key := p.created(live(1, "ended"))
	p.want("Delete", p.store.Delete(p.ctx, key, 1), nil)
	p.want("Replace", p.store.Replace(p.ctx, key, 1, live(2, "late")), store.ErrNotFound)
	p.absent(key)
}

func deleteLoad(p *probe) {
	key := p.created(live(1, "body"))
	other := p.created(live(1, "other"))
	p.want("Delete", p.store.Delete(p.ctx, key, 1), nil)
	p.absent(key)
	p.holds(other, live(1, "other"))
}

func deleteConflict(p *probe) {
	rec := live(5, "kept")
	key := p.created(rec)
	for _, at := range []uint64{0, 4, 6} {
		p.want("Delete", p.store.Delete(p.ctx, key, at), store.ErrConflict)
		p.holds(key, rec)
	}
}

func deleteAbsent(p *probe) {
	p.want("Delete", p.store.Delete(p.ctx, p.key(), 1), store.ErrNotFound)
	key := p.created(live(1, "body"))
	p.want("Delete", p.store.Delete(p.ctx, key, 1), nil)
	p.want("The second Delete", p.store.Delete(p.ctx, key, 1), store.ErrNotFound)
}
