package bolt

import (
	"runtime"

	"go.etcd.io/bbolt"

	"github.com/satchel-go/satchel/core"
)

// Hold keeps every write from beginning until release is called.
func (s *Store) Hold() (release func()) {
	s.writer.idle.Wait() // else Queued counts what was answered just now
	tx, err := s.db.Begin(true)
	if err != nil {
		panic(err)
	}
	return func() { _ = tx.Rollback() }
}

// Transactions is how many have been written.
func (s *Store) Transactions() (n int) {
	_ = s.db.View(func(tx *bbolt.Tx) error {
		n = tx.ID()
		return nil
	})
	return n
}

// Queued waits until n writes wait, or are taken to be written.
func (s *Store) Queued(n int) {
	for {
		s.writer.mu.Lock()
		waits := len(s.writer.queue) + s.writer.taken
		s.writer.mu.Unlock()
		if waits >= n {
			return
		}
		runtime.Gosched()
	}
}

// Flushes reports whether every write is flushed before it is acknowledged.
func (s *Store) Flushes() bool { return !s.db.NoSync && !s.db.NoGrowSync }

// Pin keeps every page that is in use now from being used again, until release is called.
func (s *Store) Pin() (release func()) {
	tx, err := s.db.Begin(false)
	if err != nil {
		panic(err)
	}
	return func() { _ = tx.Rollback() }
}

// Shrink makes the file too large already. No write may run.
func (s *Store) Shrink() { s.writer.limit = 16 }

// Plant puts a value under a key, whatever it is.
func (s *Store) Plant(key core.Key, value string) error {
	return s.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucket).Put(spell(key), []byte(value)) })
}
