package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// flood is somebody who begins valid sessions without end, while others come back to theirs.
type flood struct {
	name string
	uses int // of each of its sessions
	each int // of its sessions for each use of a live one
}

// used is a cache on which live sessions are used while a flood goes on. There is room for some 3,000 regulars.
type used struct {
	*testing.T
	*store.Cache
	flood
	inner   store.Store
	clock   *hands
	step    time.Duration // between two uses of live sessions
	drowned int
	session map[int]core.Record // the live ones
}

// between lets the time between two uses pass.
func (u *used) between() {
	for range u.each {
		key := core.Key(fmt.Sprintf("flood%027d", u.drowned))
		u.drowned++
		wellDone(u, u.Create(u.Context(), key, session))
		for range u.uses {
			asks(u, u.Cache, key)
		}
	}
	u.clock.move(u.step)
}

func (u *used) begins(i int) {
	u.session[i] = session
	wellDone(u, u.Create(u.Context(), liveKey(i), session))
}

// hits asks for a live session, and reports whether a copy was the answer.
func (u *used) hits(i int) bool {
	before := u.Hits()
	asks(u, u.Cache, liveKey(i))
	return u.Hits() > before
}

// lives does something to a live session that ends its copy, and asks for it, or something that leaves one.
func (u *used) lives(i, what int) {
	ctx, key, rec := u.Context(), liveKey(i), u.session[i]
	switch what % 4 {
	case 0: // it is only read
		return
	case 1:
		rec.Revision++
		wellDone(u, u.Replace(ctx, key, rec.Revision-1, rec))
	case 2:
		rec.Seen++
		wellDone(u, u.Touch(ctx, key, rec.Revision, rec.Seen, rec.Deadline))
		asks(u, u.Cache, key)
	case 3: // another node changes it, and says so
		rec.Revision++
		wellDone(u, u.inner.Replace(ctx, key, rec.Revision-1, rec))
		u.Changed(key)
		asks(u, u.Cache, key)
	}
	u.session[i] = rec
}

func drown(t *testing.T, f flood, step time.Duration) *used {
	u := &used{T: t, flood: f, inner: store.NewMemory(), clock: &hands{time.Unix(0, 0)}, step: step, session: map[int]core.Record{}}
	u.Cache = nodes(t, u.inner, store.CacheConfig{Now: u.clock.now, MaxStale: time.Hour, MaxBytes: 1 << 20}, 1)[0]
	return u
}

// stay is for how long a regular keeps its place against others.
const stay = store.DefaultCacheIdle / 5

// A flood of valid sessions takes nothing from those in use, whatever becomes of these: begun and never used, used once, or used again and
// again, a few or many more than there is room for.
func TestCacheFlood(t *testing.T) {
	for _, f := range []flood{
		{"begun", 0, 20},
		{"used once", 1, 20},
		{"used twice", 2, 3},
		{"used twice, a wave", 2, 20},
		{"used three times", 3, 20},
		{"used twenty times", 20, 15},
	} {
		t.Run(f.name, func(t *testing.T) {
			const live = 250
			u := drown(t, f, stay*9/10/live)
			for i := range live {
				u.begins(i)
				u.hits(i)
				u.hits(i)
			}
			const rounds = 3
			hits := 0
			for round := range rounds {
				for i := range live {
					u.between()
					if u.hits(i) {
						hits++
					}
					u.lives(i, i+round)
				}
				u.Flush() // the feed breaks
				for i := range live {
					asks(t, u.Cache, liveKey(i))
				}
			}
			if rate := float64(hits) / (rounds * live); rate < 0.99 {
				t.Errorf("in the flood the live sessions have a hit rate of %.3f", rate)
			}
			if s := u.Stats(); s.Bytes > 1<<20 || f.uses > 0 && f.each > 3 && s.Evictions < 5*live {
				t.Errorf("it was no flood: %+v", s)
			}
		})
	}
}

