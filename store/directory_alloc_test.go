package store_test

import (
	"testing"

	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store"
)

// Most of these are os.Root's and os.File's own: a bare open, look, read and close takes 7. What a call allocates must not
// grow with the number of records, nor by more than the body with its length.
func TestAllocDirectory(t *testing.T) {
	need.NoRace(t)
	d := openDirectory(t, store.DirectoryConfig{Sync: store.SyncNone})
	for i := range 200 {
		want(t, d.Create(ctx, key(i), record(0, 1000, "body")), nil)
	}
	rec, seen := record(1, 1000, "body"), int64(1)
	_ = sweepAll(t, d, 1)
	for _, gate := range []struct {
		name string
		most float64
		do   func()
	}{
		{"Load", 13, func() { _, _ = d.Load(ctx, key(1)) }},
		// One of them is to look whether a link to nothing lies there.
		{"Load of none", 15, func() { _, _ = d.Load(ctx, "none") }},
		{"Touch", 19, func() {
			seen++
			_ = d.Touch(ctx, key(2), 1, seen, 1000)
		}},
		{"Replace", 34, func() {
			rec.Revision++
			_ = d.Replace(ctx, key(3), rec.Revision-1, rec)
		}},
		{"Sweep of nothing", 0, func() { _, _, _ = d.Sweep(ctx, 1, 10) }},
	} {
		if got := testing.AllocsPerRun(100, gate.do); got > gate.most {
			t.Errorf("%s allocates %v times, at most %v allowed", gate.name, got, gate.most)
		}
	}
}
