//go:build unix

package servers

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
)

// Concurrently measures f by one caller, and by so many at once. Each caller has a number.
func Concurrently(b *testing.B, most int, f func(ctx context.Context, caller int) error) {
	b.Helper()
	for _, callers := range []int{1, most} {
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
