package store

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
)

// A file's time says what the touch said, exactly, or says nothing.
func TestDirectoryFileTimes(t *testing.T) {
	const limit = 1 << 42
	head := func(seen, deadline int64) fileHead {
		h, ok := readHead(appendFile(nil, "name", core.Record{Revision: 1, Seen: seen, Deadline: deadline}), "name")
		if !ok {
			t.Fatal("no head")
		}
		return h
	}
	for _, c := range []struct {
		headSeen, headDeadline, seen, deadline int64
		ok                                     bool
	}{
		{1000, 5000, 1000, 5000, true},                                                     // as it was written
		{1000, 5000, 2000, 6000, true},                                                     // an idle time that moved
		{1000, 5000, 2000, 5000, true},                                                     // the end of an absolute time
		{1000, 5000, 2000, 5500, false},                                                    // neither
		{1000, 5000, 1000, 6000, false},                                                    //
		{1000, 5000, 500, 4500, false},                                                     // back
		{1000, 5000, limit - 1, limit + 3999, true},                                        // the last instant of a disk
		{1000, 5000, limit, limit + 4000, false},                                           //
		{0, core.MaxInstant, 1000, core.MaxInstant, true},                                  //
		{0, math.MaxInt64, 1000, math.MaxInt64, true},                                      //
		{0, math.MaxInt64 - 5, 6, math.MinInt64, false},                                    // an overflow
		{math.MinInt64, 5000, 1000, 5000, true},                                            //
		{math.MinInt64, 5000, math.MinInt64, 5000, false},                                  // before 1970
		{math.MinInt64, 5000, 0, math.MinInt64 + 5000, false},                              // an overflow
		{5000, 1000, 6000, 2000, true},                                                     // dead from the beginning
		{1000, math.MinInt64, 3000, math.MinInt64 + 2000, true},                            //
		{1_600_000_000_000, 1_600_000_900_000, 1_600_000_000_001, 1_600_000_900_001, true}, // today
	} {
		h := head(c.headSeen, c.headDeadline)
		mtime, ok := h.mtime(c.seen, c.deadline, limit)
		if ok != c.ok {
			t.Errorf("%+v: expressed is %v", c, ok)
		}
		seen, deadline := h.times(mtime)
		wantSeen, wantDeadline := c.seen, c.deadline
		if !ok {
			wantSeen, wantDeadline = c.headSeen, c.headDeadline
		}
		if seen != wantSeen || deadline != wantDeadline {
			t.Errorf("%+v: reads as %d, %d", c, seen, deadline)
		}
	}
	if _, ok := head(1000, 5000).mtime(2000, 6000, 0); ok {
		t.Error("a disk without exact times was trusted")
	}
}

// A time that no touch has set ends no session later: of a hundred thousand, next to none has a mark that fits.
func TestDirectoryForeignTimesAreNotBelieved(t *testing.T) {
	h, _ := readHead(appendFile(nil, "name", core.Record{Revision: 1, Seen: 1000, Deadline: 5000}), "name")
	believed := 0
	for i := range 100_000 {
		if seen, _ := h.times(rawTime.Add(time.Duration(i) * 10_007)); seen != 1000 {
			believed++
		}
	}
	if believed > 5*fileTimeStep {
		t.Errorf("%d of 100,000 times were believed", believed)
	}
	for _, mtime := range []time.Time{{}, time.Unix(0, 0), time.UnixMilli(3000), time.Unix(1<<40, 0), time.Unix(math.MaxInt64, 0), time.Unix(math.MinInt64, 999)} {
		if seen, deadline := h.times(mtime); seen != 1000 || deadline != 5000 {
			t.Errorf("%v was believed: %d, %d", mtime, seen, deadline)
		}
	}
	// Nor is one that goes back, even if it has a mark.
	for rule := range byte(2) {
		if seen, deadline := h.times(h.marked(rule, 999)); seen != 1000 || deadline != 5000 {
			t.Errorf("rule %d went back to %d, %d", rule, seen, deadline)
		}
	}
	// A touch of one revision means nothing to the next.
	touched, _ := h.mtime(2000, 6000, 1<<42)
	next, _ := readHead(appendFile(nil, "name", core.Record{Revision: 2, Seen: 1000, Deadline: 5000}), "name")
	if seen, _ := next.times(touched); seen != 1000 {
		t.Error("another revision's touch was believed")
	}
}

// coarse is a disk that keeps times as some do: by whole steps, and none after its last.
type coarse struct {
	*disk
	step time.Duration
	last time.Time
}

func (c coarse) setTime(name string, mtime time.Time) error {
	mtime = mtime.Truncate(c.step)
	if mtime.After(c.last) {
		mtime = c.last
	}
	return c.disk.setTime(name, mtime)
}

// Where a disk does not keep a file's time exactly, it is not used.
func TestDirectoryOnDisksWithCoarseTimes(t *testing.T) {
	ctx := context.Background()
	far := time.Unix(1<<40, 0)
	for name, c := range map[string]struct {
		step  time.Duration
		last  time.Time
		limit int64
	}{
		"exact":       {1, far, (1<<32 - 1) * 1000},
		"NTFS":        {100, far, (1<<32 - 1) * 1000 * (fileTimeStep / 100)},
		"until 2038":  {1, time.Unix(1<<31-1, 999_999_999), (1<<31 - 1) * 1000},
		"two seconds": {2 * time.Second, far, 0},
		"a second":    {time.Second, far, 0},
	} {
		t.Run(name, func(t *testing.T) {
			on := coarse{newDisk(), c.step, c.last}
			limit, err := timeLimit(on)
			if limit != c.limit || err != nil {
				t.Fatalf("the limit is %d, %v, want %d", limit, err, c.limit)
			}
			if len(on.names) != 1 {
				t.Errorf("there are %d files, want the lock alone", len(on.names))
			}
			d := onDisk(t, on.disk, SyncNone)
			d.timeLimit = limit
			for i := range d.drawers {
				d.drawers[i].folder = on
			}
			rec := core.Record{Revision: 1, Seen: 1_800_000_000_000, Deadline: 1_800_001_800_000, Body: "body"}
			wantNo(t, d.Create(ctx, "key", rec))
			for _, years := range []int64{0, 10, 100} { // until 2027, 2037 and 2127
				rec.Seen += 1 + years*365*24*3600_000
				rec.Deadline += 1 + years*365*24*3600_000
				if err := d.Touch(ctx, "key", 1, rec.Seen, rec.Deadline); years == 0 {
					wantNo(t, err)
				} else if !errors.Is(err, ErrNotFound) {
					t.Fatalf("a touch after the deadline returned %v", err)
				} else {
					wantNo(t, d.Replace(ctx, "key", 1, core.Record{Revision: 2, Seen: rec.Seen - 1, Deadline: rec.Deadline - 1, Body: "body"}))
					wantNo(t, d.Touch(ctx, "key", 2, rec.Seen, rec.Deadline))
					wantNo(t, d.Delete(ctx, "key", 2))
					wantNo(t, d.Create(ctx, "key", rec))
				}
				if got, err := d.Load(ctx, "key"); err != nil || got != rec {
					t.Fatalf("there is %+v, %v, want %+v", got, err, rec)
				}
			}
		})
	}
}
