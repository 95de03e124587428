package store

import (
	"context"

	"github.com/satchel-go/satchel/core"
)

// writing is a call that may change a record, from before it begins until it returns.
type writing struct {
	cache *Cache
	shard *cacheShard
	key   core.Key
	had   uint64 // the copy that there was when it began, or 0
	began int64
	now   *core.Record // what the record is now, if that is known: not if it is gone, nor after an error or a panic
	gone  bool
}

func (c *Cache) write(key core.Key) writing {
	w := writing{cache: c, shard: c.shard(key), key: key, began: c.clock()}
	w.shard.Lock()
	defer w.shard.Unlock()
	if e, ok := w.shard.peek(key); ok {
		w.had = e.turn
	}
	return w
}

// settle makes the copy what the record is now, or drops it. Of what was read, written or announced while this write was on its way
// nobody knows whether it came before or after, so there is a copy only if the one from before is still there. What is on
// its way now is not kept, since it may have been read before the change; and whoever asks from now on asks anew.
func (w *writing) settle() {
	s := w.shard
	s.Lock()
	defer s.Unlock()
	e, ok := s.peek(w.key)
	same := ok && w.had != 0 && e.turn == w.had
	s.drop(w.key)
	switch {
	case w.gone:
		s.remove(w.key)
	case same && w.now != nil:
		s.keep(w.key, copied{rec: *w.now, loaded: w.began, used: w.cache.clock()})
	}
	w.cache.dropIdle(s)
}

// Create implements [Store]. What is new is no copy until it is asked for.
func (c *Cache) Create(ctx context.Context, key core.Key, rec core.Record) error {
	w := c.write(key)
	defer w.settle()
	return c.inner.Create(ctx, key, rec)
}

// Replace implements [Store].
func (c *Cache) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	w := c.write(key)
	defer w.settle()
	err := c.inner.Replace(ctx, key, at, rec)
	if err == nil {
		w.now = &rec
	}
	return err
}

// Touch implements [Store]. It drops the copy: the record may have been touched elsewhere too, or ended and made anew, and a copy with
// these instants put in would be a record that never was.
func (c *Cache) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	w := c.write(key)
	defer w.settle()
	return c.inner.Touch(ctx, key, at, seen, deadline)
}

// Delete implements [Store].
func (c *Cache) Delete(ctx context.Context, key core.Key, at uint64) error {
	w := c.write(key)
	defer w.settle()
	err := c.inner.Delete(ctx, key, at)
	w.gone = err == nil
	return err
}
