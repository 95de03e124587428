package satchel_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/store"
)

// A session that is used in the last moment before it would idle away lives on, and so does its watch; it ends when nobody has used it for
// its idle time. The watch itself is no use.
func TestWatchOfASessionInUse(t *testing.T) {
	for name := range idles(t, nil, satchel.Options{}) {
		if name == "stamp" || name == "stamp, readable" || name == "stamp, with a log" {
			continue // the first two are not watched, and of the third no server knows when it was used
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClock()
				s, err := satchel.Config{Clock: c.now}.New(idles(t, store.NewMemory(), satchel.Options{Idle: time.Minute, Touch: time.Second})[name])
				must(t, err)
				v := &visitor{t, satchel.Arrived{}}
				v.uses(s, func(ctx context.Context) error { return carts.Set(ctx, cart{}) })
				watch, err := carts.Watch(s.Open(v.held).Context(t.Context()))
				must(t, err)
				defer watch.Stop()
				passes := func(d time.Duration) {
					for ; d > 0; d -= 100 * time.Millisecond {
						c.passes(100 * time.Millisecond)
					}
				}
				passes(time.Minute - 100*time.Millisecond) // looked at a second ago, and used just now
				if !v.uses(s, nothing) {
					t.Fatal("it is over too soon")
				}
				passes(59 * time.Second)
				if synctest.Wait(); watch.Reason() != satchel.NotOver || !v.sees(s) {
					t.Fatal(watch.Reason())
				}
				passes(3 * time.Second)
				if synctest.Wait(); watch.Reason() != satchel.Expired {
					t.Errorf("a minute after its last use: %v", watch.Reason())
				}
			})
		})
	}
}
