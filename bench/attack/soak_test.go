//go:build linux

package attack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/internal/million"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store"
)

// After a million sessions that were begun, used and are over, by logout or by time, there are as many goroutines as before, no record and
// no copy of one, and the same memory.
func TestSoak(t *testing.T) { soak(t, 2_000) }

func TestLongSoak(t *testing.T) {
	need.Long(t)
	soak(t, million.Records)
}

// A soak goes by waves of sessions, a minute of the sessions' clock apart: those of half an hour live at once.
const wave = 1000

func soak(t *testing.T, sessions int) {
	const visitors, growth = 32, 4 << 20
	var minutes atomic.Int64
	first := time.Now()
	clock := func() time.Time { return first.Add(time.Duration(minutes.Load()) * time.Minute) }
	records := store.NewMemory()
	cache, err := store.NewCache(records, store.CacheConfig{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	url := served(t, site(place(cache, func(c *satchel.Config, _ *satchel.Options) { c.Clock = clock })))
	c := browser(t)
	transport, _ := c.Transport.(*http.Transport)
	// The first waves fill the pools of net/http and of the program itself.
	for range 3 {
		surge(t, c, url, visitors)
	}
	minutes.Add(25 * 60)
	cleared(t, transport, records, cache, clock)
	before, goroutines, began := million.Heap(), runtime.NumGoroutine(), time.Now()
	most := 0
	for range sessions / wave {
		surge(t, c, url, visitors)
		minutes.Add(1)
		most = max(most, records.Stats().Records)
		sweep(t, records, clock)
	}
	lasted := seconds(began)
	minutes.Add(25 * 60)
	cleared(t, transport, records, cache, clock)
	servers.Eventually(t, "connections have ended", func() bool { return runtime.NumGoroutine() <= goroutines })
	grown := million.Heap() - before
	if most < min(sessions, 30*wave)/2 || grown > growth {
		t.Errorf("of %d sessions at most %d lived at once; the heap has grown by %d bytes", sessions, most, grown)
	}
	notef(t, "%d sessions, at most %d at once, in %v: %d goroutines before, %d after; the heap has grown by %d bytes",
		sessions, most, lasted, goroutines, runtime.NumGoroutine(), grown)
	runtime.KeepAlive(cache)
}

// surge begins a wave of sessions and uses each; a quarter log out, and the cookie is worth nothing then. All others are left to time.
func surge(t *testing.T, c *http.Client, url string, visitors int) {
	t.Helper()
	byMany(t, wave, visitors, func(i int) (time.Duration, error) { return 0, live(c, url, i%4 == 0) })
}

// live is the life of one session.
func live(c *http.Client, url string, out bool) error {
	a, err := ask(c, http.MethodPost, url+"/begin", "")
	if err != nil {
		return err
	}
	set, err := http.ParseSetCookie(a.set)
	if err != nil {
		return fmt.Errorf("%d: %w", a.status, err)
	}
	cookie := set.Name + "=" + set.Value
	for _, step := range []struct {
		method, path string
		status       int
		does         bool
	}{
		{http.MethodGet, "/look", http.StatusOK, true},
		{http.MethodPost, "/logout", http.StatusOK, out},
		{http.MethodGet, "/look", http.StatusNoContent, out},
	} {
		if !step.does {
			continue
		}
		if a, err := ask(c, step.method, url+step.path, cookie); err != nil || a.status != step.status {
			return fmt.Errorf("%s: %d: %w", step.path, a.status, errors.Join(err, errWrong))
		}
	}
	return nil
}

// sweep removes what is over, as SweepEvery does.
func sweep(t *testing.T, records *store.Memory, clock func() time.Time) {
	t.Helper()
	for more := true; more; {
		var err error
		if _, more, err = records.Sweep(context.Background(), clock().UnixMilli(), 1024); err != nil {
			t.Fatal(err)
		}
	}
}

// cleared sees that nothing is kept of sessions that are all over.
func cleared(t *testing.T, transport *http.Transport, records *store.Memory, cache *store.Cache, clock func() time.Time) {
	t.Helper()
	transport.CloseIdleConnections()
	sweep(t, records, clock)
	if kept, copies := records.Stats(), cache.Stats(); kept != (store.MemoryStats{}) || copies.Entries != 0 || copies.Bytes != 0 {
		t.Errorf("of sessions that are over %+v and %d copies are kept", kept, copies.Entries)
	}
}
