//go:build linux

package sqltest_test

import (
	"path/filepath"
	"slices"
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
	for _, buffers := range []string{"128M", "1G"} { // the default, and all in memory
		t.Run("MariaDB "+buffers, func(t *testing.T) {
			e := engines[1]
			server := e.start(t, slices.Concat(e.hasty, []string{"--innodb-buffer-pool-size=" + buffers})...)
			db := server.db("?interpolateParams=true")
			s := open(t, db, e.dialect)
			warm(t, db)
			million.Warm(t, s, 32)
			tables := filepath.Join(server.folder, "data", "mysql")
			memory, disk := server.Memory(), million.Disk(t, tables)
			took := million.Fill(t, s, 32)
			now := server.Memory()
			million.Note(t, "store/sql, MariaDB, buffer pool "+buffers, took, now-memory, million.Disk(t, tables)-disk, million.Grew(memory, now))
		})
	}
}
