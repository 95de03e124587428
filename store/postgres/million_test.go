//go:build linux

package postgres_test

import (
	"path/filepath"
	"testing"

	"github.com/satchel-go/satchel/internal/million"
	"github.com/satchel-go/satchel/internal/need"
)

func TestLongMillion(t *testing.T) {
	need.Long(t)
	server := start(t, hasty...)
	pool := server.pool()
	s := open(t, pool)
	do(t, pool, s, "CHECKPOINT")
	before := million.Disk(t, filepath.Join(server.folder, "data", "base"))
	took := million.Fill(t, s, 64)
	do(t, pool, s, "CHECKPOINT")
	million.Note(t, "store/postgres, table and index, no flush", took, 0, million.Disk(t, filepath.Join(server.folder, "data", "base"))-before)
}
