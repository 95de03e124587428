//go:build linux

package sqltest_test

import (
	"context"
	database "database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/postgres"
	"github.com/satchel-go/satchel/store/sql"
)

// onAll runs a test on every engine, with a store over the table "rules".
func onAll(t *testing.T, f func(t *testing.T, db *database.DB, d sql.Dialect, s *sql.Store)) {
	t.Helper()
	onEach(t, func(t *testing.T, server *server) {
		db := server.db("")
		f(t, db, server.dialect, share(t, db, server.dialect, "rules"))
	}, hasty)
	t.Run("SQLite", func(t *testing.T) {
		db := sqlite(t, filepath.Join(t.TempDir(), "db"), plain+wal+asynchronous)
		f(t, db, sql.SQLite, share(t, db, sql.SQLite, "rules"))
	})
}

// insert keeps a row as it is given.
func insert(t *testing.T, db *database.DB, d sql.Dialect, key string, revision, seen, deadline int64) {
	t.Helper()
	text := "INSERT INTO rules VALUES (?, ?, ?, ?, ?)"
	if d == sql.PostgreSQL {
		text = "INSERT INTO rules VALUES ($1, $2, $3, $4, $5)"
	}
	do(t, db, text, []byte(key), revision, seen, deadline, []byte("foreign"))
}

// listed checks what a listing says of a value that is no record.
func listed(t *testing.T, s store.Lister, key core.Key, revision uint64) {
	t.Helper()
	for l, err := range s.List(t.Context()) {
		must(t, err)
		if l.Name == store.Name(key) && l.Garbled && l.Revision == revision && l.Size == 0 {
			return
		}
	}
	t.Errorf("not listed as garbled, with revision %d", revision)
}

// What is no record of this layout is neither absent nor overwritten nor swept. It can be deleted at its revision if it has one.
func TestGarbled(t *testing.T) {
	onAll(t, func(t *testing.T, db *database.DB, d sql.Dialect, s *sql.Store) {
		ctx := t.Context()
		for _, row := range []struct{ revision, seen, deadline int64 }{
			{0, 1, 2},
			{-1, 1, 2},
			{-1 << 63, 1, 2},
			{5, -1, 2},
			{5, 1, -1},
			{5, core.MaxInstant + 1, 2},
			{5, 1, core.MaxInstant + 1},
			{5, -1, core.MaxInstant},
		} {
			insert(t, db, d, "k", row.revision, row.seen, row.deadline)
			at := uint64(max(row.revision, 0))
			listed(t, s, "k", at)
			loaded, err := s.Load(ctx, "k")
			if !errors.Is(err, store.ErrGarbled) || loaded != (core.Record{Revision: at}) {
				t.Errorf("Load of %v: %+v, %v", row, loaded, err)
			}
			wrongDelete := store.ErrConflict
			if at == 0 {
				wrongDelete = store.ErrGarbled
			}
			for method, got := range map[string]struct{ err, want error }{
				"Create":            {s.Create(ctx, "k", rec), store.ErrExists},
				"Replace":           {s.Replace(ctx, "k", uint64(row.revision), next(at)), store.ErrGarbled},
				"Replace at 9":      {s.Replace(ctx, "k", 9, next(9)), store.ErrGarbled},
				"Touch":             {s.Touch(ctx, "k", uint64(row.revision), 1, core.MaxInstant), store.ErrGarbled},
				"Delete at another": {s.Delete(ctx, "k", 9), wrongDelete},
			} {
				if !errors.Is(got.err, got.want) {
					t.Errorf("%s of %v: %v, want %v", method, row, got.err, got.want)
				}
			}
			if n, more, err := s.Sweep(ctx, core.MaxInstant, 10); n != 0 || more || err != nil {
				t.Errorf("Sweep of %v: %d, %v, %v", row, n, more, err)
			}
			var revision, seen, deadline int64
			var body []byte
			must(t, db.QueryRowContext(ctx, "SELECT revision, seen, deadline, body FROM rules").Scan(&revision, &seen, &deadline, &body))
			if kept := fmt.Sprintf("{%d %d %d}%s", revision, seen, deadline, body); kept != fmt.Sprintf("%vforeign", row) {
				t.Errorf("%v was changed to %s", row, kept)
			}
			if err := s.Delete(ctx, "k", uint64(row.revision)); at == 0 {
				if !errors.Is(err, store.ErrGarbled) {
					t.Errorf("Delete of %v: %v", row, err)
				}
				do(t, db, "DELETE FROM rules")
			} else {
				must(t, err)
			}
		}
	})
}

