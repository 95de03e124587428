package store

// Evictions returns how many copies went, and drops none itself.
func (c *Cache) Evictions() (n uint64) {
	for i := range c.shards {
		c.shards[i].Lock()
		n += c.shards[i].evictions
		c.shards[i].Unlock()
	}
	return n
}

// AnnounceAll says to every listener that any record may have changed.
func (b *Bus) AnnounceAll() { b.announce(Announcement{All: true}) }
