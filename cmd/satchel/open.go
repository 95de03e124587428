package main

import (
	"context"
	database "database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/rueidis"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/bolt"
	"github.com/satchel-go/satchel/store/postgres"
	"github.com/satchel-go/satchel/store/redis"
	"github.com/satchel-go/satchel/store/sql"
)

const aboutURLs = `
URL says where the store is. It is the first argument, or stands in the variable SATCHEL_STORE, where others on the machine cannot
read its password.

  dir:PATH or PATH                       a directory store
  bolt:PATH                              a bolt file, which no other program may have open
  sqlite:PATH[?table=NAME]               SQLite
  redis://[USER:PASSWORD@]HOST[:PORT][/DB][?prefix=TEXT]      Redis or Valkey; rediss: with TLS; unix:PATH
  postgres://[USER:PASSWORD@]HOST[:PORT]/DB[?table=NAME]      PostgreSQL, with libpq's other parameters
  mysql://[USER:PASSWORD@]HOST[:PORT]/DB[?table=NAME]         MariaDB and MySQL; &socket=PATH for a socket

A store that is not there is not made.`

// opened is a store that the tool may use.
type opened struct {
	store.Store

	close func()
}

const dialLimit = 5 * time.Second

// openStore opens the store that the first of args or the environment names, and returns the other args. Errors show no password.
func (t *tool) openStore(ctx context.Context, args []string) (opened, []string, error) {
	address := t.getenv("SATCHEL_STORE")
	if address == "" {
		if len(args) == 0 {
			return opened{}, nil, misused("it takes the URL of a store, or has it from SATCHEL_STORE")
		}
		address, args = args[0], args[1:]
	}
	o, err := open1(ctx, address)
	if err != nil {
		if _, wrong := errors.AsType[misuseError](err); wrong {
			return opened{}, nil, err
		}
		return opened{}, nil, fmt.Errorf("open the store: %w", err)
	}
	return o, args, nil
}

func open1(ctx context.Context, address string) (opened, error) {
	scheme, rest, found := strings.Cut(address, ":")
	if !found || len(scheme) < 2 { // a letter is a drive of Windows
		scheme, rest = "dir", address
	}
	switch scheme {
	case "dir":
		return openDirectory(rest)
	case "bolt":
		return openBolt(rest)
	case "sqlite":
		return openSQLite(rest)
	case "redis", "rediss", "valkey", "valkeys", "unix":
		return openRedis(address)
	case "postgres", "postgresql":
		return openPostgres(ctx, address)
	case "mysql", "mariadb":
		return openMySQL(address)
	}
	return opened{}, misused("there is no store of the kind %q; see satchel help store list", scheme)
}

// cutParameter takes a parameter out of a URL.
func cutParameter(address, name string) (value string, u *url.URL, err error) {
	u, err = url.Parse(address)
	if err != nil {
		return "", nil, errors.New("the URL cannot be read") // the error quotes it, with its password
	}
	q := u.Query()
	value = q.Get(name)
	q.Del(name)
	u.RawQuery = q.Encode()
	return value, u, nil
}

func openDirectory(path string) (opened, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return opened{}, err
	}
	if !stat.IsDir() {
		return opened{}, fmt.Errorf("%s is no folder", path)
	}
	d, err := store.NewDirectory(path)
	if err != nil {
		return opened{}, err
	}
	return opened{d, func() { _ = d.Close() }}, nil
}

func openBolt(path string) (opened, error) {
	if _, err := os.Stat(path); err != nil {
		return opened{}, err
	}
	b, err := bolt.Config{Path: path, Wait: dialLimit}.Open()
	if err != nil {
		return opened{}, err
	}
	return opened{b, func() { _ = b.Close() }}, nil
}

func openSQLite(rest string) (opened, error) {
	path, query, _ := strings.Cut(rest, "?")
	if _, err := os.Stat(path); err != nil {
		return opened{}, err
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return opened{}, err
	}
	return openSQL(sql.SQLite, "sqlite", "file:"+path+"?_pragma=busy_timeout(5000)", values.Get("table"))
}

func openSQL(d sql.Dialect, driver, dsn, table string) (opened, error) {
	db, err := database.Open(driver, dsn)
	if err != nil {
		return opened{}, err
	}
	s, err := sql.New(db, d, sql.Config{Table: table})
	if err != nil {
		return opened{}, misuseError{errors.Join(err, db.Close())}
	}
	return opened{s, func() { _ = db.Close() }}, nil
}

func openMySQL(address string) (opened, error) {
	table, u, err := cutParameter(address, "table")
	if err != nil {
		return opened{}, err
	}
	c := mysql.NewConfig()
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.Net, c.Addr = "tcp", u.Host
	if socket := u.Query().Get("socket"); socket != "" {
		c.Net, c.Addr = "unix", socket
	} else if u.Port() == "" {
		c.Addr += ":3306"
	}
	c.DBName = strings.TrimPrefix(u.Path, "/")
	c.Timeout = dialLimit
	return openSQL(sql.MySQL, "mysql", c.FormatDSN(), table)
}

func openPostgres(ctx context.Context, address string) (opened, error) {
	table, u, err := cutParameter(address, "table")
	if err != nil {
		return opened{}, err
	}
	pool, err := pgxpool.New(ctx, u.String())
	if err != nil {
		return opened{}, err // which shows no password
	}
	s, err := postgres.New(pool, postgres.Config{Table: table})
	if err != nil {
		pool.Close()
		return opened{}, misuseError{err}
	}
	return opened{s, pool.Close}, nil
}

func openRedis(address string) (opened, error) {
	prefix, u, err := cutParameter(address, "prefix")
	if err != nil {
		return opened{}, err
	}
	option, err := rueidis.ParseURL(u.String())
	if err != nil {
		return opened{}, misuseError{err}
	}
	option.DisableCache, option.RingScaleEachConn = true, 8
	option.Dialer.Timeout, option.ConnWriteTimeout = dialLimit, dialLimit
	c, err := rueidis.NewClient(option)
	if err != nil {
		return opened{}, err
	}
	s, err := redis.New(c, redis.Config{Prefix: prefix})
	if err != nil {
		c.Close()
		return opened{}, misuseError{err}
	}
	return opened{s, c.Close}, nil
}
