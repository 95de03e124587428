//go:build unix

package fleet

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store"
)

// Config is a fleet of three nodes: one ends sessions, one meets what befalls nodes, and with one all is well.
type Config struct {
	Engine  string // its name
	Address string // what [Main]'s function is handed by the nodes with which all is well
	Proxied string // and by the other, which goes through the proxy, best by TCP
	Proxy   *servers.Proxy
	Server  Server // keeps what it acknowledged when it is killed
	Long    bool   // many rounds, whose figures go to results/
}

// Server is the server of all nodes: a servers.Server.
type Server interface {
	Kill() // which Up makes good
	Up()
	Stop() // which Resume makes good
	Resume()
}

// Run ends sessions on one node, with every trouble, and measures how long after that the others served them. MaxStale or more fails, and
// with the feed alive a median of 5 ms or more. Afterwards all of them work as before, without a restart of any.
func (c Config) Run(t *testing.T) {
	for _, trouble := range slices.Concat(alive, troubles) {
		t.Run(trouble.name, func(t *testing.T) {
			f := c.begin(t, trouble.trust)
			f.name = trouble.name
			rounds := trouble.rounds
			if c.Long {
				rounds = trouble.long
			}
			troubled, well := f.rounds(trouble, rounds)
			c.note(t, trouble.name, "in trouble", troubled)
			c.note(t, trouble.name, "well", well)
			if trouble.quiet() {
				for _, all := range [][]sample{troubled, well} {
					if err := late(all, c.Long); err != nil {
						t.Error("with the feed alive", err)
					}
				}
			} else {
				f.recovers()
			}
			f.says(1, "in trouble", troubled)
			if stats := f.says(2, "with which all is well", well); !stats.FeedUp || stats.Invalidations == 0 {
				t.Errorf("%+v", stats)
			}
		})
	}
}

// grain is the part of Δ that a cache may leave untold, and what an instant that is read beside an answer may be off.
const grain = maxStale / 100

type fleet struct {
	t      *testing.T
	config Config
	nodes  []*process
	name   string // in its keys: a tombstone stays, so no other fleet may have the same
	ends   int    // so far
}

// says holds what a node says of its own staleness to what was measured from outside: no answer was as old as Δ, none older than the node says, and
// its observer was told.
func (f *fleet) says(node int, which string, measured []sample) store.CacheStats {
	f.t.Helper()
	r := f.nodes[node].must(f.t, order{Do: "stats"})
	_, most := column(measured, served)
	f.t.Logf("the node %s: feed up %v, its lag at most %v, oldest answer %v, its observer was told of %v, from outside %v, %d hits, %d loads",
		which, r.Stats.FeedUp, r.Stats.FeedLag, r.Stats.Stalest, r.Told, most, r.Stats.Hits, r.Stats.Loads)
	if r.Stats.Stalest >= maxStale || r.Stats.Hits == 0 {
		f.t.Errorf("the node %s: %+v", which, r.Stats)
	}
	if most >= r.Stats.Stalest+grain {
		f.t.Errorf("the node %s served a session %v after its end, and says that no answer was older than %v", which, most, r.Stats.Stalest)
	}
	if r.Told > r.Stats.Stalest || r.Told <= r.Stats.Stalest-grain {
		f.t.Errorf("the node %s told its observer of %v, and says %v", which, r.Told, r.Stats.Stalest)
	}
	return r.Stats
}

func (c Config) begin(t *testing.T, trust time.Duration) *fleet {
	t.Helper()
	f := &fleet{t: t, config: c}
	for _, address := range []string{c.Address, c.Proxied, c.Address} {
		f.nodes = append(f.nodes, begin(t, address))
	}
	for _, n := range f.nodes {
		n.must(t, order{Do: "start", Trust: trust})
	}
	return f
}

// recovers looks whether the node that was in trouble hears of ends again, and does not have to find out.
func (f *fleet) recovers() {
	after, _ := f.rounds(alive[0], 2)
	if soonest := min(after[0].served, after[1].served); soonest >= maxStale/2 {
		f.t.Errorf("after the trouble a session was served %v after its end: the feed has not come back", soonest)
	}
}

func (t trouble) quiet() bool { return t.before == nil && t.ended == nil }

// rounds lets so many sessions end.
func (f *fleet) rounds(trouble trouble, n int) (troubled, well []sample) {
	for range n {
		f.ends++
		a, b := f.round(trouble, core.Key(fmt.Sprintf("%-24s%08d", f.name, f.ends)))
		troubled, well = append(troubled, a), append(well, b)
	}
	return troubled, well
}

// round lets one session end while two nodes serve it, by a tombstone or by its removal in turn, and returns what became of it on each.
func (f *fleet) round(trouble trouble, key core.Key) (troubled, well sample) {
	for _, n := range f.nodes {
		n.must(f.t, order{Do: "ready"}) // the last trouble may have broken its feed, which comes back by itself
	}
	f.nodes[0].creates(f.t, key)
	for _, n := range f.nodes[1:] {
		n.must(f.t, order{Do: "watch", Key: key})
	}
	if trouble.before != nil {
		trouble.before(f)
	}
	end := f.nodes[0].ends(f.t, key, f.ends%2 == 1)
	if trouble.ended != nil {
		trouble.ended(f)
	}
	var both sync.WaitGroup
	defer both.Wait() // also where the trouble's end fails, which ends this goroutine
	var found [2]bool
	both.Go(func() { troubled, found[0] = f.found(f.nodes[1], end) })
	both.Go(func() { well, found[1] = f.found(f.nodes[2], end) })
	if trouble.after != nil {
		<-time.After(away)
		trouble.after(f)
	}
	both.Wait()
	if found != [2]bool{true, true} {
		f.t.Fatal("a node never found out")
	}
	if trouble.blind && troubled.served == 0 {
		f.t.Error("the trouble was none: the node heard of the end")
	}
	return troubled, well
}

// found waits until a node has found out that a session has ended, and reports whether it did.
func (f *fleet) found(n *process, end time.Time) (s sample, ok bool) {
	select {
	case r := <-n.watched:
		s = sample{served: max(0, r.At.Sub(end)), knew: max(0, r.Gone.Sub(end)), pace: r.Pace}
		if s.served >= maxStale {
			f.t.Errorf("a session was served %v after its end", s.served)
		}
		return s, true
	case <-time.After(patience):
		return sample{}, false
	}
}

// patience is how long a test waits for what it knows will come.
const patience = 30 * time.Second
