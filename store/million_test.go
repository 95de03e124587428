//go:build unix

package store_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

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
