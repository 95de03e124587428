package satchel_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// The tests TestItem… of this folder hold the requirements of the conformance checklist that the shell can show, by their
// numbers. Others stand in the rooms that they are about: cookies, keys, stores, the core.

// Item 4: random tokens of the right spelling create nothing under themselves, and the session that is begun has another.
func TestItem4_UnknownIDsAreNotAdopted(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	genuine := string(w.begun())
	for i := range 2000 {
		guess := core.Token(genuine[:3] + fmt.Sprintf("%039d", i) + genuine[42:])
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

// Items 11 and 12: the old token is dead on every node once the rotation is done, also for an exchange begun before.
func TestItem11_RotationKillsTheOldToken(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	other := w.node(satchel.Options{})
	token := w.begun("tea")
	early := other.Open(satchel.Arrived{"cart": token})
	signed := visit(t, w.sessions, token, func(ctx context.Context) { must(t, carts.SignIn(ctx, "ann", cart{[]string{"private"}})) })
	if c, ok, err := carts.Get(early.Context(t.Context())); ok || err != nil {
		t.Error("an exchange begun before reads", c, err)
	}
	if c, ok := read(t, other, token); ok {
		t.Error("the old token reads", c)
	}
	if c, ok := read(t, other, signed); !ok || c[0] != "private" {
		t.Error("the new token reads", c, ok)
	}
}

// Item 12, for an exchange that had read before: it keeps what it saw, and can change nothing.
func TestItem12_AnEarlierReaderCannotWrite(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	early, ctx := w.open(token)
	_, _, err := carts.Get(ctx)
	must(t, err)
	signed := visit(t, w.sessions, token, func(ctx context.Context) { must(t, carts.SignIn(ctx, "ann", cart{[]string{"private"}})) })
	c, err := carts.Update(ctx, add("stolen"))
	if !errors.Is(err, satchel.ErrEnded) {
		t.Error("Update:", c, err)
	}
	if out, err := w.sent(early); err != nil || out.Action != core.SendNothing {
		t.Error("told", out.Action, err)
	}
	w.holds(signed, "private")
}

// Item 13: signing in as somebody else drops what was there.
func TestItem13_AnotherSubjectInheritsNothing(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, c *clock) {
		ann := visit(t, s, "", func(ctx context.Context) { must(t, carts.SignIn(ctx, "ann", cart{[]string{"ann's"}})) })
		c.advance(time.Minute)
		bob := visit(t, s, ann, func(ctx context.Context) {
			must(t, carts.Set(ctx, cart{[]string{"ann's, changed"}}))
			must(t, carts.SignIn(ctx, "bob", cart{}))
			if c, ok, err := carts.Get(ctx); !ok || err != nil || c.Items != nil {
				t.Error("before the commit:", c, ok, err)
			}
		})
		visit(t, s, bob, func(ctx context.Context) {
			a, err := carts.About(ctx)
			if err != nil || a.Subject != "bob" || !a.Authenticated.Equal(c.now()) {
				t.Errorf("%+v, %v", a, err)
			}
			if v, ok, err := carts.Get(ctx); !ok || err != nil || v.Items != nil {
				t.Error(v, ok, err)
			}
		})
	})
}

// Items 17 and 19: use moves the idle deadline and nothing else does; a copy of the token is no use.
func TestItem17_IdleIsTheServers(t *testing.T) {
	w := newWorld(t, satchel.Options{Idle: 10 * time.Minute, Touch: time.Minute, Absolute: time.Hour})
	token := w.begun("tea")
	for range 5 {
		w.clock.advance(9 * time.Minute)
		if _, ok := read(t, w.sessions, token); !ok {
			t.Fatal("a session in use has ended")
		}
	}
	w.clock.advance(10*time.Minute - time.Millisecond)
	if _, ok := read(t, w.sessions, token); !ok {
		t.Error("ended before its idle time")
	}
	w.clock.advance(5 * time.Minute) // 59:59.999 after it began, and in use
	if _, ok := read(t, w.sessions, token); !ok {
		t.Error("ended before its absolute time")
	}
	w.clock.advance(time.Millisecond)
	if _, ok := read(t, w.sessions, token); ok {
		t.Error("activity has extended the absolute life")
	}
}

// Items 18 and 19: the absolute life is measured from the sign-in, which begins it anew; a rotation or a save does not.
func TestItem18_AbsoluteLifeBeginsAtSignIn(t *testing.T) {
	both(t, satchel.Options{Absolute: time.Hour}, func(t *testing.T, s *satchel.Sessions, c *clock) {
		token := visit(t, s, "", func(ctx context.Context) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })
		keepAlive := func(token core.Token, d time.Duration) {
			for ; d > 0; d -= 10 * time.Minute {
				c.advance(min(d, 10*time.Minute))
				if _, ok := read(t, s, token); !ok {
					t.Fatal("ended early")
				}
			}
		}
		keepAlive(token, 50*time.Minute)
		token = visit(t, s, token, func(ctx context.Context) { must(t, carts.SignIn(ctx, "ann", cart{})) })
		keepAlive(token, 50*time.Minute) // 1:40 after it began
		token = visit(t, s, token, func(ctx context.Context) {
			must(t, carts.Rotate(ctx))
			must(t, carts.Set(ctx, cart{[]string{"bread"}}))
		})
		keepAlive(token, 10*time.Minute-time.Millisecond)
		c.advance(time.Millisecond)
		if _, ok := read(t, s, token); ok {
			t.Error("a rotation has begun the absolute life anew")
		}
	})
}

