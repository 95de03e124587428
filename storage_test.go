package satchel_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/store"
)

// simple is a storage as somebody writes one in a few lines.
type simple struct{ sync.Map }

func (s *simple) Write(_ context.Context, id, text string) error { s.Store(id, text); return nil }

func (s *simple) Invalidate(_ context.Context, id string) error { s.Delete(id); return nil }

func (s *simple) Read(_ context.Context, id string) (string, error) {
	text, ok := s.Load(id)
	if !ok {
		return "", store.ErrNotFound
	}
	return text.(string), nil
}

// A storage without revisions has to be accepted where a kind is placed in it. Then a session lives in it from its first value to its end.
func TestSimpleStorage(t *testing.T) {
	records := store.LastWriteWins(new(simple))
	if _, err := satchel.New(carts.ServerSide(records)); err == nil || !strings.Contains(err.Error(), "compare-and-swap; LostUpdates accepts") {
		t.Errorf("accepted in silence: %v", err)
	}
	s := satchel.Must(satchel.New(carts.ServerSide(records).With(satchel.Options{LostUpdates: true})))
	add := func(ctx context.Context) {
		if _, err := carts.Update(ctx, func(c cart) cart { c.Items = append(c.Items, "tea"); return c }); err != nil {
			t.Error(err)
		}
	}
	token := visit(t, s, visit(t, s, "", add), add)
	visit(t, s, token, func(ctx context.Context) {
		if c, ok, err := carts.Get(ctx); err != nil || !ok || len(c.Items) != 2 {
			t.Errorf("%q, %v, %v", c, ok, err)
		}
		if err := carts.Clear(ctx); err != nil {
			t.Error(err)
		}
	})
	visit(t, s, token, func(ctx context.Context) {
		if c, ok, err := carts.Get(ctx); err != nil || ok {
			t.Errorf("after its end: %q, %v", c, err)
		}
	})
}
