package store_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// A store that answers later than MaxStale is asked again by whoever asked it, since the record may have ended long before the answer came.
func TestCacheAsksASlowStoreAgain(t *testing.T) {
	for name, again := range map[string]struct {
		rec  core.Record
		err  error
		want any
	}{
		"ended meanwhile":   {err: store.ErrNotFound, want: store.ErrNotFound},
		"changed meanwhile": {rec: newer, want: newer},
		"an outage":         {err: errTorn, want: errTorn},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := &hands{}
				inner, questions := questioned()
				c := nodes(t, inner, store.CacheConfig{Now: clock.now}, 1)[0]
				first := loads(t.Context(), c)
				q := <-questions
				clock.move(store.DefaultMaxStale)
				q.with(session, nil)
				(<-questions).with(again.rec, again.err)
				wants(t, "who asked", first, again.want)
				if s := c.Stats(); s.Stalest != 0 || s.Loads != 2 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// A store that is always slower than MaxStale is unavailable, for all who wait. It is asked twice, and nothing of it is kept.
func TestCacheOverAStoreThatIsAlwaysSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &hands{}
		inner, questions := questioned()
		c := nodes(t, inner, store.CacheConfig{Now: clock.now}, 1)[0]
		first, second := loads(t.Context(), c), loads(t.Context(), c)
		for range 2 {
			q := <-questions
			clock.move(store.DefaultMaxStale)
			q.with(session, nil)
			synctest.Wait()
		}
		wants(t, "the first", first, store.ErrSlow)
		wants(t, "the second", second, store.ErrSlow)
		if s := c.Stats(); s.Entries != 0 || s.Stalest != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// Nobody asks again under a context that has ended, and those who waited ask under their own.
func TestCacheAsksASlowStoreWithinTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &hands{}
		inner, questions := questioned()
		c := nodes(t, inner, store.CacheConfig{Now: clock.now}, 1)[0]
		leaving, leave := context.WithCancel(t.Context())
		first, second := loads(leaving, c), loads(t.Context(), c)
		q := <-questions
		clock.move(store.DefaultMaxStale)
		q.answer <- func() (core.Record, error) { leave(); return session, nil }
		wants(t, "who has left", first, context.Canceled)
		(<-questions).with(newer, nil)
		wants(t, "who waited", second, newer)
	})
}

// What others asked for is no answer either for those who hear of it too late, because their process was stopped, say.
func TestCacheCrowdThatWakesLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, questions := questioned()
		var clock latch
		c := nodes(t, inner, store.CacheConfig{Now: clock.now}, 1)[0]
		nobody := loads(t.Context(), c)
		none := <-questions
		second := loads(t.Context(), c)
		third := loads(t.Context(), c)
		none.with(core.Record{}, store.ErrNotFound)
		wants(t, "the first", nobody, store.ErrNotFound)
		q := <-questions // which one of the two asks for both
		// The clock is read once behind the answer, to judge it, and once to keep it. Then a second passes.
		clock.jumpAfter(2, store.DefaultMaxStale)
		q.with(session, nil)
		synctest.Wait()
		(<-questions).with(newer, nil)
		got := map[any]bool{<-second: true, <-third: true}
		if !got[session] || !got[newer] {
			t.Errorf("%v", got)
		}
	})
}

// latch is a clock that stands still, and jumps once it has been read so often.
type latch struct {
	mu    sync.Mutex
	at    time.Time
	left  int
	moves time.Duration
}

func (l *latch) now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.at
	if l.left > 0 {
		if l.left--; l.left == 0 {
			l.at = l.at.Add(l.moves)
		}
	}
	return at
}

func (l *latch) jumpAfter(reads int, by time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left, l.moves = reads, by
}

// How long the store took is an age as well, and the observer gets it.
func TestCacheTellsHowSlowTheStoreIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &hands{}
		var h heard
		inner, questions := questioned()
		c := nodes(t, inner, store.CacheConfig{Now: clock.now, Observer: h.observer()}, 1)[0]
		first := loads(t.Context(), c)
		q := <-questions
		clock.move(store.DefaultMaxStale - 1)
		q.with(session, nil)
		wants(t, "who asked", first, session)
		if s := c.Stats().Stalest; s != store.DefaultMaxStale-1 || len(h.stalests) != 1 || h.stalests[0] != s {
			t.Errorf("%v, and told %v", s, h.stalests)
		}
	})
}

// Of two answers at once the observer gets the larger age, whoever is first to say so.
func TestCacheTellsTheLargerOfTwo(t *testing.T) {
	var h heard
	c := nodes(t, store.NewMemory(), store.CacheConfig{Observer: h.observer()}, 1)[0]
	const rounds = 100_000
	var ready atomic.Int64
	var both sync.WaitGroup
	step := store.DefaultMaxStale / 100
	for of := range 2 {
		both.Go(func() {
			for round := range rounds {
				for ready.Add(1); ready.Load() < 2*int64(round+1); {
					runtime.Gosched() // a round begins when both are there
				}
				c.NoteAge(time.Duration(2*round+of+1) * step)
			}
		})
	}
	both.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	told := map[time.Duration]bool{}
	for _, age := range h.stalests {
		told[age] = true
	}
	missed := 0
	for round := range rounds {
		if !told[time.Duration(2*round+2)*step] {
			missed++
		}
	}
	if missed > 0 {
		t.Errorf("of %d largest ages the observer was not told %d", rounds, missed)
	}
}