// A regular keeps its place also where its record is large, and the flood comes between the end of its copy and its return, and where
// the record grows while all places are taken.
func TestCacheFloodLarge(t *testing.T) {
	const live = 60
	u := drown(t, flood{"", 2, 4000}, 0)
	for i := range live {
		u.begins(i)
		rec := u.session[i]
		rec.Revision, rec.Body = 2, strings.Repeat("x", 1000+i)
		wellDone(t, u.Replace(t.Context(), liveKey(i), 1, rec))
		u.session[i] = rec
		u.hits(i)
		u.hits(i)
	}
	u.between()
	for _, what := range []string{"reads", "changes elsewhere", "grows", "changes elsewhere", "touches", "breaks"} {
		for i := range live {
			key, rec := liveKey(i), u.session[i]
			if !u.hits(i) {
				t.Errorf("before it %s, session %d is no copy", what, i)
			}
			switch what {
			case "grows":
				rec.Revision++
				rec.Body += strings.Repeat("x", 500)
				wellDone(t, u.Replace(t.Context(), key, rec.Revision-1, rec))
			case "changes elsewhere":
				rec.Revision++
				rec.Body += "x"
				wellDone(t, u.inner.Replace(t.Context(), key, rec.Revision-1, rec))
				u.Changed(key)
			case "touches":
				rec.Seen++
				wellDone(t, u.Touch(t.Context(), key, rec.Revision, rec.Seen, rec.Deadline))
			}
			u.session[i] = rec
		}
		if what == "breaks" {
			u.Flush()
		}
		u.between()
		for i := range live {
			asks(t, u.Cache, liveKey(i))
		}
		u.between()
		if s := u.Stats(); s.Bytes > 1<<20 {
			t.Fatalf("after it %s: %+v", what, s)
		}
	}
	for i := range live {
		if !u.hits(i) {
			t.Errorf("session %d is no copy", i)
		}
	}
}

// Regulars that grow beyond all that there is make room for each other, and those who stay away for whoever comes.
func TestCacheGrowsFull(t *testing.T) {
	clock := &hands{time.Unix(0, 0)}
	c := nodes(t, store.NewMemory(), store.CacheConfig{Now: clock.now, MaxStale: time.Hour, MaxBytes: 10_000}, 1)[0]
	for i := range 10 {
		wellDone(t, c.Create(t.Context(), liveKey(i), session))
		asks(t, c, liveKey(i))
		asks(t, c, liveKey(i))
	}
	large := session
	large.Revision, large.Body = 2, strings.Repeat("x", 1000)
	for i := range 10 {
		wellDone(t, c.Replace(t.Context(), liveKey(i), 1, large))
	}
	if s := c.Stats(); s.Entries != 7 || s.Bytes > 10_000 {
		t.Errorf("of the ten seven have room: %+v", s)
	}
	clock.move(stay)
	wellDone(t, c.Create(t.Context(), "new", large))
	asks(t, c, "new")
	before := c.Hits()
	if asks(t, c, "new"); c.Hits() == before {
		t.Error("regulars who stay away leave no room for who comes")
	}
}

// A session that begins amid a flood finds its place, as long as fewer of the flood come back within the time for which a place is kept than
// there are places.
func TestCacheBeginsInAFlood(t *testing.T) {
	for _, f := range []flood{{"used once", 1, 40}, {"used twice", 2, 5}, {"used five times", 5, 5}} {
		t.Run(f.name, func(t *testing.T) {
			const live = 250
			u := drown(t, f, stay*9/10/live)
			for range 4 * live {
				u.between()
			}
			hits, asked := 0, 0
			for round := range 4 {
				for i := range live {
					u.between()
					if round == 0 {
						u.begins(i)
						u.hits(i)
					} else if asked++; u.hits(i) {
						hits++
					}
					u.hits(i)
				}
			}
			if rate := float64(hits) / float64(asked); rate < 0.99 {
				t.Errorf("sessions that began in the flood have a hit rate of %.3f", rate)
			}
		})
	}
}

func liveKey(i int) core.Key { return core.Key(fmt.Sprintf("live%028d", i)) }
