//go:build linux

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/postgres"
)

var rec = servers.Rec

func next(at uint64) core.Record { return servers.Next(at) }

func writes(s store.Store) map[string]func(ctx context.Context) error { return servers.Writes(s) }

func outage(t *testing.T, what string, err error) { t.Helper(); servers.Outage(t, what, err) }

func TestConfig(t *testing.T) {
	pool, err := pgxpool.New(t.Context(), "host=/nowhere")
	must(t, err)
	defer pool.Close()
	long := strings.Repeat("t", 63)
	for table, ok := range map[string]bool{
		"": true, "t": true, "_1": true, "app.sessions": true, long + "." + long: true, "select": true,
		long + "t": false, "1t": false, "a.b.c": false, ".": false, "a.": false, ".a": false, `a"b`: false, "T": false, "é": false, "a b": false,
		"a\x00": false, "a;": false, "~": false, "!": false, "a-b": false, "$1": false, "\xff": false,
	} {
		if s, err := postgres.New(pool, postgres.Config{Table: table}); (err == nil) != ok {
			t.Errorf("%q: %v, %v", table, s, err)
		}
	}
}

// counted is a pool that counts what is sent.
type counted struct {
	mu   sync.Mutex
	sent int
}

// TraceQueryStart counts a statement.
func (c *counted) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent++
	return ctx
}

// TraceQueryEnd has nothing to count.
func (c *counted) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *counted) taken() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.sent
	c.sent = 0
	return n
}

// A call that finds what it expects is one statement, and one that does not is two.
func TestStatements(t *testing.T) {
	var c counted
	s := open(t, start(t, hasty...).pool(func(p *pgxpool.Config) { p.ConnConfig.Tracer = &c }))
	ctx := t.Context()
	for _, step := range []struct {
		what string
		sent int
		want error
		do   func() error
	}{
		{"Create", 1, nil, func() error { return s.Create(ctx, "k", rec) }},
		{"Create again", 1, store.ErrExists, func() error { return s.Create(ctx, "k", rec) }},
		{"Replace", 1, nil, func() error { return s.Replace(ctx, "k", 1, next(1)) }},
		{"Replace at another", 2, store.ErrConflict, func() error { return s.Replace(ctx, "k", 1, next(1)) }},
		{"Replace of none", 2, store.ErrNotFound, func() error { return s.Replace(ctx, "none", 1, next(1)) }},
		{"Touch", 1, nil, func() error { return s.Touch(ctx, "k", 2, 11, core.MaxInstant) }},
		{"Touch of nothing", 2, nil, func() error { return s.Touch(ctx, "k", 2, 11, core.MaxInstant) }},
		{"Touch too late", 2, store.ErrNotFound, func() error { return s.Touch(ctx, "k", 9, core.MaxInstant, core.MaxInstant) }},
		{"Touch at another", 2, store.ErrConflict, func() error { return s.Touch(ctx, "k", 1, 12, core.MaxInstant) }},
		{"Delete at another", 2, store.ErrConflict, func() error { return s.Delete(ctx, "k", 1) }},
		{"Delete", 1, nil, func() error { return s.Delete(ctx, "k", 2) }},
		{"Delete of none", 2, store.ErrNotFound, func() error { return s.Delete(ctx, "k", 2) }},
	} {
		c.taken()
		if err := step.do(); !errors.Is(err, step.want) {
			t.Errorf("%s: %v, want %v", step.what, err, step.want)
		}
		if n := c.taken(); n != step.sent {
			t.Errorf("%s sent %d statements, want %d", step.what, n, step.sent)
		}
	}
}

// A touch that moves nothing writes nothing, and an update of the same size leaves the index alone.
func TestWritesLittle(t *testing.T) {
	pool := start(t, hasty...).pool()
	s := open(t, pool)
	ctx := t.Context()
	must(t, s.Create(ctx, "k", rec))
	before := ask[string](t, pool, s, "SELECT xmin::text || ctid::text FROM ~")
	must(t, s.Touch(ctx, "k", 1, rec.Seen, rec.Deadline))
	must(t, s.Touch(ctx, "k", 1, rec.Seen-1, rec.Deadline-1))
	if after := ask[string](t, pool, s, "SELECT xmin::text || ctid::text FROM ~"); after != before {
		t.Errorf("a touch of nothing wrote: %s became %s", before, after)
	}
	must(t, s.Touch(ctx, "k", 1, rec.Seen+1, rec.Deadline))
	for at := uint64(1); at < 50; at++ {
		must(t, s.Replace(ctx, "k", at, next(at)))
	}
	const hot = "SELECT n_tup_upd || ' updates, ' || n_tup_hot_upd || ' of them hot' FROM pg_stat_user_tables WHERE relid = '~'::regclass"
	eventually(t, "the server has counted 50 updates, all hot", func() bool {
		do(t, pool, s, "SELECT pg_stat_force_next_flush()")
		return ask[string](t, pool, s, hot) == "50 updates, 50 of them hot"
	})
}

