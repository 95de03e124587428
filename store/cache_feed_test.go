package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// With the feed alive an end elsewhere is known at once, and a copy that is trusted is served for as long as the feed says nothing.
func TestFeedAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, time.Minute)
		p.begun("k")
		loads := p.two.Stats().Loads
		for range 55 {
			pass(time.Second)
			asks(t, p.two, "k")
		}
		if n := p.two.Stats().Loads; n != loads {
			t.Errorf("a trusted copy was asked for anew %d times", n-loads)
		}
		if served := p.servedFor("k"); served != 0 {
			t.Errorf("it was served for %v", served)
		}
		s := p.two.Stats()
		if !s.FeedUp || s.Stalest > store.DefaultMaxStale/2 || s.Invalidations == 0 {
			t.Errorf("%+v", s)
		}
		p.begun("k")
		pass(time.Minute)
		loads = p.two.Stats().Loads
		asks(t, p.two, "k")
		if n := p.two.Stats().Loads; n != loads+1 {
			t.Error("a copy was trusted for longer than TrustFeed")
		}
	})
}

// Whatever befalls a feed: no session is served for MaxStale after its end, and for all the faults but a lost message that is so also where
// the feed is trusted. Each fault is there when the session ends and stays.
func TestFeedFaults(t *testing.T) {
	for name, disturb := range map[string]func(m *moody){
		"late":                  func(m *moody) { m.mute.Store(true) },
		"cut":                   func(m *moody) { m.refuses.Store(true); m.cut() },
		"loses a message":       func(m *moody) { m.deaf.Store(true) },
		"cut and silent before": func(m *moody) { m.mute.Store(true); m.refuses.Store(true); m.cut() },
	} {
		for _, trust := range []time.Duration{0, time.Hour} {
			if name == "loses a message" && trust > 0 {
				continue // that is what the trust is about
			}
			t.Run(name+" "+trust.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := newPair(t, trust)
					for _, key := range []core.Key{"k", "l", "m"} {
						p.begun(key)
					}
					pass(time.Second / 3)
					disturb(p.feed)
					for _, key := range []core.Key{"k", "l", "m"} {
						if served := p.servedFor(key); served >= store.DefaultMaxStale {
							t.Errorf("it was served for %v", served)
						}
					}
				})
			})
		}
	}
}

// What a probe proves is what was so when it was sent, and not when its answer came.
func TestFeedProvesThePast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, time.Hour)
		p.begun("k")
		p.feed.mute.Store(true)
		pass(store.DefaultMaxStale / 4) // now a probe is on its way
		wellDone(t, p.one.Delete(t.Context(), "k", 1))
		pass(store.DefaultMaxStale / 2)
		p.feed.lets.Store(1) // its answer, and not what came behind
		pass(store.DefaultMaxStale / 2)
		if lag := p.two.Stats().FeedLag; lag < store.DefaultMaxStale/2 {
			t.Fatalf("the answer came after %v", lag)
		}
		if got := asks(t, p.two, "k"); got != "none" {
			t.Errorf("MaxStale after its end it serves %q", got)
		}
	})
}

// Where the feed is not trusted it makes no answer younger, in the figure either.
func TestFeedUntrusted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, 0)
		p.begun("k")
		pass(store.DefaultMaxStale * 9 / 10)
		asks(t, p.two, "k")
		if s := p.two.Stats(); s.Stalest != store.DefaultMaxStale*9/10 || s.FeedLag > store.DefaultMaxStale/10 {
			t.Errorf("%+v", s)
		}
	})
}

// What a trusted feed loses without a trace is made good by TrustFeed.
func TestFeedTrustIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, 10*time.Second)
		p.begun("k")
		p.feed.deaf.Store(true)
		if served := p.servedFor("k"); served < 9*time.Second || served > 10*time.Second {
			t.Errorf("it was served for %v", served)
		}
	})
}

// A feed that breaks is listened to anew, and what it may have said meanwhile is not relied on: no copy outlives a gap.
func TestFeedGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, time.Hour)
		p.begun("k")
		p.begun("l")
		p.feed.cut()
		synctest.Wait()
		wellDone(t, p.one.Delete(t.Context(), "k", 1)) // in the gap
		pass(time.Second)
		if s := p.two.Stats(); !s.FeedUp || p.feed.opened.Load() < 2 {
			t.Errorf("it does not listen again: %+v", s)
		}
		if got := asks(t, p.two, "k"); got != "none" {
			t.Errorf("after the gap it serves %q", got)
		}
		loads := p.two.Stats().Loads
		asks(t, p.two, "l")
		if p.two.Stats().Loads == loads {
			t.Error("a copy outlived the gap")
		}
		p.heard.mu.Lock()
		defer p.heard.mu.Unlock()
		if p.heard.ups != 2 || len(p.heard.downs) != 1 || !errors.Is(p.heard.downs[0], errCut) {
			t.Errorf("the observer heard %d ups and %v", p.heard.ups, p.heard.downs)
		}
	})
}

