//go:build unix

// Package fleet proves that caches of several processes over one engine stay coherent. The nodes are the test's own binary,
// started again: each has a store, a cache that follows the store's feed, and an order on its standard input a line.
//
//	func TestMain(m *testing.M) {
//		fleet.Main(open) // does not return in a node
//		os.Exit(m.Run())
//	}
//
//	func TestFleet(t *testing.T) { fleet.Config{…}.Run(t) }
//
// It serves tests alone. Instants of different processes are compared by the clock of the machine, which they share.
package fleet

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// variable is what a node's environment says to the store's opener.
const variable = "SATCHEL_FLEET_NODE"

// Opened is what a node works with.
type Opened interface {
	store.Store
	store.Feed
}

// Main runs a node and ends the process, if this is one. open makes the node's store; it is handed what [Config].Address says.
func Main(open func(address string) (Opened, error)) {
	address, ok := os.LookupEnv(variable)
	if !ok {
		return
	}
	if err := serve(os.Stdin, os.Stdout, address, open); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// order is what a node is told.
type order struct {
	Do    string // start, ready, create, delete, bury, watch, stats, lose, delay
	Key   core.Key
	Trust time.Duration
	Delay time.Duration
	Count int
}

// report is what a node answers, once for each order, and once more when a watch ends.
type report struct {
	Err   string           // what went wrong
	Watch bool             // this is the end of a watch
	At    time.Time        // when it was done; of a watch, when the session was last served, by the clock that its cache read
	Gone  time.Time        // of a watch: when it was first found to be gone
	Pace  time.Duration    // of a watch: how long it was from one asking to the next, in the median
	Stats store.CacheStats //nolint:tagliatelle // a format between two copies of one program
	Told  time.Duration    // with them: the largest age of an answer that the cache has told its observer
}

// node is one program of the fleet.
type node struct {
	cache *store.Cache
	feed  *faulty
	clock atomic.Int64 // what the cache read last
	told  atomic.Int64 // the largest age of an answer that it has told
	mu    sync.Mutex
	out   *json.Encoder

	listens atomic.Bool
}

const maxStale = time.Second

// serve obeys the orders of in, a line each, until it ends.
func serve(orders io.Reader, answers io.Writer, address string, open func(string) (Opened, error)) error {
	in := bufio.NewScanner(orders)
	in.Buffer(nil, 1<<20)
	n := &node{out: json.NewEncoder(answers)}
	for in.Scan() {
		var o order
		if err := json.NewDecoder(strings.NewReader(in.Text())).Decode(&o); err != nil {
			return err
		}
		switch {
		case o.Do == "start":
			n.answer(n.start(address, open, o.Trust))
		case n.cache == nil:
			n.answer(report{}, errNotStarted)
		case o.Do == "watch":
			begun := make(chan struct{})
			go n.watch(o.Key, begun)
			<-begun
			n.answer(report{}, nil)
		default:
			n.answer(n.obey(o))
		}
	}
	if n.cache == nil { // its parent ended before it said what to do
		return in.Err()
	}
	return errors.Join(in.Err(), n.cache.Close())
}

var errNotStarted = errors.New("the node was not told to start")

func (n *node) answer(r report, err error) {
	if err != nil {
		r.Err = err.Error()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	_ = n.out.Encode(r) //nolint:errchkjson // all it has can be spelled, and a parent that has gone ends this program soon
}

// start makes the cache and returns when its feed is alive.
func (n *node) start(address string, open func(string) (Opened, error), trust time.Duration) (report, error) {
	opened, err := open(address)
	if err != nil {
		return report{}, err
	}
	n.feed = &faulty{inner: opened}
	now := func() time.Time {
		t := time.Now()
		n.clock.Store(t.UnixNano())
		return t
	}
	n.cache, err = store.NewCache(opened, store.CacheConfig{MaxStale: maxStale, TrustFeed: trust, Now: now, Observer: store.CacheObserver{
		FeedUp:   func() { n.listens.Store(true) },
		FeedDown: func(error) { n.listens.Store(false) },
		Stalest: func(age time.Duration) { // of two at once the larger need not be the later
			for known := n.told.Load(); int64(age) > known && !n.told.CompareAndSwap(known, int64(age)); {
				known = n.told.Load()
			}
		},
	}})
	if err != nil {
		return report{}, err
	}
	if err := n.cache.Follow(n.feed); err != nil {
		return report{}, err
	}
	return n.ready()
}

// ready returns when the feed is alive. After that no copy goes because the cache begins to listen.
func (n *node) ready() (report, error) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !n.listens.Load() || n.cache.Stats().FeedLag == 0 {
		<-tick.C
	}
	return report{}, nil
}

func (n *node) obey(o order) (r report, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	switch o.Do {
	case "create":
		err = n.cache.Create(ctx, o.Key, core.Record{Revision: 1, Seen: 1, Deadline: core.MaxInstant - 1, Body: "body"})
	case "delete":
		err = n.cache.Delete(ctx, o.Key, 1)
	case "bury": // puts a tombstone in its place, as the end of a session does where something is to be remembered
		err = n.cache.Replace(ctx, o.Key, 1, core.Record{Revision: 2, Seen: 1, Deadline: core.MaxInstant - 1, Body: "tombstone"})
	case "ready":
		return n.ready()
	case "stats":
		r.Stats, r.Told = n.cache.Stats(), time.Duration(n.told.Load())
	case "lose":
		n.feed.lose.Store(int64(o.Count))
	case "delay":
		n.feed.delay.Store(int64(o.Delay))
	default:
		err = errors.New("no such order")
	}
	r.At = time.Now()
	return r, err
}

// loadLimit is how long a program waits for a session by default: a connection that is half open would never answer.
const loadLimit = 2 * time.Second

// watch asks for a session each half millisecond until it is gone, and reports that. It is ready when it has been served
// copies. What cannot be asked is not served.
func (n *node) watch(key core.Key, begun chan struct{}) {
	var last time.Time
	var gaps []time.Duration
	served, asked := 0, time.Now()
	tick := time.NewTicker(time.Millisecond / 2)
	defer tick.Stop()
	for {
		ctx, cancel := context.WithTimeout(context.Background(), loadLimit) // that no answer is too old is the cache's affair
		rec, err := n.cache.Load(ctx, key)
		cancel()
		at := time.Unix(0, n.clock.Load())
		gaps, asked = append(gaps, time.Since(asked)), time.Now()
		switch {
		case err == nil && rec.Revision == 1:
			last = at
			if served++; served == 3 {
				close(begun)
			}
		case err == nil, errors.Is(err, store.ErrNotFound):
			gone := time.Now()
			slices.Sort(gaps)
			n.answer(report{Watch: true, At: last, Gone: gone, Pace: gaps[len(gaps)/2]}, nil)
			return
		}
		<-tick.C
	}
}

// faulty is a feed that loses or delays what is said.
type faulty struct {
	inner store.Feed
	lose  atomic.Int64 // how many announcements of records are lost from now on
	delay atomic.Int64
}

// Listen implements [store.Feed].
func (f *faulty) Listen(ctx context.Context) (store.Listener, error) {
	l, err := f.inner.Listen(ctx)
	if err != nil {
		return nil, err
	}
	return &faultyListener{Listener: l, feed: f}, nil
}

type faultyListener struct {
	store.Listener
	feed  *faulty
	late  []store.Announcement
	until []time.Time
}

// Next implements [store.Listener].
func (l *faultyListener) Next(ctx context.Context) (store.Announcement, error) {
	for {
		wait := ctx
		cancel := func() {}
		if len(l.late) > 0 {
			if !time.Now().Before(l.until[0]) {
				a := l.late[0]
				l.late, l.until = l.late[1:], l.until[1:]
				return a, nil
			}
			wait, cancel = context.WithDeadline(ctx, l.until[0])
		}
		a, err := l.Listener.Next(wait)
		ended := wait.Err() != nil && ctx.Err() == nil
		cancel()
		switch delay := time.Duration(l.feed.delay.Load()); {
		case err != nil && ended:
			continue
		case err != nil:
			return a, err
		case a.Probe == 0 && l.feed.lose.Add(-1) >= 0:
			continue
		case delay > 0 || len(l.late) > 0: // those behind a late one are late too
			l.late, l.until = append(l.late, a), append(l.until, time.Now().Add(delay))
		default:
			return a, nil
		}
	}
}
