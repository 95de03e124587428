package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// moody is a feed that somebody disturbs: it loses what is said, holds it back, or breaks.
type moody struct {
	store.Feed
	deaf    atomic.Bool // loses announcements of records
	mute    atomic.Bool // holds everything back
	refuses atomic.Bool // cannot be listened to
	opened  atomic.Int64

	mu  sync.Mutex
	end context.CancelCauseFunc // of the one that listens
}

var errCut = errors.New("the feed was cut")

func (m *moody) Listen(ctx context.Context) (store.Listener, error) {
	if m.refuses.Load() {
		return nil, errCut
	}
	l, err := m.Feed.Listen(ctx)
	if err != nil {
		return nil, err
	}
	m.opened.Add(1)
	broken, end := context.WithCancelCause(context.Background())
	m.mu.Lock()
	defer m.mu.Unlock()
	m.end = end
	return &moodyListener{Listener: l, moody: m, broken: broken}, nil
}

// cut ends the listening.
func (m *moody) cut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.end(errCut)
}

type moodyListener struct {
	store.Listener
	moody  *moody
	broken context.Context
	held   []store.Announcement
}

func (l *moodyListener) Next(ctx context.Context) (store.Announcement, error) {
	for {
		if len(l.held) > 0 && !l.moody.mute.Load() {
			a := l.held[0]
			l.held = l.held[1:]
			return a, nil
		}
		next, stop := context.WithCancel(ctx)
		undo := context.AfterFunc(l.broken, stop)
		a, err := l.Listener.Next(next)
		undo()
		stop()
		switch {
		case l.broken.Err() != nil:
			return store.Announcement{}, errCut
		case err != nil:
			return a, err
		case l.moody.deaf.Load() && a.Probe == 0:
		case l.moody.mute.Load():
			l.held = append(l.held, a)
		default:
			return a, nil
		}
	}
}

// told is what an observer was told.
type heard struct {
	mu       sync.Mutex
	ups      int
	downs    []error
	stalests []time.Duration
}

func (h *heard) observer() store.CacheObserver {
	return store.CacheObserver{
		FeedUp:   func() { h.mu.Lock(); defer h.mu.Unlock(); h.ups++ },
		FeedDown: func(err error) { h.mu.Lock(); defer h.mu.Unlock(); h.downs = append(h.downs, err) },
		Stalest:  func(age time.Duration) { h.mu.Lock(); defer h.mu.Unlock(); h.stalests = append(h.stalests, age) },
	}
}

// pair is two nodes over one bus, the second of which follows a moody feed.
type pair struct {
	t        *testing.T
	bus      *store.Bus
	feed     *moody
	one, two *store.Cache
	heard    heard
}

func newPair(t *testing.T, trust time.Duration) *pair {
	t.Helper()
	p := &pair{t: t, bus: store.NewBus(store.NewMemory())}
	p.feed = &moody{Feed: p.bus}
	config := store.CacheConfig{TrustFeed: trust, Idle: time.Hour}
	p.one = nodes(t, p.bus, config, 1)[0]
	config.Observer = p.heard.observer()
	p.two = nodes(t, p.bus, config, 1)[0]
	wellDone(t, p.one.Follow(p.bus))
	wellDone(t, p.two.Follow(p.feed))
	synctest.Wait()
	return p
}

// begun makes a session that the second node has a copy of.
func (p *pair) begun(key core.Key) {
	p.t.Helper()
	wellDone(p.t, p.one.Create(p.t.Context(), key, session))
	synctest.Wait()
	asks(p.t, p.two, key)
	before := p.two.Stats().Hits
	asks(p.t, p.two, key)
	if p.two.Stats().Hits != before+1 {
		p.t.Fatal("the second node has no copy")
	}
}

// servedFor ends a session and returns for how long after that the second node served it, to a hundredth of MaxStale.
func (p *pair) servedFor(key core.Key) time.Duration {
	p.t.Helper()
	wellDone(p.t, p.one.Delete(p.t.Context(), key, 1))
	synctest.Wait()
	for begun, step := time.Now(), store.DefaultMaxStale/100; ; {
		if asks(p.t, p.two, key) == "none" {
			return time.Since(begun)
		}
		pass(step)
	}
}

// pass lets the bubble's time pass.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

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
				(<-questions).with(newer, nil)
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
