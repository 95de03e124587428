package satchel_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// Who has no session is told from who has one that is refused, and an outage is neither.
func TestAuthenticate(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	lost := errors.New("the directory of users is down")
	first := func(_ context.Context, c cart) (string, bool, error) {
		if c.Items[0] == "lost" {
			return "lost", true, lost
		}
		return c.Items[0], c.Items[0] != "eve", nil
	}
	ask := func(token core.Token) (string, satchel.Authentication, error) {
		_, ctx := w.open(token)
		return satchel.Authenticate(ctx, carts, first)
	}
	ann, eve, gone := w.begun("ann"), w.begun("eve"), w.begun("old")
	w.logout(gone)
	for name, c := range map[string]struct {
		token core.Token
		who   string
		want  satchel.Authentication
	}{
		"ann": {ann, "ann", satchel.Authenticated}, "eve": {eve, "", satchel.SessionRejected}, "nobody": {"", "", satchel.NoSession},
		"logged out": {gone, "", satchel.TokenRefused}, "rubbish": {"rubbish", "", satchel.TokenRefused},
	} {
		if who, got, err := ask(c.token); who != c.who || got != c.want || err != nil {
			t.Errorf("%s: %q, %v, %v; want %q, %v", name, who, got, err, c.who, c.want)
		}
	}
	if who, got, err := ask(w.begun("lost")); who != "" || got == satchel.Authenticated ||
		!errors.Is(err, satchel.ErrUnavailable) || !errors.Is(err, lost) {
		t.Errorf("an outage of validate's own: %q, %v, %v", who, got, err)
	}
	w.clock.advance(time.Hour)
	if who, got, err := ask(ann); who != "" || got != satchel.TokenRefused || err != nil {
		t.Errorf("an idle session: %q, %v, %v", who, got, err)
	}
	w.store.down.Store(true)
	if _, got, err := ask(ann); got == satchel.Authenticated || !errors.Is(err, satchel.ErrUnavailable) {
		t.Errorf("an outage: %v, %v", got, err)
	}
}

// Somebody has signed in, or there is but a session.
func TestSignedIn(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	ex, ctx := w.open("")
	must(t, carts.SignIn(ctx, "ann", cart{}))
	out, err := w.sent(ex)
	must(t, err)
	for token, want := range map[core.Token]satchel.Authentication{
		out.Token: satchel.Authenticated, w.begun("tea"): satchel.SessionRejected,
	} {
		_, ctx := w.open(token)
		about, got, err := satchel.Authenticate(ctx, carts, satchel.SignedIn(carts))
		if got != want || (about.Subject == "ann") != (want == satchel.Authenticated) || err != nil {
			t.Errorf("%+v, %v, %v; want %v", about, got, err, want)
		}
		if _, got, err := satchel.Authenticate(ctx, carts, satchel.Anybody); got != satchel.Authenticated || err != nil {
			t.Errorf("anybody: %v, %v", got, err)
		}
	}
}

func TestPrincipal(t *testing.T) {
	type user string
	ctx := satchel.WithPrincipal(t.Context(), user("ann"))
	if u, ok := satchel.Principal[user](ctx); u != "ann" || !ok {
		t.Error(u, ok)
	}
	if s, ok := satchel.Principal[string](ctx); ok {
		t.Errorf("a user is a string: %q", s)
	}
}
