package satchel_test

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
)

// Items that rules of the design and clauses of ASVS hold in the rooms that they are about, asked of whole sessions: 6, 33, 49 and 50.

// Item 6: of the texts that say the same bytes as a token, or as a stamp, one is it.
func TestItem6_OneSpelling(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	others := func(good core.Token) map[string]core.Token {
		n := len(good)
		all := map[string]core.Token{
			"padded": good + "=", "padded twice": good + "==", "a line's end": good + "\n", "a line's end within": good[:9] + "\r\n" + good[9:],
			"a blank": " " + good, "quoted": `"` + good + `"`, "percent": "%41" + good[1:], "the other alphabet": good[:n-1] + "+",
		}
		last := strings.IndexByte(alphabet, good[n-1])
		for i := last + 1; i < last+1<<(n*6%8); i++ {
			all["left over bits of "+alphabet[i:i+1]] = good[:n-1] + core.Token(alphabet[i:i+1])
		}
		return all
	}
	for name := range idles(t, nil, satchel.Options{}) {
		t.Run(name, func(t *testing.T) {
			c, seen, o := newClock(), new(events), satchel.Options{Idle: 30 * time.Minute}
			s, err := satchel.Config{Clock: c.now, Observer: seen.observer()}.New(idles(t, store.NewMemory(), o)[name])
			must(t, err)
			v := &visitor{t, satchel.Arrived{}}
			v.uses(s, func(ctx context.Context) error { return carts.Set(ctx, cart{}) })
			for range 2 {
				c.advance(20 * time.Minute)
				v.uses(s, nothing)
			}
			for kind, good := range v.held {
				for what, spelling := range others(good) {
					seen.take()
					was := v.held[kind]
					v.held[kind] = spelling
					ok, said := v.sees(s), seen.take()
					v.held[kind] = was
					if ok || kind == "cart" && !slices.Equal(said, []string{"refused: malformed"}) {
						t.Errorf("%s, %s: a session %v, told %q", kind, what, ok, said)
					}
				}
			}
			if !v.sees(s) {
				t.Error("nor does it read as it was")
			}
		})
	}
}

// Item 33: whatever a request was about to do when the session ended, no token reads afterwards what it was, and none of it is left.
func TestItem33_NothingInFlightBringsItBack(t *testing.T) {
	for what, do := range map[string]func(context.Context) error{
		"read":         func(context.Context) error { return nil },
		"set":          func(ctx context.Context) error { return carts.Set(ctx, cart{[]string{"tea", "late"}}) },
		"rotate":       carts.Rotate,
		"sign in":      func(ctx context.Context) error { return carts.SignIn(ctx, "ann", cart{[]string{"tea", "late"}}) },
		"sign in, bob": func(ctx context.Context) error { return carts.SignIn(ctx, "bob", cart{[]string{"tea", "late"}}) },
		"lower":        func(ctx context.Context) error { return carts.LowerLevel(ctx, 1) },
		"shorten":      func(ctx context.Context) error { return carts.Last(ctx, 0, time.Hour) },
		"promote": func(ctx context.Context) error {
			_, err := carts.Promote(ctx, "ann", func(c cart) cart { return c })
			return err
		},
	} {
		for _, all := range []bool{false, true} {
			everywhere(t, satchel.Options{}, func(t *testing.T, name string, w *world) {
				token := visit(t, w.sessions, "", func(ctx context.Context) {
					must(t, carts.SignInWith(ctx, satchel.SignIn{Subject: "ann", Level: 2}, cart{[]string{"tea"}}))
				})
				w.clock.advance(20 * time.Minute)
				ex, ctx := w.open(token)
				_, _, err := carts.Get(ctx)
				must(t, err)
				must(t, do(ctx))
				was := w.handle(token)
				if all {
					_, err := carts.Of(w.sessions, "ann").EndAll(t.Context())
					must(t, err)
				} else {
					w.logout(token)
				}
				out, err := w.sent(ex)
				if out.Action == core.SendToken || (err == nil) != (what == "read") {
					t.Errorf("%s, all of them %v: told %v, %v", what, all, out.Action, err)
				}
				for _, token := range []core.Token{token, out.Token} {
					if items, ok := w.items(token); ok || w.handle(token) == was {
						t.Errorf("%s, all of them %v: a token reads %q", what, all, items)
					}
				}
				for _, subject := range []string{"ann", "bob"} {
					if n := len(w.list(subject)); n > 0 {
						t.Errorf("%s, all of them %v: %d of %s are listed", what, all, n, subject)
					}
				}
				if name == "store" {
					w.nothingLives(token)
				}
			})
		}
	}
}

