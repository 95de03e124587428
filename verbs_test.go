package satchel_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// contextWith returns a context of its own deadline that holds a value.
func contextWith(t *testing.T, key, value any) (ctx, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(context.WithValue(t.Context(), key, value), time.Hour)
}

// both runs a test with a kind in a store and in the client.
func both(t *testing.T, o satchel.Options, test func(t *testing.T, s *satchel.Sessions, c *clock)) {
	t.Helper()
	for name, place := range map[string]satchel.Placement{
		"server-side": carts.ServerSide(newStaged()),
		"client-side": carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable),
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			s, err := satchel.Config{Clock: c.now}.New(place.With(o))
			must(t, err)
			test(t, s, c)
		})
	}
}

// Every verb without an exchange says that the middleware is missing.
func TestNoExchange(t *testing.T) {
	ctx := t.Context()
	calls := map[string]error{
		"Set": carts.Set(ctx, cart{}), "Overwrite": carts.Overwrite(ctx, cart{}), "Clear": carts.Clear(ctx), "Rotate": carts.Rotate(ctx),
		"SignIn": carts.SignIn(ctx, "ann", cart{}),
	}
	_, _, calls["Get"] = carts.Get(ctx)
	_, calls["Update"] = carts.Update(ctx, add("x"))
	_, calls["GetOrSet"] = carts.GetOrSet(ctx, func() cart { return cart{} })
	_, calls["About"] = carts.About(ctx)
	for name, err := range calls {
		if !errors.Is(err, satchel.ErrNoExchange) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every verb in an exchange that is over says so.
func TestClosedVerbs(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	ex, ctx := w.open(w.begun("tea"))
	_, _, err := carts.Get(ctx)
	must(t, err)
	ex.Close()
	calls := map[string]error{"Set": carts.Set(ctx, cart{}), "Clear": carts.Clear(ctx), "Rotate": carts.Rotate(ctx)}
	_, calls["Update"] = carts.Update(ctx, add("x"))
	_, calls["About"] = carts.About(ctx)
	for name, err := range calls {
		if !errors.Is(err, satchel.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A change is seen by the exchange that makes it at once.
func TestChangesAreSeenAtOnce(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, _ *clock) {
		ctx := s.Open(satchel.Arrived{}).Context(t.Context())
		sees := func(want ...string) {
			t.Helper()
			c, ok, err := carts.Get(ctx)
			if err != nil || ok != (want != nil) || !slices.Equal(c.Items, want) {
				t.Errorf("sees %q (%v, %v), want %q", c.Items, ok, err, want)
			}
		}
		sees()
		must(t, carts.Set(ctx, cart{[]string{"a"}}))
		sees("a")
		must(t, carts.Overwrite(ctx, cart{[]string{"b"}}))
		sees("b")
		_, err := carts.Update(ctx, add("c"))
		must(t, err)
		sees("b", "c")
		must(t, carts.Clear(ctx))
		sees()
		got, err := carts.Update(ctx, add("d"))
		must(t, err)
		if !slices.Equal(got.Items, []string{"d"}) {
			t.Error("Update after Clear was handed the cleared value:", got)
		}
		sees("d")
	})
}

// Nothing that a user holds is the session's own memory.
func TestValuesAreNotShared(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, _ *clock) {
		ctx := s.Open(satchel.Arrived{}).Context(t.Context())
		mine := cart{[]string{"tea"}}
		must(t, carts.Set(ctx, mine))
		mine.Items[0] = "spoiled"
		got, _, err := carts.Get(ctx)
		must(t, err)
		got.Items[0] = "spoiled"
		updated, err := carts.Update(ctx, add("milk"))
		must(t, err)
		updated.Items[0] = "spoiled"
		if got, _, err := carts.Get(ctx); err != nil || got.Items[0] != "tea" {
			t.Error(got, err)
		}
	})
}

func TestGetOrSet(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, _ *clock) {
		token := visit(t, s, "", func(ctx ctx) {
			c, err := carts.GetOrSet(ctx, func() cart { return cart{[]string{"first"}} })
			if err != nil || c.Items[0] != "first" {
				t.Error("absent:", c, err)
			}
		})
		after := visit(t, s, token, func(ctx ctx) {
			c, err := carts.GetOrSet(ctx, func() cart { t.Error("f is called"); return cart{} })
			if err != nil || c.Items[0] != "first" {
				t.Error("there:", c, err)
			}
		})
		if after != token {
			t.Error("a get sent a token")
		}
	})
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	w.store.down.Store(true)
	_, ctx := w.open(token)
	if _, err := carts.GetOrSet(ctx, func() cart { t.Error("f is called"); return cart{} }); !errors.Is(err, satchel.ErrUnavailable) {
		t.Error("outage:", err)
	}
}

