package bolt

import (
	"bytes"
	"context"
	"fmt"

	"go.etcd.io/bbolt"
)

const (
	looksAtOnce = 1000 // in one view: a long one would keep pages from being used again
	sweptAtOnce = 100  // by one write
	headSize    = 21   // of a value; its deadline is in it
)

// Sweep implements [store.Sweeper]. What is garbled has no deadline, and is left alone.
func (s *Store) Sweep(ctx context.Context, now int64, limit int) (removed int, more bool, err error) {
	if limit < 1 {
		return 0, false, failed("sweep", fmt.Errorf("the limit is %d", limit))
	}
	start := []byte{}
	if at := s.place.Load(); at != nil {
		start = *at
	}
	round := &round{from: start, start: start}
	for !round.over {
		if err := ctx.Err(); err != nil {
			return removed, true, failed("sweep", err)
		}
		if removed == limit {
			return removed, true, nil
		}
		found, err := s.due(round, now, min(sweptAtOnce, limit-removed))
		if err != nil {
			return removed, true, failed("sweep", err)
		}
		if len(found) > 0 {
			n, err := s.remove(ctx, found, now)
			removed += n
			if err != nil {
				return removed, true, failed("sweep", err)
			}
		}
		at := round.from
		s.place.Store(&at)
	}
	return removed, false, nil
}

// round is one way through all keys, from a place to the end and from the beginning to the place.
type round struct {
	from, start []byte
	turned      bool // it has passed the end
	over        bool
}

// due looks at the next records and returns the keys of those that are past their deadline, at most limit.
func (s *Store) due(r *round, now int64, limit int) (found [][]byte, err error) {
	err = s.view(func(b *bbolt.Bucket) error {
		c := b.Cursor()
		name, value := c.Seek(r.from)
		for range looksAtOnce {
			if name == nil && !r.turned {
				r.turned = true
				name, value = c.First()
			}
			if name == nil || r.turned && bytes.Compare(name, r.start) >= 0 {
				r.over = true
				return nil
			}
			if len(found) == limit {
				break
			}
			if rec, err := read(value[:min(len(value), headSize)]); err == nil && rec.Deadline <= now {
				found = append(found, bytes.Clone(name))
			}
			name, value = c.Next()
		}
		switch {
		case name != nil:
			r.from = bytes.Clone(name)
		case r.turned:
			r.over = true
		default: // the end: what follows begins at the first
			r.turned, r.from = true, []byte{}
		}
		return nil
	})
	return found, err
}

// remove removes those that are still past their deadline.
func (s *Store) remove(ctx context.Context, names [][]byte, now int64) (int, error) {
	removed := 0 // is not read if its writer may still run
	err := s.writer.do(ctx, change{apply: func(b *bbolt.Bucket) (bool, error) {
		removed = 0
		for _, name := range names {
			rec, err := read(b.Get(name))
			if err != nil || rec.Deadline > now {
				continue
			}
			if err := b.Delete(name); err != nil {
				return removed > 0, err
			}
			removed++
		}
		return removed > 0, nil
	}})
	if err != nil {
		return 0, err
	}
	return removed, nil
}
