//go:build linux

package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/servers"
)

// The store beside its pool alone, with the same table and the least statements that do the work.

var benchRecord = core.Record{Revision: 1, Seen: 1, Deadline: core.MaxInstant - 1, Body: strings.Repeat("x", 200)}

func BenchmarkLoad(b *testing.B) {
	pool := start(b).pool()
	s := open(b, pool)
	if err := s.Create(b.Context(), key(0), benchRecord); err != nil {
		b.Fatal(err)
	}
	text, kept := "SELECT body FROM "+s.Table()+" WHERE key = $1", []byte(key(0))
	b.Run("raw select", func(b *testing.B) {
		servers.Concurrently(b, 64, func(ctx context.Context, _ int) error {
			var body []byte
			return pool.QueryRow(ctx, text, kept).Scan(&body)
		})
	})
	b.Run("Load", func(b *testing.B) {
		servers.Concurrently(b, 64, func(ctx context.Context, _ int) error {
			_, err := s.Load(ctx, key(0))
			return err
		})
	})
}

func BenchmarkReplace(b *testing.B) {
	pool := start(b).pool()
	s := open(b, pool)
	var keys [64]core.Key // of each caller's own record
	var revisions [64]uint64
	for caller := range keys {
		keys[caller], revisions[caller] = key(caller), 1
		if err := s.Create(b.Context(), keys[caller], benchRecord); err != nil {
			b.Fatal(err)
		}
	}
	text := "UPDATE " + s.Table() + " SET revision = $3, body = $4 WHERE key = $1 AND revision = $2"
	body := []byte(benchRecord.Body)
	b.Run("raw update", func(b *testing.B) {
		servers.Concurrently(b, 64, func(ctx context.Context, caller int) error {
			at := revisions[caller]
			revisions[caller]++
			done, err := pool.Exec(ctx, text, []byte(keys[caller]), int64(at), int64(at+1), body)
			if err == nil && done.RowsAffected() != 1 {
				return fmt.Errorf("%d rows", done.RowsAffected())
			}
			return err
		})
	})
	b.Run("Replace", func(b *testing.B) {
		servers.Concurrently(b, 64, func(ctx context.Context, caller int) error {
			n := benchRecord
			n.Revision = revisions[caller] + 1
			err := s.Replace(ctx, keys[caller], revisions[caller], n)
			revisions[caller]++
			return err
		})
	})
}

// What it costs a write that others hear of it: the same updates of as many rows, with and without the triggers and one who listens.
func BenchmarkFeed(b *testing.B) {
	pool := start(b).pool()
	for _, announced := range []bool{false, true} {
		s := open(b, pool)
		if announced {
			must(b, s.MigrateFeed(b.Context()))
			l, err := s.Listen(b.Context())
			must(b, err)
			b.Cleanup(l.Close)
			ctx, cancel := context.WithCancel(b.Context())
			b.Cleanup(cancel)
			go func() {
				for ctx.Err() == nil {
					_, _ = l.Next(ctx)
				}
			}()
		}
		var revisions [64]uint64
		for caller := range revisions {
			must(b, s.Create(b.Context(), key(caller), benchRecord))
			revisions[caller] = 1
		}
		b.Run(fmt.Sprintf("announced=%v", announced), func(b *testing.B) {
			servers.Concurrently(b, 64, func(ctx context.Context, caller int) error {
				rec := benchRecord
				rec.Revision = revisions[caller] + 1
				err := s.Replace(ctx, key(caller), rec.Revision-1, rec)
				revisions[caller] = rec.Revision
				return err
			})
		})
	}
}
