package postgres

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// place is where in its table a sweep goes on, so that a sweep of many batches passes over each page about once. To be wrong
// about it costs time and nothing else.
type place struct{ at atomic.Pointer[string] }

func (p *place) get() string {
	if at := p.at.Load(); at != nil {
		return *at
	}
	return "(0,0)"
}

// Sweep implements [store.Sweeper]. It looks for rows without locking any, then deletes those that are still past their deadline. The
// last batch of a sweep reads the whole table, as nothing but a sweep does, so a sweep each few minutes is often enough. What is garbled
// is left alone.
func (s *Store) Sweep(ctx context.Context, now int64, limit int) (removed int, more bool, err error) {
	if limit < 1 {
		return 0, false, failed(ctx, "sweep", fmt.Errorf("the limit is %d", limit))
	}
	var found [][]byte
	var last string
	err = s.again(ctx, unread, func() error {
		found = nil
		rows, err := s.pool.Query(ctx, s.find, s.place.get(), now, limit)
		if err != nil {
			return err
		}
		var key []byte
		_, err = pgx.ForEachRow(rows, []any{&key, &last}, func() error {
			found = append(found, key)
			key = nil
			return nil
		})
		return err
	})
	if err != nil {
		return 0, false, failed(ctx, "sweep", err)
	}
	if len(found) == 0 {
		return 0, false, nil
	}
	var done pgconn.CommandTag
	err = s.again(ctx, undone, func() (err error) {
		done, err = s.pool.Exec(ctx, s.sweep, found, now)
		return err
	})
	if err != nil {
		return 0, false, failed(ctx, "sweep", err)
	}
	s.place.at.Store(&last)
	return int(done.RowsAffected()), len(found) == limit, nil
}
