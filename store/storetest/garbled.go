package storetest

import (
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// garbage is what a case has planted.
type garbage struct {
	key      core.Key
	revision uint64 // that can be read of it, or 0
}

// planted plants garbage of which a revision can be read, and some of which it cannot where the engine has such.
func (p *probe) planted() []garbage {
	p.Helper()
	if p.config.Garble == nil {
		p.Skip("Config.Garble is not set")
	}
	var all []garbage
	for _, revision := range []uint64{5, 0} {
		key := p.key()
		if p.config.Garble(p, p.store, key, revision) {
			all = append(all, garbage{key, revision})
		}
	}
	if len(all) == 0 {
		p.brokenf("Config.Garble planted nothing.")
	}
	return all
}

// lies checks that it is there.
func (p *probe) lies(g garbage) {
	p.Helper()
	rec, err := p.store.Load(p.ctx, g.key)
	p.want("Load", err, store.ErrGarbled)
	if rec != (core.Record{Revision: g.revision}) {
		p.brokenf("With ErrGarbled Load returned %s, want the revision %d and nothing else.", show(rec), g.revision)
	}
}

func garbledLoad(p *probe) {
	for _, g := range p.planted() {
		p.lies(g)
		p.lies(g)
	}
}

func garbledKept(p *probe) {
	for _, g := range p.planted() {
		p.want("Create", p.store.Create(p.ctx, g.key, live(1, "new")), store.ErrExists)
		p.lies(g)
		for _, at := range []uint64{g.revision, g.revision + 1} {
			p.want("Replace", p.store.Replace(p.ctx, g.key, at, live(at+1, "new")), store.ErrGarbled)
			p.lies(g)
			p.want("Touch", p.store.Touch(p.ctx, g.key, at, present+1, far+1), store.ErrGarbled)
			p.lies(g)
		}
	}
}

func garbledDelete(p *probe) {
	for _, g := range p.planted() {
		if g.revision == 0 {
			for _, at := range []uint64{0, 1} {
				p.want("Delete", p.store.Delete(p.ctx, g.key, at), store.ErrGarbled)
				p.lies(g)
			}
			continue
		}
		for _, at := range []uint64{g.revision - 1, g.revision + 1} {
			p.want("Delete", p.store.Delete(p.ctx, g.key, at), store.ErrConflict)
			p.lies(g)
		}
		p.want("Delete", p.store.Delete(p.ctx, g.key, g.revision), nil)
		p.absent(g.key)
		p.create(g.key, live(1, "new"))
		p.holds(g.key, live(1, "new"))
	}
}
