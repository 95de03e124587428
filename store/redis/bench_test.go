//go:build unix

package redis_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store/redis"
)

// The store beside its client alone. A request's context can be canceled, so the client is handed such a one too.

var benchRecord = core.Record{Revision: 1, Seen: 1, Deadline: core.MaxInstant - 1, Body: strings.Repeat("x", 200)}

func BenchmarkLoad(b *testing.B) {
	c := start(b).client()
	s := trusting(open(b, c))
	kept := key(0)
	if err := s.Create(b.Context(), kept, benchRecord); err != nil {
		b.Fatal(err)
	}
	name := redis.DefaultPrefix + string(kept)
	b.Run("raw GET", func(b *testing.B) {
		servers.Concurrently(b, 64, func(ctx context.Context, _ int) error { return c.Do(ctx, c.B().Get().Key(name).Build()).Error() })
	})
	b.Run("Load", func(b *testing.B) {
		servers.Concurrently(b, 64, func(ctx context.Context, _ int) error {
			_, err := s.Load(ctx, kept)
			return err
		})
	})
}

func BenchmarkReplace(b *testing.B) {
	c := start(b).client()
	s := trusting(open(b, c))
	var keys [64]core.Key // of each caller's own record
	var revisions [64]uint64
	for caller := range keys {
		keys[caller], revisions[caller] = key(caller), 1
		if err := s.Create(b.Context(), keys[caller], benchRecord); err != nil {
			b.Fatal(err)
		}
	}
	script := rueidis.NewLuaScript("redis.call('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[2]) return 1")
	value, at := strings.Repeat("x", 221), strconv.FormatInt(core.MaxInstant-1, 10)
	b.Run("raw EVALSHA", func(b *testing.B) {
		servers.Concurrently(b, 64, func(ctx context.Context, caller int) error {
			return script.Exec(ctx, c, []string{"raw" + string(keys[caller])}, []string{value, at}).Error()
		})
	})
	b.Run("Replace", func(b *testing.B) {
		servers.Concurrently(b, 64, func(ctx context.Context, caller int) error {
			next := benchRecord
			next.Revision = revisions[caller] + 1
			err := s.Replace(ctx, keys[caller], revisions[caller], next)
			revisions[caller]++
			return err
		})
	})
}