// What is no record of this layout is neither absent nor overwritten nor swept. It can be deleted at its revision if it has one.
func TestGarbled(t *testing.T) {
	pool := start(t, hasty...).pool()
	s := open(t, pool)
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
		do(t, pool, s, "INSERT INTO ~ VALUES ('k', $1, $2, $3, 'foreign')", row.revision, row.seen, row.deadline)
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
		kept := ask[string](t, pool, s, "SELECT concat(revision, ' ', seen, ' ', deadline, ' ', encode(body, 'escape')) FROM ~")
		if want := fmt.Sprint(row.revision, row.seen, row.deadline) + " foreign"; kept != want {
			t.Errorf("%v was changed to %s", row, kept)
		}
		if err := s.Delete(ctx, "k", uint64(row.revision)); at == 0 {
			if !errors.Is(err, store.ErrGarbled) {
				t.Errorf("Delete of %v: %v", row, err)
			}
			do(t, pool, s, "DELETE FROM ~")
		} else {
			must(t, err)
		}
	}
}

// What is no record is not written.
func TestNoRecord(t *testing.T) {
	s := open(t, start(t, hasty...).pool())
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
	outage(t, "Create", s.Create(ctx, core.Key(incompressible(4000)), rec))
	if _, err := s.Load(ctx, core.Key(incompressible(4000))); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if kept, err := s.Load(ctx, "k"); err != nil || kept != rec {
		t.Error(kept, err)
	}
}

// incompressible returns n bytes of no pattern that the server knows.
func incompressible(n int) string {
	b := make([]byte, n)
	for i, x := 0, uint32(1); i < n; i++ {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return string(b)
}

// Rules of the table and of the server that keep a row from being written are outages, or a full store, and no answers about it.
func TestRefused(t *testing.T) {
	server := start(t, hasty...)
	pool := server.pool()
	s := open(t, pool)
	must(t, s.Create(t.Context(), "k", rec))
	refuse := func(how string, check func(t *testing.T, method string, err error)) {
		t.Helper()
		do(t, pool, s, "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "+how+" END $$")
		do(t, pool, s, "CREATE OR REPLACE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE ON ~ FOR EACH ROW EXECUTE FUNCTION refuse()")
		for method, write := range writes(s) {
			check(t, method, write(t.Context()))
		}
	}
	refuse("RAISE EXCEPTION 'no' USING ERRCODE = '53100';", func(t *testing.T, method string, err error) {
		if !errors.Is(err, store.ErrFull) {
			t.Errorf("%s on a full disk: %v", method, err)
		}
	})
	refuse("RAISE EXCEPTION 'no' USING ERRCODE = '40001';", func(t *testing.T, method string, err error) { outage(t, method, err) })
	refuse("RETURN NULL;", func(t *testing.T, method string, err error) {
		if method != "Create" { // which cannot know why it inserted nothing
			outage(t, method, err)
		}
	})
	readOnly := server.pool(setting("default_transaction_read_only", "on"))
	other, err := postgres.New(readOnly, postgres.Config{Table: trimmed(s)})
	must(t, err)
	for method, write := range writes(other) {
		outage(t, method, write(t.Context()))
	}
	if kept, err := other.Load(t.Context(), "k"); err != nil || kept != rec {
		t.Error(kept, err)
	}
	missing := unmade(t, pool)
	_, err = missing.Load(t.Context(), "k")
	outage(t, "Load without a table", err)
	for method, write := range writes(missing) {
		outage(t, method, write(t.Context()))
	}
}

// Somebody's transaction that holds a row makes writes wait, and no longer than their contexts; reads do not wait.
func TestLocked(t *testing.T) {
	pool := start(t, hasty...).pool()
	s := open(t, pool)
	must(t, s.Create(t.Context(), "k", rec))
	tx, err := pool.Begin(t.Context())
	must(t, err)
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), "SELECT FROM "+s.Table()+" FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	for method, write := range writes(s) {
		if method == "Create" {
			continue
		}
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error)
		go func() { result <- write(ctx) }()
		eventually(t, method+" waits for the row", func() bool {
			return ask[int](t, pool, s, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") > 0
		})
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", method, err)
		}
		eventually(t, "the server has given it up", func() bool {
			return ask[int](t, pool, s, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == 0
		})
	}
	if kept, err := s.Load(t.Context(), "k"); err != nil || kept != rec {
		t.Error(kept, err)
	}
}

// Many programs that start at once make one table, and whoever comes later leaves it as it is.
func TestMigrate(t *testing.T) {
	pool := start(t, hasty...).pool()
	for range 5 {
		s := unmade(t, pool)
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
	readOnly, err := postgres.New(pool, postgres.Config{Table: "no_such_schema.t"})
	must(t, err)
	var answer *pgconn.PgError
	if err := readOnly.Migrate(t.Context()); !errors.As(err, &answer) {
		t.Errorf("Migrate without a schema: %v", err)
	}
}
