//go:build unix

package bolt_test

import (
	"path/filepath"
	"testing"

	"github.com/satchel-go/satchel/internal/million"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store/bolt"
)

func TestLongMillion(t *testing.T) {
	need.Long(t)
	path := fresh(t)
	before := million.Heap()
	s := open(t, bolt.Config{Path: path})
	took := million.Fill(t, s, 512)
	million.Note(t, "store/bolt, each write flushed", took, million.Heap()-before, million.Disk(t, filepath.Dir(path)))
}
