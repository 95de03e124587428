package store

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel/core"
)

// A file that cannot be looked at is told of, and does not keep the others of its folder.
func TestDirectorySweepPastABadFile(t *testing.T) {
	on := newDisk()
	d := onDisk(t, on, SyncNone)
	const records = 200
	for i := range records {
		key := core.Key(strings.Repeat(string(rune('a'+i%26)), 1+i/26))
		wantNo(t, d.Create(t.Context(), key, core.Record{Revision: 1, Seen: 1, Deadline: 2}))
	}
	_, on.bad = fileName("a")
	var told error
	for removed := 0; removed < records-1; {
		n, more, err := d.Sweep(t.Context(), 3, 100)
		removed, told = removed+n, errors.Join(told, err)
		if !more && removed < records-1 {
			t.Fatalf("%d of %d are removed, and there is no more", removed, records)
		}
	}
	if !errors.Is(told, syscall.EIO) || strings.Contains(told.Error(), "secret") {
		t.Errorf("the operator was told %v", told)
	}
	if len(on.names) != 2 {
		t.Errorf("there are %d files left, want the lock and the bad one", len(on.names))
	}
}

// So is it where the directory sweeps by itself, each time.
func TestDirectorySweepFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		on := newDisk()
		d := onDisk(t, on, SyncNone)
		wantNo(t, d.Create(t.Context(), "a", core.Record{Revision: 1, Seen: 1, Deadline: 2}))
		_, on.bad = fileName("a")
		failed := make(chan error)
		stop := DirectoryConfig{SweepEvery: time.Minute, SweepFailed: func(err error) { failed <- err }}.sweeping().begin(d.Sweep)
		for range 3 {
			if err := <-failed; !errors.Is(err, syscall.EIO) || strings.Contains(err.Error(), "secret") {
				t.Errorf("told of %v", err)
			}
		}
		stop()
	})
}
