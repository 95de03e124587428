package store

import (
	"context"
	"encoding/hex"
	"iter"

	"github.com/satchel-go/satchel/core"
)

var _ Lister = (*Memory)(nil)

// List implements [Lister]. It copies what it tells of one shard's records, a hundred-and-twenty-eighth of all, under one hold of the
// shard's lock.
func (m *Memory) List(ctx context.Context) iter.Seq2[Listed, error] {
	return func(yield func(Listed, error) bool) {
		for i := range m.shards {
			if err := ctx.Err(); err != nil {
				yield(Listed{}, ended("list", err))
				return
			}
			for _, h := range m.shards[i].heads() {
				if !yield(m.listed(i, h), nil) {
					return
				}
			}
		}
	}
}

// head is an entry without its body.
type head struct {
	name           name
	revision       uint64
	seen, deadline int64
	size           int
}

func (s *shard) heads() []head {
	s.RLock()
	defer s.RUnlock()
	all := make([]head, s.size)
	for pos := range all {
		e := s.at(pos)
		all[pos] = head{e.name, e.revision, e.seen, e.deadline, len(e.body)}
	}
	return all
}

func (m *Memory) listed(i int, h head) Listed {
	l := Listed{Revision: h.revision, Seen: h.seen, Deadline: h.deadline, Size: h.size}
	if i < keyShards {
		return l.Under(m, core.Key(h.name[:]))
	}
	// The key itself is not kept, only its hash.
	s := &m.shards[i]
	l.Name = hex.EncodeToString(h.name[:])
	l.Load = func(ctx context.Context) (core.Record, error) { return m.load(ctx, s, h.name) }
	l.Delete = func(ctx context.Context, at uint64) error { return m.delete(ctx, s, h.name, at) }
	return l
}
