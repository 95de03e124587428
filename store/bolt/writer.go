package bolt

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/satchel-go/satchel/store"
)

// change is one write. apply carries it out and reports whether it has written, or says why it has not.
type change struct {
	grows bool // it may not use the last sixteenth
	apply func(b *bbolt.Bucket) (wrote bool, err error)
}

// waiting is a change whose caller waits, and its answer.
type waiting struct {
	change
	ctx    context.Context
	answer chan error // has room for it, so that a caller who has left holds nobody up
}

// writer carries changes out, one transaction after the other. Those that come during one are the next: so they share its flush, and
// nobody waits for a timer.
type writer struct {
	db    *bbolt.DB
	limit int // the largest size of the file, 0 for none

	mu      sync.Mutex
	queue   []*waiting
	taken   int // from the queue, to be carried out now
	running bool
	ended   bool
	idle    sync.WaitGroup // until nothing runs
}

// together is how many changes share a transaction, at most: what each of them waits for is bounded.
const together = 512

var errClosed = errors.New("the store is closed")

// do carries a change out, and returns when it is flushed or ctx ends.
func (w *writer) do(ctx context.Context, c change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	one := &waiting{change: c, ctx: ctx, answer: make(chan error, 1)}
	w.mu.Lock()
	if w.ended {
		w.mu.Unlock()
		return errClosed
	}
	w.queue = append(w.queue, one)
	if !w.running {
		w.running = true
		w.idle.Go(w.run)
	}
	w.mu.Unlock()
	select {
	case err := <-one.answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run carries out what waits, and ends when nothing does.
func (w *writer) run() {
	for {
		w.mu.Lock()
		batch := w.queue[:min(together, len(w.queue))]
		w.queue, w.taken = w.queue[len(batch):], len(batch)
		if len(batch) == 0 {
			w.queue, w.running = nil, false
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
		w.carryOut(batch)
	}
}

// end waits for what has begun, and lets nothing else begin.
func (w *writer) end() {
	w.mu.Lock()
	w.ended = true
	w.mu.Unlock()
	w.idle.Wait()
}

// carryOut carries a batch out as one. If the file has no room for it, and nothing was changed, each is carried out by itself: so a
// large one does not keep the small ones out, nor any of them a deletion.
func (w *writer) carryOut(batch []*waiting) {
	answers, err := w.transact(batch)
	if len(batch) > 1 && errors.Is(err, store.ErrFull) {
		for i := range batch {
			w.carryOut(batch[i : i+1])
		}
		return
	}
	for i, one := range batch {
		if err != nil {
			answers[i] = err
		}
		one.answer <- answers[i]
	}
}

var errNothing = errors.New("nothing was written")

// transact carries a batch out in one transaction. Its error is all of theirs: an answer may rest on a neighbour's write, which then
// did not happen. ErrFull says for sure that nothing was changed.
func (w *writer) transact(batch []*waiting) (answers []error, err error) {
	w.db.MaxSize = w.limit
	for _, one := range batch {
		if one.grows {
			w.db.MaxSize = w.limit - w.limit/16
		}
	}
	answers = make([]error, len(batch))
	var id int
	err = guarded(func() error {
		return w.db.Update(func(tx *bbolt.Tx) error {
			id = tx.ID()
			b := tx.Bucket(bucket)
			written := errNothing
			for i, one := range batch {
				if answers[i] = one.ctx.Err(); answers[i] != nil {
					continue // its caller has left before it began
				}
				var wrote bool
				if wrote, answers[i] = one.apply(b); wrote {
					written = nil
				}
			}
			return written
		})
	})
	switch {
	case errors.Is(err, errNothing):
		return answers, nil
	case noRoom(err) && w.without(id):
		return answers, store.ErrFull
	}
	return answers, err
}

// without reports whether the file is sure not to have the transaction of that number: its last page, which is written when all others
// are flushed, is the one from before.
func (w *writer) without(id int) bool {
	last := id
	err := guarded(func() error {
		return w.db.View(func(tx *bbolt.Tx) error {
			last = tx.ID()
			return nil
		})
	})
	return err == nil && last < id
}

// noRoom reports whether err says so. bbolt wraps some errors as text only.
func noRoom(err error) bool {
	if err == nil {
		return false
	}
	for _, full := range []error{berrors.ErrMaxSizeReached, syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, full) || strings.Contains(err.Error(), full.Error()) {
			return true
		}
	}
	return false
}

// guarded makes an error of a panic. bbolt panics where a page is not what it should be, and the mapped file faults where the disk cannot
// be read; neither may end the program.
func guarded(f func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(before)
		if fault := recover(); fault != nil {
			err = fmt.Errorf("the file is damaged: %v", fault)
		}
	}()
	return f()
}
