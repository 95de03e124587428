package store

import (
	"time"

	"github.com/satchel-go/satchel/core"
)

// Evictions returns how many copies went, and drops none itself.
func (c *Cache) Evictions() (n uint64) {
	for i := range c.shards {
		c.shards[i].Lock()
		n += c.shards[i].evictions
		c.shards[i].Unlock()
	}
	return n
}

// Hits returns how many Loads were answered with a copy.
func (c *Cache) Hits() (n uint64) {
	for i := range c.shards {
		c.shards[i].Lock()
		n += c.shards[i].hits
		c.shards[i].Unlock()
	}
	return n
}

// AnnounceAll says to every listener that any record may have changed.
func (b *Bus) AnnounceAll() { b.announce(Announcement{All: true}) }

// NoteAge says that an answer was so old.
func (c *Cache) NoteAge(age time.Duration) { c.noteAge(int64(age)) }

// ErrSlow is the outage of a store that answers too late, twice.
var ErrSlow = errSlow

// ErrSilent says that a feed does not answer.
var ErrSilent = errSilent

// Changed says that a record was changed elsewhere, as a feed does.
func (c *Cache) Changed(key core.Key) { c.changed(key) }

// Flush forgets every copy, as when a feed breaks.
func (c *Cache) Flush() { c.flush() }
