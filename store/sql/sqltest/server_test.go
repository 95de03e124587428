//go:build linux

package sqltest_test

import (
	"context"
	database "database/sql"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store/sql"
)

// engine is a server that tests know how to start, and how it is reached.
type engine struct {
	servers.Engine
	dialect sql.Dialect
	hasty   []string
	driver  string
	dsn     string
}

var engines = []engine{
	{
		Engine: servers.PostgreSQL, dialect: sql.PostgreSQL, hasty: servers.PostgreSQL.Hasty,
		driver: "pgx", dsn: "host=%s port=5432 user=postgres dbname=postgres sslmode=disable",
	},
	{
		Engine: servers.MariaDB, dialect: sql.MySQL, hasty: servers.MariaDB.Hasty,
		driver: "mysql", dsn: "root@unix(%s/socket)/mysql",
	},
}

// server is a server of this test alone, on a socket in a folder of its own.
type server struct {
	engine
	*servers.Server
	tb     testing.TB
	folder string
}

// start starts a server, which ends with the test, and waits until it serves.
func (e engine) start(tb testing.TB, more ...string) *server {
	tb.Helper()
	s := e.Start(tb, more...)
	return &server{engine: e, Server: s, tb: tb, folder: s.Folder}
}

// db returns a pool on the server that ends with the test.
func (s *server) db(settings string) *database.DB {
	s.tb.Helper()
	return pool(s.tb, s.driver, s.Fill(s.dsn)+settings)
}

const connections = 16

func pool(tb testing.TB, driver, dsn string) *database.DB {
	tb.Helper()
	db, err := database.Open(driver, dsn)
	if err != nil {
		tb.Fatal(err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	tb.Cleanup(func() { _ = db.Close() }) // it tells of connections that died with their server
	return db
}

var tables atomic.Int64

// open returns a store over a new table.
func open(tb testing.TB, db *database.DB, d sql.Dialect) *sql.Store {
	tb.Helper()
	return share(tb, db, d, fmt.Sprintf("t%d", tables.Add(1)))
}

// share returns a store over a table, which it makes if there is none.
func share(tb testing.TB, db *database.DB, d sql.Dialect, table string) *sql.Store {
	tb.Helper()
	s, err := sql.New(db, d, sql.Config{Table: table})
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.Migrate(context.Background()); err != nil {
		tb.Fatal(err)
	}
	return s
}

// do sends a statement.
func do(tb testing.TB, db *database.DB, text string, args ...any) {
	tb.Helper()
	if _, err := db.ExecContext(tb.Context(), text, args...); err != nil {
		tb.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestMain keeps the driver from printing what the tests check.
func TestMain(m *testing.M) {
	if err := mysql.SetLogger(&mysql.NopLogger{}); err != nil {
		panic(err)
	}
	m.Run()
}
