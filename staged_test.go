package satchel_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// staged is a store on which a test sets the scene: it counts calls, can be out of reach, and lets a test act between two
// steps of another exchange.
type staged struct {
	*store.Memory
	calls  atomic.Int64
	writes atomic.Int64
	down   atomic.Bool

	mu     sync.Mutex
	before map[string]func() // by operation; runs once
	lose   map[string]bool   // by operation: it takes effect, and its answer is lost, once
	keys   []core.Key        // all that were ever created
}

func newStaged() *staged {
	return &staged{Memory: store.NewMemory(), before: map[string]func(){}, lose: map[string]bool{}}
}

var errDown = errors.New("staged: down")

// once makes f run before the next call of an operation.
func (s *staged) once(op string, f func()) {
	s.mu.Lock()
	s.before[op] = f
	s.mu.Unlock()
}

func (s *staged) step(op string, do func() error) error {
	s.calls.Add(1)
	if op != "load" {
		s.writes.Add(1)
	}
	s.mu.Lock()
	f, lose := s.before[op], s.lose[op]
	delete(s.before, op)
	delete(s.lose, op)
	s.mu.Unlock()
	if f != nil {
		f()
	}
	if s.down.Load() {
		return errDown
	}
	err := do()
	if lose && err == nil {
		return errDown
	}
	return err
}

func (s *staged) Load(ctx context.Context, key core.Key) (rec core.Record, err error) {
	err = s.step("load", func() error { rec, err = s.Memory.Load(ctx, key); return err })
	return rec, err
}

func (s *staged) Create(ctx context.Context, key core.Key, rec core.Record) error {
	return s.step("create", func() error {
		s.mu.Lock()
		s.keys = append(s.keys, key)
		s.mu.Unlock()
		return s.Memory.Create(ctx, key, rec)
	})
}

func (s *staged) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	return s.step("replace", func() error { return s.Memory.Replace(ctx, key, at, rec) })
}

func (s *staged) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	return s.step("touch", func() error { return s.Memory.Touch(ctx, key, at, seen, deadline) })
}

func (s *staged) Delete(ctx context.Context, key core.Key, at uint64) error {
	return s.step("delete", func() error { return s.Memory.Delete(ctx, key, at) })
}

// all returns the records that are left.
func (s *staged) all() map[core.Key]core.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := map[core.Key]core.Record{}
	for _, key := range s.keys {
		if rec, err := s.Memory.Load(context.Background(), key); err == nil {
			left[key] = rec
		}
	}
	return left
}
