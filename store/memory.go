package store

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/satchel-go/satchel/core"
)

// The limits of a Memory that sets none.
const (
	DefaultMaxRecords = 1 << 20   // about a million
	DefaultMaxBytes   = 256 << 20 // a million records of 100 bytes, as MemoryStats.Bytes counts them
)

// MemoryConfig is what a Memory may be told. The zero value gives what [NewMemory] gives.
type MemoryConfig struct {
	// MaxRecords is the most records that are kept at once; 0 is DefaultMaxRecords.
	MaxRecords int

	// MaxBytes is the most bytes that are kept at once, as [MemoryStats] counts them; 0 is DefaultMaxBytes. The last
	// sixteenth of it is open to Replace only, so that a flood of new sessions does not keep the live ones from changing.
	MaxBytes int64

	// SweepEvery is the pause between sweeps by a goroutine that runs until Close, less up to a quarter at random, so that not all nodes
	// sweep at once. 0 starts none: then a record past its deadline goes when Sweep is called, or
	// little by little as others are created.
	SweepEvery time.Duration

	// Now is the clock of that goroutine, and of nothing else; nil is time.Now.
	Now func() time.Time
}

// Memory is a [Store] in the memory of this process. Its records end with the process and no other process sees them, so
// it is for one node. It is bounded: when it is full Create returns [ErrFull].
//
// It reads no clock. Create takes the Seen of its record for the present, looks at a few other records, and removes those
// that are past their deadline by it; so dead records do not pile up even where nobody sweeps.
type Memory struct {
	shards [2 * keyShards]shard
	seed   maphash.Seed
	room   room
	turn   atomic.Uint32 // the shard that is swept next
	stop   func()        // ends the sweeping goroutine and waits for it
}

var (
	_ Store   = (*Memory)(nil)
	_ Sweeper = (*Memory)(nil)
)

// keyShards is the number of shards for keys of 32 bytes. As many more are for keys of other lengths, which are hashed,
// so that no key can be built that meets the hash of another.
const keyShards = 64

type shard struct {
	sync.RWMutex
	table
	_ [64]byte // so that two shards share no cache line
}

// NewMemory returns an empty Memory with the default limits, and starts no goroutine.
func NewMemory() *Memory {
	return newMemory(DefaultMaxRecords, DefaultMaxBytes)
}

