//go:build linux

package attack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/bench/peers"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/internal/million"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/observed"
)

// A flood of IDs that nobody was given costs one read of the store each, or none where IDs are signed; it makes no record, is not remembered
// by a cache, and leaves those who have a session alone.
func TestFloodOfRandomIDs(t *testing.T) { randomIDs(t, 400) }

func TestLongFloodOfRandomIDs(t *testing.T) {
	need.Long(t)
	randomIDs(t, 200_000)
}

func randomIDs(t *testing.T, many int) {
	signed := func(by *crypto.Keyring) func(*satchel.Config, *satchel.Options) {
		return func(_ *satchel.Config, o *satchel.Options) { o.SignIDs = satchel.FixedKeys(by) }
	}
	forger, err := crypto.NewKey("k1", crypto.Primary, []byte("what a forger has in place of it"))
	if err != nil {
		t.Fatal(err)
	}
	forgers, err := crypto.NewKeyring(forger)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct {
		name   string
		adjust []func(*satchel.Config, *satchel.Options) // of the site
		token  func() string
		reads  int // for each request
	}{
		{"random IDs", nil, guessed(t), 1},
		{"random IDs, where IDs are signed", []func(*satchel.Config, *satchel.Options){signed(peers.Keyring())}, guessed(t), 0},
		{"forged IDs", []func(*satchel.Config, *satchel.Options){signed(peers.Keyring())}, guessed(t, signed(forgers)), 0},
		{"no tokens at all", nil, func() string { return "'; DROP TABLE sessions; --" }, 0},
	} {
		t.Run(f.name, func(t *testing.T) { floodOfTokens(t, many, f.reads, f.token, f.adjust...) })
	}
}

// guessed returns what gives well-formed tokens that the site never made: another one did.
func guessed(t *testing.T, adjust ...func(*satchel.Config, *satchel.Options)) func() string {
	t.Helper()
	var elsewhere *satchel.Sessions
	made := 0
	return func() string {
		if made%1000 == 0 { // so that what it keeps is no memory of the site's
			elsewhere = place(store.NewMemory(), adjust...)
		}
		made++
		ex := elsewhere.Open(satchel.Arrived{})
		err := boards.Set(ex.Context(context.Background()), board{})
		out, failed := ex.Commit(context.Background())
		if err := errors.Join(err, failed); err != nil || len(out) != 1 {
			t.Fatal("no token:", err)
		}
		return string(out[0].Token)
	}
}

