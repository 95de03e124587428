//go:build linux

package sqltest_test

import (
	"context"
	database "database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store/sql"
)

var rec = servers.Rec

func next(at uint64) core.Record { return servers.Next(at) }

func key(i int) core.Key { return servers.Key(i) }

func writes(s *sql.Store) map[string]func(ctx context.Context) error { return servers.Writes(s) }

func outage(tb testing.TB, what string, err error) { tb.Helper(); servers.Outage(tb, what, err) }

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
		servers.Killed(t, server.Server, open(t, db, server.dialect), func() { warm(t, db) })
	}, durable)
}

// While the server hangs every call ends with its context, also those that wait for a connection. Afterwards all is as it was.
func TestHung(t *testing.T) {
	onEach(t, func(t *testing.T, server *server) {
		servers.Hung(t, server.Server, open(t, server.db(""), server.dialect))
	}, hasty)
}

// Of many who count in one record by compare-and-swap, through two pools, each is counted once.
func TestCounters(t *testing.T) {
	counters := func(t *testing.T, d sql.Dialect, dbs ...*database.DB) {
		t.Helper()
		servers.Counters(t, share(t, dbs[0], d, "counters"), share(t, dbs[1], d, "counters"))
	}
	onEach(t, func(t *testing.T, server *server) {
		counters(t, server.dialect, server.db(""), server.db(""))
	}, hasty)
	t.Run("SQLite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "db")
		counters(t, sql.SQLite, sqlite(t, path, plain+asynchronous), sqlite(t, path, plain+asynchronous))
	})
}

// While the server is killed and restarted under load no record is lost, and every confirmed change is there. A change that was not
// confirmed may be, once.
func TestCountersThroughRestarts(t *testing.T) {
	onEach(t, func(t *testing.T, server *server) {
		servers.CountersThroughRestarts(t, server.Server, open(t, server.db(""), server.dialect))
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
