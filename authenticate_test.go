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
	first := func(_ context.Context, c cart) (string, bool) { return c.Items[0], c.Items[0] != "eve" }
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
	w.clock.advance(time.Hour)
	if who, got, err := ask(ann); who != "" || got != satchel.TokenRefused || err != nil {
		t.Errorf("an idle session: %q, %v, %v", who, got, err)
	}
	w.store.down.Store(true)
	if _, got, err := ask(ann); got == satchel.Authenticated || !errors.Is(err, satchel.ErrUnavailable) {
		t.Errorf("an outage: %v, %v", got, err)
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
