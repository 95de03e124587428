package satchel_test

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// The items of the checklist on lifetimes, profiles and assurance.

// Item 18, for a session of its own lifetime: no activity extends it, and it ends where it said.
func TestItem18_RememberedSessionsEnd(t *testing.T) {
	w := newWorld(t, satchel.Options{Longest: 30 * 24 * time.Hour, LongestIdle: satchel.Unlimited})
	token := visit(t, w.sessions, "", func(ctx context.Context) {
		must(t, carts.SignInWith(ctx, satchel.SignIn{Subject: "ann", Idle: satchel.Unlimited, Absolute: 7 * 24 * time.Hour}, cart{}))
	})
	for range 6 {
		w.clock.advance(24 * time.Hour)
		if _, ok := w.items(token); !ok {
			t.Fatal("a remembered session has ended")
		}
	}
	_, ctx := w.open(token)
	a, err := carts.About(ctx)
	if end := w.clock.now().Add(24 * time.Hour); err != nil || !a.Expires.Equal(end) || !a.IdleUntil.Equal(end) {
		t.Errorf("%+v, %v", a, err)
	}
	w.clock.advance(24 * time.Hour)
	if _, ok := w.items(token); ok {
		t.Error("it outlives its own end")
	}
}

// Item 18: a subject's session is lengthened by signing in and by nothing else; a visitor's can be.
func TestItem18_OnlySigningInLengthens(t *testing.T) {
	both(t, satchel.Options{Longest: 48 * time.Hour}, func(t *testing.T, s *satchel.Sessions, c *clock) {
		ann := visit(t, s, "", func(ctx context.Context) { must(t, carts.SignIn(ctx, "ann", cart{})) })
		ctx := s.Open(satchel.Arrived{"cart": ann}).Context(t.Context())
		if err := carts.Last(ctx, 0, 25*time.Hour); err == nil {
			t.Error("a longer life without signing in")
		}
		must(t, carts.Last(ctx, 0, 2*time.Hour))
		visitor := visit(t, s, "", func(ctx context.Context) {
			must(t, carts.Set(ctx, cart{}))
			must(t, carts.Last(ctx, 0, 48*time.Hour))
		})
		short := visit(t, s, ann, func(ctx context.Context) { must(t, carts.Last(ctx, 0, time.Hour)) })
		c.advance(time.Hour)
		if _, ok := read(t, s, short); ok {
			t.Error("a shortened session lives on")
		}
		for range 3 { // within the kind's idle time, if it has one
			c.advance(20 * time.Minute)
			read(t, s, visitor)
		}
		if left := visit(t, s, "", func(ctx context.Context) { must(t, carts.Last(ctx, 0, time.Hour)) }); left != "" {
			t.Error("a lifetime alone has begun a session")
		}
	})
}

// Item 19: signing in again begins both times anew.
func TestItem19_SigningInBeginsAnew(t *testing.T) {
	w := newWorld(t, satchel.Options{Idle: 30 * time.Minute, Absolute: time.Hour})
	token := visit(t, w.sessions, "", func(ctx context.Context) { must(t, carts.SignIn(ctx, "ann", cart{})) })
	w.clock.advance(29 * time.Minute)
	token = visit(t, w.sessions, token, func(ctx context.Context) { must(t, carts.SignIn(ctx, "ann", cart{})) })
	for range 2 {
		w.clock.advance(29 * time.Minute)
		if _, ok := read(t, w.sessions, token); !ok {
			t.Fatal("its idle or its absolute time ran on")
		}
	}
	w.clock.advance(2 * time.Minute)
	if _, ok := w.items(token); ok {
		t.Error("it has no absolute end")
	}
}

