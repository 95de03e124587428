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
	deaf    atomic.Bool  // loses announcements of records
	mute    atomic.Bool  // holds everything back
	refuses atomic.Bool  // cannot be listened to
	lets    atomic.Int64 // so many of those that are held back go all the same
	opened  atomic.Int64
	closed  atomic.Int64

	mu  sync.Mutex
	end context.CancelCauseFunc // of the one that listens
	at  *moodyListener          // which is that
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
	m.at = &moodyListener{Listener: l, moody: m, broken: broken}
	return m.at, nil
}

// vanish lets the listening that there is hear nothing any more, for good, as if it were half open. What is asked of it is taken.
func (m *moody) vanish() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at.gone.Store(true)
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
	gone   atomic.Bool
	held   []store.Announcement
}

func (l *moodyListener) Next(ctx context.Context) (store.Announcement, error) {
	for {
		if len(l.held) > 0 && (!l.moody.mute.Load() || l.moody.lets.Add(-1) >= 0) {
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
		case l.gone.Load(), l.moody.deaf.Load() && a.Probe == 0:
		case l.moody.mute.Load():
			l.held = append(l.held, a)
		default:
			return a, nil
		}
	}
}

// Close counts.
func (l *moodyListener) Close() {
	l.moody.closed.Add(1)
	l.Listener.Close()
}

// heard is what an observer was told.
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
