package storetest

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// The cases of what sweeps by itself run in a bubble of testing/synctest, whose clock goes on when everybody waits. So they take no time, and
// what they measure is exact. They look in it, and judge after it.

// sweepPause is what the cases tell a store.
const sweepPause = 4 * time.Second

// selfSweeping runs f in a bubble, in which it may open stores that sweep by themselves. They are handed a future instant for the present, and
// asked is called each time that they ask for it.
func (p *probe) selfSweeping(f func(open func(asked func()) store.Store)) {
	p.Helper()
	if p.config.Sweeping == nil {
		p.Skip("Config.Sweeping is not set")
	}
	t, ok := p.TB.(*testing.T)
	if !ok {
		t = p.TB.(interface{ T() *testing.T }).T() // of a recorder
	}
	synctest.Test(t, func(t *testing.T) {
		f(func(asked func()) store.Store {
			s := p.config.Sweeping(t, sweepPause, func() time.Time {
				asked()
				return time.UnixMilli(far)
			})
			if closer, ok := s.(io.Closer); ok {
				t.Cleanup(func() { _ = closer.Close() })
			}
			return s
		})
	})
}

// sweepApart opens stores at once, and notes when each of them sweeps.
func sweepApart(p *probe) {
	const stores, sweeps = 8, 8
	var mu sync.Mutex
	var rests [stores][]time.Duration
	p.selfSweeping(func(open func(asked func()) store.Store) {
		for i := range stores {
			last := time.Now()
			open(func() {
				mu.Lock()
				defer mu.Unlock()
				if rest := time.Since(last); rest > 0 { // it may ask more than once
					rests[i], last = append(rests[i], rest), time.Now()
				}
			})
		}
		time.Sleep(sweeps * sweepPause)
		synctest.Wait()
	})
	mu.Lock()
	defer mu.Unlock()
	firsts, all, n := map[time.Duration]bool{}, map[time.Duration]bool{}, 0
	for _, of := range rests {
		if len(of) < sweeps-1 {
			p.brokenf("A store that was to sweep each %v did so %d times in %v.", sweepPause, len(of), sweeps*sweepPause)
		}
		firsts[of[0]] = true
		for _, rest := range of {
			if n++; rest > sweepPause {
				p.brokenf("A store that was to sweep each %v did not for %v.", sweepPause, rest)
			}
			all[rest] = true
		}
	}
	if len(firsts) < stores/2 {
		p.brokenf("Of %d stores that began at once the first sweeps were at %d instants.", stores, len(firsts))
	}
	if len(all) < n/2 {
		p.brokenf("Among %d rests before sweeps were %d different ones.", n, len(all))
	}
}

// watched is what became of some records that expire at one instant.
type watched struct {
	failed  error
	batches []int           // how many of them went at once
	rests   []time.Duration // before each batch but the first
	left    []core.Key      // these are there still
	hides   bool            // Load does not show them, so that a listing has to
	unseen  bool            // and there is no listing
}

// How many batches expire at one instant, how many of their records are looked at, how often, and for how long until no more are to go.
const (
	expiring = 8
	lookedAt = 200
	look     = time.Second / 10_000
	giveUp   = time.Second // which is well before the next sweep
)

// sweepBatches lets several batches of records expire at one instant, and looks all the time which of some are left. Most of these outlast a batch.
// By the clock that the store is handed they are over from the beginning, so that its Load may hide them: then a listing shows what is left.
func sweepBatches(p *probe) {
	var w watched
	records := expiring * p.config.Batch
	p.selfSweeping(func(open func(asked func()) store.Store) {
		began := make(chan struct{}, 1)
		s := open(func() {
			select {
			case began <- struct{}{}:
			default:
			}
		})
		for i := range records {
			key := p.key()
			if w.failed = s.Create(p.ctx, key, core.Record{Revision: 1, Seen: present, Deadline: far, Body: "body"}); w.failed != nil {
				return
			}
			if i%max(1, records/lookedAt) == 0 {
				w.left = append(w.left, key)
			}
		}
		if w.begin(p.ctx, s); w.failed != nil || w.unseen {
			return
		}
		select {
		case <-began: // what asked was no sweep
		default:
		}
		select {
		case <-began:
			w.watch(p.ctx, s)
		case <-time.After(2 * sweepPause):
		}
	})
	if w.unseen {
		p.Skip("Load hides what is past its deadline, and the store is no Lister")
	}
	p.want("Create, Load and List beside a sweep", w.failed, nil)
	gone := 0
	for _, batch := range w.batches {
		gone += batch
	}
	if len(w.left) > 0 {
		p.brokenf("%d of %d records past their deadline outlasted a sweep.", len(w.left), gone+len(w.left))
	}
	if most := slices.Max(w.batches); most > 2*gone/expiring { // so there are four batches at least, and three rests
		p.brokenf("Of %d records some %d went at once, and a batch is to be of %d.", records, most*records/gone, p.config.Batch)
	}
	if slices.Max(w.rests)-slices.Min(w.rests) <= look {
		p.brokenf("Between %d batches were rests of %v, each as long as the others.", len(w.batches), w.rests[0])
	}
}

// begin looks at a record that may be hidden, before any sweep. Load may remove such a record, so it is none of those that are watched.
func (w *watched) begin(ctx context.Context, s store.Store) {
	synctest.Wait()
	var first core.Key
	first, w.left = w.left[0], w.left[1:]
	_, err := s.Load(ctx, first)
	w.hides = errors.Is(err, store.ErrNotFound)
	if err != nil && !w.hides {
		w.failed = err
	}
	if _, lists := s.(store.Lister); w.hides && !lists {
		w.unseen = true
	}
}

// look returns which of the records are left.
func (w *watched) look(ctx context.Context, s store.Store) []core.Key {
	if w.hides {
		return w.listed(ctx, s.(store.Lister))
	}
	return slices.DeleteFunc(w.left, func(key core.Key) bool {
		_, err := s.Load(ctx, key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			w.failed = err
		}
		return err != nil
	})
}

// listed is look for what Load hides.
func (w *watched) listed(ctx context.Context, s store.Lister) []core.Key {
	names := map[string]bool{}
	for l, err := range s.List(ctx) {
		if err != nil {
			w.failed = err
			return nil
		}
		names[l.Name] = true
	}
	return slices.DeleteFunc(w.left, func(key core.Key) bool { return !names[store.Name(key)] })
}

// watch looks at the records until all are gone, or none has gone for long.
func (w *watched) watch(ctx context.Context, s store.Store) {
	for last, first := time.Now(), true; len(w.left) > 0 && time.Since(last) < giveUp; time.Sleep(look) {
		synctest.Wait() // the batch of this instant is done
		before := len(w.left)
		w.left = w.look(ctx, s)
		gone := before - len(w.left)
		if gone == 0 {
			continue
		}
		w.batches = append(w.batches, gone)
		if !first {
			w.rests = append(w.rests, time.Since(last))
		}
		last, first = time.Now(), false
	}
}
