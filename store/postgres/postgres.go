package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Config is what a Store may be told. The zero value is the safe default.
type Config struct {
	// Table is where the records are: a name, or a schema's name, a dot and a name; "" is DefaultTable. A name is 1 to 63 of
	// a to z, 0 to 9 and _, and begins with no digit. Without a schema the server looks along its search_path. Stores share
	// their records if they have one table.
	Table string
}

// DefaultTable is the table of a Store that was told no other.
const DefaultTable = "satchel_sessions"

// Store is a [store.Store] and [store.Sweeper] in PostgreSQL. It has no Close: the pool is its owner's.
type Store struct {
	pool *pgxpool.Pool
	statements
	tries int // as many as take a dead connection each, and one more
	place place
}

var (
	_ store.Store   = (*Store)(nil)
	_ store.Sweeper = (*Store)(nil)
)

// New returns a Store that uses pool, or an error that lists everything wrong. It asks the server nothing.
func New(pool *pgxpool.Pool, c Config) (*Store, error) {
	var wrong []error
	if pool == nil {
		wrong = append(wrong, errors.New("store/postgres: no pool"))
	}
	if c.Table == "" {
		c.Table = DefaultTable
	}
	table, err := quote(c.Table)
	if err := errors.Join(append(wrong, err)...); err != nil {
		return nil, err
	}
	tries := max(attempts, int(pool.Config().MaxConns)+1)
	return &Store{pool: pool, statements: newStatements(table), tries: tries}, nil
}

// Guarantees declares compare-and-swap, several processes, a feed, and that records survive a loss of power, which a PostgreSQL promises
// unless it was told otherwise: the package's comment says by what. It promises nothing about a failover.
func (*Store) Guarantees() store.Guarantees {
	return store.Guarantees{CompareAndSwap: true, Durability: store.Machine, Shared: true, Feed: true}
}

// Load implements [store.Store].
func (s *Store) Load(ctx context.Context, key core.Key) (core.Record, error) {
	r, err := s.row(ctx, s.load, key)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return core.Record{}, store.ErrNotFound
	case err != nil:
		return core.Record{}, failed(ctx, "load", err)
	case !r.Readable():
		return core.Record{Revision: r.Known()}, store.ErrGarbled
	}
	return core.Record{Revision: r.Known(), Seen: r.Seen, Deadline: r.Deadline, Body: r.body.text}, nil
}

// Create implements [store.Store].
func (s *Store) Create(ctx context.Context, key core.Key, rec core.Record) error {
	if err := store.CheckRecord(rec); err != nil {
		return failed(ctx, "create", err)
	}
	return s.write(ctx, "create", change{
		key: key, text: s.create,
		args: []any{[]byte(key), int64(rec.Revision), rec.Seen, rec.Deadline, []byte(rec.Body)},
		none: func(store.Row) error { return store.ErrExists },
	})
}

// Replace implements [store.Store].
func (s *Store) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	if err := store.CheckRecord(rec); err != nil {
		return failed(ctx, "replace", err)
	}
	return s.write(ctx, "replace", change{
		key: key, text: s.replace,
		args: []any{[]byte(key), int64(at), int64(rec.Revision), rec.Seen, rec.Deadline, []byte(rec.Body)},
		none: func(r store.Row) error { return r.Replace(at, errAgain) },
	})
}

// Touch implements [store.Store].
func (s *Store) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	if err := store.CheckInstants(seen, deadline); err != nil {
		return failed(ctx, "touch", err)
	}
	return s.write(ctx, "touch", change{
		key: key, text: s.touch,
		args: []any{[]byte(key), int64(at), seen, deadline},
		none: func(r store.Row) error { return r.Touch(at, seen, deadline, errAgain) },
	})
}

// Delete implements [store.Store].
func (s *Store) Delete(ctx context.Context, key core.Key, at uint64) error {
	return s.write(ctx, "delete", change{
		key: key, text: s.remove,
		args: []any{[]byte(key), int64(at)},
		none: func(r store.Row) error { return r.Delete(at, errAgain) },
	})
}
