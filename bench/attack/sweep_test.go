//go:build linux

package attack

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/million"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store"
)

// Sessions that all end at one instant are removed in steps, beside requests, and nothing else is.
func TestSweep(t *testing.T) { sweeps(t, 10_000, 1_500) }

func TestLongSweep(t *testing.T) {
	need.Long(t)
	sweeps(t, million.Records, million.Records/10)
}

func sweeps(t *testing.T, inHeap, elsewhere int) {
	t.Run(inMemory.name, func(t *testing.T) { equalEnds(t, inMemory, inHeap) })
	for _, e := range []engine{inDirectory, inBolt, inSQLite, inPostgres} {
		t.Run(e.name, func(t *testing.T) { equalEnds(t, e, elsewhere) })
	}
}

func equalEnds(t *testing.T, e engine, many int) {
	const ends, step, residents = 4_200_000_000_000, 1000, 50 // an instant, in ms
	records, _ := e.opened(t)
	now := time.UnixMilli(ends)
	url := served(t, site(place(records, patient, func(c *satchel.Config, _ *satchel.Options) { c.Clock = func() time.Time { return now } })))
	c := browser(t)
	var cookies []string
	for range residents {
		cookies = append(cookies, begin(t, c, url))
	}
	byMany(t, many, 16, func(i int) (time.Duration, error) {
		rec := core.Record{Revision: 1, Seen: ends - 1, Deadline: ends, Body: "the body of a session that is over"}
		return 0, records.Create(t.Context(), servers.Key(i), rec)
	})
	var over atomic.Bool
	beside := make(chan times)
	quiet := times(byMany(t, 20*residents, 8, looking(c, url, cookies)))
	go func() {
		var took times
		for !over.Load() {
			took = append(took, byMany(t, residents, 8, looking(c, url, cookies))...)
		}
		beside <- took
	}()
	var steps times
	removed, began := 0, time.Now()
	for more := true; more; {
		at := time.Now()
		n, again, err := records.(store.Sweeper).Sweep(t.Context(), ends, step)
		if steps = append(steps, time.Since(at)); err != nil || n > step {
			t.Errorf("a step of %d removed %d: %v", step, n, err)
			break
		}
		removed, more = removed+n, again
	}
	lasted := seconds(began)
	over.Store(true)
	disturbed := <-beside
	for _, cookie := range cookies {
		look(t, c, url, cookie)
	}
	if removed != many || len(steps) < many/step {
		t.Errorf("%d of %d were removed in %d steps", removed, many, len(steps))
	}
	notef(t, "%d that end at once, gone in %v by %d steps (%v); requests meanwhile %v; before %v", many, lasted, len(steps), steps, disturbed, quiet)
}

// looking asks for one session after the other, which all have to be there.
func looking(c *http.Client, url string, cookies []string) func(i int) (time.Duration, error) {
	return func(i int) (time.Duration, error) {
		a, err := ask(c, http.MethodGet, url+"/look", cookies[i%len(cookies)])
		if err == nil && a.status != http.StatusOK {
			err = errWrong
		}
		return a.took, err
	}
}