// Item 20: a profile refuses what is looser, the longest life of one session included, and takes what is at its limit.
func TestItem20_Profiles(t *testing.T) {
	const hour, day = time.Hour, 24 * time.Hour
	server, client := carts.ServerSide(store.NewMemory()), carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable)
	for _, c := range []struct {
		place satchel.Placement
		o     satchel.Options
		want  string // of the error, or nothing
	}{
		{server, satchel.Options{Profile: satchel.AAL1}, ""},
		{server, satchel.Options{Profile: satchel.AAL2}, ""},
		{server, satchel.Options{Profile: satchel.AAL3}, "AAL3 allows 12h0m0s over all"},
		{server, satchel.Options{Profile: satchel.AAL1, Absolute: 30 * day, Idle: satchel.Unlimited}, ""},
		{server, satchel.Options{Profile: satchel.AAL1, Absolute: 30*day + time.Millisecond}, "AAL1 allows 720h0m0s over all"},
		{server, satchel.Options{Profile: satchel.AAL1, Absolute: satchel.Unlimited}, "AAL1 allows"},
		{server, satchel.Options{Profile: satchel.AAL1, Longest: 31 * day}, "AAL1 allows"},
		{server, satchel.Options{Profile: satchel.AAL2, Absolute: day, Idle: hour}, ""},
		{server, satchel.Options{Profile: satchel.AAL2, Absolute: day + time.Millisecond, Idle: hour}, "AAL2 allows 24h0m0s over all"},
		{server, satchel.Options{Profile: satchel.AAL2, Idle: hour + time.Millisecond}, "AAL2 allows 1h0m0s without use"},
		{server, satchel.Options{Profile: satchel.AAL2, Idle: satchel.Unlimited}, "AAL2 allows 1h0m0s without use"},
		{server, satchel.Options{Profile: satchel.AAL2, LongestIdle: 2 * hour}, "AAL2 allows 1h0m0s without use"},
		{server, satchel.Options{Profile: satchel.AAL3, Absolute: 12 * hour, Idle: 15 * time.Minute}, ""},
		{server, satchel.Options{Profile: satchel.AAL3, Absolute: 12 * hour, Idle: 16 * time.Minute}, "AAL3 allows 15m0s without use"},
		{server, satchel.Options{Profile: satchel.AAL3, Absolute: 8 * hour, Idle: 15 * time.Minute, Longest: 13 * hour}, "AAL3 allows 12h0m0s over all"},
		{client, satchel.Options{Profile: satchel.AAL2}, "AAL2 allows 1h0m0s without use"}, // it does not note its use
		{client, satchel.Options{Profile: satchel.AAL2, Absolute: hour}, ""},
		{client, satchel.Options{Profile: satchel.AAL1}, ""},
		{server, satchel.Options{Profile: satchel.AAL3 + 1}, "there is no profile 4"},
	} {
		_, err := satchel.New(c.place.With(c.o))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v of %+v: %v, want %q", c.o.Profile, c.o, err, c.want)
		}
	}
	for p, want := range map[satchel.Profile]string{satchel.NoProfile: "none", satchel.AAL1: "AAL1", satchel.AAL3: "AAL3", 9: "invalid"} {
		if p.String() != want {
			t.Errorf("profile %d is %q", p, p.String())
		}
	}
}

// Item 21: no setting gives an endless session in silence: zero is a default, negative and tiny ones are errors, large ones end
// where time does, and only Unlimited has no end.
func TestItem21_NothingIsEndlessUnnamed(t *testing.T) {
	for name, o := range map[string]satchel.Options{
		"zero": {}, "the largest": {Absolute: math.MaxInt64 - 1, Idle: math.MaxInt64 - 1}, "a long one of its own": {Longest: math.MaxInt64 - 1},
	} {
		w := newWorld(t, o)
		p := w.sessions.Placed()[0]
		if p.Absolute == satchel.Unlimited || p.Longest == satchel.Unlimited || p.Idle == satchel.Unlimited {
			t.Errorf("%s: %+v", name, p)
		}
		ex, ctx := w.open("")
		must(t, carts.Set(ctx, cart{}))
		if name != "a long one of its own" {
			if err := carts.Last(ctx, 0, satchel.Unlimited); err == nil {
				t.Errorf("%s: one session is without end", name)
			}
		}
		if out, err := w.sent(ex); err != nil || out.Until == core.MaxInstant {
			t.Errorf("%s: %v, until %d", name, err, out.Until)
		}
	}
	for _, d := range []time.Duration{-1, -satchel.Unlimited, 1, time.Millisecond - 1} {
		for _, o := range []satchel.Options{{Absolute: d}, {Idle: d}, {Longest: d}, {LongestIdle: d}} {
			if _, err := satchel.New(carts.ServerSide(store.NewMemory()).With(o)); err == nil {
				t.Errorf("%+v is taken", o)
			}
		}
		w := newWorld(t, satchel.Options{})
		_, ctx := w.open("")
		for name, err := range map[string]error{
			"Last, idle": carts.Last(ctx, d, 0), "Last, absolute": carts.Last(ctx, 0, d),
			"SignInWith": carts.SignInWith(ctx, satchel.SignIn{Subject: "ann", Absolute: d}, cart{}),
		} {
			if err == nil {
				t.Errorf("%s takes %v", name, d)
			}
		}
	}
	// By its name it is to be had.
	w := newWorld(t, satchel.Options{Longest: satchel.Unlimited, LongestIdle: satchel.Unlimited})
	token := visit(t, w.sessions, "", func(ctx context.Context) {
		must(t, carts.Set(ctx, cart{}))
		must(t, carts.Last(ctx, satchel.Unlimited, satchel.Unlimited))
	})
	w.clock.advance(100 * 365 * 24 * time.Hour)
	_, ctx := w.open(token)
	if a, err := carts.About(ctx); err != nil || a.Created.IsZero() || !a.Expires.IsZero() || !a.IdleUntil.IsZero() {
		t.Errorf("%+v, %v", a, err)
	}
}

