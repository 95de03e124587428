package satchel_test

import (
	"context"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Item 59: a life is told alike wherever the session lives: by whom it was begun, changed, rotated, renewed and ended, once each.
func TestItem59_EventsWhereverItLives(t *testing.T) {
	for name, r := range map[string]satchel.Revocations{
		"store": {}, "log": satchel.Revocable(store.NewMemory(), satchel.LogOptions{}), "anchor": satchel.Anchored(store.NewMemory(), time.Minute),
	} {
		t.Run(name, func(t *testing.T) {
			w, told := toldWorld(t, satchel.Options{Renew: time.Hour, Idle: 2 * time.Hour})
			if name != "store" {
				w = clientNode(t, w.clock, r, satchel.Options{})
				place := carts.ClientSide(satchel.FixedKeys(testRing(t)), r)
				w.sessions = satchel.Must(satchel.Config{Clock: w.clock.now, Observer: told.observer()}.New(place))
			}
			var handle core.Handle
			is := func(event, subject string, reason core.Refusal) {
				t.Helper()
				e := told.only(t, event, w.clock)
				if handle == "" {
					handle = e.Handle
				}
				if e.Handle == "" || e.Handle != handle || e.Subject != subject || e.Reason != reason || e.Err != nil {
					t.Errorf("%s: %+v", event, e)
				}
			}
			does := func(token core.Token, do func(context.Context) error) core.Token {
				w.clock.advance(time.Second)
				return visit(t, w.sessions, token, func(ctx ctx) { must(t, do(ctx)) })
			}
			token := does("", func(ctx context.Context) error { return carts.Set(ctx, cart{[]string{"tea"}}) })
			is("created", "", core.NotRefused)
			token = does(token, func(ctx context.Context) error { return carts.SignIn(ctx, "ann", cart{}) })
			is("rotated", "ann", core.NotRefused)
			token = does(token, func(ctx context.Context) error { return carts.Set(ctx, cart{[]string{"milk"}}) })
			is("saved", "ann", core.NotRefused)
			if name == "store" {
				w.clock.advance(time.Hour)
				does(token, func(ctx context.Context) error { _, _, err := carts.Get(ctx); return err })
				is("renewed", "ann", core.NotRefused)
			}
			was, err := carts.Of(w.sessions, "ann").End(t.Context(), handle)
			if must(t, err); !was {
				t.Fatal("it is not listed")
			}
			is("ended", "ann", core.NotRefused)
			handle, token = "", does("", func(ctx context.Context) error { return carts.SignIn(ctx, "bob", cart{}) })
			is("created", "bob", core.NotRefused)
			copied := does(token, carts.Clear)
			is("ended", "bob", core.NotRefused)
			handle, token = "", does(copied, func(ctx context.Context) error { return carts.SignIn(ctx, "eve", cart{}) })
			is("created", "eve", core.NotRefused)
			w.clock.advance(24 * time.Hour)
			does(token, func(ctx context.Context) error { _, _, err := carts.Get(ctx); return err })
			is("expired", "", core.Expired) // of a session that is over nobody is told whose it was
		})
	}
}
