package satchel_test

import (
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// The items of the checklist that are about tokens: how they are spelled, whose they are, and where they are not.

// Item 4: random tokens of the right spelling create nothing under themselves, and the session that is begun has another.
func TestItem4_UnknownIDsAreNotAdopted(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	genuine := string(w.begun())
	source := rand.New(rand.NewPCG(4, 4))
	for range 100_000 {
		raw := make([]byte, 36)
		for i := range raw {
			raw[i] = byte(source.Uint32())
		}
		guess := core.Token(genuine[:2] + base64.RawURLEncoding.EncodeToString(raw)[:41] + genuine[43:])
		ex, ctx := w.open(guess)
		if _, ok, err := carts.Get(ctx); ok || err != nil {
			t.Fatal(ok, err)
		}
		if out, err := w.sent(ex); err != nil || out.Action != core.SendNothing {
			t.Fatal("told", out.Action, err)
		}
	}
	if n := w.store.writes.Load(); n != 1 {
		t.Errorf("%d writes", n)
	}
	guess := core.Token(genuine[:3] + strings.Repeat("A", 39) + genuine[42:])
	ex, ctx := w.open(guess)
	must(t, carts.SignIn(ctx, "ann", cart{}))
	if out, err := w.sent(ex); err != nil || out.Action != core.SendToken || out.Token == guess {
		t.Error("a token that the client chose was signed in:", err)
	}
	if _, ok := w.items(guess); ok {
		t.Error("a session under a token that the client chose")
	}
}

// Items 5 and 6: what is not the one spelling of a token costs neither a store call nor a key: were one tried, the refusal would
// be of the key or the tag.
func TestItem5_SpellingIsCheckedFirst(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for name, o := range map[string]satchel.Options{"plain": {}, "signed": {}} {
		keys := newSource("a:primary:" + secretA)
		if name == "signed" {
			o.SignIDs = keys.keys()
		}
		w := newWorld(t, o)
		good := string(w.begun())
		w.holds(core.Token(good))
		w.store.calls.Store(0)
		w.seen.take()
		read := keys.reads.Load()
		bad := []string{
			good[:len(good)-1], good + "=", " " + good, good + "\n", good[:10] + "\n" + good[10:], good[:10] + "+" + good[11:],
			good[:10] + "/" + good[11:], good[:10] + "é" + good[11:], strings.Repeat("A", 1<<16), "\x00",
		}
		switch bits := len(good) * 6 % 8; { // left over in the last character, and zero
		case bits > 0:
			last := strings.IndexByte(alphabet, good[len(good)-1])
			for i := last + 1; i < last+1<<bits; i++ {
				bad = append(bad, good[:len(good)-1]+alphabet[i:i+1])
			}
		case name == "signed":
			t.Fatal("no trailing bits, so that they are tried nowhere")
		default:
			bad = append(bad, good+"A")
		}
		for _, token := range bad {
			if _, ok := w.items(core.Token(token)); ok {
				t.Errorf("%s: a session for another spelling, of %d characters", name, len(token))
			}
			if got := w.seen.take(); len(got) != 1 || got[0] != "refused: malformed" {
				t.Errorf("%s: %d characters: %q", name, len(token), got)
			}
		}
		if n := w.store.calls.Load(); n != 0 || keys.reads.Load() != read {
			t.Errorf("%s: bad spellings cost %d store calls, and the keys were read %d times", name, n, keys.reads.Load())
		}
	}
}

// Item 7: a token counts only for its kind and where that travels, though all kinds are of one type, in one store and under one
// keyring.
func TestItem7_OnlyTheConfiguredCarrier(t *testing.T) {
	st, keys := newStaged(), satchel.FixedKeys(testRing(t))
	kinds, places := map[string]satchel.Kind[cart]{}, []satchel.Placement(nil)
	for _, name := range []string{"one", "two", "three", "four"} {
		kinds[name] = satchel.NewKind[cart](name)
		if len(places) < 2 {
			places = append(places, kinds[name].ServerSide(st))
		} else {
			places = append(places, kinds[name].ClientSide(keys, satchel.Unrevocable))
		}
	}
	s := satchel.Must(satchel.New(places...))
	ex := s.Open(satchel.Arrived{})
	within := ex.Context(t.Context())
	for name, kind := range kinds {
		must(t, kind.Set(within, cart{[]string{name}}))
	}
	out, err := ex.Commit(t.Context())
	must(t, err)
	held := told(nil, out)
	if len(held) != len(kinds) {
		t.Fatal(len(held), "tokens")
	}
	for of, token := range held {
		for name, kind := range kinds {
			c, ok, err := kind.Get(s.Open(satchel.Arrived{name: token}).Context(t.Context()))
			if ok != (name == of) || err != nil || ok && c.Items[0] != name {
				t.Errorf("a token of kind %s gives %s: %v, %v, %v", of, name, c, ok, err)
			}
		}
	}
	// The same kind by a cookie here and by a header there: what came by the other is not taken.
	byHeader := satchel.Must(satchel.New(kinds["one"].ServerSide(st).With(satchel.Options{Header: "X-One"})))
	for name, c := range map[string]struct {
		sessions *satchel.Sessions
		came     ways
		want     bool
	}{
		"a cookie's by cookie": {s, ways{cookie: held["one"]}, true}, "a cookie's by header": {s, ways{header: held["one"]}, false},
		"a header's by cookie": {byHeader, ways{cookie: held["one"]}, false}, "a header's by header": {byHeader, ways{header: held["one"]}, true},
	} {
		if _, ok, err := kinds["one"].Get(c.sessions.Open(c.came).Context(t.Context())); ok != c.want || err != nil {
			t.Error(name, ok, err)
		}
	}
}

// ways carries one token by a cookie and another by a header field.
type ways struct{ cookie, header core.Token }

func (w ways) Tokens(t satchel.Transport) core.Tokens {
	if t.Cookie != nil {
		return core.One(w.cookie)
	}
	return core.One(w.header)
}

// Item 56: nothing that a store is handed opens a session, or holds the ID of one.
func TestItem56_TheStoreHoldsNoToken(t *testing.T) {
	for name, c := range map[string]struct {
		options satchel.Options
		before  int // bytes of a token before its ID
		after   int
	}{"plain": {satchel.Options{}, 1, 0}, "signed": {satchel.Options{SignIDs: satchel.FixedKeys(testRing(t))}, 3, 32}} {
		w := newWorld(t, c.options)
		first := w.begun("tea")
		tokens := []core.Token{first, w.rotate(first)}
		all := w.store.all()
		if len(all) != 2 {
			t.Fatalf("%s: %d records", name, len(all))
		}
		for _, token := range tokens {
			raw, err := base64.RawURLEncoding.DecodeString(string(token))
			if err != nil || len(raw) != c.before+32+c.after {
				t.Fatalf("%s: a token of %d bytes: %v", name, len(raw), err)
			}
			id := string(raw[c.before : c.before+32])
			for key, rec := range all {
				for _, text := range []string{string(key), rec.Body} {
					for _, secret := range []string{id, string(raw), string(token), base64.RawURLEncoding.EncodeToString([]byte(id)), hex.EncodeToString([]byte(id))} {
						if strings.Contains(text, secret) {
							t.Errorf("%s: the store holds a token's ID", name)
						}
					}
				}
				asID := base64.RawURLEncoding.EncodeToString([]byte(string(raw[:c.before]) + string(key) + string(raw[c.before+32:])))
				for _, guess := range []string{string(key), rec.Body, asID} {
					if _, ok := w.items(core.Token(guess)); ok {
						t.Errorf("%s: what the store holds is a token", name)
					}
				}
			}
		}
		w.holds(tokens[1], "tea")
	}
}
