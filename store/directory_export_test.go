package store

import (
	"context"
	"runtime"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// HoldLock takes the lock that a change of key needs, as another process may, until the function is called.
func HoldLock(t testing.TB, d *Directory, key core.Key) (free func()) {
	t.Helper()
	in, _ := d.find(key)
	if err := in.acquire(context.Background()); err != nil {
		t.Fatal(err)
	}
	return in.release
}

// HoldLocks takes all locks, as another process may that stands still, until the test ends. So it must be done after d is opened.
func HoldLocks(t testing.TB, d *Directory) {
	t.Helper()
	for i := range d.drawers {
		if err := d.drawers[i].acquire(context.Background()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(d.drawers[i].release)
	}
}

// AwaitWaiter returns when a goroutine waits for the lock that a change of key needs, or has it.
func AwaitWaiter(d *Directory, key core.Key) {
	in, _ := d.find(key)
	for len(in.turn) == 0 {
		runtime.Gosched()
	}
}
