package ktor_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/compat/ktor"
)

// What LEAVING.md says of verbs for which Ktor's formats have no place.
func TestWhatKtorsFormatsCannotHold(t *testing.T) {
	s := satchel.Must(satchel.New(ktor.ByID(testUsers, ktor.SessionStorage(newRedis()), ktor.Config[testUser]{LostUpdates: true})))
	id := exchange(t, s, t.Context(), "", set(t, testUser{ID: "a"})).Token
	signedIn := exchange(t, s, t.Context(), id, func(ctx context.Context) {
		if err := testUsers.SignInWith(ctx, satchel.SignIn{Subject: "ann", Level: 2}, testUser{ID: "c"}); err == nil {
			t.Error("a subject for whom there is no place")
		}
		set(t, testUser{ID: "b"})(ctx)
		if err := testUsers.Rotate(ctx); err != nil {
			t.Error(err)
		}
	}).Token
	if signedIn == id {
		t.Error("the ID from before the sign-in")
	}
	exchange(t, s, t.Context(), id, want(t, testUser{}, false))
	exchange(t, s, t.Context(), signedIn, func(ctx context.Context) {
		want(t, testUser{ID: "b"}, true)(ctx)
		if about, err := testUsers.About(ctx); about != (satchel.About{}) || err != nil {
			t.Errorf("%+v, %v", about, err)
		}
		if err := testUsers.RequireFresh(ctx, time.Hour); !errors.Is(err, satchel.ErrNotFresh) {
			t.Error(err)
		}
		if testUsers.Last(ctx, 0, time.Minute) == nil {
			t.Error("a session with a life of its own")
		}
	})
	if _, err := testUsers.Of(s, "ann").EndAll(t.Context()); !errors.Is(err, satchel.ErrUntracked) {
		t.Error(err)
	}
	if err := s.EndEveryone(t.Context(), "SESSION"); !errors.Is(err, satchel.ErrUnrevocable) {
		t.Error(err)
	}
	exchange(t, s, t.Context(), signedIn, func(ctx context.Context) {
		if u, ok, err := testUsers.Take(ctx); u.ID != "b" || !ok || err != nil {
			t.Error(u, ok, err)
		}
	})
	exchange(t, s, t.Context(), signedIn, want(t, testUser{}, false))
}
