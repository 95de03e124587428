//go:build linux

package sqltest_test

import (
	database "database/sql"
	"path/filepath"
	"testing"

	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/sql"
	"github.com/satchel-go/satchel/store/storetest"
)

func TestKit(t *testing.T) {
	for _, e := range engines {
		t.Run(e.dialect.String(), func(t *testing.T) {
			db := e.start(t, e.hasty...).db("")
			storetest.Config{
				Rounds: 25,
				Down: func(tb testing.TB) store.Store {
					server := e.start(tb, e.hasty...)
					s := open(tb, server.db(""), e.dialect)
					server.Kill()
					return s
				},
				Stalled: func(tb testing.TB) store.Store {
					server := e.start(tb, e.hasty...)
					s := open(tb, server.db(""), e.dialect)
					server.Stop()
					return s
				},
			}.Run(t, func(tb testing.TB) store.Store { return open(tb, db, e.dialect) })
		})
	}
}

// The rules hold whatever a database or driver has for its default: levels of isolation, ways of sending arguments and of counting
// rows, and columns that are cut without error.
func TestKitSettings(t *testing.T) {
	settings := map[sql.Dialect][]string{
		sql.PostgreSQL: {
			" default_transaction_isolation='repeatable read'", " default_transaction_isolation=serializable",
			" default_query_exec_mode=simple_protocol", " default_query_exec_mode=exec",
		},
		sql.MySQL: {
			"?interpolateParams=true", "?clientFoundRows=true", "?tx_isolation='serializable'", "?tx_isolation='READ-UNCOMMITTED'&sql_mode=''",
		},
	}
	for _, e := range engines {
		server := e.start(t, e.hasty...)
		for _, setting := range settings[e.dialect] {
			t.Run(e.dialect.String()+setting, func(t *testing.T) {
				server.tb = t
				db := server.db(setting)
				storetest.Config{Rounds: 5}.Run(t, func(tb testing.TB) store.Store { return open(tb, db, e.dialect) })
			})
		}
		server.tb = t
	}
}

const (
	plain        = "?_pragma=busy_timeout(0)"
	patient      = "?_pragma=busy_timeout(60000)"
	wal          = "&_pragma=journal_mode(wal)"
	asynchronous = "&_pragma=synchronous(off)" // waits for no disk
)

// sqlite returns a pool on a file.
func sqlite(tb testing.TB, path, settings string) *database.DB {
	tb.Helper()
	return pool(tb, "sqlite", "file:"+path+settings)
}

func TestKitSQLite(t *testing.T) {
	for name, setting := range map[string]struct{ busy, journal string }{
		"journal": {plain, ""}, "wal": {plain, wal}, "patient": {patient, ""}, "patient wal": {patient, wal},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "db")
			db := sqlite(t, path, setting.busy+setting.journal+asynchronous)
			storetest.Config{
				Rounds: 10,
				Down: func(tb testing.TB) store.Store {
					s, err := sql.New(sqlite(tb, filepath.Join(tb.TempDir(), "no folder", "db"), setting.busy), sql.SQLite, sql.Config{})
					if err != nil {
						tb.Fatal(err)
					}
					return s
				},
				Stalled: func(tb testing.TB) store.Store {
					path := filepath.Join(tb.TempDir(), "db")
					s := open(tb, sqlite(tb, path, setting.busy), sql.SQLite)
					locked(tb, path)
					return s
				},
			}.Run(t, func(tb testing.TB) store.Store { return open(tb, db, sql.SQLite) })
		})
	}
}

// locked locks a file without WAL for reading and writing, until the test ends or the result is called.
func locked(tb testing.TB, path string) (release func()) {
	tb.Helper()
	db := sqlite(tb, path, plain)
	db.SetMaxOpenConns(1)
	do(tb, db, "BEGIN EXCLUSIVE")
	return func() { do(tb, db, "COMMIT") }
}
