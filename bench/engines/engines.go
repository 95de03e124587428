//go:build unix

// Package engines connects clients to the servers of a benchmark as their documentation advises.
package engines

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/internal/servers"
)

// Redis is a redis-server without persistence.
type Redis struct{ socket string }

// StartRedis starts a server that ends with tb.
func StartRedis(tb testing.TB) Redis {
	tb.Helper()
	return Redis{filepath.Join(servers.Redis.Start(tb).Folder, "socket")}
}

// Rueidis returns a client with one connection pipelined among all callers and buffers of 64 KiB, and without its own cache.
func (r Redis) Rueidis(tb testing.TB) rueidis.Client {
	tb.Helper()
	c, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress: []string{r.socket}, ForceSingleClient: true, DisableCache: true,
		DialCtxFn: func(ctx context.Context, address string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
			return d.DialContext(ctx, "unix", address)
		},
		ReadBufferEachConn: 64 << 10, WriteBufferEachConn: 64 << 10,
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	return c
}

// GoRedis returns a client with its defaults, but so many connections that 64 callers need not wait for one.
func (r Redis) GoRedis(tb testing.TB) *goredis.Client {
	tb.Helper()
	c := goredis.NewClient(&goredis.Options{Network: "unix", Addr: r.socket, PoolSize: 64})
	tb.Cleanup(func() { _ = c.Close() })
	return c
}

// Postgres is a PostgreSQL with its own settings of durability, but no autovacuum in the middle of a measurement.
type Postgres struct{ folder string }

// StartPostgres starts a server that ends with tb.
func StartPostgres(tb testing.TB) Postgres {
	tb.Helper()
	return Postgres{servers.PostgreSQL.Start(tb).Folder}
}

// Pool returns a pool of 16 connections.
func (p Postgres) Pool(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	pool, err := pgxpool.New(tb.Context(),
		fmt.Sprintf("host=%s port=5432 user=postgres dbname=postgres sslmode=disable pool_max_conns=16", p.folder))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(pool.Close)
	return pool
}
