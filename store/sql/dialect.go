package sql

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/satchel-go/satchel/core"
)

// Dialect is the engine that a database is.
type Dialect uint8

// The dialects. MySQL is MariaDB as well.
const (
	PostgreSQL Dialect = iota + 1
	MySQL
	SQLite
)

// String returns the engine's name.
func (d Dialect) String() string {
	switch d {
	case PostgreSQL:
		return "PostgreSQL"
	case MySQL:
		return "MySQL"
	case SQLite:
		return "SQLite"
	}
	return "Dialect(" + strconv.Itoa(int(d)) + ")"
}

// statements are the texts that a store sends, with its table in them. sweep is one without its list of keys.
type statements struct {
	load, look, create, replace, touch, remove, findFrom, findUpTo, sweep, list, listAfter, schema string
}

// The statements, where ~ is the table, @ the key's column, ! says that a row is readable, as store.Row does, ^ is the
// function of the greater of two, and each ? is an argument.
//
// Each write names in its condition all that must hold, so that it is one atomic step. What matches is always changed, because
// MySQL counts no row that stays as it is.
const (
	load     = `SELECT revision, seen, deadline, body FROM ~ WHERE @ = ?`
	look     = `SELECT revision, seen, deadline, @ FROM ~ WHERE @ = ?`
	create   = `INSERT INTO ~ (@, revision, seen, deadline, body) VALUES (?, ?, ?, ?, ?)`
	replace  = `UPDATE ~ SET revision = ?, seen = ?, deadline = ?, body = ? WHERE @ = ? AND revision = ? AND !`
	touch    = `UPDATE ~ SET seen = ^(seen, ?), deadline = ^(deadline, ?) WHERE @ = ? AND revision = ? AND deadline > ? AND (seen < ? OR deadline < ?) AND !`
	remove   = `DELETE FROM ~ WHERE @ = ? AND revision = ? AND revision > 0`
	findFrom = `SELECT @ FROM ~ WHERE @ >= ? AND deadline <= ? AND ! ORDER BY @ LIMIT ?`
	findUpTo = `SELECT @ FROM ~ WHERE @ < ? AND deadline <= ? AND ! ORDER BY @ LIMIT ?`
	list     = `SELECT @, revision, seen, deadline, length(body) FROM ~ ORDER BY @ LIMIT ?`
	after    = `SELECT @, revision, seen, deadline, length(body) FROM ~ WHERE @ > ? ORDER BY @ LIMIT ?`
	sweep    = `DELETE FROM ~ WHERE deadline <= ? AND ! AND @ IN `
)

// skipExisting ends an INSERT that may find its key. MySQL has no such end: its IGNORE forgives other faults as well, and the count
// of its ON DUPLICATE KEY UPDATE depends on a setting. So there a key that exists is an error.
const skipExisting = ` ON CONFLICT (@) DO NOTHING`

// The tables. PostgreSQL leaves a fifth of each page free, so that an update finds room beside what it replaces. The others keep
// their rows in the order of the key, so that what a sweep reads is together.
const (
	schemaPostgreSQL = `CREATE TABLE IF NOT EXISTS ~ (
	key      bytea  PRIMARY KEY,
	revision bigint NOT NULL,
	seen     bigint NOT NULL, -- Unix milliseconds
	deadline bigint NOT NULL, -- Unix milliseconds
	body     bytea  NOT NULL
) WITH (fillfactor = 80)`

	schemaMySQL = `CREATE TABLE IF NOT EXISTS ~ (
	@    varbinary(1024) NOT NULL PRIMARY KEY,
	revision bigint NOT NULL,
	seen     bigint NOT NULL, -- Unix milliseconds
	deadline bigint NOT NULL, -- Unix milliseconds
	body     longblob NOT NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC`

	schemaSQLite = `CREATE TABLE IF NOT EXISTS ~ (
	@    BLOB    NOT NULL PRIMARY KEY,
	revision INTEGER NOT NULL,
	seen     INTEGER NOT NULL, -- Unix milliseconds
	deadline INTEGER NOT NULL, -- Unix milliseconds
	body     BLOB    NOT NULL
) STRICT, WITHOUT ROWID`
)

// maxKey is the longest key, in bytes. MySQL may cut what is longer than its column.
const maxKey = 1024

// statements returns the texts for a table whose name was checked.
func (d Dialect) statements(table string) statements {
	quote, greatest, insert, schema := `"`, "greatest", create+skipExisting, schemaPostgreSQL
	switch d {
	case MySQL:
		quote, insert, schema = "`", create, schemaMySQL
	case SQLite:
		greatest, schema = "max", schemaSQLite
	}
	readable := fmt.Sprintf("revision > 0 AND seen BETWEEN 0 AND %d AND deadline BETWEEN 0 AND %[1]d", core.MaxInstant)
	table = quote + strings.ReplaceAll(table, ".", quote+"."+quote) + quote
	fill := strings.NewReplacer("~", table, "@", quote+"key"+quote, "!", readable, "^", greatest)
	t := func(text string) string { return d.number(fill.Replace(text)) }
	return statements{
		load: t(load), look: t(look), create: t(insert), replace: t(replace), touch: t(touch), remove: t(remove),
		findFrom: t(findFrom), findUpTo: t(findUpTo), sweep: fill.Replace(sweep),
		list: t(list), listAfter: t(after), schema: fill.Replace(schema),
	}
}

// number spells the arguments as the engine has them.
func (d Dialect) number(text string) string {
	if d != PostgreSQL {
		return text
	}
	var b strings.Builder
	for n, part := range strings.Split(text, "?") {
		if n > 0 {
			fmt.Fprintf(&b, "$%d", n)
		}
		b.WriteString(part)
	}
	return b.String()
}

// sweeping returns the statement that removes n rows.
func (s *Store) sweeping(n int) string {
	return s.dialect.number(s.sweep + "(?" + strings.Repeat(", ?", n-1) + ")")
}

// checkTable keeps to names that are one with quotes and without, in every dialect, and that no server cuts short.
func checkTable(table string) error {
	parts := strings.Split(table, ".")
	if len(parts) > 2 {
		return fmt.Errorf("store/sql: Table %q has more than a schema and a name", table)
	}
	for _, part := range parts {
		if !isName(part) {
			return fmt.Errorf("store/sql: Table %q has a name that is not 1 to 63 of a to z, 0 to 9 and _, or begins with a digit", table)
		}
	}
	return nil
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != "" && len(s) <= 63
}
