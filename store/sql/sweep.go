package sql

import (
	"context"
	"fmt"
	"sync/atomic"
)

// place is the key at which a sweep goes on, so that a sweep of many batches passes over each row about once. To be wrong about it
// costs time and nothing else.
type place struct{ at atomic.Pointer[[]byte] }

func (p *place) get() []byte {
	if at := p.at.Load(); at != nil {
		return *at
	}
	return []byte{}
}

// sweepAtOnce is how many rows one statement removes, so how many are locked together.
const sweepAtOnce = 100

// Sweep implements [store.Sweeper]. It looks for rows without locking any, then deletes those that are still past their deadline, up
// to 100 by one statement. The last batch of a sweep reads the whole table, as nothing but a sweep does. What is garbled is left alone.
func (s *Store) Sweep(ctx context.Context, now int64, limit int) (removed int, more bool, err error) {
	if limit < 1 {
		return 0, false, failed(ctx, "sweep", fmt.Errorf("the limit is %d", limit))
	}
	at := s.place.get()
	found, err := s.keys(ctx, s.findFrom, at, now, limit)
	if err == nil && len(found) < limit {
		var before [][]byte
		before, err = s.keys(ctx, s.findUpTo, at, now, limit-len(found))
		found = append(found, before...)
	}
	if err != nil {
		return 0, false, failed(ctx, "sweep", err)
	}
	more = len(found) == limit
	for len(found) > 0 {
		batch := found[:min(sweepAtOnce, len(found))]
		args := []any{now}
		for _, key := range batch {
			args = append(args, key)
		}
		n, err := s.exec(ctx, s.sweeping(len(batch)), args...)
		if err != nil {
			return removed, true, failed(ctx, "sweep", err)
		}
		removed += int(n)
		s.place.at.Store(&batch[len(batch)-1])
		found = found[len(batch):]
	}
	return removed, more, nil
}

// keys asks for keys of rows past their deadline.
func (s *Store) keys(ctx context.Context, text string, at []byte, now int64, limit int) (found [][]byte, err error) {
	err = s.again(ctx, s.unread, func() error {
		found = nil
		rows, err := s.db.QueryContext(ctx, text, at, now, limit)
		if err != nil {
			return err
		}
		defer rows.Close() // it reports nothing that Err does not
		for rows.Next() {
			key := []byte{}
			if err := rows.Scan(&key); err != nil {
				return err
			}
			if key == nil {
				key = []byte{} // as some drivers hand out what has no bytes
			}
			found = append(found, key)
		}
		return rows.Err()
	})
	return found, err
}
