package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/satchel-go/satchel/core"
)

// following is the one goroutine of a cache, and what is known of its feed.
type following struct {
	sync.Mutex
	closed bool
	end    context.CancelFunc
	ended  chan struct{}
	up     bool
	lag    time.Duration
}

var (
	errFollowing   = errors.New("store: the cache follows a feed already")
	errCacheClosed = errors.New("store: the cache is closed")
	errSilent      = errors.New("store: the feed does not answer")
)

// The rests before a feed that broke is tried again. Each is twice the last one, less a part of it at random.
const (
	firstRest = 10 * time.Millisecond
	lastRest  = 5 * time.Second
)

// Follow starts a goroutine, which obeys what feed announces until Close. The feed is most often the inner store itself; it must announce
// by the keys that this cache is asked for. A cache follows one feed.
//
// Each MaxStale/4 the goroutine asks the feed for a sign of life, which comes by the way of the announcements and behind those that went
// before. If none comes within MaxStale, or the feed breaks, the cache forgets all its copies and listens anew; and forgets
// them again once it listens, since it cannot know what it has missed. Meanwhile it is a cache without a feed.
func (c *Cache) Follow(feed Feed) error {
	f := &c.feed
	f.Lock()
	defer f.Unlock()
	switch {
	case f.closed:
		return errCacheClosed
	case f.ended != nil:
		return errFollowing
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.end, f.ended = cancel, make(chan struct{})
	go func() {
		defer close(f.ended)
		c.follow(ctx, feed)
	}()
	return nil
}

func (f *following) close() {
	f.Lock()
	f.closed = true
	end, ended := f.end, f.ended
	f.Unlock()
	if ended != nil {
		end()
		<-ended
	}
}

func (f *following) state() (up bool, lag time.Duration) {
	f.Lock()
	defer f.Unlock()
	return f.up, f.lag
}

// follow listens, and listens anew whenever that breaks.
func (c *Cache) follow(ctx context.Context, feed Feed) {
	pause := firstRest
	for {
		began := time.Now()
		err := c.listen(ctx, feed)
		if ctx.Err() != nil {
			return
		}
		if down := c.config.Observer.FeedDown; down != nil {
			down(err)
		}
		if time.Since(began) > lastRest {
			pause = firstRest
		}
		wait := time.NewTimer(pause - rand.N(pause/2)) //nolint:gosec // so that not all nodes come back at once, no more
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return
		}
		pause = min(2*pause, lastRest)
	}
}

// listen obeys one unbroken listening, and returns why it broke.
func (c *Cache) listen(ctx context.Context, feed Feed) error {
	limited, cancel := context.WithTimeout(ctx, max(c.config.MaxStale, lastRest))
	l, err := feed.Listen(limited)
	cancel()
	if err != nil {
		return err
	}
	defer l.Close()
	defer c.setUp(false)
	c.setUp(true)
	if up := c.config.Observer.FeedUp; up != nil {
		up()
	}
	period := c.config.MaxStale / 4
	for n := uint64(1); ; n++ {
		p := probe{n: n, asked: time.Now(), mark: c.clock()}
		limited, cancel := context.WithTimeout(ctx, c.config.MaxStale)
		err := l.Probe(limited, n)
		cancel()
		for err == nil && !p.back {
			if time.Since(p.asked) >= c.config.MaxStale {
				return errSilent
			}
			err = c.hear(ctx, l, period, &p)
			c.dropIdleEverywhere()
		}
		if err != nil {
			return err
		}
	}
}

// probe is a question whether the feed is alive.
type probe struct {
	n     uint64
	asked time.Time
	mark  int64 // the same by the cache's clock: until then all is known when the answer comes
	back  bool
}

// hear obeys what comes within one period.
func (c *Cache) hear(ctx context.Context, l Listener, period time.Duration, p *probe) error {
	within, cancel := context.WithTimeout(ctx, period)
	defer cancel()
	for {
		a, err := l.Next(within)
		switch {
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case err != nil && within.Err() != nil:
			return nil
		case err != nil:
			return err
		case a.Probe == p.n && !p.back:
			p.back = true
			c.proved.Store(p.mark)
			c.feed.noteLag(time.Since(p.asked))
		case a.Probe != 0: // an older one's answer, which proves less
		case a.All:
			c.flush()
		default:
			c.changed(a.Key)
		}
	}
}

// changed forgets a record that was changed elsewhere.
func (c *Cache) changed(key core.Key) {
	s := c.shard(key)
	s.Lock()
	defer s.Unlock()
	s.invalidations++
	s.drop(key)
}

func (f *following) noteLag(lag time.Duration) {
	f.Lock()
	defer f.Unlock()
	f.lag = max(f.lag, lag)
}

// setUp begins or ends a time in which every change is announced. What was read before it, and what may have changed after it, is
// forgotten. What was proved until then says nothing about copies that come after it.
func (c *Cache) setUp(up bool) {
	c.feed.Lock()
	c.feed.up = up
	c.feed.Unlock()
	c.flush()
}

// flush forgets every copy, and whatever is on its way to become one.
func (c *Cache) flush() {
	for i := range c.shards {
		s := &c.shards[i]
		s.Lock()
		s.forget()
		s.Unlock()
	}
}

// dropIdleEverywhere keeps a cache small that nobody uses.
func (c *Cache) dropIdleEverywhere() {
	for i := range c.shards {
		s := &c.shards[i]
		s.Lock()
		s.dropIdle(c.clock()-c.idle, idleLooks)
		s.Unlock()
	}
}
