//go:build linux

package attack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/faulty"
)

// Requests at once for one session of which no cache has a copy are one read of the store.
func TestCrowd(t *testing.T) { crowd(t, 500) }

func TestLongCrowd(t *testing.T) {
	need.Long(t)
	crowd(t, 10_000)
}

// theCrowd is the node whose store answers when so many requests as its address says are there.
const theCrowd = "crowd"

// counted is what that node has seen.
type counted struct {
	Read  int64 // how often the store was read
	Cache store.CacheStats
}

func crowdNode(many string) error {
	all, err := strconv.Atoi(many)
	if err != nil {
		return err
	}
	var here, read atomic.Int64
	complete := make(chan struct{})
	records := store.NewMemory()
	slow := faulty.New(records, faulty.Only("Load", func(faulty.Call) faulty.Fault {
		read.Add(1)
		<-complete
		return faulty.Fault{}
	}))
	cache, err := store.NewCache(slow, store.CacheConfig{MaxStale: time.Minute})
	if err != nil {
		return err
	}
	limit := func(c *satchel.Config, _ *satchel.Options) { c.LoadLimit = time.Minute }
	warm, cold := site(place(records)), site(place(cache, limit))
	mux := http.NewServeMux()
	mux.Handle("/begin", warm) // past the cache
	mux.HandleFunc("/look", func(w http.ResponseWriter, r *http.Request) {
		if here.Add(1) == int64(all) {
			close(complete)
		}
		cold.ServeHTTP(w, r)
	})
	mux.HandleFunc("/counted", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(counted{read.Load(), cache.Stats()}) // to a client that may have gone
	})
	return serveNode(mux)
}

func crowd(t *testing.T, many int) {
	url := startNode(t, theCrowd, strconv.Itoa(many)) // which has the other half of the sockets
	c := browser(t)
	cookie := begin(t, c, url)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	began := time.Now()
	var all sync.WaitGroup
	for range many {
		all.Go(func() {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/look", nil)
			if err != nil {
				cancel(err)
				return
			}
			r.Header.Set("Cookie", cookie)
			if a, err := send(c, r); err != nil || a.status != http.StatusOK {
				cancel(fmt.Errorf("%d: %w", a.status, errors.Join(err, errWrong)))
			}
		})
	}
	all.Wait()
	lasted := seconds(began)
	if ctx.Err() != nil {
		t.Fatal(context.Cause(ctx))
	}
	var seen counted
	if err := json.Unmarshal([]byte(must(t, c, http.MethodGet, url+"/counted", "").text), &seen); err != nil {
		t.Fatal(err)
	}
	if seen.Read != 1 || seen.Cache.Loads != 1 || seen.Cache.Hits+seen.Cache.Misses != uint64(many) {
		t.Errorf("%d reads of the store: %+v", seen.Read, seen.Cache)
	}
	notef(t, "%d requests at once for a session that is in no cache: %d read of the store; %d waited for it, %d came later and had the copy; %v",
		many, seen.Read, seen.Cache.Misses, seen.Cache.Hits, lasted)
}
