package storetest

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"sync/atomic"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// sweepBeside lets several sweep in batches of all sizes, with pauses of all lengths between them, beside touches that save some records and
// come too late for others.
func sweepBeside(p *probe) {
	p.swaps()
	s := p.sweeper()
	for range 1 + p.config.Rounds/10 {
		dead, alive, doubtful := p.spread(20, far), p.spread(10, far+1), p.spread(20, far)
		var removed atomic.Int64
		saved := make([]error, len(doubtful))
		together(4, func(i int) error {
			if i == 0 {
				for k, key := range doubtful {
					jitter()
					saved[k] = p.store.Touch(p.ctx, key, 1, present+1, far+2)
				}
				return nil
			}
			return p.sweepAll(s, &removed)
		})
		p.want("Sweep", p.sweepAll(s, &removed), nil)
		gone := len(dead) - p.kept(dead)
		if gone < len(dead) {
			p.brokenf("%d records past their deadline are left.", len(dead)-gone)
		}
		if n := p.kept(alive); n < len(alive) {
			p.brokenf("%d records are gone whose deadline is after now.", len(alive)-n)
		}
		for k, key := range doubtful {
			if saved[k] == nil {
				p.holds(key, core.Record{Revision: 1, Seen: present + 1, Deadline: far + 2, Body: "body"})
				continue
			}
			p.want("Touch", saved[k], store.ErrNotFound)
			p.absent(key)
			gone++
		}
		if int(removed.Load()) != gone {
			p.brokenf("The Sweeps returned %d in all, and %d records are gone.", removed.Load(), gone)
		}
		for _, key := range alive {
			p.want("Delete", p.store.Delete(p.ctx, key, 1), nil)
		}
	}
}

// sweepAll sweeps in batches until there is no more.
func (p *probe) sweepAll(s store.Sweeper, removed *atomic.Int64) error {
	for range 1000 {
		jitter()
		n, more, err := s.Sweep(p.ctx, far, 1+rand.IntN(7)) //nolint:gosec // any batch will do
		removed.Add(int64(n))
		if err != nil || !more {
			return err
		}
	}
	return errors.New("there is always more")
}

// jitter lets others go first, now and then.
func jitter() {
	for range rand.IntN(20) { //nolint:gosec // to go apart
		runtime.Gosched()
	}
}
