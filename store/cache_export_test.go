package store

import "time"

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
