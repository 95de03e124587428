package store

import (
	"context"
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
