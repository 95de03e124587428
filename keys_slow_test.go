package satchel_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/crypto"
)

// While one caller reads the keys others go on with the last keyring; but not with one that nobody has looked at for so
// long that its keys may have been revoked long ago.
func TestKeysFromASlowSource(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration
		waits bool
	}{
		"due":         {refresh, false},
		"nearly late": {2*refresh - time.Millisecond, false},
		"late":        {2 * refresh, true},
		"long unused": {time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				old, err := crypto.ParseKeyring("a:primary:" + secretA)
				must(t, err)
				revoked, err := crypto.ParseKeyring("a:revoked:" + secretA + "\nb:primary:" + secretB)
				must(t, err)
				reads, answer := 0, make(chan struct{})
				s := newSealed(t, func(context.Context) (*crypto.Keyring, error) {
					if reads++; reads == 1 {
						return old, nil
					}
					<-answer
					return revoked, nil
				}, satchel.Options{})
				token := s.put("tea")
				s.clock.advance(c.after)

				first, second := make(chan bool, 1), make(chan bool, 1)
				go func() { first <- s.reads(token) }()
				synctest.Wait() // the first is reading the keys
				go func() { second <- s.reads(token) }()
				synctest.Wait()
				select {
				case got := <-second:
					if c.waits || !got {
						t.Error("did not wait, and reads:", got)
					}
				default:
					if !c.waits {
						t.Error("waits")
					}
				}
				close(answer)
				synctest.Wait()
				if <-first {
					t.Error("a revoked key is honoured by the one who read the keys")
				}
				if c.waits && <-second {
					t.Error("a revoked key is honoured by the one who waited")
				}
				if reads != 2 {
					t.Errorf("%d reads", reads)
				}
			})
		})
	}
}
