//go:build linux

package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/around"
	"github.com/satchel-go/satchel/internal/lives"
	"github.com/satchel-go/satchel/internal/promises"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/postgres"
	"github.com/satchel-go/satchel/store/storetest"
)

// hasty is a server that waits for no disk, for tests in which the machine does not fail.
var hasty = []string{"-F"}

func TestKit(t *testing.T) {
	config, fresh := kit(t)
	config.Run(t, fresh)
}

// What stands around it keeps the rules too.
func TestKitAround(t *testing.T) {
	config, fresh := kit(t)
	config.Rounds = 4
	around.All(t, config, fresh)
}

// kit is how a server's stores are opened for the kit.
func kit(t *testing.T) (config storetest.Config, fresh func(testing.TB) store.Store) {
	t.Helper()
	server := start(t, hasty...)
	pool, another := server.pool(), server.pool()
	return storetest.Config{
		Rounds: 20,
		Down: func(tb testing.TB) store.Store {
			server := start(tb, hasty...)
			s := open(tb, server.pool())
			server.kill()
			return s
		},
		Stalled: func(tb testing.TB) store.Store {
			server := start(tb, hasty...)
			s := open(tb, server.pool())
			server.stop()
			return s
		},
		Garble: func(tb testing.TB, s store.Store, key core.Key, revision uint64) bool {
			do(tb, pool, s.(*postgres.Store), "INSERT INTO ~ VALUES ($1, $2, -1, -1, '')", []byte(key), int64(revision))
			return true
		},
		Peer: func(tb testing.TB, s store.Store) store.Store {
			peer, err := postgres.New(another, postgres.Config{Table: trimmed(s.(*postgres.Store))})
			must(tb, err)
			return peer
		},
	}, func(tb testing.TB) store.Store { return open(tb, pool) }
}

// The rules hold under every isolation level that a database may have for its default, and in every way in which a pool may send its
// statements; behind some poolers it must not prepare any.
func TestKitSettings(t *testing.T) {
	server := start(t, hasty...)
	for name, adjust := range map[string]func(*pgxpool.Config){
		"repeatable read": setting("default_transaction_isolation", "repeatable read"),
		"serializable":    setting("default_transaction_isolation", "serializable"),
		"exec":            func(c *pgxpool.Config) { c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec },
		"simple protocol": func(c *pgxpool.Config) { c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol },
		"one connection":  func(c *pgxpool.Config) { c.MaxConns = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			pool := server.pool(adjust)
			storetest.Config{Rounds: 4}.Run(t, func(tb testing.TB) store.Store { return open(tb, pool) })
		})
	}
}

func TestGuarantees(t *testing.T) {
	pool, err := pgxpool.New(t.Context(), "host=none") // which is not asked
	must(t, err)
	defer pool.Close()
	promises.Check(t, "store/postgres", unmade(t, pool))
}

// What is promised of renewal and of a subject's maximum holds where the requests race on two nodes.
func TestLives(t *testing.T) {
	server := start(t, hasty...)
	s := open(t, server.pool())
	peer, err := postgres.New(server.pool(), postgres.Config{Table: trimmed(s)})
	must(t, err)
	lives.Check(t, s, peer)
}
