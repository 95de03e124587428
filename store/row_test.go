package store_test

import (
	"errors"
	"math"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Each reason has its row, and they are looked at in this order.
func TestRow(t *testing.T) {
	again := errors.New("again")
	good := store.Row{Revision: 5, Seen: 10, Deadline: 20}
	for _, c := range []struct {
		row                    store.Row
		at                     uint64
		seen, deadline         int64
		replace, touch, delete error
		known                  uint64
	}{
		{good, 5, 11, 20, again, again, again, 5},
		{good, 5, 10, 21, again, again, again, 5},
		{good, 5, 10, 20, again, nil, again, 5},
		{good, 5, 9, 19, again, nil, again, 5},
		{good, 4, 11, 21, store.ErrConflict, store.ErrConflict, store.ErrConflict, 5},
		{good, 4, 20, 21, store.ErrConflict, store.ErrNotFound, store.ErrConflict, 5},
		{good, 5, 20, 21, again, store.ErrNotFound, again, 5},
		{store.Row{Revision: 5, Seen: -1, Deadline: 20}, 5, 11, 21, store.ErrGarbled, store.ErrGarbled, again, 5},
		{store.Row{Revision: 5, Seen: 1, Deadline: core.MaxInstant + 1}, 4, 11, 21, store.ErrGarbled, store.ErrGarbled, store.ErrConflict, 5},
		{store.Row{Revision: 0, Seen: 10, Deadline: 20}, 0, 11, 21, store.ErrGarbled, store.ErrGarbled, store.ErrGarbled, 0},
		{store.Row{Revision: math.MinInt64, Seen: 10, Deadline: 20}, 1 << 63, 11, 21, store.ErrGarbled, store.ErrGarbled, store.ErrGarbled, 0},
	} {
		if got := c.row.Replace(c.at, again); got != c.replace {
			t.Errorf("%+v: Replace: %v, want %v", c, got, c.replace)
		}
		if got := c.row.Touch(c.at, c.seen, c.deadline, again); got != c.touch {
			t.Errorf("%+v: Touch: %v, want %v", c, got, c.touch)
		}
		if got := c.row.Delete(c.at, again); got != c.delete {
			t.Errorf("%+v: Delete: %v, want %v", c, got, c.delete)
		}
		if got := c.row.Known(); got != c.known || c.row.Readable() != (c.replace != store.ErrGarbled) {
			t.Errorf("%+v: known %d", c, got)
		}
	}
}
