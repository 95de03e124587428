package store

import (
	"errors"
	"fmt"
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/satchel-go/satchel/core"
)

// The CacheConfig of a Cache that sets nothing.
const (
	DefaultMaxStale   = time.Second
	DefaultCacheBytes = 64 << 20 // some two hundred thousand records of 100 bytes, as CacheStats.Bytes counts them
	DefaultCacheIdle  = 5 * time.Minute
)

// CacheConfig is what a Cache may be told. The zero value is the safe default.
type CacheConfig struct {
	// MaxStale is Δ: no answer of Load is older, but under [Fresh], which is the inner store's own answer. A record that was changed
	// or removed elsewhere, by a call that has returned, is not served later than Δ after that, whatever becomes of the feed, unless
	// TrustFeed says otherwise. An inner store that takes longer to answer is unavailable, so it should be well above that. At least
	// 10 ms; 0 is DefaultMaxStale.
	MaxStale time.Duration

	// TrustFeed is how old a copy may become while the feed proves that it is alive; less than MaxStale is refused, but for
	// 0, which trusts nothing: then a copy lives no longer than MaxStale, and a message that the feed loses without a trace is
	// made good by then. With TrustFeed such a message is made good by then only. All else that can befall a feed (it breaks, it
	// is late, it falls silent, the process is stopped) is bounded by MaxStale either way.
	TrustFeed time.Duration

	// MaxBytes is the most bytes that copies may take, as [CacheStats] counts them; 0 is DefaultCacheBytes. A record that would
	// take more than a quarter of a shard, of which there are up to 64, is not kept.
	MaxBytes int64

	// Idle is how long a copy stays that nobody asks for. Each one goes, not only the one at the end; 0 is DefaultCacheIdle. For a
	// fifth of it nobody takes the place of what was asked for twice.
	Idle time.Duration

	// Observer is told what happens to the cache.
	Observer CacheObserver

	// Now is the clock by which copies age; nil is time.Now. It must not jump back (time.Now does not), and may be called
	// under a lock.
	Now func() time.Time
}

// CacheObserver is told what happens to a cache. A nil function is free. Functions are called outside every lock and should
// return soon.
type CacheObserver struct {
	// Stalest is told that an answer was older than any before by a hundredth of MaxStale at least, and how old it may have been. Of two
	// calls at once the larger may come first.
	Stalest func(age time.Duration)

	FeedUp   func()          // from now on every change elsewhere is announced
	FeedDown func(err error) // changes are not announced any more, or cannot be yet; the cache goes on trying
}

// Cache is a [Store] that keeps copies of what another one, the inner store, was asked for lately. The inner store stays the
// truth: every write goes there, on its revision, and the copy is updated or dropped before the write returns. So
// a write through this cache is seen by each Load through it that begins later. A write through another cache, or past
// it, is seen at once if its feed says so (see [Cache.Follow]), and within the MaxStale of its Guarantees always.
//
// The age of a copy is counted from before the inner Load began, and looked at, by the clock, after the copy was
// found. So a process that was stopped for a while (SIGSTOP) serves nothing from before; a machine that was
// suspended may, because its clock was too.
//
// That a record is absent is never kept. Concurrent Loads of one key are one, and whoever leaves ends no other's. Memory is bounded in bytes.
//
// A flood of valid sessions evicts none that is in use. What is asked for begins in an antechamber, and is a regular when it is asked for
// again, if there is room. A regular makes room for another only when nobody has asked for it for a fifth of Idle, a minute by
// default. So whoever was a regular before the flood, and comes back that often, stays one, however many the flood's sessions are and however
// often they come back. The place stays also where the copy goes: after a touch, a change elsewhere, or a break of the feed. A session that begins amid a
// flood becomes a regular too, as long as there is a place that nobody came back to for so long. There is none if the flood uses as many sessions
// as there is room for, all of them within each fifth of Idle; then the new ones and it share the antechamber, an eighth of the room,
// and the store is asked for what falls out of that.
//
// A Cache is no [Sweeper]: sweep what is inside. It starts no goroutine but by Follow.
type Cache struct {
	inner    Store
	config   CacheConfig // with its defaults filled in
	maxStale int64       // nanoseconds
	maxAge   int64
	idle     int64
	began    time.Time
	seed     maphash.Seed
	shards   []cacheShard
	turn     atomic.Uint32 // the shard that is looked at for idle copies next
	proved   atomic.Int64  // until when the feed is known to have said all; 0 for never
	stalest  atomic.Int64
	told     atomic.Int64 // the largest that the observer knows
	feed     following
}

var _ Store = (*Cache)(nil)

const (
	maxCacheShards = 64
	minShardBytes  = 64 << 10
	minMaxStale    = 10 * time.Millisecond
	stayPart       = 5 // of Idle a regular keeps its place against others
)