// Item 22: a record past its time is refused even if the store returns it, also one of a life of its own.
func TestItem22_CoreJudgesWhatTheStoreReturns(t *testing.T) {
	w := newWorld(t, satchel.Options{Longest: 48 * time.Hour})
	for _, own := range []time.Duration{0, time.Hour, 48 * time.Hour} {
		token := visit(t, w.sessions, "", func(ctx context.Context) {
			must(t, carts.SignInWith(ctx, satchel.SignIn{Subject: "ann", Absolute: own}, cart{}))
		})
		w.clock.advance(48 * time.Hour)
		if n := len(w.store.all()); n == 0 {
			t.Fatal("the store has swept, which this test is not about")
		}
		if _, ok := w.items(token); ok {
			t.Errorf("a life of %v has no end", own)
		}
	}
}

// Item 23: a level is lowered by a call and raised by signing in alone, which rotates.
func TestItem23_LevelsComeDown(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, _ *clock) {
		level := func(token core.Token, want uint8) {
			t.Helper()
			a, err := carts.About(s.Open(satchel.Arrived{"cart": token}).Context(t.Context()))
			if err != nil || a.Level != want || want > 0 && a.Methods != "pwd otp" {
				t.Errorf("%+v, %v, want level %d", a, err, want)
			}
		}
		in := satchel.SignIn{Subject: "ann", Level: 2, Methods: "pwd otp"}
		token := visit(t, s, "", func(ctx context.Context) { must(t, carts.SignInWith(ctx, in, cart{})) })
		level(token, 2)
		token = visit(t, s, token, func(ctx context.Context) { must(t, carts.LowerLevel(ctx, 1)) })
		level(token, 1)
		for range 2 { // neither up again nor away by anything else
			token = visit(t, s, token, func(ctx context.Context) {
				must(t, carts.LowerLevel(ctx, 3))
				must(t, carts.Set(ctx, cart{[]string{"x"}}))
				must(t, carts.Rotate(ctx))
			})
			level(token, 1)
		}
		again := visit(t, s, token, func(ctx context.Context) { must(t, carts.SignInWith(ctx, in, cart{})) })
		if level(again, 2); again == token {
			t.Error("signing in has not rotated")
		}
		if a, err := carts.About(s.Open(satchel.Arrived{"cart": visit(t, s, again, func(ctx context.Context) { must(t, carts.SignIn(ctx, "bob", cart{})) })}).Context(t.Context())); err != nil || a.Level != 0 || a.Methods != "" {
			t.Errorf("another's sign-in inherits %+v, %v", a, err)
		}
	})
}

// Item 24: when and how a subject signed in is kept, and what needs a fresh sign-in can ask for it.
func TestItem24_FreshSignIns(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, c *clock) {
		fresh := func(token core.Token, d time.Duration) error {
			return carts.RequireFresh(s.Open(satchel.Arrived{"cart": token}).Context(t.Context()), d)
		}
		visitor := visit(t, s, "", func(ctx context.Context) { must(t, carts.Set(ctx, cart{})) })
		for name, token := range map[string]core.Token{"no session": "", "nobody's": visitor, "a bad token": "?"} {
			for _, d := range []time.Duration{0, time.Hour, satchel.Unlimited} {
				if err := fresh(token, d); !errors.Is(err, satchel.ErrNotFresh) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		ann := visit(t, s, visitor, func(ctx context.Context) { must(t, carts.SignIn(ctx, "ann", cart{})) })
		c.advance(5 * time.Minute)
		must(t, fresh(ann, 5*time.Minute))
		c.advance(time.Millisecond)
		if err := fresh(ann, 5*time.Minute); !errors.Is(err, satchel.ErrNotFresh) {
			t.Error("after five minutes:", err)
		}
		rotated := visit(t, s, ann, func(ctx context.Context) { must(t, carts.Rotate(ctx)) })
		if err := fresh(rotated, 5*time.Minute); !errors.Is(err, satchel.ErrNotFresh) {
			t.Error("a rotation is no sign-in:", err)
		}
		again := visit(t, s, rotated, func(ctx context.Context) { must(t, carts.SignIn(ctx, "ann", cart{})) })
		must(t, fresh(again, 0))
	})
}

// A key is needed for as long as the longest session lives that it protects, and not only for as long as most do.
func TestKeysAreNeededForTheLongest(t *testing.T) {
	for _, longest := range []time.Duration{0, 48 * time.Hour} {
		keys, c := newSource("a:primary:"+secretA), newClock()
		told := 0
		s := satchel.Must(satchel.Config{Clock: c.now, Observer: satchel.Observer{
			KeysFailed: func(context.Context, satchel.Event) { told++ },
		}}.New(carts.ClientSide(keys.keys(), satchel.Unrevocable).With(satchel.Options{Longest: longest})))
		look := func() { visit(t, s, "?", func(ctx context.Context) { _, _, err := carts.Get(ctx); must(t, err) }) }
		since := ":" + strconv.FormatInt(c.now().UnixMilli(), 10)
		keys.set("a:retiring:" + secretA + since + "\nb:primary:" + secretB + since)
		c.advance(time.Minute)
		look()
		c.advance(30 * time.Hour) // over the kind's 24
		look()
		keys.set("b:primary:" + secretB + since)
		c.advance(time.Minute)
		if look(); (told > 0) != (longest > 0) {
			t.Errorf("longest %v: told %d times of a lost key", longest, told)
		}
	}
}
