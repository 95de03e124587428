package faults

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	beego "github.com/beego/beego/v2/server/web/session"
	irisredis "github.com/kataras/iris/v12/sessions/sessiondb/redis"
	goredis "github.com/redis/go-redis/v9"

	"github.com/satchel-go/satchel/bench/engines"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// dropsWrites: the store goes out of reach between reading and writing, and comes back. Who was told of no error has what was written.
func dropsWrites(t *testing.T, s *site, down, up func()) verdict {
	t.Helper()
	cookie := s.do("/new", "").cookie
	s.meanwhile = down
	told := s.do("/add", cookie)
	up()
	after := s.do("/look", cookie).body
	if after == "2" {
		t.Fatal("the store was not out of reach")
	}
	return hasIf(told.status < http.StatusInternalServerError)
}

func (s *shelf) falls()  { s.mu.Lock(); s.down = true; s.mu.Unlock() }
func (s *shelf) rises()  { s.mu.Lock(); s.down = false; s.mu.Unlock() }
func (d *drawer) falls() { d.mu.Lock(); d.down = true; d.mu.Unlock() }
func (d *drawer) rises() { d.mu.Lock(); d.down = false; d.mu.Unlock() }

func scsDropsWrites(t *testing.T) verdict {
	on := newShelf()
	m := newSCS(forSCS{on})
	m.ErrorFunc = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusInternalServerError) }
	return dropsWrites(t, scsSite(m), on.falls, on.rises)
}

func fiberDropsWrites(t *testing.T) verdict {
	on := newShelf()
	return dropsWrites(t, fiberSite(forFiber{on}), on.falls, on.rises)
}

func satchelDropsWrites(t *testing.T) verdict {
	on := newDrawer()
	return dropsWrites(t, satchelSite(visits.ServerSide(on)), on.falls, on.rises)
}

// away returns what takes a folder away and what brings it back.
func away(t *testing.T, folder string) (down, up func()) {
	move := func(from, to string) func() {
		return func() {
			if err := os.Rename(from, to); err != nil {
				t.Error(err)
			}
		}
	}
	return move(folder, folder+".away"), move(folder+".away", folder)
}

func filesDropWrites(t *testing.T) verdict {
	s, folder := gorillaFiles(t)
	down, up := away(t, folder)
	return dropsWrites(t, s, down, up)
}

// beego writes to its log what happened, and to nobody else.
func beegoDropsWrites(t *testing.T) verdict {
	log := beego.SLogger.Writer()
	beego.SLogger.SetOutput(io.Discard)
	t.Cleanup(func() { beego.SLogger.SetOutput(log) })
	s, folder := beegoFiles(t)
	down, up := away(t, folder)
	return dropsWrites(t, s, down, up)
}

// full returns what has a Redis refuse each write for want of memory, and what has it take them again.
func full(t *testing.T, client *goredis.Client) (down, up func()) {
	limit := func(to string) func() {
		return func() {
			if err := client.ConfigSet(t.Context(), "maxmemory", to).Err(); err != nil {
				t.Error(err)
			}
		}
	}
	return limit("1"), limit("0")
}

func redisstoreDropsWrites(t *testing.T) verdict {
	s, client := redisstoreOn(t)
	down, up := full(t, client)
	return dropsWrites(t, s, down, up)
}

func irisDropsWrites(t *testing.T) verdict {
	nodes, client := irisNodesOn(t)
	down, up := full(t, client)
	return dropsWrites(t, nodes[0], down, up)
}

// irisNodesOn are two nodes of iris with one database.
func irisNodesOn(t *testing.T) (nodes [2]*site, client *goredis.Client) {
	client = engines.StartRedis(t).GoRedis(t)
	options := client.Options()
	for i := range nodes {
		records := irisredis.New(irisredis.Config{Network: options.Network, Addr: options.Addr, MaxActive: 4})
		t.Cleanup(func() { _ = records.Close() })
		nodes[i] = irisOn(t, records)
	}
	return nodes, client
}

// remembersMisses: somebody asks for a session that is not there, and then it is.
func remembersMisses(t *testing.T, s *site, cookie string, comes func()) verdict {
	t.Helper()
	if s.do("/look", cookie).body != "0" {
		t.Fatal("it was there")
	}
	comes()
	return hasIf(s.do("/look", cookie).body != "1")
}

// irisRemembersMisses needs no session to come late: iris adopts the ID that is asked for.
func irisRemembersMisses(t *testing.T) verdict {
	nodes, _ := irisNodesOn(t)
	return remembersMisses(t, nodes[1], planted, func() { nodes[0].do("/add", planted) })
}

