package core_test

import (
	"math"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// Idle and absolute together, each at the instant before its deadline and at the instant itself.
func TestJudge(t *testing.T) {
	both := core.Lifetime{Idle: 30, Absolute: 100, Touch: 1, Skew: 5}
	for _, test := range []struct {
		name               string
		l                  core.Lifetime
		started, seen, now int64
		want               core.Refusal
	}{
		{"just begun", both, 1000, 1000, 1000, core.NotRefused},
		{"a moment before idle", both, 1000, 1050, 1079, core.NotRefused},
		{"idle at its instant", both, 1000, 1050, 1080, core.Idle},
		{"a moment before its end", both, 1000, 1099, 1099, core.NotRefused},
		{"its end at its instant", both, 1000, 1099, 1100, core.Expired},
		{"idle and over: over", both, 1000, 1000, 1100, core.Expired},
		{"seen by a clock ahead of ours", both, 1000, 1060, 1050, core.NotRefused},
		{"the clock went back: idle counts from what was seen", both, 1000, 1050, 1010, core.NotRefused},
		{"and the deadline stays", both, 1000, 1050, 1080, core.Idle},
		{"begun within the skew", both, 1000, 1000, 995, core.NotRefused},
		{"begun beyond the skew", both, 1000, 1000, 994, core.Future},
		{"no skew allowed", core.Lifetime{Absolute: 100}, 1000, 1000, 999, core.Future},
		{"idle only", core.Lifetime{Idle: 30}, 1000, 1_000_000, 1_000_029, core.NotRefused},
		{"idle only, at its instant", core.Lifetime{Idle: 30}, 1000, 1_000_000, 1_000_030, core.Idle},
		{"absolute only", core.Lifetime{Absolute: 100}, 1000, 1000, 1099, core.NotRefused},
		{"unlimited", core.Lifetime{}, 0, 0, core.MaxInstant - 1, core.NotRefused},
		{"unlimited to the last instant", core.Lifetime{}, 0, 0, core.MaxInstant, core.Expired},
		{"lives beyond time", core.Lifetime{Idle: core.MaxInstant, Absolute: core.MaxInstant}, noon, noon, core.MaxInstant - 1, core.NotRefused},
	} {
		if got := test.l.Judge(test.started, test.seen, test.now); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// Judge and Deadline say the same, for every small history; and no instant overflows.
func TestJudgeAgreesWithDeadline(t *testing.T) {
	for idle := range int64(4) {
		for absolute := range int64(5) {
			l := core.Lifetime{Idle: idle, Absolute: absolute, Skew: 1}
			for i := range int64(8 * 8 * 8) {
				started, seen, now := i%8, i/8%8, i/64
				live := l.Judge(started, seen, now) == core.NotRefused
				if want := now < l.Deadline(started, seen) && started <= now+1; live != want {
					t.Fatalf("%+v: begun %d, seen %d, now %d: live %v, want %v", l, started, seen, now, live, want)
				}
			}
		}
	}
	for _, at := range []int64{math.MinInt64, -1, 0, core.MaxInstant, math.MaxInt64} {
		l := core.Lifetime{Idle: core.MaxInstant, Absolute: core.MaxInstant, Skew: core.MaxInstant}
		if got := l.Judge(at, at, at); got != core.NotRefused && at < core.MaxInstant {
			t.Errorf("at %d: %v", at, got)
		}
		if d := l.Deadline(max(at, 0), max(at, 0)); d < 0 || d > core.MaxInstant {
			t.Errorf("at %d the deadline is %d", at, d)
		}
	}
}

// The policy holds what is stored to the shorter of its own deadline and the one that was stored.
func TestStoredDeadline(t *testing.T) {
	w, c := newShelf(), config(t, stored)
	first := w.must(t, w.open(compile(t, c), noon, core.Tokens{}).With("tea"), noon)
	c.Lifetime.Idle, c.Lifetime.Absolute = 2*hour, 7*day
	longer := compile(t, c)
	if s := w.open(longer, noon+30*minute-1, core.One(first.Send.Token)); s.Standing() != core.Live {
		t.Errorf("before the stored deadline: %v", s)
	}
	if s := w.open(longer, noon+30*minute, core.One(first.Send.Token)); s.Refusal() != core.Idle {
		t.Errorf("at the stored deadline: %v", s)
	}
	c.Lifetime.Idle = 10 * minute
	if s := w.open(compile(t, c), noon+10*minute, core.One(first.Send.Token)); s.Refusal() != core.Idle {
		t.Errorf("at the deadline of a policy that became shorter: %v", s)
	}
}

// A use is noted once in a touch interval, never moves back, and changes neither revision nor body.
func TestTouch(t *testing.T) {
	w, p := newShelf(), policyOf(t, stored)
	first := w.must(t, w.open(p, noon, core.Tokens{}).With("tea"), noon)
	key := first.Create.Key
	at := func(now int64) core.Verdict {
		return w.must(t, w.open(p, now, core.One(first.Send.Token)), now).Verdict
	}
	for _, test := range []struct {
		now, seen int64
		want      core.Verdict
	}{
		{noon + minute - 1, noon, core.Keep},
		{noon + minute, noon + minute, core.Touch},
		{noon + 2*minute - 1, noon + minute, core.Keep},
		{noon + 20*minute, noon + 20*minute, core.Touch},
		{noon + 10*minute, noon + 20*minute, core.Keep}, // a clock that lags
		{noon - 5*second, noon + 20*minute, core.Keep},
		{noon + 50*minute - 1, noon + 50*minute - 1, core.Touch},
	} {
		if got := at(test.now); got != test.want {
			t.Errorf("at noon%+d ms: %v, want %v", test.now-noon, got, test.want)
		}
		rec := w.records[key]
		if rec.Seen != test.seen || rec.Deadline != test.seen+30*minute || rec.Revision != 1 || rec.Body != first.Create.Record.Body {
			t.Errorf("at noon%+d ms the record is seen at noon%+d ms, revision %d", test.now-noon, rec.Seen-noon, rec.Revision)
		}
	}
}

// No use lengthens the absolute life, and near its end a touch ends with it.
func TestTouchEndsWithLife(t *testing.T) {
	w, p := newShelf(), policyOf(t, stored)
	first := w.must(t, w.open(p, noon, core.Tokens{}).With("tea"), noon)
	now := noon
	for ; ; now += 7 * minute {
		s := w.open(p, now, core.One(first.Send.Token))
		if s.Standing() != core.Live {
			break
		}
		w.must(t, s, now)
		if d := w.records[first.Create.Key].Deadline; d > noon+day {
			t.Fatalf("a deadline %d ms past the absolute life", d-noon-day)
		}
	}
	if now < noon+day || now >= noon+day+7*minute {
		t.Errorf("in constant use it lived %d ms", now-noon)
	}
}

// A save by a clock that lags moves nothing back, and the session that it leaves says so.
func TestSaveMovesNothingBack(t *testing.T) {
	w, p := newShelf(), policyOf(t, stored)
	first := w.must(t, w.open(p, noon, core.Tokens{}).With("tea"), noon)
	w.must(t, w.open(p, noon+20*minute, core.One(first.Send.Token)), noon+20*minute)
	w.must(t, w.open(p, noon+minute, core.One(first.Send.Token)).With("milk"), noon+minute)
	if rec := w.records[first.Create.Key]; rec.Seen != noon+20*minute || rec.Deadline != noon+50*minute || rec.Revision != 2 {
		t.Errorf("seen at noon%+d ms, revision %d", rec.Seen-noon, rec.Revision)
	}
}

// Compile refuses what no session could live by, and says all of it.
func TestCompileLifetime(t *testing.T) {
	for name, l := range map[string]core.Lifetime{
		"negative idle": {Idle: -1}, "negative absolute": {Absolute: -1}, "negative skew": {Skew: -1}, "negative touch": {Touch: -1},
		"too long": {Absolute: core.MaxInstant + 1}, "overflow": {Idle: math.MaxInt64},
		"touch as long as idle": {Idle: 10, Touch: 10},
	} {
		if _, err := (core.Config{Kind: "cart", Place: core.ServerSide, Lifetime: l}).Compile(); err == nil {
			t.Errorf("%s: compiles", name)
		}
	}
}

// What no renewal can be, Compile refuses.
func TestCompileRenewal(t *testing.T) {
	for name, change := range map[string]func(*core.Config){
		"grace as long as the interval": func(c *core.Config) { c.Lifetime.Renew, c.Lifetime.Grace = minute, minute },
		"grace over its cap":            func(c *core.Config) { c.Lifetime.Grace = 10*minute + 1 },
		"negative":                      func(c *core.Config) { c.Lifetime.Renew = -1 },
		"client-side":                   func(c *core.Config) { *c = config(t, sealed); c.Lifetime.Renew = hour },
		"foreign":                       func(c *core.Config) { *c = config(t, bare); c.EndReused = true },
		"longest shorter":               func(c *core.Config) { c.Lifetime.Longest = day - 1 },
		"longest of an unlimited life":  func(c *core.Config) { c.Lifetime.Absolute = 0 },
		"longest idle shorter":          func(c *core.Config) { c.Lifetime.LongestIdle = hour },
		"longest idle client-side":      func(c *core.Config) { *c = config(t, sealed); c.Lifetime.LongestIdle = hour },
		"longest foreign":               func(c *core.Config) { *c = config(t, bare); c.Lifetime.Longest = core.MaxInstant },
	} {
		c := config(t, renewed)
		change(&c)
		if _, err := c.Compile(); err == nil {
			t.Errorf("%s: compiles", name)
		}
	}
}
