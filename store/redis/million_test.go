//go:build unix

package redis_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/internal/million"
	"github.com/satchel-go/satchel/internal/need"
)

func TestLongMillion(t *testing.T) {
	need.Long(t)
	t.Run("memory alone", func(t *testing.T) {
		server := start(t)
		s := open(t, server.client())
		before := server.Memory()
		took := million.Fill(t, s, 100)
		million.Note(t, "store/redis, the server's memory", took, server.Memory()-before, 0)
	})
	t.Run("appendonly", func(t *testing.T) {
		server := start(t, "--appendonly", "yes", "--auto-aof-rewrite-percentage", "0") // so that it rewrites its log when it is told to
		c := server.client()
		s := open(t, c)
		log := filepath.Join(server.folder, "appendonlydir")
		memory, disk := server.Memory(), million.Disk(t, log)
		took := million.Fill(t, s, 100)
		million.Note(t, "store/redis, appendonly, as written", took, server.Memory()-memory, million.Disk(t, log)-disk, million.Grew(memory, server.Memory()))
		began := time.Now()
		do(t, c, "BGREWRITEAOF")
		eventually(t, "the log is rewritten, and the old one is gone", func() bool {
			says, err := do(t, c, "INFO", "persistence").ToString()
			must(t, err)
			left, err := filepath.Glob(filepath.Join(log, "*.incr.aof"))
			must(t, err)
			return strings.Contains(says, "aof_rewrites:1\r") && strings.Contains(says, "aof_rewrite_in_progress:0\r") &&
				strings.Contains(says, "aof_last_bgrewrite_status:ok\r") && len(left) == 1
		})
		million.Note(t, "store/redis, appendonly, rewritten", time.Since(began), server.Memory()-memory, million.Disk(t, log)-disk, million.Grew(memory, server.Memory()))
	})
}