// New returns an empty Memory, or an error that lists everything wrong with the configuration.
func (c MemoryConfig) New() (*Memory, error) {
	var wrong []error
	if c.MaxRecords < 0 {
		wrong = append(wrong, fmt.Errorf("store: MaxRecords is %d, less than 0", c.MaxRecords))
	}
	if c.MaxBytes < 0 {
		wrong = append(wrong, fmt.Errorf("store: MaxBytes is %d, less than 0", c.MaxBytes))
	}
	if c.SweepEvery < 0 {
		wrong = append(wrong, fmt.Errorf("store: SweepEvery is %v, less than 0", c.SweepEvery))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	records, bytes, now := c.MaxRecords, c.MaxBytes, c.Now
	if records == 0 {
		records = DefaultMaxRecords
	}
	if bytes == 0 {
		bytes = DefaultMaxBytes
	}
	if now == nil {
		now = time.Now
	}
	m := newMemory(records, bytes)
	if c.SweepEvery > 0 {
		m.stop = SweepConfig{Every: c.SweepEvery, Limit: sweepLimit, Now: now}.begin(m.Sweep)
	}
	return m, nil
}

func newMemory(records int, bytes int64) *Memory {
	m := &Memory{seed: maphash.MakeSeed(), stop: func() {}}
	m.room.maxRecords, m.room.maxBytes = records, bytes
	for i := range m.shards {
		m.shards[i].seed = m.seed
	}
	return m
}

// Close ends the sweeping goroutine, if there is one, and returns when it has ended. It may be called again. The records
// stay usable until the Memory is garbage.
func (m *Memory) Close() error {
	m.stop()
	return nil
}

// Guarantees declares compare-and-swap, and nothing beyond this process and its life.
func (m *Memory) Guarantees() Guarantees {
	return Guarantees{CompareAndSwap: true, Durability: Volatile}
}

// MemoryStats is what a Memory keeps at one instant.
type MemoryStats struct {
	Records int   // those past their deadline included, until they are removed
	Bytes   int64 // the length of each body, and 128 for all else that a record takes: key, times, index
}

// Stats returns how much is kept now.
func (m *Memory) Stats() MemoryStats { return m.room.stats() }

// Load implements [Store].
func (m *Memory) Load(ctx context.Context, key core.Key) (core.Record, error) {
	s, name := m.find(key)
	return m.load(ctx, s, name)
}

func (m *Memory) load(ctx context.Context, s *shard, name name) (core.Record, error) {
	if err := ctx.Err(); err != nil {
		return core.Record{}, ended("load", err)
	}
	s.RLock()
	defer s.RUnlock()
	pos, ok := s.lookup(&name)
	if !ok {
		return core.Record{}, ErrNotFound
	}
	e := s.at(pos)
	return core.Record{Revision: e.revision, Seen: e.seen, Deadline: e.deadline, Body: e.body}, nil
}

// Create implements [Store]. It keeps a copy of the body.
func (m *Memory) Create(ctx context.Context, key core.Key, rec core.Record) error {
	if err := ctx.Err(); err != nil {
		return ended("create", err)
	}
	s, name := m.find(key)
	// The copy is made before the lock is taken: an allocation may have to help the garbage collector for a while.
	e := entry{name: name, revision: rec.Revision, seen: rec.Seen, deadline: rec.Deadline, body: strings.Clone(rec.Body)}
	for looks := reclaimLooks; ; {
		err := m.create(s, e)
		if looks <= 0 || !errors.Is(err, ErrFull) {
			return err
		}
		looks = m.reclaim(rec.Seen, looks)
	}
}

func (m *Memory) create(s *shard, e entry) error {
	s.Lock()
	defer s.Unlock()
	if _, ok := s.lookup(&e.name); ok {
		return ErrExists
	}
	removed, freed, _ := s.creep(e.seen, createLooks)
	m.room.give(removed, freed)
	if !m.room.take(cost(e.body)) {
		return ErrFull
	}
	s.insert(e)
	return nil
}

// Replace implements [Store]. It keeps a copy of the body.
func (m *Memory) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	if err := ctx.Err(); err != nil {
		return ended("replace", err)
	}
	s, name := m.find(key)
	body := strings.Clone(rec.Body)
	s.Lock()
	defer s.Unlock()
	pos, err := s.lookupAt(&name, at)
	if err != nil {
		return err
	}
	e := s.at(pos)
	if !m.room.swap(cost(e.body), cost(body)) {
		return ErrFull
	}
	e.revision, e.seen, e.deadline, e.body = rec.Revision, rec.Seen, rec.Deadline, body
	return nil
}

// Touch implements [Store].
func (m *Memory) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	if err := ctx.Err(); err != nil {
		return ended("touch", err)
	}
	s, name := m.find(key)
	s.Lock()
	defer s.Unlock()
	pos, ok := s.lookup(&name)
	if !ok {
		return ErrNotFound
	}
	e := s.at(pos)
	if seen >= e.deadline {
		return ErrNotFound
	}
	if e.revision != at {
		return ErrConflict
	}
	e.seen, e.deadline = max(e.seen, seen), max(e.deadline, deadline)
	return nil
}

// Delete implements [Store].
func (m *Memory) Delete(ctx context.Context, key core.Key, at uint64) error {
	s, name := m.find(key)
	return m.delete(ctx, s, name, at)
}

func (m *Memory) delete(ctx context.Context, s *shard, name name, at uint64) error {
	if err := ctx.Err(); err != nil {
		return ended("delete", err)
	}
	s.Lock()
	defer s.Unlock()
	pos, err := s.lookupAt(&name, at)
	if err != nil {
		return err
	}
	m.room.give(1, cost(s.at(pos).body))
	s.remove(pos)
	return nil
}

// ended says that the context ended before anything was done.
func ended(method string, err error) error { return fmt.Errorf("store: %s: %w", method, err) }