func floodOfTokens(t *testing.T, many, reads int, token func() string, adjust ...func(*satchel.Config, *satchel.Options)) {
	const residents, attackers = 100, 16
	records := store.NewMemory()
	var loads, others atomic.Int64
	cache, err := store.NewCache(observed.New(records, func(_ context.Context, c observed.Call) {
		if c.Method == "Load" {
			loads.Add(1)
		} else {
			others.Add(1)
		}
	}), store.CacheConfig{MaxStale: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	url := served(t, site(place(cache, adjust...)))
	c := browser(t)
	cookies := residentsOf(t, c, url, residents)
	name, _, _ := strings.Cut(cookies[0], "=")
	var mu sync.Mutex // of what tokens are made from
	flood := func(many int) []time.Duration {
		return byMany(t, many, attackers, func(int) (time.Duration, error) {
			mu.Lock()
			cookie := name + "=" + token()
			mu.Unlock()
			a, err := ask(c, http.MethodGet, url+"/look", cookie)
			if err != nil || a.status != http.StatusNoContent || a.set != "" {
				err = fmt.Errorf("%d, %d bytes of cookies: %w", a.status, len(a.set), errors.Join(err, errWrong))
			}
			return a.took, err
		})
	}
	flood(many / 10) // fills pools and the like
	kept, heap := records.Stats(), million.Heap()
	loads.Store(0)
	others.Store(0)
	began := time.Now()
	took := times(flood(many)).String()
	lasted := seconds(began)
	if loads.Load() != int64(reads*many) || others.Load() != 0 {
		t.Errorf("%d requests cost %d reads and %d other calls of the store", many, loads.Load(), others.Load())
	}
	grown, copies := million.Heap()-heap, cache.Stats().Entries
	if records.Stats() != kept || copies > residents || grown > 1<<20 {
		t.Errorf("%d records and %d copies are kept, and the heap has grown by %d bytes", records.Stats().Records-kept.Records, copies, grown)
	}
	before := cache.Stats().Hits
	for _, cookie := range cookies {
		look(t, c, url, cookie)
	}
	if hits := cache.Stats().Hits - before; hits != residents {
		t.Errorf("of %d who have a session %d are still in the cache", residents, hits)
	}
	notef(t, "%d requests in %v (%v): %d reads of the store, no other call, no record, no cookie; the heap has grown by %d bytes; the %d who have a session found it in the cache",
		many, lasted, took, loads.Load(), grown, residents)
}

// residentsOf begins sessions, and asks for each so often that it stays in a cache.
func residentsOf(t *testing.T, c *http.Client, url string, many int) (cookies []string) {
	t.Helper()
	for range many {
		cookie := begin(t, c, url)
		look(t, c, url, cookie)
		look(t, c, url, cookie)
		cookies = append(cookies, cookie)
	}
	return cookies
}

// A flood of sessions that nobody comes back to fills a bounded store and no more: then a new one is 503, those who have one read and
// change it as ever, they are found in the cache, and once the flood is over by time there is room again.
func TestFloodOfSessions(t *testing.T) { floodOfSessions(t, 1_000) }

func TestLongFloodOfSessions(t *testing.T) {
	need.Long(t)
	floodOfSessions(t, 200_000)
}

func floodOfSessions(t *testing.T, many int) {
	const residents, attackers = 100, 16
	room := many / 2
	records, err := store.MemoryConfig{MaxRecords: room}.New()
	if err != nil {
		t.Fatal(err)
	}
	var minutes atomic.Int64
	first := time.Now()
	clock := func() time.Time { return first.Add(time.Duration(minutes.Load()) * time.Minute) }
	cache, err := store.NewCache(records, store.CacheConfig{MaxStale: time.Hour, MaxBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	url := served(t, site(place(cache, func(c *satchel.Config, _ *satchel.Options) { c.Clock = clock })))
	c := browser(t)
	cookies := residentsOf(t, c, url, residents)
	var made, refused, asked, hits int
	for began := 0; began < many; began += many / 10 {
		m, r := begins(t, c, url, many/10, attackers)
		made, refused = made+m, refused+r
		before := cache.Stats().Hits
		for i, cookie := range cookies {
			look(t, c, url, cookie)
			if asked++; i%10 == 0 {
				must(t, c, http.MethodPost, url+"/add?own=x", cookie)
			}
		}
		hits += int(cache.Stats().Hits-before) - residents/10 // an Update looks as well
		if kept := records.Stats().Records; kept > room {
			t.Fatalf("%d records are kept where there is room for %d", kept, room)
		}
	}
	if made != room-residents || made+refused != many || hits*100 < asked*99 || hits > asked {
		t.Errorf("%d were begun and %d refused, with room for %d; of %d looks %d were hits", made, refused, room-residents, asked, hits)
	}
	for i, cookie := range cookies {
		if b := look(t, c, url, cookie); (i%10 == 0) != (b.All == 10) {
			t.Errorf("a session has %d changes", b.All)
		}
	}
	minutes.Add(31)
	if m, _ := begins(t, c, url, 100, attackers); m != 100 {
		t.Errorf("when the flood was over by time %d of 100 could begin a session", m)
	}
	notef(t, "%d sessions begun and %d refused with 503 (room for %d records, nothing live removed); %d changed theirs; the cache answered %d of %d looks of theirs; half an hour later new ones begin",
		made, refused, room, residents/10, hits, asked)
}

// begins is many who begin a session each, and returns how many could and how many were refused.
func begins(t *testing.T, c *http.Client, url string, many, attackers int) (made, refused int) {
	t.Helper()
	var yes, no atomic.Int64
	byMany(t, many, attackers, func(int) (time.Duration, error) {
		a, err := ask(c, http.MethodPost, url+"/begin", "")
		switch {
		case err == nil && a.status == http.StatusOK && a.set != "":
			yes.Add(1)
		case err == nil && a.status == http.StatusServiceUnavailable && a.set == "":
			no.Add(1)
		default:
			err = fmt.Errorf("%d, %d bytes of cookies: %w", a.status, len(a.set), errors.Join(err, errWrong))
		}
		return a.took, err
	})
	return int(yes.Load()), int(no.Load())
}
