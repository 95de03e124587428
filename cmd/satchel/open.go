package main

import (
	"context"
	database "database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/bolt"
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
  mysql://[USER:PASSWORD@]HOST[:PORT]/DB[?table=NAME]         MariaDB and MySQL; ?socket=PATH for a socket

With mysql: also tls=true, skip-verify, preferred or false; ca=FILE for TLS with an authority of your own; timeout, readTimeout,
writeTimeout, charset, collation, compress, allowCleartextPasswords and allowFallbackToPlaintext, as go-sql-driver/mysql has them. With
rediss: ca=FILE and skip_verify=true; with all of Redis's db, addr, dial_timeout, write_timeout, protocol, client_name, master_set and
max_retries=0. A parameter that is not known is refused.

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

func openDirectory(path string) (opened, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return opened{}, err
	}
	if !stat.IsDir() {
		return opened{}, fmt.Errorf("%s is no folder", path)
	}
	if _, err := os.Stat(filepath.Join(path, "00")); err != nil { // the first of those that a store has from its beginning
		return opened{}, fmt.Errorf("%s is no directory store, and none is made of it", path)
	}
	d, err := store.NewDirectory(path)
	if err != nil {
		return opened{}, err
	}
	return opened{d, func() { _ = d.Close() }}, nil
}

func openBolt(path string) (opened, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return opened{}, err
	}
	if stat.Size() == 0 {
		return opened{}, fmt.Errorf("%s is empty, and no store is made of it", path)
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
	parameters, err := readParameters(query)
	if err != nil {
		return opened{}, err
	}
	table := parameters.Get("table")
	if err := only(parameters, "table"); err != nil {
		return opened{}, err
	}
	// Escaped, for in SQLite's URIs %, # and ? are not themselves. It makes no file in this mode.
	file := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	db, err := database.Open("sqlite", "file:"+file+"?mode=rw&_pragma=busy_timeout(5000)")
	if err != nil {
		return opened{}, err
	}
	return openSQL(db, sql.SQLite, table)
}

func openSQL(db *database.DB, d sql.Dialect, table string) (opened, error) {
	s, err := sql.New(db, d, sql.Config{Table: table})
	if err != nil {
		return opened{}, misuseError{errors.Join(err, db.Close())}
	}
	return opened{s, func() { _ = db.Close() }}, nil
}
