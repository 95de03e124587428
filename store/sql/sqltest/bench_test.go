//go:build linux

package sqltest_test

import (
	"context"
	database "database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store/sql"
)

// The store beside its DB alone, with the same table and the least statements that do the work.

var benchRecord = core.Record{Revision: 1, Seen: 1, Deadline: core.MaxInstant - 1, Body: strings.Repeat("x", 200)}

// benchmark runs f on every engine.
func benchmark(b *testing.B, f func(b *testing.B, db *database.DB, d sql.Dialect)) {
	for _, e := range engines {
		settings := ""
		if e.dialect == sql.MySQL {
			settings = "?interpolateParams=true"
		}
		b.Run(e.dialect.String(), func(b *testing.B) { f(b, e.start(b).db(settings), e.dialect) })
	}
	b.Run("SQLite", func(b *testing.B) {
		f(b, sqlite(b, filepath.Join(b.TempDir(), "db"), patient+wal), sql.SQLite)
	})
}

// asked is a statement as the engine has it.
func asked(d sql.Dialect, text string) string {
	if d == sql.PostgreSQL {
		for n := 1; strings.Contains(text, "?"); n++ {
			text = strings.Replace(text, "?", fmt.Sprintf("$%d", n), 1)
		}
	}
	if d == sql.MySQL {
		text = strings.ReplaceAll(text, `"`, "`")
	}
	return text
}

func BenchmarkLoad(b *testing.B) {
	benchmark(b, func(b *testing.B, db *database.DB, d sql.Dialect) {
		s := share(b, db, d, "bench")
		if err := s.Create(b.Context(), key(0), benchRecord); err != nil {
			b.Fatal(err)
		}
		text, kept := asked(d, `SELECT body FROM bench WHERE "key" = ?`), []byte(key(0))
		b.Run("raw select", func(b *testing.B) {
			servers.Concurrently(b, 16, func(ctx context.Context, _ int) error {
				var body []byte
				return db.QueryRowContext(ctx, text, kept).Scan(&body)
			})
		})
		b.Run("Load", func(b *testing.B) {
			servers.Concurrently(b, 16, func(ctx context.Context, _ int) error {
				_, err := s.Load(ctx, key(0))
				return err
			})
		})
	})
}

func BenchmarkReplace(b *testing.B) {
	benchmark(b, func(b *testing.B, db *database.DB, d sql.Dialect) {
		s := share(b, db, d, "bench")
		var revisions [16]uint64 // of each caller's own record
		for caller := range revisions {
			revisions[caller] = 1
			if err := s.Create(b.Context(), key(caller), benchRecord); err != nil {
				b.Fatal(err)
			}
		}
		text, body := asked(d, `UPDATE bench SET revision = ?, body = ? WHERE "key" = ? AND revision = ?`), []byte(benchRecord.Body)
		b.Run("raw update", func(b *testing.B) {
			servers.Concurrently(b, 16, func(ctx context.Context, caller int) error {
				at := revisions[caller]
				revisions[caller]++
				_, err := db.ExecContext(ctx, text, int64(at+1), body, []byte(key(caller)), int64(at))
				return err
			})
		})
		b.Run("Replace", func(b *testing.B) {
			servers.Concurrently(b, 16, func(ctx context.Context, caller int) error {
				n := benchRecord
				n.Revision = revisions[caller] + 1
				err := s.Replace(ctx, key(caller), revisions[caller], n)
				revisions[caller]++
				return err
			})
		})
	})
}
