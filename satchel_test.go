package satchel_test

import (
	"context"
	"errors"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
)

type cart struct {
	Items []string `cbor:"1,keyasint"`
}

var carts = satchel.NewKind[cart]("cart")

type ctx = context.Context

// testRing is a keyring of one key.
func testRing(t testing.TB) *crypto.Keyring {
	t.Helper()
	key, err := crypto.NewKey("a", crypto.Primary, []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := crypto.NewKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// visit runs f in an exchange that the token arrives with, and returns what the client holds afterwards.
func visit(t *testing.T, s *satchel.Sessions, token core.Token, f func(ctx context.Context)) core.Token {
	t.Helper()
	ex := s.Open(satchel.Arrived{"cart": token})
	f(ex.Context(t.Context()))
	out, err := ex.Commit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range out {
		switch o.Action {
		case core.SendToken:
			token = o.Token
		case core.SendClear:
			token = ""
		}
	}
	return token
}

func TestFirstPath(t *testing.T) {
	s := satchel.Must(satchel.New(carts.ServerSide(store.NewMemory())))
	token := visit(t, s, "", func(ctx context.Context) {
		c, err := carts.Update(ctx, func(c cart) cart { c.Items = append(c.Items, "tea"); return c })
		if err != nil || len(c.Items) != 1 {
			t.Fatal(c, err)
		}
	})
	if token == "" {
		t.Fatal("no token")
	}
	visit(t, s, token, func(ctx context.Context) {
		c, ok, err := carts.Get(ctx)
		if err != nil || !ok || len(c.Items) != 1 {
			t.Fatal(c, ok, err)
		}
	})
	second := visit(t, s, token, func(ctx context.Context) {
		if err := carts.SignIn(ctx, "ann", cart{Items: []string{"x"}}); err != nil {
			t.Fatal(err)
		}
	})
	if second == token {
		t.Fatal("not rotated")
	}
	if got := visit(t, s, token, func(ctx context.Context) {
		_, ok, err := carts.Get(ctx)
		if ok || err != nil {
			t.Fatal(ok, err)
		}
	}); got != token {
		t.Fatal("an answer to the old token changed what the client holds")
	}
	// A logout with the old token ends the session.
	visit(t, s, token, func(ctx context.Context) {
		if err := carts.Clear(ctx); err != nil {
			t.Fatal(err)
		}
	})
	visit(t, s, second, func(ctx context.Context) {
		_, ok, err := carts.Get(ctx)
		if ok || err != nil {
			t.Fatal(ok, err)
		}
	})
	if _, _, err := carts.Get(t.Context()); !errors.Is(err, satchel.ErrNoExchange) {
		t.Fatal(err)
	}
}
