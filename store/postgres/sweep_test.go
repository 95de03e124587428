//go:build linux

package postgres_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/satchel-go/satchel/store"
)

// Of very many rows, half of them past their deadline, a sweep by many at once removes each such once and no other, though rows move
// about meanwhile.
func TestSweepOfMany(t *testing.T) {
	pool := start(t, hasty...).pool()
	s := open(t, pool)
	ctx := t.Context()
	do(t, pool, s, `INSERT INTO ~ SELECT int4send(n), 1, 0, 1000 + 1000 * (n % 2), repeat('x', 200)::bytea FROM generate_series(1, 20000) n`)
	var removed atomic.Int64
	var sweeps, others sync.WaitGroup
	moving, stop := context.WithCancel(ctx)
	others.Go(func() {
		for n := 0; moving.Err() == nil; n += 7 { // the dead and the living
			do(t, pool, s, "UPDATE ~ SET revision = revision + 1 WHERE key = int4send($1::int)", n%20000)
		}
	})
	for range 4 {
		sweeps.Go(func() {
			for more := true; more; {
				var n int
				var err error
				if n, more, err = s.Sweep(ctx, 1999, 300); err != nil || n > 300 {
					t.Error(n, err)
					return
				}
				removed.Add(int64(n))
			}
		})
	}
	sweeps.Wait()
	stop()
	others.Wait()
	if dead, live := ask[int](t, pool, s, "SELECT count(*) FROM ~ WHERE deadline = 1000"),
		ask[int](t, pool, s, "SELECT count(*) FROM ~ WHERE deadline = 2000"); dead != 0 || live != 10000 || removed.Load() != 10000 {
		t.Errorf("removed %d, and left are %d dead and %d live, want 10000, 0 and 10000", removed.Load(), dead, live)
	}
}

// What a sweep finds is looked at again before it is removed.
func TestSweepSparesTheRevived(t *testing.T) {
	pool := start(t, hasty...).pool()
	s := open(t, pool)
	ctx := t.Context()
	dead := rec
	dead.Deadline = 100
	must(t, s.Create(ctx, "k", dead))
	tx, err := pool.Begin(ctx)
	must(t, err)
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(ctx, "UPDATE "+s.Table()+" SET deadline = 1000"); err != nil {
		t.Fatal(err)
	}
	type result struct {
		removed int
		err     error
	}
	swept := make(chan result)
	go func() {
		n, _, err := s.Sweep(ctx, 500, 10)
		swept <- result{n, err}
	}()
	eventually(t, "the sweep waits for the row", func() bool {
		return ask[int](t, pool, s, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") > 0
	})
	must(t, tx.Commit(ctx))
	if r := <-swept; r.removed != 0 || r.err != nil {
		t.Errorf("%+v", r)
	}
	if kept, err := s.Load(ctx, "k"); err != nil || kept.Deadline != 1000 {
		t.Error(kept, err)
	}
}

// A batch reads the table from where the last one ended.
func TestSweepGoesOn(t *testing.T) {
	pool := start(t, hasty...).pool()
	s := open(t, pool)
	ctx := t.Context()
	do(t, pool, s, `INSERT INTO ~ SELECT int4send(n), 1, 0, 1000, repeat('x', 200)::bytea FROM generate_series(1, 1000) n`)
	for left := 900; left >= 0; left -= 100 {
		if n, _, err := s.Sweep(ctx, 1000, 100); n != 100 || err != nil {
			t.Fatal(n, err)
		}
		if first := ask[int](t, pool, s, "SELECT 1000 - count(*) FROM ~ WHERE deadline = 1000"); first != 1000-left {
			t.Fatal(first, left)
		}
		if at := s.Place(); left > 0 && left < 800 && at == "(0,0)" {
			t.Error("the next batch begins at the start")
		}
	}
	if n, more, err := s.Sweep(ctx, 1000, 100); n != 0 || more || err != nil {
		t.Error(n, more, err)
	}
	do(t, pool, s, "VACUUM ~") // which cuts the table short of the place
	dead := rec
	dead.Deadline = 100
	must(t, s.Create(ctx, "k", dead))
	if n, _, err := s.Sweep(ctx, 1000, 100); n != 1 || err != nil {
		t.Error(n, err)
	}
	if _, err := s.Load(ctx, "k"); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
}