// What is no record is not written, nor cut to fit.
func TestNoRecord(t *testing.T) {
	onAll(t, func(t *testing.T, db *database.DB, d sql.Dialect, s *sql.Store) {
		ctx := t.Context()
		must(t, s.Create(ctx, "k", rec))
		for _, wrong := range []core.Record{
			{Revision: 0},
			{Revision: 1 << 63},
			{Revision: 2, Seen: -1},
			{Revision: 2, Deadline: -1},
			{Revision: 2, Seen: core.MaxInstant + 1},
			{Revision: 2, Deadline: core.MaxInstant + 1},
		} {
			outage(t, "Create", s.Create(ctx, "new", wrong))
			outage(t, "Replace", s.Replace(ctx, "k", 1, wrong))
		}
		outage(t, "Touch", s.Touch(ctx, "k", 1, -1, 0))
		outage(t, "Touch", s.Touch(ctx, "k", 1, 11, core.MaxInstant+1))
		long := core.Key(strings.Repeat("k", 1025))
		must(t, s.Create(ctx, long[:1024], rec))
		outage(t, "Create", s.Create(ctx, long, rec))
		if _, err := s.Load(ctx, long); !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
		if kept, err := s.Load(ctx, "k"); err != nil || kept != rec {
			t.Error(kept, err)
		}
		missing, err := sql.New(db, d, sql.Config{Table: "missing"})
		must(t, err)
		_, err = missing.Load(ctx, "k")
		outage(t, "Load without a table", err)
		for method, write := range writes(missing) {
			outage(t, method+" without a table", write(ctx))
		}
	})
}

// Of many rows, half of them past their deadline, a sweep by many at once removes each such once and no other, while others write.
func TestSweepOfMany(t *testing.T) {
	onAll(t, func(t *testing.T, db *database.DB, d sql.Dialect, s *sql.Store) {
		ctx := t.Context()
		tx, err := db.BeginTx(ctx, nil)
		must(t, err)
		for n := range 2000 {
			if _, err := tx.ExecContext(ctx, fmt.Sprintf("INSERT INTO rules VALUES (%s, 1, 0, %d, %[1]s)", spelled(d, key(n)), 1000+1000*(n%2))); err != nil {
				t.Fatal(err)
			}
		}
		must(t, tx.Commit())
		var removed atomic.Int64
		var sweeps, others sync.WaitGroup
		writing, stop := context.WithCancel(ctx)
		others.Go(func() {
			for at := uint64(1); writing.Err() == nil; at++ {
				if err := s.Replace(ctx, key(1), at, core.Record{Revision: at + 1, Deadline: 2000}); err != nil {
					t.Error(err)
				}
			}
		})
		for range 4 {
			sweeps.Go(func() {
				for more := true; more; {
					var n int
					var err error
					if n, more, err = s.Sweep(ctx, 1999, 150); err != nil || n > 150 {
						t.Error(n, err)
						return
					}
					removed.Add(int64(n))
				}
			})
		}
		sweeps.Wait()
		stop()
		others.Wait()
		var dead, live int
		must(t, db.QueryRowContext(ctx, "SELECT count(*) FROM rules WHERE deadline = 1000").Scan(&dead))
		must(t, db.QueryRowContext(ctx, "SELECT count(*) FROM rules WHERE deadline = 2000").Scan(&live))
		if dead != 0 || live != 1000 || removed.Load() != 1000 {
			t.Errorf("removed %d, and left are %d dead and %d live, want 1000, 0 and 1000", removed.Load(), dead, live)
		}
	})
}

// spelled is a key as it is typed.
func spelled(d sql.Dialect, key core.Key) string {
	if d == sql.PostgreSQL {
		return fmt.Sprintf(`'\x%x'`, string(key))
	}
	return fmt.Sprintf("X'%x'", string(key))
}

// Many programs that start at once make one table, and whoever comes later leaves it as it is.
func TestMigrate(t *testing.T) {
	onAll(t, func(t *testing.T, db *database.DB, d sql.Dialect, _ *sql.Store) {
		for i := range 5 {
			s, err := sql.New(db, d, sql.Config{Table: fmt.Sprintf("made%d", i)})
			must(t, err)
			var all sync.WaitGroup
			for range 16 {
				all.Go(func() {
					if err := s.Migrate(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			must(t, s.Create(t.Context(), "k", rec))
			must(t, s.Migrate(t.Context()))
			if kept, err := s.Load(t.Context(), "k"); err != nil || kept != rec {
				t.Error(kept, err)
			}
		}
	})
}

// Package store/postgres has the same table, and reads what this one wrote.
func TestBesidePostgres(t *testing.T) {
	server := engines[0].start(t, engines[0].hasty...)
	a := share(t, server.db(""), sql.PostgreSQL, "both")
	pool, err := pgxpool.New(t.Context(), strings.ReplaceAll(server.dsn, "%s", server.folder))
	must(t, err)
	defer pool.Close()
	b, err := postgres.New(pool, postgres.Config{Table: "both"})
	must(t, err)
	if b.Schema() != a.Schema() {
		t.Errorf("two tables:\n%s\n%s", a.Schema(), b.Schema())
	}
	must(t, a.Create(t.Context(), "k", rec))
	must(t, b.Replace(t.Context(), "k", 1, next(1)))
	if kept, err := a.Load(t.Context(), "k"); err != nil || kept != next(1) {
		t.Error(kept, err)
	}
}
