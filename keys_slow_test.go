package satchel_test

import (
	"context"
	"slices"
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

// A source that never answers, and does not heed its context, holds up who asks it; everybody else goes on after a second
// with the last keyring, however old, and the observer is told.
func TestKeysFromASourceThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring, err := crypto.ParseKeyring("a:primary:" + secretA)
		must(t, err)
		reads, answer := 0, make(chan struct{})
		s := newSealed(t, func(context.Context) (*crypto.Keyring, error) {
			if reads++; reads > 1 {
				<-answer
			}
			return ring, nil
		}, satchel.Options{})
		token := s.put("tea")
		s.clock.advance(time.Hour)
		first := make(chan bool, 1)
		go func() { first <- s.reads(token) }()
		synctest.Wait() // it is reading the keys
		for range 3 {
			s.seen.take()
			began := time.Now()
			if !s.reads(token) {
				t.Error("the last keyring does not serve on")
			}
			if d := time.Since(began); d != time.Second {
				t.Error("waited", d)
			}
			if got := s.seen.take(); !slices.Equal(got, []string{"keys failed"}) {
				t.Errorf("events %q", got)
			}
		}
		if len(s.failures) != 3 || s.failures[0].Kind != "cart" || s.failures[0].Err == nil {
			t.Errorf("%+v", s.failures)
		}
		close(answer)
		if !<-first || reads != 2 {
			t.Error("who asked:", reads, "reads")
		}
		if !s.reads(token) || len(s.seen.take()) != 0 {
			t.Error("afterwards")
		}
	})
}

// One that heeds its context holds nobody up for longer, not even who asks.
func TestKeysFromASourceThatGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring, err := crypto.ParseKeyring("a:primary:" + secretA)
		must(t, err)
		reads := 0
		s := newSealed(t, func(ctx context.Context) (*crypto.Keyring, error) {
			if reads++; reads == 1 {
				return ring, nil
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}, satchel.Options{})
		token := s.put("tea")
		s.clock.advance(time.Hour)
		s.seen.take()
		began := time.Now()
		if !s.reads(token) || time.Since(began) != time.Second {
			t.Error("waited", time.Since(began))
		}
		if got := s.seen.take(); !slices.Equal(got, []string{"keys failed"}) {
			t.Errorf("events %q", got)
		}
		if began = time.Now(); !s.reads(token) || time.Since(began) != 0 || reads != 2 {
			t.Error("the next is held up as well:", time.Since(began), reads)
		}
	})
}
