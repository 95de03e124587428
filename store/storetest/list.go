package storetest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

func (p *probe) lister() store.Lister {
	p.Helper()
	l, ok := p.store.(store.Lister)
	if !ok {
		p.Skip("the store is no Lister")
	}
	return l
}

// listing goes through all, and returns what it was told by name.
func (p *probe) listing(l store.Lister) map[string]store.Listed {
	p.Helper()
	all := map[string]store.Listed{}
	for one, err := range l.List(p.ctx) {
		p.want("List", err, nil)
		if one.Garbled {
			p.brokenf("List says that a record is garbled.")
		}
		all[one.Name] = one
	}
	return all
}

// spellings are keys of all lengths.
func (p *probe) spellings() []core.Key {
	return []core.Key{p.key(), p.key(), "", "\x00", "short", p.key() + "and longer than 32 bytes"}
}

func listWhole(p *probe) {
	l := p.lister()
	if n := len(p.listing(l)); n != 0 {
		p.brokenf("List lists %d records of a store that has none.", n)
	}
	kept := map[string]core.Record{}
	add := func(key core.Key, rec core.Record) {
		p.create(key, rec)
		kept[store.Name(key)] = rec
	}
	for i, key := range p.spellings() {
		n := int64(i)
		add(key, core.Record{Revision: uint64(i + 1), Seen: present + n, Deadline: far + n, Body: "123456"[:i]})
	}
	for range 300 { // more than a batch of most engines
		add(p.key(), live(1, "body"))
	}
	replaced, touched := p.created(live(1, "before")), p.created(live(1, "body"))
	after := core.Record{Revision: 2, Seen: present + 5, Deadline: far + 5, Body: "after"}
	p.want("Replace", p.store.Replace(p.ctx, replaced, 1, after), nil)
	kept[store.Name(replaced)] = after
	p.want("Touch", p.store.Touch(p.ctx, touched, 1, present+7, far+7), nil)
	kept[store.Name(touched)] = core.Record{Revision: 1, Seen: present + 7, Deadline: far + 7, Body: "body"}

	all := p.listing(l)
	if len(all) != len(kept) {
		p.brokenf("List lists %d records of %d.", len(all), len(kept))
	}
	for name, rec := range kept {
		one, ok := all[name]
		if !ok {
			p.brokenf("List does not list %s.", show(rec))
		}
		if one.Revision != rec.Revision || one.Seen != rec.Seen || one.Deadline != rec.Deadline || one.Size != len(rec.Body) {
			p.brokenf("List says {revision %d, seen %d, deadline %d, size %d} of %s.", one.Revision, one.Seen, one.Deadline, one.Size, show(rec))
		}
	}
}

func listGone(p *probe) {
	l := p.lister()
	stays, goes := p.created(live(1, "stays")), p.created(live(1, "goes"))
	p.want("Delete", p.store.Delete(p.ctx, goes, 1), nil)
	all := p.listing(l)
	if _, ok := all[store.Name(goes)]; ok {
		p.brokenf("List lists a record that was deleted.")
	}
	if _, ok := all[store.Name(stays)]; !ok {
		p.brokenf("List does not list the record that stayed.")
	}
}

func listReaches(p *probe) {
	l := p.lister()
	keys := p.spellings()
	for _, key := range keys {
		p.create(key, live(1, "body of "+string(key)))
	}
	all := p.listing(l)
	for _, key := range keys {
		one, ok := all[store.Name(key)]
		if !ok {
			p.brokenf("List does not list the key %q.", string(key))
		}
		rec, err := one.Load(p.ctx)
		p.want("Load of what is listed", err, nil)
		if want := live(1, "body of "+string(key)); rec != want {
			p.brokenf("Load of what is listed returned %s, want %s.", show(rec), show(want))
		}
		p.want("Delete of what is listed, at another revision", one.Delete(p.ctx, 2), store.ErrConflict)
		p.holds(key, rec)
		p.want("Delete of what is listed", one.Delete(p.ctx, 1), nil)
		p.absent(key)
		_, err = one.Load(p.ctx)
		p.want("Load of what was listed and is gone", err, store.ErrNotFound)
		p.want("The second Delete of what was listed", one.Delete(p.ctx, 1), store.ErrNotFound)
	}
}

// listStops leaves listings at every place, and then uses the store: a lock, a cursor or a connection that was kept would show.
func listStops(p *probe) {
	l := p.lister()
	keys := p.spread(20, far)
	for stop := 1; stop <= 20; stop++ {
		n := 0
		l.List(p.ctx)(func(_ store.Listed, err error) bool { // and not by range, which panics where this is to be reported
			p.want("List", err, nil)
			n++
			return n < stop
		})
		if n != stop {
			p.brokenf("List went on to %d, though its caller left at %d.", n, stop)
		}
		ctx, cancel := context.WithTimeout(p.ctx, p.config.Patience)
		key := p.key()
		p.want("Create after a listing that was left", p.store.Create(ctx, key, live(1, "body")), nil)
		p.want("Delete after a listing that was left", p.store.Delete(ctx, key, 1), nil)
		cancel()
	}
	if n := p.kept(keys); n != 20 {
		p.brokenf("%d of 20 records are gone after listings.", 20-n)
	}
}

// listBeside lists while other records come and go, also from within the listing, which must not block on itself.
func listBeside(p *probe) {
	l := p.lister()
	stay := p.spread(150, far)
	ctx, cancel := context.WithCancel(p.ctx)
	var others sync.WaitGroup
	went := make(chan struct{}, 1) // a record has come and gone
	others.Go(func() {
		for ctx.Err() == nil {
			key := p.key()
			if p.store.Create(ctx, key, live(1, "comes")) == nil {
				_ = p.store.Replace(ctx, key, 1, live(2, "and"))
				_ = p.store.Delete(ctx, key, 2)
			}
			select {
			case went <- struct{}{}:
			default:
			}
		}
	})
	defer others.Wait()
	defer cancel()
	for range max(1, p.config.Rounds/10) {
		listed := map[string]bool{}
		for one, err := range l.List(p.ctx) {
			p.want("List", err, nil)
			if len(listed)%50 == 0 {
				_, err := one.Load(p.ctx)
				if err != nil && !errors.Is(err, store.ErrNotFound) {
					p.want("Load in a listing", err, nil)
				}
				// Else a listing may be over before the others are let run. A store that holds writers off while it lists is waited for no longer.
				select {
				case <-went:
				case <-time.After(50 * time.Millisecond):
				}
			}
			listed[one.Name] = true
		}
		for _, key := range stay {
			if !listed[store.Name(key)] {
				p.brokenf("List does not list a record that stayed as it was.")
			}
		}
	}
}
