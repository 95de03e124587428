//go:build unix

package redis_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store/redis"
)

// The store beside its client alone. A request's context can be canceled, so the client is handed such a one too.

// concurrently runs f by so many callers; each has a number.
func concurrently(b *testing.B, f func(ctx context.Context, caller int) error) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			b.ReportAllocs()
			b.ResetTimer()
			left := atomic.Int64{}
			left.Store(int64(b.N))
			errs := make(chan error, callers)
			for caller := range callers {
				go func() {
					var err error
					for err == nil && left.Add(-1) >= 0 {
						err = f(ctx, caller)
					}
					errs <- err
				}()
			}
			for range callers {
				if err := <-errs; err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

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
		concurrently(b, func(ctx context.Context, _ int) error { return c.Do(ctx, c.B().Get().Key(name).Build()).Error() })
	})
	b.Run("Load", func(b *testing.B) {
		concurrently(b, func(ctx context.Context, _ int) error {
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
		concurrently(b, func(ctx context.Context, caller int) error {
			return script.Exec(ctx, c, []string{"raw" + string(keys[caller])}, []string{value, at}).Error()
		})
	})
	b.Run("Replace", func(b *testing.B) {
		concurrently(b, func(ctx context.Context, caller int) error {
			next := benchRecord
			next.Revision = revisions[caller] + 1
			err := s.Replace(ctx, keys[caller], revisions[caller], next)
			revisions[caller]++
			return err
		})
	})
}
