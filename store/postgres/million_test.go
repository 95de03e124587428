//go:build linux

package postgres_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/satchel-go/satchel/internal/million"
	"github.com/satchel-go/satchel/internal/need"
)

// TestLongMillion fills a server with the buffers that it has by default, and one that has all in them: its memory is for these above all.
func TestLongMillion(t *testing.T) {
	need.Long(t)
	for _, buffers := range []string{"128MB", "1GB"} {
		t.Run(buffers, func(t *testing.T) {
			server := start(t, slices.Concat(hasty, []string{"-c", "shared_buffers=" + buffers, "-c", "huge_pages=off"})...) // huge ones belong to nobody
			pool := server.pool()
			s := open(t, pool)
			warm(t, pool)
			million.Warm(t, s, 64)
			do(t, pool, s, "CHECKPOINT")
			base := filepath.Join(server.folder, "data", "base")
			memory, disk := server.Memory(), million.Disk(t, base)
			took := million.Fill(t, s, 64)
			do(t, pool, s, "CHECKPOINT")
			now := server.Memory()
			million.Note(t, "store/postgres, shared_buffers "+buffers, took, now-memory, million.Disk(t, base)-disk, million.Grew(memory, now))
		})
	}
}
