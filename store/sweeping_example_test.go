package store_test

import (
	"context"
	"fmt"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// loud is a store that says what a sweep has removed.
type loud struct {
	store.Sweeper
	end func()
}

func (l loud) Sweep(ctx context.Context, now int64, limit int) (int, bool, error) {
	removed, more, err := l.Sweeper.Sweep(ctx, now, limit)
	fmt.Println("removed", removed)
	l.end()
	return removed, more, err
}

// The stores on servers, and bolt, are swept by whoever uses them.
func ExampleSweeping() {
	ctx, end := context.WithCancel(context.Background())
	defer end()
	sessions := store.NewMemory()
	_ = sessions.Create(ctx, "ended", core.Record{Revision: 1, Seen: 1, Deadline: 1000})
	_ = sessions.Create(ctx, "live", core.Record{Revision: 1, Seen: 1, Deadline: 3000})

	err := store.Sweeping(ctx, loud{sessions, end}, store.SweepConfig{ // most often go store.Sweeping(…)
		Every:  time.Millisecond, // a minute or so
		Failed: func(err error) { fmt.Println(err) },
		Now:    func() time.Time { return time.UnixMilli(2000) },
	})
	fmt.Println(err)
	// Output:
	// removed 1
	// <nil>
}
