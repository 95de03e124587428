package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// asked is a Load that has come to the inner store, to be answered.
type asked struct {
	ctx    context.Context
	answer chan func() (core.Record, error)
}

func (a asked) with(rec core.Record, err error) {
	a.answer <- func() (core.Record, error) { return rec, err }
}

// questioned is a store whose Loads wait for the test's answers, unless their contexts end.
func questioned() (*answering, chan asked) {
	questions := make(chan asked)
	return &answering{func(ctx context.Context, _ core.Key) (core.Record, error) {
		a := asked{ctx, make(chan func() (core.Record, error))}
		questions <- a
		select {
		case f := <-a.answer:
			return f()
		case <-ctx.Done():
			return core.Record{}, fmt.Errorf("inner: %w", ctx.Err())
		}
	}}, questions
}

// loads begins a Load, whose result comes later.
func loads(ctx context.Context, s store.Store) chan any {
	done := make(chan any, 1)
	go func() {
		defer func() {
			if e := recover(); e != nil {
				done <- e
			}
		}()
		rec, err := s.Load(ctx, "k")
		if err != nil {
			done <- err
		} else {
			done <- rec
		}
	}()
	synctest.Wait()
	return done
}

func wants(t *testing.T, what string, done chan any, want any) {
	t.Helper()
	synctest.Wait()
	select {
	case got := <-done:
		gotErr, _ := got.(error)
		wantErr, ok := want.(error)
		if ok && !errors.Is(gotErr, wantErr) || !ok && got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	default:
		t.Errorf("%s waits", what)
	}
}

var newer = core.Record{Revision: 2, Seen: 1, Deadline: 1000, Body: "newer"}

// Ten thousand who ask for one cold session at once are one Load of the store.
func TestCacheCrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, questions := questioned()
		c := nodes(t, inner, store.CacheConfig{}, 1)[0]
		const crowd = 10_000
		var all sync.WaitGroup
		var right atomic.Int64
		for range crowd {
			all.Go(func() {
				if rec, err := c.Load(t.Context(), "k"); err == nil && rec == session {
					right.Add(1)
				}
			})
		}
		synctest.Wait()
		(<-questions).with(session, nil)
		all.Wait()
		if n := c.Stats(); right.Load() != crowd || n.Loads != 1 || n.Misses != crowd || n.Hits != 0 {
			t.Errorf("%d of %d had the session: %+v", right.Load(), crowd, n)
		}
	})
}

// Who gives up fails alone, also the one who asks for all.
func TestCacheCrowdWithoutItsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, questions := questioned()
		c := nodes(t, inner, store.CacheConfig{}, 1)[0]
		leaving, leave := context.WithCancel(t.Context())
		other, leaveToo := context.WithCancel(t.Context())
		first := loads(leaving, c)
		second := loads(other, c)
		third, fourth := loads(t.Context(), c), loads(t.Context(), c)
		<-questions
		leaveToo()
		wants(t, "the second", second, context.Canceled)
		leave()
		wants(t, "the first", first, context.Canceled)
		q := <-questions // one of the others asks anew
		if q.ctx.Err() != nil {
			t.Error("it asks under the context of one who has left")
		}
		q.with(session, nil)
		wants(t, "the third", third, session)
		wants(t, "the fourth", fourth, session)
		if n := c.Stats().Loads; n != 2 {
			t.Errorf("%d Loads", n)
		}
	})
}

// An outage is everybody's; a panic is its own caller's.
func TestCacheCrowdFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, questions := questioned()
		c := nodes(t, inner, store.CacheConfig{}, 1)[0]
		first, second := loads(t.Context(), c), loads(t.Context(), c)
		(<-questions).with(core.Record{}, errTorn)
		wants(t, "the first", first, errTorn)
		wants(t, "the second", second, errTorn)
		if s := c.Stats(); s.Entries != 0 {
			t.Error("an outage is kept")
		}

		first, second = loads(t.Context(), c), loads(t.Context(), c)
		(<-questions).answer <- func() (core.Record, error) { panic("boom") }
		wants(t, "who asked", first, "boom")
		(<-questions).with(session, nil)
		wants(t, "who waited", second, session)

		first, second = loads(t.Context(), c), loads(t.Context(), c)
		wants(t, "a hit", first, session)
		wants(t, "a hit", second, session)
	})
}

// Its own goroutine's end leaves nobody waiting.
func TestCacheCrowdExits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, questions := questioned()
		c := nodes(t, inner, store.CacheConfig{}, 1)[0]
		go func() { _, _ = c.Load(t.Context(), "k") }()
		synctest.Wait()
		second := loads(t.Context(), c)
		(<-questions).answer <- func() (core.Record, error) { runtime.Goexit(); return core.Record{}, nil }
		(<-questions).with(session, nil)
		wants(t, "who waited", second, session)
	})
}

// That there was nothing is no answer for who came after it was asked: there may be something since.
func TestCacheCrowdFindsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, questions := questioned()
		c := nodes(t, inner, store.CacheConfig{}, 1)[0]
		first := loads(t.Context(), c)
		q := <-questions
		late, later := loads(t.Context(), c), loads(t.Context(), c)
		q.with(core.Record{}, store.ErrNotFound)
		wants(t, "the first", first, store.ErrNotFound)
		(<-questions).with(session, nil)
		wants(t, "who came later", late, session)
		wants(t, "who came later", later, session)

		wellDone(t, c.Delete(t.Context(), "k", 1))
		first = loads(t.Context(), c)
		q = <-questions
		late, later = loads(t.Context(), c), loads(t.Context(), c)
		q.with(core.Record{}, store.ErrNotFound)
		wants(t, "the first", first, store.ErrNotFound)
		(<-questions).with(core.Record{}, store.ErrNotFound) // which was asked since they came
		wants(t, "who came later", late, store.ErrNotFound)
		wants(t, "who came later", later, store.ErrNotFound)
		if n := c.Stats().Loads; n != 4 {
			t.Errorf("%d Loads", n)
		}
	})
}

