package bolt

import (
	"bytes"
	"context"
	"iter"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

var _ store.Lister = (*Store)(nil)

// List implements [store.Lister], in the order of the keys. It has a view of the file for 1000 records at a time, and none while its
// caller looks at them.
func (s *Store) List(ctx context.Context) iter.Seq2[store.Listed, error] {
	return func(yield func(store.Listed, error) bool) {
		for from, more := []byte{}, true; more; {
			page, last, err := s.page(ctx, from)
			if err != nil {
				yield(store.Listed{}, failed("list", err))
				return
			}
			for _, l := range page {
				if !yield(l, nil) {
					return
				}
			}
			from, more = slices.Concat(last, []byte{0}), len(page) == looksAtOnce // the next possible key
		}
	}
}

// page lists what is at a place and behind it, and returns the last key in memory of its own.
func (s *Store) page(ctx context.Context, from []byte) (page []store.Listed, last []byte, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	err = s.view(func(b *bbolt.Bucket) error {
		c := b.Cursor()
		for name, value := c.Seek(from); name != nil && len(page) < looksAtOnce; name, value = c.Next() {
			rec, err := read(value[:min(len(value), headSize)])
			l := store.Listed{Revision: rec.Revision, Garbled: err != nil}
			if err == nil {
				l.Seen, l.Deadline, l.Size = rec.Seen, rec.Deadline, len(value)-headSize
			}
			page = append(page, l.Under(s, core.Key(bytes.TrimPrefix(name, []byte{'k'}))))
			last = bytes.Clone(name)
		}
		return nil
	})
	return page, last, err
}
