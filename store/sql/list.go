package sql

import (
	"context"
	"iter"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

var _ store.Lister = (*Store)(nil)

// listAtOnce is how many rows one statement gives.
const listAtOnce = 500

// List implements [store.Lister], in the order of the keys, by a statement for each 500 records. Between two of them it holds no
// connection.
func (s *Store) List(ctx context.Context) iter.Seq2[store.Listed, error] {
	return func(yield func(store.Listed, error) bool) {
		for after, more := []byte(nil), true; more; {
			page, last, err := s.page(ctx, after)
			if err != nil {
				yield(store.Listed{}, failed(ctx, "list", err))
				return
			}
			for _, l := range page {
				if !yield(l, nil) {
					return
				}
			}
			after, more = last, len(page) == listAtOnce
		}
	}
}

// page lists what is behind a key, or from the first on if that is nil, and returns the last key.
func (s *Store) page(ctx context.Context, after []byte) (page []store.Listed, last []byte, err error) {
	text, args := s.listAfter, []any{after, listAtOnce}
	if after == nil {
		text, args = s.list, args[1:]
	}
	err = s.again(ctx, s.unread, func() error {
		page = nil
		rows, err := s.db.QueryContext(ctx, text, args...)
		if err != nil {
			return err
		}
		defer rows.Close() // it reports nothing that Err does not
		for rows.Next() {
			var key body // as some drivers hand out what has no bytes
			var r store.Row
			var size int
			if err := rows.Scan(&key, &r.Revision, &r.Seen, &r.Deadline, &size); err != nil {
				return err
			}
			page = append(page, r.Listed(size).Under(s, core.Key(key.text)))
			last = []byte(key.text)
		}
		return rows.Err()
	})
	return page, last, err
}