// decodes is a codec that notes what it is given to decode.
type decodes struct {
	codec.Codec[cart]
	decoded *int
}

func (c decodes) Decode(payload string) (cart, error) {
	*c.decoded++
	return c.Codec.Decode(payload)
}

// Item 49: of a token in which one letter is another nothing comes to the codec, sealed or signed, wherever that letter stands.
func TestItem49_NothingIsDecodedBeforeItsTag(t *testing.T) {
	for name, o := range map[string]satchel.Options{"sealed": {}, "signed": {Readable: true}} {
		decoded := 0
		kind := carts.WithCodec(decodes{codec.JSON[cart](), &decoded})
		s := satchel.Must(satchel.New(kind.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable).With(o)))
		get := func(token core.Token) bool {
			_, ok, err := kind.Get(s.Open(satchel.Arrived{"cart": token}).Context(t.Context()))
			must(t, err)
			return ok
		}
		token := visit(t, s, "", func(ctx ctx) { must(t, kind.Set(ctx, cart{[]string{"tea"}})) })
		decoded = 0
		for i := range token {
			letter := map[bool]string{true: "B", false: "A"}[token[i] == 'A']
			if get(token[:i] + core.Token(letter) + token[i+1:]) {
				t.Errorf("%s: letter %d may be another", name, i)
			}
		}
		if decoded != 0 {
			t.Errorf("%s: %d forged payloads were decoded", name, decoded)
		}
		if !get(token) || decoded != 1 {
			t.Errorf("%s: the token itself is decoded %d times", name, decoded)
		}
	}
}

// Item 50: how a token is protected says the kind, and by which secret the key that it names. A token that was signed is none where tokens
// are sealed, nor the other way round, and one that names another key of the same keyring is forged.
func TestItem50_ATokenChoosesNoAlgorithm(t *testing.T) {
	ring, err := crypto.ParseKeyring("aa:primary:" + secretA + "\nbb:retiring:" + secretB)
	must(t, err)
	var seen events
	programs, tokens := map[string]*satchel.Sessions{}, map[string]core.Token{}
	for name, o := range map[string]satchel.Options{"sealed": {}, "signed": {Readable: true}} {
		programs[name] = satchel.Must(satchel.Config{Observer: seen.observer()}.New(carts.ClientSide(satchel.FixedKeys(ring), satchel.Unrevocable).With(o)))
		tokens[name] = visit(t, programs[name], "", func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })
	}
	refused := func(at, what string, token core.Token, why ...string) {
		t.Helper()
		seen.take()
		if _, ok := read(t, programs[at], token); ok {
			t.Errorf("%s: %s opens a session", at, what)
		}
		if got := seen.take(); len(got) != 1 || !slices.Contains(why, got[0]) {
			t.Errorf("%s: %s: %q", at, what, got)
		}
	}
	for at, token := range tokens {
		if _, ok := read(t, programs[at], token); !ok {
			t.Errorf("%s: its own token does not read", at)
		}
		for from, other := range tokens {
			if from != at {
				refused(at, "a "+from+" token", other, "refused: forged", "refused: stale")
			}
		}
		raw, err := base64.RawURLEncoding.DecodeString(string(token))
		must(t, err)
		if strings.Count(string(raw), "\x02aa") != 1 {
			t.Fatalf("%s: where is the name of its key?", at)
		}
		renamed := strings.Replace(string(raw), "\x02aa", "\x02bb", 1)
		refused(at, "under another key's name", core.Token(base64.RawURLEncoding.EncodeToString([]byte(renamed))), "refused: forged")
	}
}
