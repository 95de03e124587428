//go:build linux

package attack

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/internal/servers"
)

// tabs is how many requests change one session at once.
const tabs = 64

// alone are the engines under one process, and fleets those under three.
var (
	alone = []engine{
		inMemory, inDirectory, inBolt, inRedis, inPostgres, inSQLite, inMariaDB, inPostgreSQL, inRedis.cached(),
	}
	fleets = []engine{inRedis, inPostgres, inMariaDB, inPostgreSQL, inRedis.cached()}
)

// Of 64 requests at once on one session no change is lost, and the counter is exact, on each store and with three nodes.
func TestTabs(t *testing.T) { tabsEverywhere(t, 5) }

func TestLongTabs(t *testing.T) {
	need.Long(t)
	tabsEverywhere(t, 10_000)
}

func tabsEverywhere(t *testing.T, rounds int) {
	for _, e := range alone {
		t.Run(e.name, func(t *testing.T) {
			s, _ := e.opened(t)
			tabsAtOnce(t, []string{served(t, site(place(s, patient)))}, rounds)
		})
	}
	for _, e := range fleets {
		t.Run("three nodes, "+e.name, func(t *testing.T) {
			address, _ := e.start(t)
			var urls []string
			for range 3 {
				urls = append(urls, startNode(t, e.name, address))
			}
			tabsAtOnce(t, urls, rounds)
		})
	}
}

// tabsAtOnce lets 64 requests at once change one session, in rounds. Each is told what the counter was after its own change, so that
// the answers of a round are 64 numbers in a row, each of them once.
func tabsAtOnce(t *testing.T, urls []string, rounds int) {
	c := browser(t)
	cookie := begin(t, c, urls[0])
	began := time.Now()
	var took times
	for round := range rounds {
		var answers [tabs]answer
		var errs [tabs]error
		var all sync.WaitGroup
		for i := range tabs {
			all.Go(func() {
				answers[i], errs[i] = ask(c, http.MethodPost, fmt.Sprintf("%s/add?own=%02d", urls[i%len(urls)], i), cookie)
			})
		}
		all.Wait()
		var counts []int
		for i, a := range &answers {
			n, err := strconv.Atoi(a.text)
			if errs[i] != nil || a.status != http.StatusOK || err != nil || a.set != "" {
				t.Fatalf("round %d: %d %q %v, and it set %d bytes of cookies", round, a.status, a.text, errs[i], len(a.set))
			}
			counts = append(counts, n)
			took = append(took, a.took)
		}
		slices.Sort(counts)
		for i, n := range counts {
			if n != round*tabs+i+1 {
				t.Fatalf("round %d: the counter was %v", round, counts)
			}
		}
		if last := round == rounds-1; last || round%100 == 0 {
			exact(t, c, urls, cookie, round+1)
		}
	}
	notef(t, "%d rounds, %d changes: none lost, the counter exact; %v, a request %v", rounds, rounds*tabs, seconds(began), took)
}

// exact sees on each node that every key was changed in each round. What a node serves from its cache may be a second old.
func exact(t *testing.T, c *http.Client, urls []string, cookie string, rounds int) {
	t.Helper()
	for _, url := range urls {
		var b board
		servers.Eventually(t, "the node shows all changes", func() bool {
			b = look(t, c, url, cookie)
			return b.All == rounds*tabs || len(urls) == 1
		})
		if b.All != rounds*tabs || len(b.Own) != tabs {
			t.Fatalf("after %d rounds the counter is %d, and there are %d keys", rounds, b.All, len(b.Own))
		}
		for own, n := range b.Own {
			if n != rounds {
				t.Fatalf("key %s was changed %d times in %d rounds", own, n, rounds)
			}
		}
	}
}
