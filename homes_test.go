package satchel_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

// What is promised of a session wherever it lives, as far as no other test asks it of each place.

// everywhere has a test run where sessions live in a store, and where they live in the client and can be ended.
func everywhere(t *testing.T, o satchel.Options, test func(t *testing.T, name string, w *world)) {
	t.Helper()
	t.Run("store", func(t *testing.T) { test(t, "store", newWorld(t, o)) })
	for name := range revocables(nil) {
		t.Run(name, func(t *testing.T) {
			test(t, name, clientNode(t, newClock(), revocables(store.NewMemory())[name], o))
		})
	}
}

// Item 31: what a list shows of a session is what the application chose when it signed in, for as long as the session lives, and never a
// token. A hint that is too long signs nobody in.
func TestItem31_HintsAreTheApplications(t *testing.T) {
	everywhere(t, satchel.Options{}, func(t *testing.T, _ string, w *world) {
		signIn := func(hint string) core.Token {
			t.Helper()
			token := visit(t, w.sessions, "", func(ctx context.Context) {
				must(t, carts.SignInWith(ctx, satchel.SignIn{Subject: "ann", Hint: hint}, cart{}))
			})
			w.clock.advance(time.Second)
			return token
		}
		long := strings.Repeat("é", 127) + "!"
		tokens := []core.Token{signIn("Linux <desk>"), signIn(""), signIn(long)}
		tokens = append(tokens, w.rotate(tokens[0]))
		w.add(tokens[1], "milk")
		for range 2 { // the second finds what the first has tidied
			var hints []string
			all := w.list("ann")
			for _, l := range all {
				hints = append(hints, l.Hint)
			}
			if !slices.Equal(hints, []string{"Linux <desk>", "", long}) {
				t.Errorf("hints %q", hints)
			}
			asJSON, err := json.Marshal(all)
			must(t, err)
			shown := fmt.Sprintf("%v %+v %#v %s", all, all, all, asJSON)
			for i, token := range tokens {
				if strings.Contains(shown, string(token)) {
					t.Errorf("a list shows token %d", i)
				}
			}
		}
		_, ctx := w.open("")
		in := satchel.SignIn{Subject: "eve", Hint: long + "!"}
		var large *core.TooLargeError
		if err := carts.SignInWith(ctx, in, cart{}); !errors.As(err, &large) || large.What != "hint" || len(w.list("eve")) != 0 {
			t.Errorf("a hint of 256 bytes: %v", err)
		}
	})
}

// A visitor's value becomes the subject's, merged, wherever it lives; nothing of it goes to another subject, and what another exchange has
// made of it meanwhile is not dropped where anybody can know of it.
func TestPromoteEverywhere(t *testing.T) {
	everywhere(t, satchel.Options{}, func(t *testing.T, name string, w *world) {
		merge := func(c cart) cart { return cart{append([]string{"bread"}, c.Items...)} }
		promote := func(token core.Token, subject string, meanwhile func()) (core.Token, error) {
			ex, ctx := w.open(token)
			_, err := carts.Promote(ctx, subject, merge)
			must(t, err)
			meanwhile()
			out, err := w.sent(ex)
			return out.Token, err
		}
		visitor := w.begun("tea")
		ann, err := promote(visitor, "ann", func() {})
		must(t, err)
		w.holds(ann, "bread", "tea")
		bob, err := promote(ann, "bob", func() {})
		must(t, err)
		w.holds(bob, "bread")
		w.reads("--+", visitor, ann, bob)
		if len(w.list("ann")) != 0 || len(w.list("bob")) != 1 {
			t.Errorf("%d of ann's and %d of bob's are listed", len(w.list("ann")), len(w.list("bob")))
		}
		if name == "log" {
			return // nobody knows of a parallel change
		}
		changed := w.begun("tea")
		if token, err := promote(changed, "eve", func() {
			changed = visit(t, w.sessions, changed, func(ctx context.Context) { must(t, carts.Set(ctx, cart{[]string{"tea", "milk"}})) })
		}); !errors.Is(err, satchel.ErrConflict) || token != "" {
			t.Errorf("over another's change: %v", err)
		}
		w.holds(changed, "tea", "milk")
	})
}

// Of many who take one anchored session at once, on two nodes, one has its value, and nothing is left of it.
func TestTakeOnceOfAnAnchor(t *testing.T) {
	shared, c := store.NewMemory(), newClock()
	nodes := []*world{}
	for range 2 {
		nodes = append(nodes, clientNode(t, c, satchel.Anchored(shared, time.Minute), satchel.Options{}))
	}
	token := nodes[0].begun("saved")
	var (
		reading, done sync.WaitGroup
		taken         atomic.Int64
	)
	reading.Add(32)
	for i := range 32 {
		done.Go(func() {
			_, ctx := nodes[i%2].open(token)
			_, _, err := carts.Get(ctx)
			reading.Done()
			reading.Wait()
			v, ok, taking := carts.Take(ctx)
			switch {
			case err != nil || taking != nil && !errors.Is(taking, satchel.ErrConflict):
				t.Error(err, taking)
			case ok && slices.Equal(v.Items, []string{"saved"}):
				taken.Add(1)
			case ok || len(v.Items) > 0:
				t.Errorf("%v, %v", v, ok)
			}
		})
	}
	done.Wait()
	if taken.Load() != 1 || shared.Stats().Records != 0 {
		t.Errorf("%d have it, and %d records are left", taken.Load(), shared.Stats().Records)
	}
}

