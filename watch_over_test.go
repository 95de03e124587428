package satchel_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Wherever a watched session lives, and whichever node or clock makes it over, its watch ends once and with that reason.
func TestWatchIsOverEverywhere(t *testing.T) {
	signIn := func(w *world, token core.Token) { w.signIn(token, "ann") }
	for what, c := range map[string]struct {
		do   func(there *world, token core.Token)
		over map[string]satchel.Over // by where the session lives
	}{
		"rotation": {func(w *world, token core.Token) { w.rotate(token) }, map[string]satchel.Over{
			"store": satchel.Rotated, "log": satchel.Rotated, "anchor": satchel.Rotated, "counted": satchel.Rotated,
		}},
		"sign-in": {signIn, map[string]satchel.Over{
			"store": satchel.Rotated, "log": satchel.Rotated, "anchor": satchel.Rotated, "counted": satchel.Rotated,
		}},
		"everyone's end": {func(w *world, _ core.Token) { must(w.t, w.sessions.EndEveryone(w.t.Context(), "cart")) }, map[string]satchel.Over{
			"log": satchel.Ended, "counted": satchel.Ended,
		}},
		"half a life": {func(w *world, _ core.Token) { w.clock.advance(time.Hour - time.Millisecond) }, map[string]satchel.Over{
			"store": satchel.NotOver, "log": satchel.NotOver, "anchor": satchel.NotOver, "counted": satchel.NotOver,
		}},
		"its end": {func(w *world, _ core.Token) { w.clock.advance(time.Hour) }, map[string]satchel.Over{
			"store": satchel.Expired, "log": satchel.Expired, "anchor": satchel.Expired, "counted": satchel.Expired,
		}},
		"its end, and a logout after it": {func(w *world, token core.Token) {
			w.clock.advance(time.Hour)
			time.Sleep(3 * time.Second)
			synctest.Wait()
			w.logout(token)
		}, map[string]satchel.Over{"store": satchel.Expired, "log": satchel.Expired, "anchor": satchel.Expired, "counted": satchel.Expired}},
	} {
		for name, over := range c.over {
			t.Run(what+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					here, there := watchers(t, name)
					token := here.begun("tea")
					_, ctx := here.open(token)
					watch, err := carts.Watch(ctx)
					must(t, err)
					defer watch.Stop()
					time.Sleep(time.Minute)
					if watch.Reason() != satchel.NotOver {
						t.Fatal("before:", watch.Reason())
					}
					c.do(there, token)
					time.Sleep(3 * time.Second)
					synctest.Wait()
					if watch.Reason() != over {
						t.Errorf("%v, want %v", watch.Reason(), over)
					}
				})
			})
		}
	}
}

// watchers are two programs with the same sessions: in a store, with a log or without, or in the client.
func watchers(t *testing.T, name string) (here, there *world) {
	t.Helper()
	shared, c, o := store.NewMemory(), newClock(), satchel.Options{Absolute: time.Hour}
	node := func() *world {
		if r, client := revocables(shared)[name]; client {
			return clientNode(t, c, r, o)
		}
		with := o
		with.Idle = satchel.Unlimited
		if name == "counted" {
			with.Revocations = satchel.Revocable(shared, satchel.LogOptions{})
		}
		w := &world{t: t, store: newStaged(), clock: c, seen: new(events)}
		w.store.Memory = shared
		w.sessions = w.node(with)
		return w
	}
	return node(), node()
}