// A feed that says nothing any more, not even to a probe, is given up after MaxStale and listened to anew.
func TestFeedSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, time.Hour)
		p.begun("k")
		p.feed.mute.Store(true)
		pass(2 * store.DefaultMaxStale)
		p.heard.mu.Lock()
		downs := len(p.heard.downs)
		p.heard.mu.Unlock()
		if downs == 0 {
			t.Error("nobody noticed")
		}
		p.feed.mute.Store(false)
		pass(10 * time.Second)
		if s := p.two.Stats(); !s.FeedUp {
			t.Errorf("%+v", s)
		}
		p.begun("l")
		if served := p.servedFor("l"); served != 0 {
			t.Errorf("it was served for %v", served)
		}
	})
}

// A listening that takes each probe and hears nothing any more, though its feed is well, has no error to end by: the silence ends it, MaxStale after
// the first probe that was not answered and no later than that, and the next listening is well.
func TestFeedHalfOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, time.Hour)
		p.begun("k")
		p.feed.vanish()
		told := func() []error {
			p.heard.mu.Lock()
			defer p.heard.mu.Unlock()
			return slices.Clone(p.heard.downs)
		}
		pass(store.DefaultMaxStale)
		if downs := told(); len(downs) != 0 {
			t.Errorf("it was given up before MaxStale: %v", downs)
		}
		pass(store.DefaultMaxStale/4 + time.Millisecond) // the next probe went a fourth later
		if downs := told(); len(downs) != 1 || !errors.Is(downs[0], store.ErrSilent) {
			t.Errorf("the observer heard %v", downs)
		}
		pass(100 * time.Millisecond)
		if s, closed := p.two.Stats(), p.feed.closed.Load(); !s.FeedUp || p.feed.opened.Load() != 2 || closed != 1 {
			t.Errorf("it listened %d times, closed %d: %+v", p.feed.opened.Load(), closed, s)
		}
		p.begun("l")
		if served := p.servedFor("l"); served != 0 {
			t.Errorf("it was served for %v", served)
		}
	})
}

// A fill that was on its way when the feed announced its end is not kept, nor one from before the feed was up.
func TestFeedFillRaces(t *testing.T) {
	for _, moment := range []string{"an announcement", "a new listening", "all may have changed"} {
		t.Run(moment, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inner, questions := questioned()
				c := nodes(t, inner, store.CacheConfig{TrustFeed: time.Hour}, 1)[0]
				bus := store.NewBus(inner)
				if moment != "a new listening" {
					wellDone(t, c.Follow(bus))
					synctest.Wait() // it listens
				}
				racing := loads(t.Context(), c)
				q := <-questions
				switch moment {
				case "an announcement":
					wellDone(t, bus.Delete(t.Context(), "k", 1))
				case "a new listening":
					wellDone(t, c.Follow(bus))
				default:
					bus.AnnounceAll()
				}
				synctest.Wait()
				q.with(session, nil)
				wants(t, "who raced", racing, session)
				after := loads(t.Context(), c)
				select {
				case q := <-questions:
					q.with(newer, nil)
				case <-time.After(time.Minute):
					t.Fatal("what was read before is kept")
				}
				wants(t, "who came after", after, newer)
			})
		})
	}
}

// The observer gets the largest age of an answer, as it grows by steps that matter.
func TestCacheTellsItsStalest(t *testing.T) {
	clock := &hands{time.Unix(0, 0)}
	var h heard
	c := nodes(t, store.NewMemory(), store.CacheConfig{Now: clock.now, Observer: h.observer()}, 1)[0]
	wellDone(t, c.Create(t.Context(), "k", session))
	asks(t, c, "k")
	for range 1000 {
		clock.move(time.Second / 2000)
		asks(t, c, "k")
	}
	if s := c.Stats().Stalest; s != time.Second/2 {
		t.Errorf("the largest age is %v", s)
	}
	if n := len(h.stalests); n != 50 || h.stalests[n-1] != time.Second/2 {
		t.Errorf("the observer was told %d times, at last %v", n, h.stalests[n-1])
	}
}

// One feed, from Follow to Close, which may come again, and nothing is left running.
func TestCacheClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which fails if a goroutine is left
		p := newPair(t, 0)
		if err := p.two.Follow(p.bus); err == nil {
			t.Error("it follows two feeds")
		}
		p.begun("k")
		for range 2 {
			wellDone(t, p.two.Close())
		}
		if s := p.two.Stats(); s.FeedUp {
			t.Error("the feed is up after Close")
		}
		if n := p.feed.closed.Load(); n != 1 {
			t.Errorf("%d listeners are closed", n)
		}
		if err := p.two.Follow(p.bus); err == nil {
			t.Error("a closed cache follows")
		}
		if got := asks(t, p.two, "k"); got != "body" {
			t.Errorf("a closed cache has %q", got)
		}
	})
	unused := nodes(t, store.NewMemory(), store.CacheConfig{}, 1)[0]
	wellDone(t, unused.Close())
}

// A listener that is too slow for its bus is told so.
func TestBusIsNotWaitedFor(t *testing.T) {
	bus := store.NewBus(store.NewMemory())
	l, err := bus.Listen(t.Context())
	wellDone(t, err)
	for range 10_000 {
		_ = bus.Delete(t.Context(), "k", 1)
	}
	for heard := 0; ; heard++ {
		if _, err := l.Next(t.Context()); err != nil {
			break
		}
		if heard > 10_000 {
			t.Fatal("it heard everything")
		}
	}
	l.Close()
	l.Close()
	if _, err := bus.Listen(overContext(t)); err == nil {
		t.Error("it listens under a context that has ended")
	}
}

func overContext(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
