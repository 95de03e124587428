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

// AwaitWaiter returns when a goroutine waits for the lock that a change of key needs, or has it.
func AwaitWaiter(d *Directory, key core.Key) {
	in, _ := d.find(key)
	for len(in.turn) == 0 {
		runtime.Gosched()
	}
}
