//go:build linux

package sqltest_test

import (
	"context"
	database "database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/sql"
)

var rec = core.Record{Revision: 1, Seen: 10, Deadline: core.MaxInstant - 1, Body: "body"}

func next(at uint64) core.Record {
	n := rec
	n.Revision = at + 1
	return n
}

func key(i int) core.Key { return core.Key(fmt.Sprintf("key %028d", i)) }

// writes are the methods that change something, at revision 1 of "k".
func writes(s *sql.Store) map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"Create":  func(ctx context.Context) error { return s.Create(ctx, "new", rec) },
		"Replace": func(ctx context.Context) error { return s.Replace(ctx, "k", 1, next(1)) },
		"Touch":   func(ctx context.Context) error { return s.Touch(ctx, "k", 1, 11, core.MaxInstant) },
		"Delete":  func(ctx context.Context) error { return s.Delete(ctx, "k", 1) },
	}
}

// outage checks that an error is one, and none of a store's answers.
func outage(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", what)
	}
	for _, answer := range []error{store.ErrNotFound, store.ErrExists, store.ErrConflict, store.ErrFull, store.ErrGarbled} {
		if errors.Is(err, answer) {
			t.Errorf("%s takes an outage for an answer: %v", what, err)
		}
	}
}

// warm fills the pool with connections.
func warm(t *testing.T, db *database.DB) {
	t.Helper()
	var held []*database.Conn
	for len(held) < connections {
		c, err := db.Conn(t.Context())
		must(t, err)
		if c.PingContext(t.Context()) != nil {
			_ = c.Close() // it died with its server
			continue
		}
		held = append(held, c)
	}
	for _, c := range held {
		must(t, c.Close())
	}
}

// onEach runs a test on a server of each engine.
func onEach(t *testing.T, f func(t *testing.T, server *server), args func(e engine) []string) {
	for _, e := range engines {
		t.Run(e.dialect.String(), func(t *testing.T) { f(t, e.start(t, args(e)...)) })
	}
}

func hasty(e engine) []string { return e.hasty }

func durable(engine) []string { return nil }

// A server that is killed is an outage at once, for each method. When it is back the first read is answered though all connections
// of the pool are dead, and every record is there.
func TestKilled(t *testing.T) {
	onEach(t, func(t *testing.T, server *server) {
		db := server.db("")
		s := open(t, db, server.dialect)
		ctx := t.Context()
		for i := range 20 {
			must(t, s.Create(ctx, key(i), rec))
			must(t, s.Replace(ctx, key(i), 1, next(1)))
		}
		must(t, s.Delete(ctx, key(0), 2))
		for range 2 {
			warm(t, db)
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
			warm(t, db)
			server.kill()
			server.up()
			for i := range 20 {
				kept, err := s.Load(ctx, key(i))
				if i == 0 && !errors.Is(err, store.ErrNotFound) || i > 0 && (err != nil || kept != next(1)) {
					t.Errorf("after the outage: %+v, %v", kept, err)
				}
			}
		}
	}, durable)
}

// While the server hangs every call ends with its context, also those that wait for a connection. Afterwards all is as it was.
func TestHung(t *testing.T) {
	onEach(t, func(t *testing.T, server *server) {
		s := open(t, server.db(""), server.dialect)
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
	}, hasty)
}

// Of many who count in one record by compare-and-swap, through two pools, each is counted once.
func TestCounters(t *testing.T) {
	onEach(t, func(t *testing.T, server *server) {
		counters(t, server.dialect, server.db(""), server.db(""))
	}, hasty)
	t.Run("SQLite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "db")
		counters(t, sql.SQLite, sqlite(t, path, plain+asynchronous), sqlite(t, path, plain+asynchronous))
	})
}

func counters(t *testing.T, d sql.Dialect, dbs ...*database.DB) {
	t.Helper()
	const callers, each = 16, 15
	first := share(t, dbs[0], d, "counters")
	must(t, first.Create(t.Context(), "k", core.Record{Revision: 1, Deadline: core.MaxInstant, Body: "0"}))
	var all sync.WaitGroup
	for i := range callers {
		s := share(t, dbs[i%len(dbs)], d, "counters")
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
	kept, err := first.Load(t.Context(), "k")
	if want := fmt.Sprint(callers * each); err != nil || kept.Body != want || kept.Revision != callers*each+1 {
		t.Errorf("%+v, %v, want %s", kept, err, want)
	}
}

// count adds one to the number that a record has.
func count(ctx context.Context, s *sql.Store, key core.Key) error {
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
	onEach(t, func(t *testing.T, server *server) {
		s := open(t, server.db(""), server.dialect)
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
		for range 2 {
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
	}, durable)
}

// A file that another program writes to is waited for, and no longer than until the context ends.
func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	s := open(t, sqlite(t, path, plain), sql.SQLite)
	must(t, s.Create(t.Context(), "k", rec))
	release := locked(t, path)
	for method, write := range writes(s) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		err := write(ctx)
		outage(t, method, err)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", method, err)
		}
		cancel()
	}
	began, result := make(chan struct{}), make(chan error)
	go func() {
		close(began)
		result <- s.Replace(t.Context(), "k", 1, next(1))
	}()
	<-began
	release()
	must(t, <-result)
	if kept, err := s.Load(t.Context(), "k"); err != nil || kept != next(1) {
		t.Error(kept, err)
	}
}
