package satchel_test

import (
	"encoding/base64"
	"math/bits"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
)

// Sessions that begin at one instant, of one kind, subject and value, have IDs that share nothing: they differ in about
// half of their bits, at every place.
func TestItem3_IDsHaveNoStructure(t *testing.T) {
	w := newWorld(t, satchel.Options{Untracked: true})
	ids := make([][]byte, 400)
	for i := range ids {
		ex, ctx := w.open("")
		must(t, carts.SignIn(ctx, "ann", cart{}))
		out, err := w.sent(ex)
		must(t, err)
		raw, err := base64.RawURLEncoding.DecodeString(string(out.Token))
		must(t, err)
		ids[i] = raw[1:]
	}
	ones := make([]int, 256)
	for i, id := range ids {
		for bit := range ones {
			ones[bit] += int(id[bit/8] >> (bit % 8) & 1)
		}
		if i == 0 {
			continue
		}
		apart := 0
		for at := range id {
			apart += bits.OnesCount8(id[at] ^ ids[i-1][at])
		}
		if apart < 80 || apart > 176 { // six standard deviations
			t.Errorf("two IDs differ in %d of 256 bits", apart)
		}
	}
	for bit, n := range ones {
		if n < 140 || n > 260 { // six standard deviations
			t.Errorf("bit %d is set in %d of 400 IDs", bit, n)
		}
	}
}

// A cookie's name says what kind it is of, and nothing of the library, the language or the framework.
func TestItem8_ANameTellsNoProduct(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	if name := w.sessions.Placed()[0].Transport.Cookie.Name(); name != "__Host-cart" {
		t.Errorf("the cookie is named %q", name)
	}
	ex, ctx := w.open("")
	must(t, carts.Set(ctx, cart{}))
	out, err := w.sent(ex)
	must(t, err)
	if regexp.MustCompile(`(?i)satchel|golang`).MatchString(string(out.Token)) {
		t.Errorf("the token says %q", string(out.Token))
	}
}

// Nothing that is exported puts a token into a URL, or takes one from there.
func TestItem9_NoTokenInAURL(t *testing.T) {
	text, err := os.ReadFile("api.txt")
	must(t, err)
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "Token") && regexp.MustCompile(`url\.|URL|Query|Form\b`).MatchString(line) {
			t.Error(line)
		}
	}
	if !strings.Contains(string(text), "type Token ") {
		t.Error("api.txt knows no tokens")
	}
}

// Use begins the idle time anew and leaves the absolute life as it is; signing in again begins both anew.
func TestItem19_WhatBeginsATimerAnew(t *testing.T) {
	w := newWorld(t, satchel.Options{Idle: time.Hour, Absolute: 3 * time.Hour})
	token := w.signIn("", "ann")
	use := func() bool {
		w.clock.advance(50 * time.Minute)
		_, ctx := w.open(token)
		_, ok, err := carts.Get(ctx)
		must(t, err)
		ex, ctx := w.open(token)
		_, _, err = carts.Get(ctx)
		must(t, err)
		_, err = w.sent(ex)
		must(t, err)
		return ok
	}
	for i := range 3 {
		if !use() {
			t.Fatalf("use %d: it idled away", i)
		}
	}
	if use() {
		t.Error("use lengthens the absolute life")
	}
	token = w.signIn("", "ann")
	use()
	token = w.signIn(token, "ann")
	for i := range 3 {
		if !use() {
			t.Errorf("use %d after signing in again: it is over", i)
		}
	}
	if use() {
		t.Error("there is no end")
	}
	token = w.signIn("", "ann")
	w.clock.advance(time.Hour)
	if _, ok := w.items(token); ok {
		t.Error("it does not idle away")
	}
}