// PEERS: a fill that comes after the deletion that it raced, and stays.
func TestCacheFillRaces(t *testing.T) {
	for name, change := range map[string]func(ctx context.Context, c *store.Cache) error{
		"Delete":  func(ctx context.Context, c *store.Cache) error { return c.Delete(ctx, "k", 1) },
		"Replace": func(ctx context.Context, c *store.Cache) error { return c.Replace(ctx, "k", 1, newer) },
		"Touch":   func(ctx context.Context, c *store.Cache) error { return c.Touch(ctx, "k", 1, 2, 2000) },
		"Create":  func(ctx context.Context, c *store.Cache) error { return c.Create(ctx, "k", newer) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inner, questions := questioned()
				c := nodes(t, inner, store.CacheConfig{}, 1)[0]
				racing := loads(t.Context(), c)
				q := <-questions
				wellDone(t, change(t.Context(), c))
				after := loads(t.Context(), c) // joins nobody who asked before the change
				q2 := <-questions
				q.with(session, nil)
				wants(t, "who raced", racing, session)
				if n := c.Stats().Entries; n != 0 {
					t.Error("what was read before the change is kept")
				}
				q2.with(newer, nil)
				wants(t, "who came after", after, newer)
			})
		})
	}
}

// Nobody goes back behind what somebody on this node was told: of two Loads that a change parted, the first may bring the newer.
func TestCacheGoesNotBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, questions := questioned()
		c := nodes(t, inner, store.CacheConfig{}, 1)[0]
		first := loads(t.Context(), c)
		q1 := <-questions
		wellDone(t, c.Touch(t.Context(), "k", 1, 2, 2000)) // parts them
		second := loads(t.Context(), c)
		q2 := <-questions
		q1.with(newer, nil)
		wants(t, "the first", first, newer)
		third := loads(t.Context(), c) // it is not told what the second was asked before
		q2.with(session, nil)
		wants(t, "the second", second, session)
		(<-questions).with(newer, nil)
		wants(t, "the third", third, newer)

		wellDone(t, c.Delete(t.Context(), "k", 2))
		first = loads(t.Context(), c)
		q1 = <-questions
		wellDone(t, c.Touch(t.Context(), "k", 1, 2, 2000))
		second = loads(t.Context(), c)
		(<-questions).with(session, nil)
		wants(t, "the second", second, session)
		q1.with(newer, nil)
		wants(t, "the first", first, newer)
		third = loads(t.Context(), c)
		(<-questions).with(newer, nil) // and not the copy that the second left
		wants(t, "the third", third, newer)
	})
}

// One change of a hot session costs two Loads more, however many ask meanwhile: those that it parted do not part others.
func TestCacheHotAfterAChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, questions := questioned()
		c := nodes(t, inner, store.CacheConfig{}, 1)[0]
		first := loads(t.Context(), c)
		q1 := <-questions
		wellDone(t, c.Replace(t.Context(), "k", 1, newer)) // parts them
		second := loads(t.Context(), c)
		q2 := <-questions
		q1.with(session, nil)
		wants(t, "the first", first, session)
		late, later := loads(t.Context(), c), loads(t.Context(), c) // while the second is on its way
		q2.with(newer, nil)
		wants(t, "the second", second, newer)
		q3 := <-questions
		latest := loads(t.Context(), c)
		q3.with(newer, nil)
		for _, done := range []chan any{late, later, latest} {
			wants(t, "who came while it was asked for", done, newer)
		}
		wants(t, "who comes after", loads(t.Context(), c), newer)
		if s := c.Stats(); s.Loads != 3 || s.Entries != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// What nobody may be told any more, as it was asked before somebody was told something newer, also ends: with an outage, and when whoever
// asked leaves. Who came late asks anew.
func TestCachePassedFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, end := range map[string]func(q asked, leave func()){
			"an outage":  func(q asked, _ func()) { q.with(core.Record{}, errTorn) },
			"nothing":    func(q asked, _ func()) { q.with(core.Record{}, store.ErrNotFound) },
			"its caller": func(_ asked, leave func()) { leave() },
		} {
			inner, questions := questioned()
			c := nodes(t, inner, store.CacheConfig{}, 1)[0]
			ctx, leave := context.WithCancel(t.Context())
			first := loads(t.Context(), c)
			q1 := <-questions
			wellDone(t, c.Touch(t.Context(), "k", 1, 2, 2000))
			loads(ctx, c)
			q2 := <-questions
			q1.with(newer, nil)
			wants(t, "the first", first, newer)
			late := loads(t.Context(), c)
			end(q2, leave)
			(<-questions).with(newer, nil)
			wants(t, "after "+name+" ends it, who came late", late, newer)
			leave()
			if s := c.Stats(); s.Entries != 1 {
				t.Errorf("after %s: %+v", name, s)
			}
		}
	})
}
