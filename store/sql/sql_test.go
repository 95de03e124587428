package sql

import (
	"context"
	database "database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

func TestTable(t *testing.T) {
	long := strings.Repeat("t", 63)
	for table, ok := range map[string]bool{
		"": true, "t": true, "_1": true, "app.sessions": true, long + "." + long: true, "select": true,
		long + "t": false, "1t": false, "a.b.c": false, ".": false, "a.": false, ".a": false, `a"b`: false, "a`b": false, "T": false,
		"é": false, "a b": false, "a\x00": false, "a;": false, "~": false, "!": false, "?": false, "a-b": false, "$1": false, "\xff": false,
	} {
		for _, d := range []Dialect{PostgreSQL, MySQL, SQLite} {
			if _, err := New(new(database.DB), d, Config{Table: table}); (err == nil) != ok {
				t.Errorf("%v: %q: %v", d, table, err)
			}
		}
	}
	if _, err := New(new(database.DB), SQLite+1, Config{}); err == nil {
		t.Error("there is a fourth dialect")
	}
}

// stated is an error with a code, as PostgreSQL's drivers have it.
type stated string

func (s stated) Error() string { return "ERROR: (SQLSTATE " + string(s) + ")" }

// SQLState is the code.
func (s stated) SQLState() string { return string(s) }

// What an engine's error says is one answer, or none.
func TestAnswers(t *testing.T) {
	text := errors.New
	none := answer(99)
	for _, c := range []struct {
		d    Dialect
		err  error
		want answer
	}{
		{PostgreSQL, stated("53100"), full},
		{PostgreSQL, stated("40001"), rolledBack},
		{PostgreSQL, fmt.Errorf("traced: %w", stated("40P01")), rolledBack},
		{PostgreSQL, stated("57P01"), lost},
		{PostgreSQL, stated("08006"), lost},
		{PostgreSQL, io.ErrUnexpectedEOF, lost},
		{PostgreSQL, stated("42710"), made},
		{PostgreSQL, stated("42P01"), none},
		{PostgreSQL, stated("25006"), none},
		{MySQL, text("Error 1062 (23000): Duplicate entry"), exists},
		{MySQL, text("Error 1062: Duplicate entry"), exists},
		{MySQL, fmt.Errorf("traced: %w", text("Error 1062 (23000): Duplicate entry")), exists},
		{MySQL, text("Error 1114 (HY000): The table is full"), full},
		{MySQL, text("Error 1213 (40001): Deadlock found"), rolledBack},
		{MySQL, text("Error 1053 (08S01): Server shutdown in progress"), lost},
		{MySQL, text("Error 1146 (42S02): Table does not exist: Error 1062"), none},
		{MySQL, text("Error reading: Error 1062"), lost},
		{MySQL, text("invalid connection"), lost},
		{SQLite, text("database is locked (5) (SQLITE_BUSY)"), busy},
		{SQLite, text("sqlite3: database is locked"), busy},
		{SQLite, text("database table is locked"), busy},
		{SQLite, text("database or disk is full (13)"), full},
		{SQLite, text("SQL logic error: no such table: t (1)"), rolledBack},
		{SQLite, text("attempt to write a readonly database (8)"), none},
	} {
		for a := exists; a <= made; a++ {
			if c.d.says(c.err, a) != (a == c.want) {
				t.Errorf("%v: %v: answer %d is %v", c.d, c.err, a, c.d.says(c.err, a))
			}
		}
	}
	for a := exists; a <= made; a++ {
		if MySQL.says(nil, a) || PostgreSQL.says(nil, a) || Dialect(0).says(io.EOF, a) {
			t.Error("no error says", a)
		}
	}
}

// broken is a driver whose statements fail as it is told.
type broken struct {
	driver.Conn
	err  error
	sent int
}

// Connect opens a connection.
func (b *broken) Connect(context.Context) (driver.Conn, error) { return b, nil }

// Driver is not asked for.
func (*broken) Driver() driver.Driver { return nil }

// Close closes nothing.
func (*broken) Close() error { return nil }

// QueryContext fails.
func (b *broken) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	b.sent++
	return nil, b.err
}

// ExecContext fails.
func (b *broken) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	b.sent++
	return nil, b.err
}

// A write that may have been received is sent once. A read is sent again, but not where no connection can be made.
func TestSentOnce(t *testing.T) {
	rec := core.Record{Revision: 2, Deadline: core.MaxInstant}
	for _, c := range []struct {
		err           error
		reads, writes int
	}{
		{&net.OpError{Op: "read", Err: io.ErrUnexpectedEOF}, attempts, 1},
		{&net.OpError{Op: "dial", Err: io.ErrUnexpectedEOF}, 1, 1},
		{context.DeadlineExceeded, attempts, 1},
		{errors.New("Error 1213 (40001): Deadlock found"), attempts, attempts},
		{errors.New("Error 1146 (42S02): no such table"), 1, 1},
	} {
		b := &broken{err: c.err}
		s, err := New(database.OpenDB(b), MySQL, Config{})
		if err != nil {
			t.Fatal(err)
		}
		for method, call := range map[string]func() error{
			"Load":    func() error { _, err := s.Load(t.Context(), "k"); return err },
			"Create":  func() error { return s.Create(t.Context(), "k", rec) },
			"Replace": func() error { return s.Replace(t.Context(), "k", 1, rec) },
			"Touch":   func() error { return s.Touch(t.Context(), "k", 1, 1, 2) },
			"Delete":  func() error { return s.Delete(t.Context(), "k", 1) },
		} {
			b.sent = 0
			err, want := call(), c.writes
			if method == "Load" {
				want = c.reads
			}
			if b.sent != want {
				t.Errorf("%s was sent %d times after %v, want %d", method, b.sent, c.err, want)
			}
			for _, wrong := range []error{store.ErrNotFound, store.ErrExists, store.ErrConflict, store.ErrFull, context.DeadlineExceeded} {
				if err == nil || errors.Is(err, wrong) {
					t.Errorf("%s: %v", method, err)
				}
			}
		}
	}
}

// What some drivers have for binary is that, and what none should have is an error.
func TestBody(t *testing.T) {
	var b body
	for _, c := range []struct {
		src  any
		want string
	}{{[]byte("a\x00"), "a\x00"}, {"b", "b"}, {nil, ""}, {[]byte{}, ""}} {
		if err := b.Scan(c.src); err != nil || b.text != c.want {
			t.Errorf("%v: %q, %v", c.src, b.text, err)
		}
	}
	if err := b.Scan(int64(7)); err == nil {
		t.Error("a number is no body")
	}
}
