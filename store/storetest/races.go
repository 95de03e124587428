package storetest

import (
	"errors"
	"fmt"
	"sync"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

const racers = 8

// together runs f(0) to f(n-1) at once and returns their errors.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	done.Wait()
	return errs
}

// swaps skips a case about concurrent calls for a store that promises nothing about them.
func (p *probe) swaps() {
	p.Helper()
	if !p.store.Guarantees().CompareAndSwap {
		p.Skip("the store does not declare compare-and-swap")
	}
}

// winner returns the one that had no error, where all others must have had lost.
func (p *probe) winner(method string, errs []error, lost error) int {
	p.Helper()
	winner := -1
	for i, err := range errs {
		switch {
		case err == nil && winner >= 0:
			p.brokenf("More than one %s won.", method)
		case err == nil:
			winner = i
		case !errors.Is(err, lost):
			p.brokenf("%s that lost returned %s, want %s.", method, spell(err), spell(lost))
		}
	}
	if winner < 0 {
		p.brokenf("No %s won.", method)
	}
	return winner
}

func raceCreate(p *probe) {
	p.swaps()
	for range p.config.Rounds {
		key := p.key()
		rec := func(i int) core.Record { return live(uint64(i+1), fmt.Sprint("of ", i)) }
		errs := together(racers, func(i int) error { return p.store.Create(p.ctx, key, rec(i)) })
		p.holds(key, rec(p.winner("Create", errs, store.ErrExists)))
	}
}

func raceReplace(p *probe) {
	p.swaps()
	for range p.config.Rounds {
		key := p.created(live(1, "body"))
		rec := func(i int) core.Record { return live(uint64(i+2), fmt.Sprint("of ", i)) }
		errs := together(racers, func(i int) error { return p.store.Replace(p.ctx, key, 1, rec(i)) })
		p.holds(key, rec(p.winner("Replace", errs, store.ErrConflict)))
	}
}

func raceDelete(p *probe) {
	p.swaps()
	for range p.config.Rounds {
		key := p.created(live(1, "body"))
		errs := together(racers, func(int) error { return p.store.Delete(p.ctx, key, 1) })
		p.winner("Delete", errs, store.ErrNotFound)
		p.absent(key)
	}
}

func raceDeleteReplace(p *probe) {
	p.swaps()
	for round := range p.config.Rounds {
		deleter := round % racers // a scheduler may start them in order

		key := p.created(live(1, "body"))
		rec := func(i int) core.Record { return live(2, fmt.Sprint("of ", i)) }
		errs := together(racers, func(i int) error {
			if i == deleter {
				return p.store.Delete(p.ctx, key, 1)
			}
			return p.store.Replace(p.ctx, key, 1, rec(i))
		})
		if errs[deleter] == nil {
			p.winner("Delete or Replace", errs, store.ErrNotFound)
			p.absent(key)
		} else {
			p.holds(key, rec(p.winner("Delete or Replace", errs, store.ErrConflict)))
		}
	}
}

// raceTouch uses that a touch leaves the revision: a Replace or Delete beside it has no excuse to fail, and what it did is
// the last word.
func raceTouch(p *probe) {
	p.swaps()
	beside := func(round int, key core.Key, method string, write func() error, late error) {
		errs := together(racers, func(i int) error {
			if i == round%racers {
				return write()
			}
			return p.store.Touch(p.ctx, key, 1, present+int64(i), far+int64(i))
		})
		for i, err := range errs {
			if i == round%racers {
				p.want(method+" beside touches", err, nil)
			} else if err != nil {
				p.want("Touch", err, late)
			}
		}
	}
	for round := range p.config.Rounds {
		key := p.created(live(1, "body"))
		beside(round, key, "Replace", func() error { return p.store.Replace(p.ctx, key, 1, live(2, "next")) }, store.ErrConflict)
		p.holds(key, live(2, "next"))

		key = p.created(live(1, "body"))
		beside(round, key, "Delete", func() error { return p.store.Delete(p.ctx, key, 1) }, store.ErrNotFound)
		p.absent(key)

		key = p.created(live(1, "body"))
		rec := core.Record{Revision: 1, Seen: present + racers, Deadline: far + racers, Body: "body"}
		beside(round, key, "Touch", func() error { return p.store.Touch(p.ctx, key, 1, rec.Seen, rec.Deadline) }, nil)
		p.holds(key, rec)
	}
}
