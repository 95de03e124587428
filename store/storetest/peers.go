package storetest

import (
	"errors"
	"fmt"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// peers returns the case's store and another on the same records, and in turn the other way round.
func (p *probe) peers() [2]store.Store {
	p.Helper()
	if p.config.Peer == nil {
		p.Skip("Config.Peer is not set")
	}
	return [2]store.Store{p.store, p.config.Peer(p, p.store)}
}

func peerLoad(p *probe) {
	both := p.peers()
	for i, writer := range both {
		reader := both[1-i]
		key := p.key()
		see := func(method string, err error, want core.Record) {
			p.Helper()
			p.want(method, err, nil)
			if got, err := reader.Load(p.ctx, key); err != nil || got != want {
				p.brokenf("After a %s elsewhere Load returned %s, %s, want %s.", method, show(got), spell(err), show(want))
			}
		}
		if _, err := reader.Load(p.ctx, key); !errors.Is(err, store.ErrNotFound) {
			p.want("Load", err, store.ErrNotFound)
		}
		see("Create", writer.Create(p.ctx, key, live(1, "body")), live(1, "body"))
		see("Replace", writer.Replace(p.ctx, key, 1, live(2, "next")), live(2, "next"))
		moved := core.Record{Revision: 2, Seen: present + 1, Deadline: far + 1, Body: "next"}
		see("Touch", writer.Touch(p.ctx, key, 2, moved.Seen, moved.Deadline), moved)
		p.want("Delete", writer.Delete(p.ctx, key, 2), nil)
		_, err := reader.Load(p.ctx, key)
		p.want("Load after a Delete elsewhere", err, store.ErrNotFound)
		p.want("Replace after a Delete elsewhere", reader.Replace(p.ctx, key, 2, live(3, "late")), store.ErrNotFound)
	}
}

func peerRace(p *probe) {
	p.swaps()
	both := p.peers()
	for range p.config.Rounds {
		key := p.created(live(1, "body"))
		rec := func(i int) core.Record { return live(2, fmt.Sprint("of ", i)) }
		errs := together(racers, func(i int) error {
			return both[i%2].Replace(p.ctx, key, 1, rec(i))
		})
		p.holds(key, rec(p.winner("Replace", errs, store.ErrConflict)))
	}
}
