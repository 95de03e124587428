package satchel_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/store"
)

// What lists, counts, ends and watches sessions looks past a cache, so that it knows at once what another node has done, however old the
// cache's copies may be. What reads a session does not.
func TestSubjectsBehindACache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, c := store.NewMemory(), newClock()
		node := func() *world {
			cached, err := store.NewCache(shared, store.CacheConfig{MaxStale: time.Hour})
			must(t, err)
			place := carts.ServerSide(cached).With(satchel.Options{MaxSessions: 2, RefuseNewest: true})
			return &world{t: t, store: newStaged(), clock: c, seen: new(events), sessions: satchel.Must(satchel.Config{Clock: c.now}.New(place))}
		}
		here, there := node(), node()
		listed := func(want int) {
			t.Helper()
			if n := len(here.list("ann")); n != want {
				t.Errorf("%d are listed, want %d", n, want)
			}
		}
		one := here.signIn("", "ann")
		for range 4 { // so that each record has a copy here
			here.reads("+", one)
			listed(1)
		}
		_, ctx := here.open(one)
		watch, err := carts.Watch(ctx)
		must(t, err)
		defer watch.Stop()

		two := there.signIn("", "ann")
		for range 4 {
			here.reads("++", one, two)
			listed(2)
		}
		_, ctx = here.open("")
		if err := carts.SignIn(ctx, "ann", cart{}); !errors.Is(err, satchel.ErrTooMany) {
			t.Errorf("a third: %v", err)
		}
		there.logout(one)
		here.reads("+", one) // its copy, for as long as the cache may
		listed(1)
		time.Sleep(2 * time.Second)
		if synctest.Wait(); watch.Reason() != satchel.Ended {
			t.Errorf("the watch: %v", watch.Reason())
		}
		c.advance(10 * time.Minute)
		rotated := there.rotate(two)
		if all := here.list("ann"); len(all) != 1 || !all[0].Seen.Equal(c.now()) || all[0].Handle != there.handle(rotated) {
			t.Errorf("it has gone on under another token: %+v", all)
		}
		three := here.signIn("", "ann")
		listed(2)
		if n, err := carts.Of(there.sessions, "ann").EndAll(t.Context()); n != 2 || err != nil {
			t.Error(n, err)
		}
		listed(0)
		time.Sleep(time.Hour)
		here.reads("----", one, two, rotated, three)
	})
}
