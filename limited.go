package satchel

import (
	"context"
	"sync"
	"time"
)

// limited is the context of one store operation: it ends at a limit of its own. A load ends with its parent as well; a
// commit does not, because a client that hangs up must not leave a session half saved. It differs from what package
// context gives only in cost: it can live in memory that is there, and has a timer only where somebody waits for its end.
type limited struct {
	parent   context.Context //nolint:containedctx // it is a context
	detached bool            // only the values are the parent's
	limit    time.Time
	within   time.Duration // with a zero limit: counts from when somebody first asks for it, because asking the clock costs

	mu    sync.Mutex
	fresh bool // the limit was set when it was made, and nobody has asked for it since: it has just begun
	done  chan struct{}
	close func() // takes the timer, and the watch on the parent, away
	err   error
}

// commitContext returns the context of a commit, to be stopped when that is done.
func (s *Sessions) commitContext(ctx context.Context) *limited {
	return &limited{parent: ctx, detached: true, within: s.config.CommitLimit}
}

// beginCommit is commitContext at an instant, which it returns.
func (s *Sessions) beginCommit(ctx context.Context) (commit *limited, now int64) {
	at := s.config.Clock()
	commit = s.commitContext(ctx)
	commit.from(at, s)
	return commit, at.UnixMilli()
}

// from makes an instant, at which the clock was just asked, the one from which the limit counts. A test's clock says nothing of that.
func (l *limited) from(at time.Time, s *Sessions) {
	if s.wall {
		l.limit, l.fresh = at.Add(l.within), true
	}
}

func (l *limited) Deadline() (time.Time, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	limit := l.until()
	l.fresh = false
	if d, ok := l.parent.Deadline(); ok && !l.detached && d.Before(limit) {
		return d, true
	}
	return limit, true
}

// until returns the limit. The caller holds the lock.
func (l *limited) until() time.Time {
	if l.limit.IsZero() {
		l.limit = time.Now().Add(l.within)
	}
	return l.limit
}

func (l *limited) Value(key any) any { return l.parent.Value(key) }

func (l *limited) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil && !l.detached {
		l.end(l.parent.Err())
	}
	switch {
	case l.err != nil:
	case l.limit.IsZero():
		l.until() // just begun
	case l.fresh:
		l.fresh = false
	case !time.Now().Before(l.limit):
		l.end(context.DeadlineExceeded)
	}
	return l.err
}

func (l *limited) Done() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fresh = false
	if l.done == nil {
		l.done = make(chan struct{})
		if l.err != nil {
			close(l.done)
			return l.done
		}
		timer := time.AfterFunc(time.Until(l.until()), func() { l.stop(context.DeadlineExceeded) })
		unwatch := func() bool { return true }
		if !l.detached {
			unwatch = context.AfterFunc(l.parent, func() { l.stop(l.parent.Err()) })
		}
		l.close = func() { timer.Stop(); unwatch() }
	}
	return l.done
}

// stop ends the context.
func (l *limited) stop(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end(err)
}

// end is stop under the lock; nil ends nothing.
func (l *limited) end(err error) {
	if l.err != nil || err == nil {
		return
	}
	l.err = err
	if l.done != nil {
		l.close()
		close(l.done)
	}
}
