package satchel_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
)

// A log that hangs is an outage like another: who waits for the one that reads it is served by the older copy, if the kind says so.
func TestLogHangs(t *testing.T) {
	for _, serve := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			st := newStaged()
			w := clientNode(t, newClock(), satchel.Revocable(st, satchel.LogOptions{ServeOnOutage: serve}), satchel.Options{})
			token, ended := w.begun("tea"), w.begun("milk")
			w.logout(ended)
			time.Sleep(time.Second)
			release := make(chan struct{})
			st.once("load", func() { <-release })
			go func() {
				_, ctx := w.open(token)
				_, _, _ = carts.Get(ctx)
			}()
			synctest.Wait()
			_, ctx := w.open(token)
			if _, ok, err := carts.Get(ctx); ok != serve || (err == nil) != serve || !serve && !errors.Is(err, satchel.ErrUnavailable) {
				t.Errorf("serve %v: %v, %v", serve, ok, err)
			}
			_, ctx = w.open(ended)
			if _, ok, _ := carts.Get(ctx); ok {
				t.Errorf("serve %v: an ended session reads", serve)
			}
			close(release)
			synctest.Wait()
		})
	}
}