// Item 20: nor is one session given more than its kind's profile allows, by whichever verb, and not by a token from before the profile.
func TestItem20_OneSessionWithinItsProfile(t *testing.T) {
	both(t, satchel.Options{Profile: satchel.AAL2, Idle: 30 * time.Minute, Absolute: time.Hour, Longest: 24 * time.Hour}, func(t *testing.T, s *satchel.Sessions, _ *clock) {
		for _, d := range []struct {
			idle, absolute time.Duration
			fits           bool
		}{
			{0, 24 * time.Hour, true},
			{0, 24*time.Hour + time.Millisecond, false},
			{0, satchel.Unlimited, false},
			{time.Hour + time.Millisecond, 0, false},
			{satchel.Unlimited, 0, false},
		} {
			in := satchel.SignIn{Subject: "ann", Idle: d.idle, Absolute: d.absolute}
			open := func() context.Context { return s.Open(satchel.Arrived{}).Context(t.Context()) }
			if err := carts.SignInWith(open(), in, cart{}); (err == nil) != d.fits {
				t.Errorf("signing in for %v and %v: %v", d.idle, d.absolute, err)
			}
			ctx := open()
			must(t, carts.Set(ctx, cart{}))
			if err := carts.Last(ctx, d.idle, d.absolute); (err == nil) != d.fits {
				t.Errorf("lasting for %v and %v: %v", d.idle, d.absolute, err)
			}
		}
	})
	st, c := newStaged(), newClock()
	program := func(o satchel.Options) *satchel.Sessions {
		return satchel.Must(satchel.Config{Clock: c.now}.New(carts.ServerSide(st).With(o)))
	}
	long := satchel.SignIn{Subject: "ann", Idle: 100 * time.Hour, Absolute: 1000 * time.Hour}
	token := visit(t, program(satchel.Options{Longest: 1000 * time.Hour, LongestIdle: 100 * time.Hour}), "", func(ctx context.Context) {
		must(t, carts.SignInWith(ctx, long, cart{}))
	})
	held := program(satchel.Options{Profile: satchel.AAL3, Absolute: 12 * time.Hour, Idle: 15 * time.Minute})
	c.advance(15*time.Minute - time.Millisecond)
	if _, ok, err := carts.Get(held.Open(satchel.Arrived{"cart": token}).Context(t.Context())); !ok || err != nil {
		t.Error("within its profile:", ok, err)
	}
	if c.advance(time.Millisecond); func() bool { _, ok := read(t, held, token); return ok }() {
		t.Error("a session from before AAL3 idles for longer than it allows")
	}
}

// Item 27: a logout takes the stamp from the browser as well, with the attributes that it was set with, and nothing else does.
func TestItem27_ALogoutTakesTheStamp(t *testing.T) {
	c, at := newClock(), shopAt.JoinPath("/account/")
	for name, look := range map[string]cookie.Config{
		"default": {}, "partitioned": {Partitioned: true, SameSite: cookie.None},
		"wide": {Name: "__Secure-shop", Domain: "shop.example", Path: "/account", SameSite: cookie.Strict},
	} {
		w := clientNode(t, c, satchel.Revocable(store.NewMemory(), satchel.LogOptions{}), satchel.Options{Idle: 30 * time.Minute, Cookie: look})
		jar := satcheltest.NewJar(c.now)
		for step, do := range []func(context.Context) error{
			func(ctx context.Context) error { return carts.Set(ctx, cart{[]string{"tea"}}) },
			func(ctx context.Context) error { _, _, err := carts.Get(ctx); return err },
			carts.Clear,
		} {
			held := satchel.Arrived{}
			for _, c := range jar.Cookies(at) {
				held[map[bool]string{true: "cart-seen", false: "cart"}[strings.HasSuffix(c.Name, "-seen")]] = core.Token(c.Value)
			}
			ex := w.sessions.Open(held)
			must(t, do(ex.Context(t.Context())))
			out, err := ex.Commit(t.Context())
			must(t, err)
			for _, o := range out {
				if o.Action != core.SendNothing {
					line, err := answer.SetCookie(&o)
					must(t, err)
					must(t, jar.Receive(at, line))
				}
			}
			if n, want := len(jar.Cookies(at)), []int{1, 2, 0}[step]; n != want {
				t.Errorf("%s, step %d: the browser keeps %d cookies, want %d", name, step, n, want)
			}
			c.advance(20 * time.Minute)
		}
	}
}
