//go:build linux

package sqltest_test

import (
	database "database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/around"
	"github.com/satchel-go/satchel/internal/lives"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/sql"
	"github.com/satchel-go/satchel/store/storetest"
)

func TestKit(t *testing.T) {
	for _, e := range engines {
		t.Run(e.dialect.String(), func(t *testing.T) {
			server := e.start(t, e.hasty...)
			db, another := server.db(""), server.db("")
			table, openNew := tabled(db, e.dialect)
			storetest.Config{
				Rounds:  12,
				Garble:  garble(db, e.dialect, table),
				Peer:    func(tb testing.TB, s store.Store) store.Store { return share(tb, another, e.dialect, table(s)) },
				Down:    e.unable((*servers.Server).Kill),
				Stalled: e.unable((*servers.Server).Stop),
			}.Run(t, openNew)
		})
	}
}

// unable returns an open for the kit, of a store on a server of its own to which something has been done.
func (e engine) unable(done func(*servers.Server)) func(testing.TB) store.Store {
	return func(tb testing.TB) store.Store {
		server := e.start(tb, e.hasty...)
		s := open(tb, server.db(""), e.dialect)
		done(server.Server)
		return s
	}
}

// tabled returns an open for the kit, and what tells the table of a store that it has opened.
func tabled(db *database.DB, d sql.Dialect) (table func(store.Store) string, open func(testing.TB) store.Store) {
	var names sync.Map // by store
	table = func(s store.Store) string {
		name, _ := names.Load(s)
		return name.(string)
	}
	return table, func(tb testing.TB) store.Store {
		name := fmt.Sprintf("kit%d", tables.Add(1))
		s := share(tb, db, d, name)
		names.Store(s, name)
		return s
	}
}

// garble plants rows whose instants are none.
func garble(db *database.DB, d sql.Dialect, table func(store.Store) string) func(testing.TB, store.Store, core.Key, uint64) bool {
	return func(tb testing.TB, s store.Store, key core.Key, revision uint64) bool {
		values := "(?, ?, -1, -1, '')"
		switch d {
		case sql.PostgreSQL:
			values = "($1, $2, -1, -1, '')"
		case sql.SQLite:
			values = "(?, ?, -1, -1, x'')"
		}
		do(tb, db, "INSERT INTO "+table(s)+" VALUES "+values, []byte(key), int64(revision))
		return true
	}
}

// What stands around it keeps the rules too, over MariaDB, SQLite and PostgreSQL.
func TestKitAround(t *testing.T) {
	check := func(t *testing.T, d sql.Dialect, db, another *database.DB, down, stalled func(testing.TB) store.Store) {
		t.Helper()
		table, openNew := tabled(db, d)
		around.All(t, storetest.Config{
			Rounds:  2,
			Down:    down,
			Stalled: stalled,
			Garble:  garble(db, d, table),
			Peer:    func(tb testing.TB, s store.Store) store.Store { return share(tb, another, d, table(s)) },
		}, openNew)
	}
	for _, e := range engines {
		t.Run(e.dialect.String(), func(t *testing.T) {
			server := e.start(t, e.hasty...)
			check(t, e.dialect, server.db(""), server.db(""), e.unable((*servers.Server).Kill), e.unable((*servers.Server).Stop))
		})
	}
	t.Run("SQLite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "db")
		check(t, sql.SQLite, sqlite(t, path, patient+wal+asynchronous), sqlite(t, path, patient+wal+asynchronous), absent(plain), stalled(plain))
	})
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
			table, openNew := tabled(db, sql.SQLite)
			another := sqlite(t, path, setting.busy+setting.journal+asynchronous)
			storetest.Config{
				Rounds:  4,
				Garble:  garble(db, sql.SQLite, table),
				Peer:    func(tb testing.TB, s store.Store) store.Store { return share(tb, another, sql.SQLite, table(s)) },
				Down:    absent(setting.busy),
				Stalled: stalled(setting.busy),
			}.Run(t, openNew)
		})
	}
}

// absent opens a store whose file cannot be made.
func absent(settings string) func(testing.TB) store.Store {
	return func(tb testing.TB) store.Store {
		s, err := sql.New(sqlite(tb, filepath.Join(tb.TempDir(), "no folder", "db"), settings), sql.SQLite, sql.Config{})
		if err != nil {
			tb.Fatal(err)
		}
		return s
	}
}

// stalled opens a store whose file another keeps locked.
func stalled(settings string) func(testing.TB) store.Store {
	return func(tb testing.TB) store.Store {
		path := filepath.Join(tb.TempDir(), "db")
		s := open(tb, sqlite(tb, path, settings), sql.SQLite)
		locked(tb, path)
		return s
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

// What is promised of renewal and of a subject's maximum holds where the requests race on two nodes.
func TestLives(t *testing.T) {
	for _, e := range engines {
		t.Run(e.dialect.String(), func(t *testing.T) {
			server := e.start(t, e.hasty...)
			table := fmt.Sprintf("lives%d", tables.Add(1))
			lives.Check(t, share(t, server.db(""), e.dialect, table), share(t, server.db(""), e.dialect, table))
		})
	}
}
