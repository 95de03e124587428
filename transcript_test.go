package satchel_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// What an exchange did can be written down and done over to the identical text, conflicts and replays included.
func TestTranscriptsReplay(t *testing.T) {
	for name, act := range map[string]func(w *world, token core.Token, ctx ctx){
		"read":        func(_ *world, _ core.Token, ctx ctx) { _, _, _ = carts.Get(ctx) },
		"set":         func(_ *world, _ core.Token, ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"x"}})) },
		"sign in":     func(_ *world, _ core.Token, ctx ctx) { must(t, carts.SignIn(ctx, "ann", cart{})) },
		"clear, save": func(_ *world, _ core.Token, ctx ctx) { must(t, carts.Clear(ctx)); must(t, carts.Set(ctx, cart{})) },
		"update in conflict": func(w *world, token core.Token, ctx ctx) {
			w.store.once("replace", func() { w.add(token, "bread") })
			_, err := carts.Update(ctx, add("milk"))
			must(t, err)
		},
		"rotate in conflict": func(w *world, token core.Token, ctx ctx) {
			must(t, carts.Rotate(ctx))
			w.store.once("replace", func() { w.add(token, "bread") })
		},
		"a wish not granted": func(_ *world, _ core.Token, ctx ctx) {
			must(t, carts.Set(ctx, cart{[]string{"x"}}))
			_ = carts.SignIn(ctx, strings.Repeat("a", 300), cart{})
		},
		"lost": func(w *world, token core.Token, ctx ctx) {
			w.store.once("replace", func() { w.logout(token) })
			_, _ = carts.Update(ctx, add("milk"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, satchel.Options{})
			token := w.begun("tea")
			var texts []string
			s := satchel.Must(satchel.Config{Clock: w.clock.now, RevealTranscripts: func(kind, text string) {
				texts = append(texts, kind+"\n"+text)
			}}.New(carts.ServerSide(w.store)))
			ex := s.Open(satchel.Arrived{"cart": token})
			act(w, token, ex.Context(t.Context()))
			_, _ = ex.Commit(t.Context())
			ex.Close()
			ex.Close()
			if len(texts) != 1 {
				t.Fatalf("%d transcripts", len(texts))
			}
			text, _ := strings.CutPrefix(texts[0], "cart\n")
			again, err := s.Replay("cart", text)
			if err != nil || again != text {
				t.Errorf("%v\n%s\n-- replayed --\n%s", err, text, again)
			}
		})
	}
}

// An exchange prints as nothing, whatever it holds.
func TestExchangePrintsNothing(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("secret-tea")
	ex, ctx := w.open(token)
	must(t, carts.Set(ctx, cart{[]string{"secret-milk"}}))
	out, err := w.sent(ex)
	must(t, err)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "exchange", ex, "outcome", out, "context", ctx)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "exchange", ex, "outcome", out, "context", ctx)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		fmt.Fprintf(&log, verb+" "+verb+" "+verb+"\n", ex, out, ctx)
		fmt.Fprintf(&log, verb+"\n", struct{ Ex *satchel.Exchange }{ex})
	}
	for _, secret := range []string{string(token), "secret-tea", "secret-milk"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q was printed:\n%s", secret, log.String())
		}
	}
}
