package store

import (
	"context"
	"strings"

	"github.com/satchel-go/satchel/core"
)

// writing is a call that may change a record, from before it begins until it returns.
type writing struct {
	cache *Cache
	shard *cacheShard
	key   core.Key
	epoch uint64
	began int64
	// update makes the copy what the record is now, or reports that it cannot tell. It is nil if the record is gone, or if what
	// became of it is not known: an error, or a panic.
	update func(e *copied) bool
}

func (c *Cache) write(key core.Key) *writing {
	w := &writing{cache: c, shard: c.shard(key), key: key, began: c.clock()}
	w.shard.Lock()
	w.epoch = w.shard.epoch
	w.shard.Unlock()
	return w
}

// settle updates the copy if nothing came between, else it drops it. Whatever was on its way is not kept, since it may have been
// read before the change; and whoever asks from now on asks anew.
func (w *writing) settle() {
	s := w.shard
	s.Lock()
	defer s.Unlock()
	e, ok := s.find(w.key)
	if !ok || w.update == nil || s.epoch != w.epoch || !s.update(w.key, e, w.update, w.cache.limit) {
		s.drop(w.key)
	} else {
		s.epoch++
		e.used = w.cache.clock()
		s.promote(w.key, w.cache.limit)
		s.fit(w.cache.limit)
	}
	w.cache.dropIdle(s)
}

// Replace implements [Store].
func (c *Cache) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	w := c.write(key)
	defer w.settle()
	if err := c.inner.Replace(ctx, key, at, rec); err != nil {
		return err
	}
	w.update = func(e *copied) bool {
		if e.rec.Revision < rec.Revision {
			e.rec, e.loaded = rec, w.began
			e.rec.Body = strings.Clone(rec.Body)
		}
		return e.rec.Revision == rec.Revision // a larger one was read meanwhile, or the record was made anew
	}
	return nil
}

// Touch implements [Store].
func (c *Cache) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	w := c.write(key)
	defer w.settle()
	if err := c.inner.Touch(ctx, key, at, seen, deadline); err != nil {
		return err
	}
	w.update = func(e *copied) bool {
		// The copy is not younger for it: another node's touch may have moved the times further.
		e.rec.Seen, e.rec.Deadline = max(e.rec.Seen, seen), max(e.rec.Deadline, deadline)
		return e.rec.Revision == at
	}
	return nil
}
