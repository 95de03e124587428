package satchel

import (
	"context"
	"sync"
	"time"
)

// detached is the context of a commit. It has the values of the exchange's context and not its end, because a client that
// hangs up must not leave a session half saved; it ends at a limit of its own. Unlike what context.WithTimeout gives it
// costs one allocation, and a timer only where somebody waits for its end.
type detached struct {
	values context.Context //nolint:containedctx // its purpose
	limit  time.Time

	mu    sync.Mutex
	done  chan struct{}
	timer *time.Timer
	err   error
}

// detach returns the context of a commit, to be stopped when that is done.
func (s *Sessions) detach(ctx context.Context) *detached {
	return &detached{values: ctx, limit: time.Now().Add(s.config.CommitLimit)}
}

func (d *detached) Deadline() (time.Time, bool) { return d.limit, true }

func (d *detached) Value(key any) any { return d.values.Value(key) }

func (d *detached) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil && !time.Now().Before(d.limit) {
		d.end(context.DeadlineExceeded)
	}
	return d.err
}

func (d *detached) Done() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done == nil {
		d.done = make(chan struct{})
		if d.err != nil {
			close(d.done)
		} else {
			d.timer = time.AfterFunc(time.Until(d.limit), func() { d.stop(context.DeadlineExceeded) })
		}
	}
	return d.done
}

// stop ends the context.
func (d *detached) stop(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.end(err)
}

// end is stop under the lock.
func (d *detached) end(err error) {
	if d.err != nil {
		return
	}
	d.err = err
	if d.done != nil {
		d.timer.Stop()
		close(d.done)
	}
}
