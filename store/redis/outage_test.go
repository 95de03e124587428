//go:build unix

package redis_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/redis"
)

// durable makes a server keep whatever it acknowledged.
var durable = []string{"--appendonly", "yes", "--appendfsync", "always"}

func outage(tb testing.TB, what string, err error) { tb.Helper(); servers.Outage(tb, what, err) }

func eventually(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	servers.Eventually(tb, what, is)
}

func key(i int) core.Key { return servers.Key(i) }

// A server that is killed is an outage at once, for each method. When it is back so is the store, with every record.
func TestKilled(t *testing.T) {
	server := start(t, durable...)
	servers.Killed(t, server.Server, open(t, server.client()), nil)
}

// While the server hangs every call ends with its context.
func TestHungBriefly(t *testing.T) {
	server := start(t)
	servers.Hung(t, server.Server, open(t, server.client()))
}

// While the server is killed and restarted under load no record is lost, and every confirmed change is there once.
func TestCountersThroughRestarts(t *testing.T) {
	server := start(t, durable...)
	servers.CountersThroughRestarts(t, server.Server, open(t, server.client()))
}

// Of many who count in one record by compare-and-swap, through two clients, each is counted once.
func TestCounters(t *testing.T) {
	server := start(t)
	servers.Counters(t, open(t, server.client()), open(t, server.client()))
}

// recovered loads until the store answers, and checks the answer.
func recovered(t *testing.T, s *redis.Store, key core.Key, there bool, body string) {
	t.Helper()
	var kept core.Record
	var err error
	eventually(t, "the store answers", func() bool {
		kept, err = s.Load(t.Context(), key)
		return err == nil || errors.Is(err, store.ErrNotFound)
	})
	if there != (err == nil) || there && kept.Body != body {
		t.Errorf("after the outage: %+v, %v", kept, err)
	}
}

// While the server hangs a call ends with its context: also where the client would wait for an hour, where the context has a
// deadline that is far away, and where the client's queue is full.
func TestHung(t *testing.T) {
	server := start(t)
	s := open(t, server.client(func(o *rueidis.ClientOption) {
		o.ConnWriteTimeout, o.Dialer.Timeout, o.Dialer.KeepAlive = time.Hour, time.Hour, time.Hour
		o.PipelineMultiplex, o.RingScaleEachConn = -1, 8 // one queue of 256
	}))
	must(t, s.Create(t.Context(), "k", rec))
	server.stop()
	s.Trust()
	for _, calls := range []int{100, 600} { // on their callers' goroutines, then beside them
		far, cancelFar := context.WithTimeout(t.Context(), time.Hour)
		near, cancelNear := context.WithTimeout(t.Context(), 50*time.Millisecond)
		errs := make(chan error)
		for i := range calls {
			ctx := far
			if i%2 > 0 {
				ctx = near
			}
			go func() {
				_, err := s.Load(ctx, "k")
				errs <- err
			}()
		}
		<-near.Done()
		cancelFar()
		for range calls {
			select {
			case err := <-errs:
				outage(t, "Load", err)
			case <-time.After(patience):
				t.Fatalf("one of %d calls goes on after its context ended", calls)
			}
		}
		cancelNear()
	}
	server.resume()
	recovered(t, s, "k", true, "body")
	eventually(t, "no call is left behind", func() bool { return s.Forsaken() == 0 })
}

// A server that hangs for so long that connections are given up, and made anew with nobody who answers, is an outage all the
// time. Then everything is as it was.
func TestHungForLong(t *testing.T) {
	server := start(t)
	s := open(t, server.client(func(o *rueidis.ClientOption) {
		o.ConnWriteTimeout, o.Dialer.Timeout, o.Dialer.KeepAlive = 100*time.Millisecond, 100*time.Millisecond, 50*time.Millisecond
	}))
	must(t, s.Create(t.Context(), "k", rec))
	server.stop()
	for range 8 {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				_, err := s.Load(ctx, "k")
				outage(t, "Load", err)
			})
			all.Go(func() { outage(t, "Touch", s.Touch(ctx, "k", 1, 1, core.MaxInstant)) })
		}
		all.Wait()
		<-ctx.Done()
		cancel()
	}
	server.resume()
	recovered(t, s, "k", true, "body")
	eventually(t, "a write is done", func() bool { // the first may meet a connection that broke meanwhile
		err := s.Replace(t.Context(), "k", 1, core.Record{Revision: 2, Deadline: core.MaxInstant, Body: "next"})
		return err == nil || errors.Is(err, store.ErrConflict)
	})
	recovered(t, s, "k", true, "next")
	eventually(t, "no call is left behind", func() bool { return s.Forsaken() == 0 })
}

// A caller who gives up while a connection is being made takes nobody along.
func TestDialForOthers(t *testing.T) {
	server := start(t)
	s := open(t, server.client(func(o *rueidis.ClientOption) { o.PipelineMultiplex = -1 }))
	must(t, s.Create(t.Context(), "k", rec))
	server.kill()
	_, err := s.Load(t.Context(), "k")
	outage(t, "Load", err)
	server.up()
	server.stop()
	first, cancel := context.WithCancel(t.Context())
	errs := make(chan error)
	go func() {
		_, err := s.Load(first, "k")
		errs <- err
	}()
	go func() {
		<-first.Done()
		_, err := s.Load(t.Context(), "k")
		errs <- err
	}()
	cancel()
	if err := <-errs; !errors.Is(err, context.Canceled) {
		t.Error("the first caller:", err)
	}
	server.resume()
	if err := <-errs; !errors.Is(err, store.ErrNotFound) { // the server kept nothing
		t.Error("the second caller:", err)
	}
}
