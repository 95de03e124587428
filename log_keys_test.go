package satchel_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/crypto"
	atrest "github.com/satchel-go/satchel/store/sealed"
)

// A log that has ended everyone is kept for ever, and yet the key that sealed it becomes free: who reads the log writes it anew, seldom.
func TestSealedLogIsWrittenAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := func(id string, state crypto.State) crypto.Key {
			k, err := crypto.NewKey(id, state, []byte("0123456789abcdef0123456789abcde"+id))
			must(t, err)
			return k
		}
		ring := func(all ...crypto.Key) *crypto.Keyring {
			r, err := crypto.NewKeyring(all...)
			must(t, err)
			return r
		}
		keys, c, inner := ring(key("a", crypto.Primary)), newClock(), newStaged()
		source := func(context.Context) (*crypto.Keyring, error) { return keys, nil }
		at, err := atrest.Config{Now: c.now, Keys: source}.New(t.Context(), inner)
		must(t, err)
		w := clientNode(t, c, satchel.Revocable(at, satchel.LogOptions{}), satchel.Options{})
		before := w.begun("tea")
		must(t, w.sessions.EndEveryone(t.Context(), "cart"))
		serves := func() {
			t.Helper()
			c.advance(time.Hour)
			time.Sleep(time.Hour)
			w.reads("-+", before, w.begun("milk"))
		}
		serves()
		keys = ring(key("a", crypto.Retiring), key("b", crypto.Primary))
		written := inner.writes.Load()
		for range 25 {
			serves()
		}
		if n := inner.writes.Load() - written; n < 1 || n > 3 {
			t.Errorf("%d writes of the log in a day", n)
		}
		keys = ring(key("b", crypto.Primary))
		serves()
		must(t, w.sessions.EndEveryone(t.Context(), "cart"))
		fresh := clientNode(t, c, satchel.Revocable(at, satchel.LogOptions{}), satchel.Options{})
		fresh.reads("-+", before, fresh.signIn("", "ann"))
	})
}
