package satcheltest_test

import (
	"io"
	"sync"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

func TestTheClockIsMoved(t *testing.T) {
	var c satcheltest.Clock
	if !c.Now().Equal(satcheltest.Start) {
		t.Errorf("it begins at %v", c.Now())
	}
	c.Advance(time.Hour)
	c.Advance(-time.Minute)
	if got := c.Now().Sub(satcheltest.Start); got != 59*time.Minute {
		t.Errorf("it stands %v after its start", got)
	}
	at := time.Date(2031, 5, 6, 7, 8, 9, 10, time.UTC)
	c.Set(at)
	if !c.Now().Equal(at) {
		t.Errorf("it stands at %v", c.Now())
	}
	before := time.Now()
	if now := (*satcheltest.Clock)(nil).Now(); now.Before(before) || now.After(time.Now()) {
		t.Error("no clock is not the real one")
	}
}

func TestEntropyIsItsLabels(t *testing.T) {
	read := func(label string) (b [64]byte) {
		if _, err := io.ReadFull(satcheltest.Entropy(label), b[:]); err != nil {
			t.Fatal(err)
		}
		return b
	}
	if first, again := read("a"), read("a"); first != again {
		t.Error("the same label gives other bytes")
	}
	if read("a") == read("b") {
		t.Error("another label gives the same bytes")
	}
	var readers sync.WaitGroup
	source := satcheltest.Entropy("a")
	for range 4 {
		readers.Go(func() {
			var b [32]byte
			if _, err := source.Read(b[:]); err != nil || b == [32]byte{} {
				t.Errorf("%v, %v", b, err)
			}
		})
	}
	readers.Wait()
}

// token returns the token of the first session that a test's first program begins.
func token(t testing.TB, name string) core.Token {
	t.Helper()
	inner := newTestOf(name)
	defer inner.end()
	shop := newShop(inner, satchel.Options{})
	return satcheltest.Set(inner, shop.Client(nil), carts, Cart{}).Token(inner, carts)
}

// A run gives the tokens of the run before; another test gives others.
func TestTokensAreTheSameInEveryRun(t *testing.T) {
	first := token(t, "TestA")
	if first == "" || token(t, "TestA") != first {
		t.Error("another run gave another token")
	}
	if token(t, "TestB") == first {
		t.Error("two tests share a token")
	}
}

// Two nodes of one test, over one store, as a deployment has them.
func TestTwoProgramsOverOneStore(t *testing.T) {
	kept, keys := store.NewMemory(), satcheltest.Keys(t)
	node := func() *satcheltest.Program {
		return satcheltest.New(t, carts.ServerSide(kept), themes.ClientSide(keys, satchel.Unrevocable))
	}
	a, b := node(), node()
	ann := satcheltest.Set(t, a.Client(nil), carts, Cart{Items: []string{"tea"}})
	satcheltest.Set(t, ann, themes, "dark")
	bob := satcheltest.Set(t, b.Client(nil), carts, Cart{Items: []string{"milk"}})
	if ann.Token(t, carts) == bob.Token(t, carts) {
		t.Fatal("two nodes draw the same ID")
	}
	moved := b.Client(nil) // ann, at the other node, which has its keys anew
	moved.Paste(t, carts, ann.Token(t, carts))
	moved.Paste(t, themes, ann.Token(t, themes))
	if cart, ok := satcheltest.Value(t, moved, carts); !ok || len(cart.Items) != 1 || cart.Items[0] != "tea" {
		t.Errorf("the other node has %v, %v", cart, ok)
	}
	if theme, _ := satcheltest.Value(t, moved, themes); theme != "dark" {
		t.Errorf("the other node has %q", theme)
	}
}
