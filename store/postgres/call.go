package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

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

// ScanBytes implements pgtype.BytesScanner.
func (b *body) ScanBytes(v []byte) error {
	b.text = string(v)
	return nil
}

// row asks for a row.
func (s *Store) row(ctx context.Context, text string, key core.Key) (r row, err error) {
	err = s.again(ctx, unread, func() error {
		r = row{}
		return s.pool.QueryRow(ctx, text, []byte(key)).Scan(&r.Revision, &r.Seen, &r.Deadline, &r.body)
	})
	return r, err
}

// change is a statement that writes at most one row.
type change struct {
	key  core.Key
	text string
	args []any
	none func(r store.Row) error // why a row was not written, judged by what it has now, or errAgain
}

// errAgain says that a row which was not written would be now, so that somebody else's write came between.
var errAgain = errors.New("another program's change, or a rule of the table, keeps rows from being written")

// attempts is how often a write is tried that fails though it should not. That takes another's whole life of a record
// between a statement and the next look each time, so beyond a few something else forbids it: a trigger or a policy.
const attempts = 8

// write carries out a change. What changed nothing looks why. The answer is that look's, which is one atomic step itself, at
// which nothing has been changed; only a row that could be written now is tried again. What changed a row after its context had ended is unsure: a
// commit that waits for a standby and is cancelled is told as one that is done, and the standby need not have it.
func (s *Store) write(ctx context.Context, method string, c change) error {
	for range attempts {
		var done pgconn.CommandTag
		err := s.again(ctx, undone, func() (err error) {
			done, err = s.pool.Exec(ctx, c.text, c.args...)
			return err
		})
		switch {
		case says(err, diskFull):
			return store.ErrFull
		case err != nil:
			return failed(ctx, method, err)
		case ctx.Err() != nil:
			return failed(ctx, method, ctx.Err())
		case done.RowsAffected() > 0:
			return nil
		}
		if c.text == s.create {
			return store.ErrExists
		}
		r, err := s.row(ctx, s.look, c.key)
		if errors.Is(err, pgx.ErrNoRows) {
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

// again runs f, and again as long as its error allows. A server that was gone leaves dead connections in the pool, each of
// which costs one try; a connection that cannot be made ends it.
func (s *Store) again(ctx context.Context, may func(error) bool, f func() error) error {
	for try := 1; ; try++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := f()
		if err == nil || try >= s.tries || ctx.Err() != nil || !may(err) {
			return err
		}
	}
}

// The classes and codes that a server says (PostgreSQL, appendix A).
const (
	shutDown      = "57P" // the connection's end, by the server
	serialization = "40001"
	deadlock      = "40P01"
	diskFull      = "53100"
)

// says reports whether err is an answer of the server's with one of the codes, or of their classes.
func says(err error, codes ...string) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer) && slices.ContainsFunc(codes, func(code string) bool { return strings.HasPrefix(answer.Code, code) })
}

// undone reports whether what failed is sure to have changed nothing, and may succeed if it is tried again: it was
// not sent, or was rolled back because of another's.
func undone(err error) bool {
	var connect *pgconn.ConnectError
	return !errors.As(err, &connect) && (pgconn.SafeToRetry(err) || says(err, serialization, deadlock))
}

// unread reports whether what only reads may be asked again, because its connection broke.
func unread(err error) bool {
	var connect *pgconn.ConnectError
	var answer *pgconn.PgError
	switch {
	case errors.As(err, &connect), errors.Is(err, pgx.ErrNoRows):
		return false
	case errors.As(err, &answer):
		return says(err, shutDown, serialization, deadlock)
	}
	return true
}

// failed wraps an error once, with what was tried. That a context has ended is said of the caller's own, and of no other: whoever
// waits for a connection may get another's error.
func failed(ctx context.Context, method string, err error) error {
	switch ended := ctx.Err(); {
	case ended != nil && errors.Is(err, ended):
	case ended != nil:
		return fmt.Errorf("store/postgres: %s: %w: %w", method, ended, err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("store/postgres: %s: a connection failed: %v", method, err) //nolint:errorlint // hidden on purpose
	}
	return fmt.Errorf("store/postgres: %s: %w", method, err)
}
