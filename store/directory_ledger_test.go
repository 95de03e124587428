package store

import (
	"context"
	"errors"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// A scan that began before a record was written does not see it: what the scan enters must not be later than what the
// writer entered, nor may a scan speak for one that began after it.
func TestDirectoryLedgerForgetsNoWriter(t *testing.T) {
	ctx := context.Background()
	const now, due = 1000, 2000
	for name, others := range map[string]func(t *testing.T, d *drawer){
		"one scan": func(*testing.T, *drawer) {},
		"another scan begins": func(t *testing.T, d *drawer) {
			var another pass
			if begun, err := d.begin(ctx, &another, now); !begun || err != nil {
				t.Fatal(begun, err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			on := newDisk()
			d := onDisk(t, on, SyncNone)
			in := &d.drawers[0]
			var scan pass
			if begun, err := in.begin(ctx, &scan, now); !begun || err != nil {
				t.Fatal(begun, err)
			}
			wantNo(t, d.Create(ctx, "key", core.Record{Revision: 1, Deadline: due}))
			others(t, in)
			looks := 10
			if _, done, err := in.scan(ctx, &scan, now, &looks, 10); !done || err != nil {
				t.Fatal(done, err)
			}
			removed, more, err := d.Sweep(ctx, due, 10)
			for more && err == nil {
				var n int
				n, more, err = d.Sweep(ctx, due, 10)
				removed += n
			}
			if removed != 1 || err != nil {
				t.Errorf("removed %d, %v", removed, err)
			}
		})
	}
}

// Between the look and the removal of a record another process may replace it by one that lives.
func TestDirectorySweepLooksAgainUnderTheLock(t *testing.T) {
	ctx := context.Background()
	on := newDisk()
	d := onDisk(t, on, SyncNone)
	wantNo(t, d.Create(ctx, "key", core.Record{Revision: 1, Deadline: 1000, Body: "dead"}))
	_, name := fileName("key")
	live := core.Record{Revision: 2, Deadline: 9000, Body: "alive"}
	on.broken = func(op string) error {
		if op == "close" { // of the first look
			on.names[name] = &inode{data: appendFile(nil, name, live), mtime: rawTime}
		}
		return nil
	}
	if removed, _, err := d.Sweep(ctx, 1000, 10); removed != 0 || err != nil {
		t.Errorf("removed %d, %v", removed, err)
	}
	on.broken = nil
	if got, err := d.Load(ctx, "key"); err != nil || got != live {
		t.Errorf("there is %+v, %v", got, err)
	}
	wantNo(t, d.Delete(ctx, "key", 2))
	if _, err := d.Load(ctx, "key"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}
