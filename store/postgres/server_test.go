//go:build linux

package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store/postgres"
)

// server is a PostgreSQL of this test alone, on a socket in a folder of its own.
type server struct {
	*servers.Server
	tb     testing.TB
	folder string
}

// start starts a server, which ends with the test, and waits until it serves.
func start(tb testing.TB, args ...string) *server {
	tb.Helper()
	s := servers.PostgreSQL.Start(tb, args...)
	return &server{Server: s, tb: tb, folder: s.Folder}
}

func (s *server) kill() { s.Kill() }
func (s *server) stop() { s.Stop() }

func eventually(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	servers.Eventually(tb, what, is)
}

// pool returns a pool on the server that ends with the test. The settings are for its connections.
func (s *server) pool(adjust ...func(*pgxpool.Config)) *pgxpool.Pool {
	s.tb.Helper()
	c, err := pgxpool.ParseConfig(fmt.Sprintf("host=%s port=5432 user=postgres dbname=postgres sslmode=disable pool_max_conns=16", s.folder))
	if err != nil {
		s.tb.Fatal(err)
	}
	for _, f := range adjust {
		f(c)
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), c)
	if err != nil {
		s.tb.Fatal(err)
	}
	s.tb.Cleanup(pool.Close)
	return pool
}

// setting sets a parameter of all connections.
func setting(name, value string) func(*pgxpool.Config) {
	return func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams[name] = value }
}

var tables atomic.Int64

// open returns a store over a new table.
func open(tb testing.TB, pool *pgxpool.Pool) *postgres.Store {
	tb.Helper()
	s := unmade(tb, pool)
	if err := s.Migrate(context.Background()); err != nil {
		tb.Fatal(err)
	}
	return s
}

// unmade returns a store over a table that nobody has made.
func unmade(tb testing.TB, pool *pgxpool.Pool) *postgres.Store {
	tb.Helper()
	s, err := postgres.New(pool, postgres.Config{Table: fmt.Sprintf("public.t%d", tables.Add(1))})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// trimmed is the name of a store's table for another store.
func trimmed(s *postgres.Store) string { return strings.ReplaceAll(s.Table(), `"`, "") }

// do sends a statement with ~ for the store's table.
func do(tb testing.TB, pool *pgxpool.Pool, s *postgres.Store, text string, args ...any) {
	tb.Helper()
	if _, err := pool.Exec(tb.Context(), strings.ReplaceAll(text, "~", s.Table()), args...); err != nil {
		tb.Fatal(err)
	}
}

// ask is do for a statement that answers.
func ask[T any](tb testing.TB, pool *pgxpool.Pool, s *postgres.Store, text string, args ...any) (answer T) {
	tb.Helper()
	if err := pool.QueryRow(tb.Context(), strings.ReplaceAll(text, "~", s.Table()), args...).Scan(&answer); err != nil {
		tb.Fatal(err)
	}
	return answer
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