func TestAbout(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, c *clock) {
		about := func(token core.Token) (a satchel.About) {
			visit(t, s, token, func(ctx ctx) {
				var err error
				a, err = carts.About(ctx)
				must(t, err)
			})
			return a
		}
		if a := about(""); a != (satchel.About{}) {
			t.Error("none:", a)
		}
		began := c.now()
		token := visit(t, s, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{})) })
		c.advance(time.Minute)
		anonymous := about(token)
		if len(anonymous.Handle) != 22 || anonymous.Subject != "" || !anonymous.Created.Equal(began) || !anonymous.Authenticated.IsZero() {
			t.Errorf("anonymous: %+v", anonymous)
		}
		if strings.Contains(string(token), string(anonymous.Handle)) {
			t.Error("the handle stands in the token")
		}
		signed := visit(t, s, token, func(ctx ctx) { must(t, carts.SignIn(ctx, "ann", cart{})) })
		a := about(signed)
		if a.Handle != anonymous.Handle || a.Subject != "ann" || !a.Created.Equal(began) || !a.Authenticated.Equal(c.now()) {
			t.Errorf("signed in: %+v", a)
		}
	})
	w := newWorld(t, satchel.Options{})
	w.store.down.Store(true)
	_, ctx := w.open(core.Token(strings.Repeat("A", 43)))
	if a, err := carts.About(ctx); !errors.Is(err, satchel.ErrUnavailable) && err != nil || a != (satchel.About{}) {
		t.Error("outage:", a, err)
	}
}

// A rotation without a session, and a clear without a token, do nothing.
func TestNothingToRotate(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, _ *clock) {
		if token := visit(t, s, "", func(ctx ctx) { must(t, carts.Rotate(ctx)); must(t, carts.Clear(ctx)) }); token != "" {
			t.Error("a token was sent")
		}
	})
}

// A sign-in needs a subject that fits.
func TestSubject(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, _ *clock) {
		ctx := s.Open(satchel.Arrived{}).Context(t.Context())
		if err := carts.SignIn(ctx, "", cart{}); err == nil || err.Error() != "satchel: signing in without a subject" {
			t.Error(err)
		}
		var large *core.TooLargeError
		if err := carts.SignIn(ctx, strings.Repeat("s", 256), cart{}); !errors.As(err, &large) || large.What != "subject" {
			t.Error(err)
		}
		must(t, carts.SignIn(ctx, strings.Repeat("s", 255), cart{}))
	})
}

// Sessions.Kind is a kind for tools that do not know its type.
func TestKindByName(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, _ *clock) {
		if _, ok := s.Kind("other"); ok {
			t.Error("a kind that is not placed")
		}
		named, ok := s.Kind("cart")
		if !ok || named.Name() != "cart" {
			t.Fatal(named.Name(), ok)
		}
		token := visit(t, s, "", func(ctx ctx) {
			if v, ok, err := named.Get(ctx); v != nil && v.(cart).Items != nil || ok || err != nil {
				t.Error("none:", v, ok, err)
			}
			must(t, named.Set(ctx, cart{[]string{"tea"}}))
			v, err := named.Update(ctx, func(v any) any { return add("milk")(v.(cart)) })
			if err != nil || len(v.(cart).Items) != 2 {
				t.Error("Update:", v, err)
			}
			for name, err := range map[string]error{"Set": named.Set(ctx, "text"), "nil": named.Overwrite(ctx, nil)} {
				if err == nil || !strings.HasPrefix(err.Error(), "satchel: the kind holds satchel_test.cart, not ") {
					t.Errorf("%s of another type: %v", name, err)
				}
			}
		})
		token = visit(t, s, token, func(ctx ctx) {
			if c, ok, err := carts.Get(ctx); !ok || err != nil || len(c.Items) != 2 {
				t.Error("typed:", c, ok, err)
			}
			if v, ok, err := named.Get(ctx); !ok || err != nil || len(v.(cart).Items) != 2 {
				t.Error("by name:", v, ok, err)
			}
			must(t, named.Clear(ctx))
		})
		if token != "" {
			t.Error("Clear left the client's copy")
		}
	})
}

// By name, too, fields of a newer schema are not lost.
func TestRule8NewerSchemaByName(t *testing.T) {
	type cartThen struct{}
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	sessions := satchel.Must(satchel.Config{Clock: w.clock.now}.New(satchel.NewKind[cartThen]("cart").ServerSide(w.store)))
	named, _ := sessions.Kind("cart")
	ctx := sessions.Open(satchel.Arrived{"cart": token}).Context(t.Context())
	if err := named.Set(ctx, cartThen{}); !errors.Is(err, satchel.ErrNewerSchema) {
		t.Error(err)
	}
	w.holds(token, "tea")
}
