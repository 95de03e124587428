//go:build linux

package attack

import (
	"context"
	database "database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver "mysql"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/satchel-go/satchel/bench/engines"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/bolt"
	"github.com/satchel-go/satchel/store/postgres"
	"github.com/satchel-go/satchel/store/redis"
	"github.com/satchel-go/satchel/store/sql"
)

// engine is a store and where it keeps its records: a server, a folder, or nothing. Many processes open it at one address.
type engine struct {
	name   string
	server *servers.Engine
	more   []string // of the server's arguments
	open   func(ctx context.Context, address string) (s store.Store, shut func(), err error)
}

// The engines. Where a server or a store can wait for the disk or not it does not, as the attacks are none on the disk.
var (
	inMemory = engine{name: "memory", open: func(context.Context, string) (store.Store, func(), error) {
		return store.NewMemory(), func() {}, nil
	}}
	inDirectory = engine{name: "directory", open: func(_ context.Context, folder string) (store.Store, func(), error) {
		d, err := store.DirectoryConfig{Path: filepath.Join(folder, "sessions"), Sync: store.SyncNone}.New()
		return d, closing(d), err
	}}
	inBolt = engine{name: "bolt", open: func(_ context.Context, folder string) (store.Store, func(), error) {
		s, err := bolt.Open(filepath.Join(folder, "sessions"))
		return s, closing(s), err
	}}
	inRedis    = engine{name: "redis", server: &servers.Redis, open: openRedis}
	inPostgres = engine{name: "postgres", server: &servers.PostgreSQL, more: servers.PostgreSQL.Hasty, open: openPostgres}
	inSQLite   = engine{name: "sql on SQLite", open: func(ctx context.Context, folder string) (store.Store, func(), error) {
		return openSQL(ctx, "sqlite", "file:"+filepath.Join(folder, "db")+
			"?_pragma=busy_timeout(60000)&_pragma=journal_mode(wal)&_pragma=synchronous(off)", sql.SQLite)
	}}
	inMariaDB = engine{
		name: "sql on MariaDB", server: &servers.MariaDB, more: servers.MariaDB.Hasty,
		open: func(ctx context.Context, folder string) (store.Store, func(), error) {
			return openSQL(ctx, "mysql", "root@unix("+folder+"/socket)/mysql?interpolateParams=true", sql.MySQL)
		},
	}
	inPostgreSQL = engine{
		name: "sql on PostgreSQL", server: &servers.PostgreSQL, more: servers.PostgreSQL.Hasty,
		open: func(ctx context.Context, folder string) (store.Store, func(), error) {
			return openSQL(ctx, "pgx", "host="+folder+" port=5432 user=postgres dbname=postgres sslmode=disable", sql.PostgreSQL)
		},
	}
)

func closing(c interface{ Close() error }) func() {
	return func() { _ = c.Close() } // what it kept has been looked at
}

func openRedis(_ context.Context, folder string) (store.Store, func(), error) {
	client, err := engines.DialRedis(filepath.Join(folder, "socket"), 2*time.Second)
	if err != nil {
		return nil, nil, err
	}
	s, err := redis.New(client, redis.Config{})
	return s, client.Close, err
}

func openPostgres(ctx context.Context, folder string) (store.Store, func(), error) {
	pool, err := engines.DialPostgres(ctx, folder)
	if err != nil {
		return nil, nil, err
	}
	s, err := postgres.New(pool, postgres.Config{})
	if err == nil {
		err = s.Migrate(ctx)
	}
	return s, pool.Close, err
}

func openSQL(ctx context.Context, driver, dsn string, d sql.Dialect) (store.Store, func(), error) {
	const connections = 16
	db, err := database.Open(driver, dsn)
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	s, err := sql.New(db, d, sql.Config{})
	if err == nil {
		err = s.Migrate(ctx)
	}
	return s, closing(db), err
}

// cached is an engine with a cache in each process that uses it, which hears of the others' changes where the engine tells them.
func (e engine) cached() engine {
	open := e.open
	e.name = "cache over " + e.name
	e.open = func(ctx context.Context, address string) (store.Store, func(), error) {
		inner, shut, err := open(ctx, address)
		if err != nil {
			return nil, nil, err
		}
		c, err := store.NewCache(inner, store.CacheConfig{})
		if feed, ok := inner.(store.Feed); ok && err == nil && inner.Guarantees().Feed {
			if ready, ok := inner.(interface {
				MigrateFeed(ctx context.Context) error
			}); ok {
				err = ready.MigrateFeed(ctx)
			}
			err = errors.Join(err, c.Follow(feed))
		}
		return c, func() { closing(c)(); shut() }, err
	}
	return e
}

// start starts what the engine needs, and returns where it is. It ends with the test.
func (e engine) start(t *testing.T) (address string, server *servers.Server) {
	t.Helper()
	if e.server == nil {
		return quickFolder(t), nil
	}
	server = e.server.Start(t, e.more...)
	return server.Folder, server
}

// opened starts the engine and opens its store, for a test alone.
func (e engine) opened(t *testing.T) (store.Store, *servers.Server) {
	t.Helper()
	address, server := e.start(t)
	s, shut, err := e.open(t.Context(), address)
	if err != nil {
		t.Fatal(e.name, err)
	}
	t.Cleanup(shut)
	return s, server
}

// quickFolder is a folder in memory where there is one: what a disk does to a store, program Disk looks into.
func quickFolder(t *testing.T) string {
	t.Helper()
	if stat, err := os.Stat("/dev/shm"); err != nil || !stat.IsDir() {
		return t.TempDir()
	}
	folder, err := os.MkdirTemp("/dev/shm", "attack") //nolint:usetesting // it is to be in memory
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}