// behind asks a node with a cache that somebody makes in front of records that come late.
func behind(t *testing.T, cached func(store.Store) store.Store) verdict {
	records := &moody{Store: store.NewMemory()}
	cookie := satchelSite(visits.ServerSide(records)).do("/new", "").cookie
	records.hidden = true
	return remembersMisses(t, satchelSite(visits.ServerSide(cached(records))), cookie, func() { records.hidden = false })
}

func naiveRemembersMisses(t *testing.T) verdict { return behind(t, newNaive) }
func satchelRemembersMisses(t *testing.T) verdict {
	return behind(t, func(s store.Store) store.Store { return cacheOver(t, s) })
}

func cacheOver(t *testing.T, records store.Store) *store.Cache {
	t.Helper()
	c, err := store.NewCache(records, store.CacheConfig{MaxStale: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// irisReadsTheEnded: one node ends a session that another is reading.
func irisReadsTheEnded(t *testing.T) verdict {
	nodes, _ := irisNodesOn(t)
	cookie := nodes[0].do("/new", "").cookie
	nodes[1].meanwhile = func() { nodes[0].do("/logout", cookie) }
	if nodes[1].do("/look", cookie).body != "1" {
		t.Fatal("it was not read")
	}
	return hasIf(nodes[1].do("/look", cookie).body == "1")
}

// fills asks a node whose cache reads a session, which ends between the answer of the store and its way into the cache.
func fills(t *testing.T, cached func(store.Store) store.Store) verdict {
	records := &moody{Store: store.NewMemory()}
	cookie := satchelSite(visits.ServerSide(records)).do("/new", "").cookie
	cache := cached(records)
	s := satchelSite(visits.ServerSide(cache))
	records.loaded = func(ctx context.Context, key core.Key, rec core.Record) {
		if err := cache.Delete(ctx, key, rec.Revision); err != nil {
			t.Error(err)
		}
	}
	if s.do("/look", cookie).body != "1" || records.loaded != nil {
		t.Fatal("it was not read")
	}
	return hasIf(s.do("/look", cookie).body == "1")
}

func naiveFills(t *testing.T) verdict { return fills(t, newNaive) }
func satchelFills(t *testing.T) verdict {
	return fills(t, func(s store.Store) store.Store { return cacheOver(t, s) })
}

// revives: one node adds to a session that another has ended since it was read.
func revives(one, other *site) verdict {
	cookie := one.do("/new", "").cookie
	other.meanwhile = func() { one.do("/logout", cookie) }
	added := other.do("/add", cookie)
	found := hasIf(other.meanwhile != nil)
	for _, s := range []*site{one, other} {
		found = either(found, hasIf(s.do("/look", cookie).body == "2"), hasIf(added.cookie != "" && s.do("/look", added.cookie).body == "2"))
	}
	return found
}

func irisRevives(t *testing.T) verdict {
	nodes, _ := irisNodesOn(t)
	return revives(nodes[0], nodes[1])
}

func satchelRevives(t *testing.T) verdict {
	records := store.NewMemory()
	return revives(satchelSite(visits.ServerSide(cacheOver(t, records))), satchelSite(visits.ServerSide(cacheOver(t, records))))
}

// moody is a store that hides what it has, or has something happen when a record was read and its reader does not have it yet, once.
type moody struct {
	store.Store

	hidden bool
	loaded func(ctx context.Context, key core.Key, rec core.Record)
}

func (m *moody) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if m.hidden {
		return core.Record{}, store.ErrNotFound
	}
	rec, err := m.Store.Load(ctx, key)
	if f := m.loaded; f != nil && err == nil {
		m.loaded = nil
		f(ctx, key, rec)
	}
	return rec, err
}

// naive is a cache as it should not be: it keeps what it was told, misses too, whatever has happened meanwhile.
type naive struct {
	store.Store

	mu   sync.Mutex
	kept map[core.Key]answered
}

type answered struct {
	rec core.Record
	err error
}

func newNaive(records store.Store) store.Store {
	return &naive{Store: records, kept: map[core.Key]answered{}}
}

func (n *naive) Load(ctx context.Context, key core.Key) (core.Record, error) {
	n.mu.Lock()
	a, ok := n.kept[key]
	n.mu.Unlock()
	if ok {
		return a.rec, a.err
	}
	a.rec, a.err = n.Store.Load(ctx, key)
	if a.err == nil || errors.Is(a.err, store.ErrNotFound) {
		n.mu.Lock()
		n.kept[key] = a
		n.mu.Unlock()
	}
	return a.rec, a.err
}

func (n *naive) Delete(ctx context.Context, key core.Key, at uint64) error {
	n.mu.Lock()
	delete(n.kept, key)
	n.mu.Unlock()
	return n.Store.Delete(ctx, key, at)
}
