//go:build linux

package sqltest_test

import (
	"path/filepath"
	"testing"

	"github.com/satchel-go/satchel/internal/million"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store/sql"
)

func TestLongMillion(t *testing.T) {
	need.Long(t)
	t.Run("SQLite", func(t *testing.T) {
		folder := t.TempDir()
		db := sqlite(t, filepath.Join(folder, "db"), patient+wal+asynchronous)
		db.SetMaxOpenConns(1)
		took := million.Fill(t, open(t, db, sql.SQLite), 4)
		do(t, db, "PRAGMA wal_checkpoint(TRUNCATE)")
		million.Note(t, "store/sql, SQLite, no flush", took, 0, million.Disk(t, folder))
	})
	t.Run("MariaDB", func(t *testing.T) {
		e := engines[1]
		server := e.start(t, e.hasty...)
		db := server.db("?interpolateParams=true")
		s := open(t, db, e.dialect)
		tables := filepath.Join(server.folder, "data", "mysql")
		before := million.Disk(t, tables)
		took := million.Fill(t, s, 32)
		million.Note(t, "store/sql, MariaDB, the table's file", took, 0, million.Disk(t, tables)-before)
	})
}
