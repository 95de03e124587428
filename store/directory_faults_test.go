//go:build !plan9

package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
)

// Each operation on the disk fails in turn, once or from then on, under each method: what was asked for is acknowledged
// only if it is there, a failure is an outage and no answer about the record, and what was there stays whole.
func TestDirectoryOnFailingDisk(t *testing.T) {
	ctx := context.Background()
	old := core.Record{Revision: 1, Seen: 1000, Deadline: 5000, Body: "old"}
	next := core.Record{Revision: 2, Seen: 2000, Deadline: 6000, Body: "next"}
	touched, moved, none := old, old, core.Record{}
	touched.Seen, touched.Deadline = 1500, 5500
	moved.Seen, moved.Deadline = 1500, 9000
	for _, c := range []struct {
		method string
		key    core.Key // "kept" has old, "new" nothing
		after  core.Record
		call   func(d *Directory, key core.Key) error
	}{
		{"Load", "kept", old, func(d *Directory, key core.Key) error {
			got, err := d.Load(ctx, key)
			if err == nil && got != old {
				return fmt.Errorf("Load returned %+v", got) // not an outage's text, so it shows
			}
			return err
		}},
		{"Load of none", "new", none, func(d *Directory, key core.Key) error {
			_, err := d.Load(ctx, key)
			if errors.Is(err, ErrNotFound) {
				err = nil
			}
			return err
		}},
		{"Create", "new", next, func(d *Directory, key core.Key) error { return d.Create(ctx, key, next) }},
		{"Replace", "kept", next, func(d *Directory, key core.Key) error { return d.Replace(ctx, key, 1, next) }},
		{"Touch", "kept", touched, func(d *Directory, key core.Key) error { return d.Touch(ctx, key, 1, 1500, 5500) }},
		{"Touch by a new file", "kept", moved, func(d *Directory, key core.Key) error { return d.Touch(ctx, key, 1, 1500, 9000) }},
		{"Delete", "kept", none, func(d *Directory, key core.Key) error { return d.Delete(ctx, key, 1) }},
		{"Sweep", "kept", none, func(d *Directory, _ core.Key) error {
			_, _, err := d.Sweep(ctx, 5000, 10)
			return err
		}},
	} {
		for _, times := range []int{1, 1000} {
			for _, fault := range []error{syscall.ENOSPC, syscall.EROFS, syscall.EIO, syscall.EACCES} {
				t.Run(fmt.Sprintf("%s/%d/%v", c.method, times, fault), func(t *testing.T) {
					for n := 1; ; n++ {
						on := newDisk()
						d := onDisk(t, on, SyncFolder)
						wantNo(t, d.Create(ctx, "kept", old))
						reached := on.failFrom(n, times, fault)
						err := c.call(d, c.key)
						on.broken = nil
						if !*reached {
							wantNo(t, err)
							if n < 3 {
								t.Errorf("only %d operations", n-1)
							}
							return
						}
						before := none
						if c.key == "kept" {
							before = old
						}
						checkFailed(t, d, c.key, err, fault, before, c.after)
					}
				})
			}
		}
	}
}

func checkFailed(t *testing.T, d *Directory, key core.Key, err, fault error, before, after core.Record) {
	t.Helper()
	ctx := context.Background()
	got, loadErr := d.Load(ctx, key)
	if loadErr != nil && !errors.Is(loadErr, ErrNotFound) {
		t.Fatalf("afterwards Load returned %v", loadErr)
	}
	switch {
	case err == nil && got != after:
		t.Fatalf("acknowledged %+v, and there is %+v", after, got)
	case err != nil && !errors.Is(err, fault):
		t.Fatalf("%v does not wrap %v", err, fault)
	case got != before && got != after:
		t.Fatalf("there is %+v, which is neither %+v nor %+v", got, before, after)
	}
	for _, sentinel := range []error{ErrNotFound, ErrExists, ErrConflict, ErrFull, ErrGarbled} {
		if errors.Is(err, sentinel) {
			t.Fatalf("%v answers something about the record", err)
		}
	}
	if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), tempPrefix)) {
		t.Fatalf("%v tells a file's name", err)
	}
	// What has failed is in nobody's way.
	if loadErr == nil {
		wantNo(t, d.Delete(ctx, key, got.Revision))
	}
	wantNo(t, d.Create(ctx, key, before))
	for more := true; more; {
		_, more, err = d.Sweep(ctx, rawTime.Add(2*time.Hour).UnixMilli(), 1000)
		wantNo(t, err)
	}
	on := d.drawers[0].folder.(*disk)
	if len(on.names) != 1 {
		t.Fatalf("after a sweep there are %d files, want the lock alone", len(on.names))
	}
}
