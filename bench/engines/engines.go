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
	"time"

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
	c, err := DialRedis(r.socket, 0)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	return c
}

// DialRedis returns such a client of the server with that socket. A patience of 0 is the client's own: how long it waits for a server that
// hangs, before it takes the connection for broken.
func DialRedis(socket string, patience time.Duration) (rueidis.Client, error) {
	return rueidis.NewClient(rueidis.ClientOption{
		InitAddress: []string{socket}, ForceSingleClient: true, DisableCache: true,
		DialCtxFn: func(ctx context.Context, address string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
			return d.DialContext(ctx, "unix", address)
		},
		Dialer: net.Dialer{Timeout: patience}, ConnWriteTimeout: patience,
		ReadBufferEachConn: 64 << 10, WriteBufferEachConn: 64 << 10,
	})
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
	pool, err := DialPostgres(tb.Context(), p.folder)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(pool.Close)
	return pool
}

// DialPostgres returns such a pool for the server in that folder.
func DialPostgres(ctx context.Context, folder string) (*pgxpool.Pool, error) {
	return pgxpool.New(ctx, fmt.Sprintf("host=%s port=5432 user=postgres dbname=postgres sslmode=disable pool_max_conns=16", folder))
}