// Item 25: a clock that jumps back extends nothing, and one far ahead of ours is not believed.
func TestItem25_AClockThatJumps(t *testing.T) {
	both(t, satchel.Options{Absolute: time.Hour, Skew: time.Minute}, func(t *testing.T, s *satchel.Sessions, c *clock) {
		token := visit(t, s, "", func(ctx context.Context) { must(t, carts.Set(ctx, cart{})) })
		c.advance(-time.Minute)
		if _, ok := read(t, s, token); !ok {
			t.Error("within the skew it is refused")
		}
		c.advance(-time.Millisecond)
		if _, ok := read(t, s, token); ok {
			t.Error("beyond the skew it is believed")
		}
		c.advance(2 * time.Minute)
		for _, d := range []time.Duration{0, 20 * time.Minute, 20 * time.Minute, 19 * time.Minute} {
			c.advance(d)
			if _, ok := read(t, s, token); !ok {
				t.Error("a jump has ended it")
			}
		}
		c.advance(time.Millisecond)
		if _, ok := read(t, s, token); ok {
			t.Error("a jump has extended it")
		}
	})
}

// Items 26, 27 and 33: a logout ends the session in the store, tells the client to forget, and stays in force for saves that
// were under way. TestRule1… has the races.
func TestItem26_LogoutIsTheServers(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	saving, ctx := w.open(token)
	must(t, carts.Set(ctx, cart{[]string{"late"}}))
	w.logout(token) // checks SendClear
	if _, ok := read(t, w.node(satchel.Options{}), token); ok {
		t.Error("the saved token opens a session after the logout")
	}
	if out, err := w.sent(saving); !errors.Is(err, satchel.ErrEnded) || out.Action != core.SendNothing {
		t.Error("item 33: a late save:", out.Action, err)
	}
	if n := w.store.Stats().Records; n != 0 {
		t.Errorf("item 33: %d records", n)
	}
	w.logout(token) // and again: the client's copy is cleared whatever was there
}

// Item 27: an expired session clears the client's copy as well.
func TestItem27_ExpiryClearsTheClient(t *testing.T) {
	both(t, satchel.Options{Absolute: time.Hour}, func(t *testing.T, s *satchel.Sessions, c *clock) {
		token := visit(t, s, "", func(ctx context.Context) { must(t, carts.Set(ctx, cart{})) })
		c.advance(time.Hour)
		if left := visit(t, s, token, func(ctx context.Context) { _, _, err := carts.Get(ctx); must(t, err) }); left != "" {
			t.Error("an expired token is left with the client")
		}
		if left := visit(t, s, "unreadable", func(ctx context.Context) { _, _, err := carts.Get(ctx); must(t, err) }); left == "" {
			t.Error("a token that nothing is known of was cleared")
		}
	})
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

// Item 58: whatever of the API is printed, no token, key or payload shows.
func TestItem58_PrintsRedacted(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, _ *clock) {
		ex := s.Open(satchel.Arrived{})
		within := ex.Context(t.Context())
		must(t, carts.Set(within, cart{[]string{"darjeeling"}}))
		out, err := ex.Commit(t.Context())
		must(t, err)
		asJSON, err := json.Marshal(out[0].Token)
		must(t, err)
		arrived := satchel.Arrived{"cart": out[0].Token}
		for _, text := range []string{
			fmt.Sprint(out), fmt.Sprintf("%+v", out), fmt.Sprintf("%#v", out), fmt.Sprintf("%x", out[0].Token), string(asJSON),
			fmt.Sprint(arrived), fmt.Sprintf("%#v", arrived), fmt.Sprint(within), fmt.Sprintf("%v", s.Placed()),
		} {
			if strings.Contains(text, string(out[0].Token[:20])) || strings.Contains(text, "darjeeling") {
				t.Error("printed:", text)
			}
		}
	})
}

// Item 60: an outage, no session and a bad token are three answers.
func TestItem60_ThreeAnswers(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	for name, c := range map[string]struct {
		token core.Token
		down  bool
		err   error
	}{
		"none": {}, "bad": {token: "?"}, "unknown": {token: token[:42] + "A"}, "outage": {token, true, satchel.ErrUnavailable},
		"none in an outage": {down: true}, "bad in an outage": {token: "?", down: true},
	} {
		w.store.down.Store(c.down)
		ex, ctx := w.open(c.token)
		_, ok, err := carts.Get(ctx)
		if ok || !errors.Is(err, c.err) || c.err == nil && err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
		if out, err := w.sent(ex); err != nil || out.Action != core.SendNothing {
			t.Errorf("%s: told %v, %v", name, out.Action, err)
		}
	}
	w.store.down.Store(false)
	w.holds(token, "tea")
}
