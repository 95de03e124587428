//go:build unix

package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/satchel-go/satchel/internal/million"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store"
)

func TestLongMillion(t *testing.T) {
	need.Long(t)
	t.Run("memory", func(t *testing.T) {
		before := million.Heap()
		m := store.NewMemory()
		took := million.Fill(t, m, runtime.NumCPU())
		million.Note(t, "store.Memory", took, million.Heap()-before, 0)
		runtime.KeepAlive(m)
	})
	t.Run("cache", func(t *testing.T) {
		m := store.NewMemory()
		million.Fill(t, m, runtime.NumCPU())
		before := million.Heap()
		c, err := store.NewCache(m, store.CacheConfig{MaxBytes: 1 << 30, MaxStale: time.Hour, Idle: time.Hour}) // each has room, and is kept
		want(t, err, nil)
		took := million.Ask(t, c, runtime.NumCPU())
		memory := million.Heap() - before
		s := c.Stats()
		if s.Entries != million.Records || s.Loads != million.Records {
			t.Errorf("not each has its copy: %+v", s)
		}
		million.Note(t, "store.Cache, beside store.Memory's", took, memory, 0, fmt.Sprintf("counted as %d", s.Bytes/million.Records))
		runtime.KeepAlive(c)
	})
	folders := map[string]string{"directory on disk": t.TempDir()}
	if stat, err := os.Stat("/dev/shm"); err == nil && stat.IsDir() {
		folder, err := os.MkdirTemp("/dev/shm", "million") //nolint:usetesting // it is to be in memory
		want(t, err, nil)
		t.Cleanup(func() { want(t, os.RemoveAll(folder), nil) })
		folders["directory in memory"] = folder
	}
	for name, folder := range folders {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(folder, "sessions")
			before := million.Heap()
			d, err := store.DirectoryConfig{Path: path, Sync: store.SyncNone}.New() // what is flushed takes no more room
			want(t, err, nil)
			defer d.Close()
			took := million.Fill(t, d, 16)
			million.Note(t, "store.Directory, "+name+", not flushed", took, million.Heap()-before, million.Disk(t, path))
		})
	}
}
