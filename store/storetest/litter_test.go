package storetest

import (
	"sync"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// litter is what lies in a store under test and cannot be read: by key, the revision that can be. answer says what each method answers
// about it, which mutants bend.
type litter struct {
	mu     sync.Mutex
	lies   map[core.Key]uint64
	answer func(method string, revision, at uint64) error
}

func newLitter() *litter {
	return &litter{lies: map[core.Key]uint64{}, answer: func(method string, revision, at uint64) error {
		switch {
		case method == "Create":
			return store.ErrExists
		case method != "Delete" || revision == 0:
			return store.ErrGarbled
		case revision != at:
			return store.ErrConflict
		}
		return nil
	}}
}

func (l *litter) plant(key core.Key, revision uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lies[key] = revision
}

// meet reports whether garbage lies under a key, and what a method answers about it. A write that has no error takes it away.
func (l *litter) meet(method string, key core.Key, at uint64) (revision uint64, met bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if revision, met = l.lies[key]; !met {
		return 0, false, nil
	}
	err = l.answer(method, revision, at)
	if err == nil && method != "Load" {
		delete(l.lies, key)
	}
	return revision, true, err
}
