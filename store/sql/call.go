package sql

import (
	"context"
	database "database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// row is what a table has under a key. The statements say what is readable as well.
type row struct {
	store.Row
	body body
}

// body takes bytes from the driver's buffer with one copy.
type body struct{ text string }

// Scan implements sql.Scanner.
func (b *body) Scan(src any) error {
	switch v := src.(type) {
	case []byte:
		b.text = string(v)
	case string:
		b.text = v
	case nil: // as some drivers hand out what has no bytes
		b.text = ""
	default:
		return fmt.Errorf("the driver has a %T for binary", src)
	}
	return nil
}

// row asks for a row.
func (s *Store) row(ctx context.Context, text string, key core.Key) (r row, err error) {
	err = s.again(ctx, s.unread, func() error {
		r = row{}
		return s.db.QueryRowContext(ctx, text, []byte(key)).Scan(&r.Revision, &r.Seen, &r.Deadline, &r.body)
	})
	return r, err
}

// change is a statement that writes at most one row.
type change struct {
	key  core.Key
	text string
	args []any
	none func(r store.Row) error // why a row was not written, judged by what it has now, or errAgain; nil for what writes a new one
}

// errAgain says that a row which was not written would be now, so that somebody else's write came between.
var errAgain = errors.New("another program's change, or a rule of the table, keeps rows from being written")

// attempts is how often a write is tried that fails though it should not. That takes another's whole life of a record
// between a statement and the next look each time, so beyond a few something else forbids it, as a trigger may.
const attempts = 8

// write carries out a change. What changed nothing looks why. The answer is that look's, which is one atomic step itself, at
// which nothing has been changed; only a row that could be written now is tried again. What changed a row after its context had ended is unsure: a
// commit that waits for a standby and is cancelled is told as one that is done, and the standby need not have it.
func (s *Store) write(ctx context.Context, method string, c change) error {
	for range attempts {
		n, err := s.exec(ctx, c.text, c.args...)
		switch {
		case err != nil && s.dialect.says(err, full):
			return store.ErrFull
		case c.none == nil && (err == nil && n == 0 || s.dialect.says(err, exists)):
			return store.ErrExists
		case err != nil:
			return failed(ctx, method, err)
		case ctx.Err() != nil:
			return failed(ctx, method, ctx.Err())
		case n > 0:
			return nil
		}
		r, err := s.row(ctx, s.look, c.key)
		if errors.Is(err, database.ErrNoRows) {
			return store.ErrNotFound
		}
		if err != nil {
			return failed(ctx, method, err)
		}
		if err = c.none(r.Row); !errors.Is(err, errAgain) {
			return err
		}
	}
	return failed(ctx, method, errAgain)
}

// exec sends a statement and returns how many rows it changed.
func (s *Store) exec(ctx context.Context, text string, args ...any) (n int64, err error) {
	err = s.again(ctx, s.undone, func() error {
		done, err := s.db.ExecContext(ctx, text, args...)
		if err != nil {
			return err
		}
		n, err = done.RowsAffected()
		return err
	})
	return n, err
}

const (
	busyLimit = 10 * time.Second // for contexts that never end
	busyStep  = 20 * time.Millisecond
)

// again runs f, and again as long as its error allows. A server that was gone leaves dead connections in the pool, each of
// which costs one try. What is busy is waited for.
func (s *Store) again(ctx context.Context, may func(error) bool, f func() error) error {
	late := time.Time{}
	for try, limit := 1, attempts; ; try++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := f()
		if err == nil || ctx.Err() != nil {
			return err
		}
		if try == 1 {
			limit = max(limit, s.db.Stats().OpenConnections+2) // without the one that broke, and with a new one
		}
		if s.dialect.says(err, busy) {
			if late.IsZero() {
				late = time.Now().Add(busyLimit)
			}
			if time.Now().After(late) {
				return err
			}
		} else if try >= limit || !may(err) {
			return err
		}
		if !s.dialect.says(err, lost) && !wait(ctx, rand.N(min(busyStep, time.Duration(try)*time.Millisecond))) { //nolint:gosec // to go apart
			return err
		}
	}
}

// wait returns false if the context ends before the time is over.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// undone reports whether what failed was rolled back because of another's, and may succeed if it is tried again. What was not sent
// database/sql has tried again itself.
func (s *Store) undone(err error) bool { return s.dialect.says(err, rolledBack) }

// unread reports whether what only reads may be asked again, because its connection broke.
func (s *Store) unread(err error) bool {
	var dial *net.OpError
	switch {
	case errors.Is(err, database.ErrNoRows), errors.As(err, &dial) && dial.Op == "dial":
		return false
	}
	return s.dialect.says(err, rolledBack) || s.dialect.says(err, lost)
}

// failed wraps an error once, with what was tried. That a context has ended is said of the caller's own, and of no other: whoever
// waits for a connection may get another's error.
func failed(ctx context.Context, method string, err error) error {
	switch ended := ctx.Err(); {
	case ended != nil && errors.Is(err, ended):
	case ended != nil:
		return fmt.Errorf("store/sql: %s: %w: %w", method, ended, err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("store/sql: %s: a connection failed: %v", method, err) //nolint:errorlint // hidden on purpose
	}
	return fmt.Errorf("store/sql: %s: %w", method, err)
}