// NewCache returns an empty cache over inner, or an error that lists everything wrong with the configuration. It starts no
// goroutine and asks inner nothing.
func NewCache(inner Store, config CacheConfig) (*Cache, error) {
	var wrong []error
	if inner == nil {
		wrong = append(wrong, errors.New("store: a cache needs a store inside"))
	}
	if d := config.MaxStale; d != 0 && d < minMaxStale {
		wrong = append(wrong, fmt.Errorf("store: MaxStale is %v, less than %v", d, minMaxStale))
	}
	config.MaxStale = orDefault(config.MaxStale, DefaultMaxStale)
	if d := config.TrustFeed; d != 0 && d < config.MaxStale {
		wrong = append(wrong, fmt.Errorf("store: TrustFeed is %v, less than MaxStale, %v", d, config.MaxStale))
	}
	if config.MaxBytes < 0 {
		wrong = append(wrong, fmt.Errorf("store: MaxBytes is %d, less than 0", config.MaxBytes))
	}
	if config.Idle < 0 {
		wrong = append(wrong, fmt.Errorf("store: Idle is %v, less than 0", config.Idle))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	config.MaxBytes = orDefault(config.MaxBytes, DefaultCacheBytes)
	config.Idle = orDefault(config.Idle, DefaultCacheIdle)
	if config.Now == nil {
		config.Now = time.Now
	}
	c := &Cache{
		inner: inner, config: config, seed: maphash.MakeSeed(), began: config.Now(),
		maxStale: int64(config.MaxStale), maxAge: int64(max(config.MaxStale, config.TrustFeed)), idle: int64(config.Idle),
	}
	shards := int64(maxCacheShards)
	for shards > 1 && config.MaxBytes/shards < minShardBytes {
		shards /= 2
	}
	c.shards = make([]cacheShard, shards)
	for i := range c.shards {
		c.shards[i].begin(config.MaxBytes/shards, c.idle/stayPart)
	}
	return c, nil
}

func orDefault[T time.Duration | int64](v, d T) T {
	if v == 0 {
		return d
	}
	return v
}

// Unwrap returns the inner store, for whoever may not read a copy, and for its sweeps.
func (c *Cache) Unwrap() Store { return c.inner }

// Guarantees declares what the inner store does, but for two things. A cache is no [Feed]: who wants to hear of changes listens to what is
// inside. And an answer of Load may be older than the inner store declares: by MaxStale, or by TrustFeed where that is set, since a
// message that a trusted feed loses without a trace is made good by then only.
func (c *Cache) Guarantees() Guarantees {
	g := c.inner.Guarantees()
	g.Feed = false
	g.MaxStale += time.Duration(c.maxAge)
	return g
}

// CacheStats is what a cache has done since it was made, and what it keeps.
type CacheStats struct {
	Hits   uint64 // Loads that were answered with a copy
	Misses uint64 // Loads that were not
	Loads  uint64 // Loads of the inner store; those that share one count once

	Evictions     uint64 // copies that went because of MaxBytes or Idle
	Invalidations uint64 // announcements of the feed that named a record
	Entries       int    // copies that are kept now
	Bytes         int64  // what they take: key and body, and 256 for all else; also the places of copies that are to come back, as large as these were

	// Stalest is the largest age of an answer that had a record, be it a copy's or the inner store's: what it said was so until then at
	// least, and what became of it since was not known. With TrustFeed a copy's age begins anew with each proof that the feed is alive.
	Stalest time.Duration
	FeedUp  bool          // changes elsewhere are announced
	FeedLag time.Duration // the longest that a probe took through the feed, so the longest that an announcement took
}

// Stats returns the figures of now. It drops what has been idle first.
func (c *Cache) Stats() CacheStats {
	up, lag := c.feed.state()
	sum := CacheStats{Stalest: time.Duration(c.stalest.Load()), FeedUp: up, FeedLag: lag}
	for i := range c.shards {
		s := &c.shards[i]
		s.Lock()
		s.dropIdle(c.clock()-c.idle, s.count())
		sum.Hits += s.hits
		sum.Misses += s.misses
		sum.Loads += s.loads
		sum.Evictions += s.evictions
		sum.Invalidations += s.invalidations
		sum.Entries += s.count()
		sum.Bytes += s.bytes()
		s.Unlock()
	}
	return sum
}

// Close ends the goroutine that Follow started, and returns when it has ended. It may be called again. The inner store stays
// open, and the cache usable, as one without a feed.
func (c *Cache) Close() error {
	c.feed.close()
	return nil
}

// clock returns the instant in nanoseconds since the cache was made.
func (c *Cache) clock() int64 { return int64(c.config.Now().Sub(c.began)) }

func (c *Cache) shard(key core.Key) *cacheShard {
	return &c.shards[maphash.String(c.seed, string(key))&uint64(len(c.shards)-1)]
}

// age returns how old an answer from e is at the instant now, and whether it may be given. The lock of e's shard is held, so
// that an announcement which the feed's proof is behind has been obeyed.
func (c *Cache) age(e *copied, now int64) (int64, bool) {
	sure := e.loaded
	if c.maxAge > c.maxStale {
		sure = max(sure, c.proved.Load())
	}
	age := now - sure
	return age, age < c.maxStale && now >= e.loaded && now-e.loaded < c.maxAge
}

// noteAge keeps the largest age of an answer.
func (c *Cache) noteAge(age int64) {
	for known := c.stalest.Load(); age > known; known = c.stalest.Load() {
		if c.stalest.CompareAndSwap(known, age) {
			break
		}
	}
	tell := c.config.Observer.Stalest
	for told := c.told.Load(); tell != nil && age >= told+c.maxStale/100; told = c.told.Load() {
		if c.told.CompareAndSwap(told, age) {
			tell(time.Duration(age))
			return
		}
	}
}
