package postgres

import (
	"fmt"
	"strings"

	"github.com/satchel-go/satchel/core"
)

// statements are the texts that a store sends, with its table in them.
type statements struct {
	table, load, look, create, replace, touch, remove, find, sweep, list, listAfter, schema string
}

// template has a section for each statement, where ~ is the table and ! says that a row is readable, as store.Row does.
//
// Each write names in its condition all that must hold, so that it is one atomic step whatever the isolation level. No condition but
// the key's needs an index: there is none on the deadline, because with one no update could leave the indexes alone (a "HOT" update).
// A touch that moves nothing writes nothing.
var template = map[string]string{
	"load":   `SELECT revision, seen, deadline, body FROM ~ WHERE key = $1`,
	"look":   `SELECT revision, seen, deadline, ''::bytea FROM ~ WHERE key = $1`,
	"create": `INSERT INTO ~ (key, revision, seen, deadline, body) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO NOTHING`,
	"replace": `UPDATE ~ SET revision = $3, seen = $4, deadline = $5, body = $6
	WHERE key = $1 AND revision = $2 AND !`,
	"touch": `UPDATE ~ SET seen = greatest(seen, $3::bigint), deadline = greatest(deadline, $4::bigint)
	WHERE key = $1 AND revision = $2 AND deadline > $3 AND (seen < $3 OR deadline < $4) AND !`,
	"remove": `DELETE FROM ~ WHERE key = $1 AND revision = $2 AND revision > 0`,

	// The table is read from a place on, then up to it, in one view of it: a row that an update moves is seen once.
	"find": `(SELECT key, ctid::text FROM ~ WHERE ctid >= $1::tid AND deadline <= $2 AND ! LIMIT $3)
	UNION ALL (SELECT key, ctid::text FROM ~ WHERE ctid < $1::tid AND deadline <= $2 AND ! LIMIT $3) LIMIT $3`,
	"sweep": `DELETE FROM ~ WHERE key = ANY($1) AND deadline <= $2 AND !`,

	"list":      `SELECT key, revision, seen, deadline, octet_length(body) FROM ~ ORDER BY key LIMIT $1`,
	"listAfter": `SELECT key, revision, seen, deadline, octet_length(body) FROM ~ WHERE key > $1 ORDER BY key LIMIT $2`,

	// A fifth of each page is left free, so that an update finds room beside what it replaces.
	"schema": `CREATE TABLE IF NOT EXISTS ~ (
	key      bytea  PRIMARY KEY,
	revision bigint NOT NULL,
	seen     bigint NOT NULL, -- Unix milliseconds
	deadline bigint NOT NULL, -- Unix milliseconds
	body     bytea  NOT NULL
) WITH (fillfactor = 80)`,
}

func newStatements(table string) statements {
	readable := fmt.Sprintf("revision > 0 AND seen BETWEEN 0 AND %d AND deadline BETWEEN 0 AND %[1]d", core.MaxInstant)
	fill := strings.NewReplacer("~", table, "!", readable)
	t := func(name string) string { return fill.Replace(template[name]) }
	return statements{
		table: table,
		load:  t("load"), look: t("look"), create: t("create"), replace: t("replace"), touch: t("touch"), remove: t("remove"),
		find: t("find"), sweep: t("sweep"), list: t("list"), listAfter: t("listAfter"), schema: t("schema"),
	}
}

// quote checks a table's name and returns it as SQL spells it, so that it may be a word of SQL as well.
func quote(table string) (string, error) {
	parts := strings.Split(table, ".")
	if len(parts) > 2 {
		return "", fmt.Errorf("store/postgres: Table %q has more than a schema and a name", table)
	}
	for _, part := range parts {
		if !isName(part) {
			return "", fmt.Errorf("store/postgres: Table %q has a name that is not 1 to 63 of a to z, 0 to 9 and _, or begins with a digit", table)
		}
	}
	return `"` + strings.Join(parts, `"."`) + `"`, nil
}

// isName keeps to what is one name with quotes and without, and what the server does not cut short.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != "" && len(s) <= 63
}
