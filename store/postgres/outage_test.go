//go:build linux

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/postgres"
)

func key(i int) core.Key { return core.Key(fmt.Sprintf("key %028d", i)) }

// warm fills the pool with connections.
func warm(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	var held []*pgxpool.Conn
	for range pool.Config().MaxConns {
		c, err := pool.Acquire(t.Context())
		must(t, err)
		held = append(held, c)
	}
	for _, c := range held {
		c.Release()
	}
}

// A server that is killed is an outage at once, for each method. When it is back the first read is answered though all connections
// of the pool are dead, and every record is there.
func TestKilled(t *testing.T) {
	server := start(t)
	pool := server.pool(func(c *pgxpool.Config) {
		c.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false } // which is so for a busy pool
	})
	s := open(t, pool)
	ctx := t.Context()
	for i := range 20 {
		must(t, s.Create(ctx, key(i), rec))
		must(t, s.Replace(ctx, key(i), 1, next(1)))
	}
	must(t, s.Delete(ctx, key(0), 2))
	for range 2 {
		warm(t, pool)
		server.kill()
		within, cancel := context.WithTimeout(ctx, patience)
		_, err := s.Load(within, key(1))
		outage(t, "Load", err)
		for method, write := range writes(s) {
			outage(t, method, write(within))
		}
		_, _, err = s.Sweep(within, 5, 5)
		outage(t, "Sweep", err)
		if within.Err() != nil {
			t.Error("the calls waited until their context ended, though the server is gone")
		}
		cancel()
		server.up()
		warm(t, pool)
		server.kill()
		server.up()
		for i := range 20 {
			kept, err := s.Load(ctx, key(i))
			if i == 0 && !errors.Is(err, store.ErrNotFound) || i > 0 && (err != nil || kept != next(1)) {
				t.Errorf("after the outage: %+v, %v", kept, err)
			}
		}
	}
}

// A server that ends every connection and lives on costs a read nothing.
func TestConnectionsEnded(t *testing.T) {
	server := start(t, hasty...)
	pool := server.pool(func(c *pgxpool.Config) {
		c.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	})
	other := server.pool()
	s := open(t, pool)
	must(t, s.Create(t.Context(), "k", rec))
	for range 5 {
		warm(t, pool)
		do(t, other, s, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
		if kept, err := s.Load(t.Context(), "k"); err != nil || kept != rec {
			t.Error(kept, err)
		}
	}
}

// While the server hangs every call ends with its context, also those that wait for a connection. Afterwards all is as it was.
func TestHung(t *testing.T) {
	server := start(t, hasty...)
	s := open(t, server.pool())
	must(t, s.Create(t.Context(), "k", rec))
	server.stop()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	errs := make(chan error)
	for range 200 {
		go func() {
			_, err := s.Load(ctx, "k")
			errs <- err
		}()
	}
	for range 200 {
		select {
		case err := <-errs:
			outage(t, "Load", err)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		case <-time.After(patience):
			t.Fatal("a call goes on after its context ended")
		}
	}
	for method, write := range writes(s) {
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error)
		go func() { result <- write(ctx) }()
		cancel()
		err := <-result
		outage(t, method, err)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", method, err)
		}
	}
	server.resume()
	eventually(t, "the store answers", func() bool {
		within, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		kept, err := s.Load(within, "k")
		if err != nil {
			outage(t, "Load", err)
		}
		return err == nil && kept.Body == rec.Body
	})
}

// Of many who count in one record by compare-and-swap, through two pools, each is counted once.
func TestCounters(t *testing.T) {
	server := start(t, hasty...)
	a := open(t, server.pool())
	b, err := postgres.New(server.pool(setting("default_transaction_isolation", "serializable")),
		postgres.Config{Table: trimmed(a)})
	must(t, err)
	must(t, a.Create(t.Context(), "k", core.Record{Revision: 1, Deadline: core.MaxInstant, Body: "0"}))
	const callers, each = 16, 25
	var all sync.WaitGroup
	for i := range callers {
		s := []*postgres.Store{a, b}[i%2]
		all.Go(func() {
			for done := 0; done < each; {
				switch err := count(t.Context(), s, "k"); {
				case err == nil:
					done++
				case !errors.Is(err, store.ErrConflict):
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	kept, err := a.Load(t.Context(), "k")
	if want := fmt.Sprint(callers * each); err != nil || kept.Body != want || kept.Revision != callers*each+1 {
		t.Errorf("%+v, %v, want %s", kept, err, want)
	}
}

// count adds one to the number that a record has.
func count(ctx context.Context, s *postgres.Store, key core.Key) error {
	kept, err := s.Load(ctx, key)
	if err != nil {
		return err
	}
	var n int
	if _, err := fmt.Sscan(kept.Body, &n); err != nil {
		return err
	}
	at := kept.Revision
	kept.Revision++
	kept.Body = fmt.Sprint(n + 1)
	return s.Replace(ctx, key, at, kept)
}

// While the server is killed and restarted under load no record is lost, and every confirmed change is there. A change that was not
// confirmed may be, once.
func TestCountersThroughRestarts(t *testing.T) {
	server := start(t)
	s := open(t, server.pool())
	const many = 8
	var confirmed, unknown atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	var users sync.WaitGroup
	var sure, unsure [many]int
	for i := range many {
		must(t, s.Create(t.Context(), key(i), core.Record{Revision: 1, Deadline: core.MaxInstant, Body: "0"}))
		users.Go(func() {
			for ctx.Err() == nil {
				err := count(context.Background(), s, key(i))
				if err == nil {
					sure[i]++
					confirmed.Add(1)
					continue
				}
				outage(t, "a change", err)
				unsure[i]++
				unknown.Add(1)
			}
		})
	}
	for range 3 {
		done, failed := confirmed.Load(), unknown.Load()
		eventually(t, "changes are confirmed", func() bool { return confirmed.Load() > done+20 })
		server.kill()
		eventually(t, "changes fail", func() bool { return unknown.Load() > failed })
		server.up()
	}
	done := confirmed.Load()
	eventually(t, "changes are confirmed again", func() bool { return confirmed.Load() > done+20 })
	cancel()
	users.Wait()
	for i := range many {
		kept, err := s.Load(t.Context(), key(i))
		var n int
		if _, bad := fmt.Sscan(kept.Body, &n); err != nil || bad != nil || n < sure[i] || n > sure[i]+unsure[i] || kept.Revision != uint64(n+1) {
			t.Errorf("%+v, %v, want %d, and at most %d that were not confirmed", kept, err, sure[i], unsure[i])
		}
	}
	t.Logf("%d confirmed, %d not", confirmed.Load(), unknown.Load())
}
