//go:build linux

package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store/postgres"
)

func key(i int) core.Key { return servers.Key(i) }

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
	servers.Killed(t, server.Server, open(t, pool), func() { warm(t, pool) })
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
	servers.Hung(t, server.Server, open(t, server.pool()))
}

// Of many who count in one record by compare-and-swap, through two pools, each is counted once.
func TestCounters(t *testing.T) {
	server := start(t, hasty...)
	a := open(t, server.pool())
	b, err := postgres.New(server.pool(setting("default_transaction_isolation", "serializable")),
		postgres.Config{Table: trimmed(a)})
	must(t, err)
	servers.Counters(t, a, b)
}

// While the server is killed and restarted under load no record is lost, and every confirmed change is there. A change that was not
// confirmed may be, once.
func TestCountersThroughRestarts(t *testing.T) {
	server := start(t)
	servers.CountersThroughRestarts(t, server.Server, open(t, server.pool()))
}
