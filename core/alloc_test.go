package core_test

import (
	"runtime"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/need"
)

// TestAlloc… hold what is allocated.

func allocs(t *testing.T, name string, most float64, work func()) {
	t.Helper()
	need.NoRace(t)
	work() // derives the keys
	if got := testing.AllocsPerRun(200, work); got > most {
		t.Errorf("%s: %v allocations, at most %v", name, got, most)
	}
}

// Sinks keep a result alive, as a caller would.
var (
	sinkSession core.Session
	sinkPlan    core.Plan
)

func TestAllocBegin(t *testing.T) {
	w := newShelf()
	server, client, ids := policyOf(t, stored), policyOf(t, sealed), policyOf(t, signed)
	token := w.must(t, server.Begin(noon, core.Tokens{}).With("tea"), noon).Send.Token
	sealedToken := w.must(t, client.Begin(noon, core.Tokens{}).With(repeat("x", 100)), noon).Send.Token
	signedToken := w.must(t, ids.Begin(noon, core.Tokens{}).With("tea"), noon).Send.Token

	allocs(t, "no token", 0, func() { sinkSession = server.Begin(noon, core.Tokens{}) })
	allocs(t, "no token, client-side", 0, func() { sinkSession = client.Begin(noon, core.Tokens{}) })
	allocs(t, "an ID", 1, func() { sinkSession = server.Begin(noon, core.One(token)) })
	allocs(t, "a signed ID", 2, func() { sinkSession = ids.Begin(noon, core.One(signedToken)) })
	malformed := token[:43] + "="
	allocs(t, "a malformed ID", 0, func() { sinkSession = server.Begin(noon, core.One(malformed)) })
	allocs(t, "opening", 2, func() { sinkSession = client.Begin(noon, core.One(sealedToken)) })
	if sinkSession.Standing() != core.Live {
		t.Fatal(sinkSession)
	}
	rec := w.records[mustKey(t, server, token)]
	asking := server.Begin(noon, core.One(token))
	allocs(t, "an answer", 0, func() { sinkSession = asking.Answer(noon, core.Answer{Status: core.Found, Record: rec}) })
	if sinkSession.Standing() != core.Live {
		t.Fatal(sinkSession)
	}
}

func mustKey(t *testing.T, p *core.Policy, token core.Token) core.Key {
	t.Helper()
	s := p.Begin(noon, core.One(token))
	q, ok := s.Next()
	if !ok {
		t.Fatal("asks nothing")
	}
	return q.Key
}

func TestAllocPlan(t *testing.T) {
	w := newShelf()
	server, client := policyOf(t, stored), policyOf(t, sealed)
	serverToken := w.must(t, server.Begin(noon, core.Tokens{}).With("tea"), noon).Send.Token
	clientToken := w.must(t, client.Begin(noon, core.Tokens{}).With("tea"), noon).Send.Token
	payload, entropy := repeat("x", 100), (&stream{}).draw(128)
	plan := func(s core.Session) func() {
		return func() {
			p, err := s.Plan(s.Decide(noon), noon, entropy)
			if err != nil {
				t.Fatal(err)
			}
			sinkPlan = p
		}
	}
	allocs(t, "sealing", 2, plan(w.open(client, noon, core.One(clientToken)).With(payload)))
	if sinkPlan.Verdict != core.Save || sinkPlan.Send.Action != core.SendToken {
		t.Fatal(sinkPlan)
	}
	allocs(t, "saving", 2, plan(w.open(server, noon, core.One(serverToken)).With(payload)))
	if sinkPlan.Verdict != core.Save {
		t.Fatal(sinkPlan)
	}
	allocs(t, "creating", 6, plan(server.Begin(noon, core.Tokens{}).With(payload)))
	allocs(t, "keeping", 0, plan(w.open(server, noon, core.One(serverToken))))
}

// What is allocated for hostile tokens and records stays in proportion to them, and is bounded for tokens.
func TestAllocInProportion(t *testing.T) {
	need.NoRace(t)
	for _, kind := range []string{stored, signed, sealed, bare} {
		p := policyOf(t, kind)
		for _, n := range []int{0, 1, 43, 44, 45, 1 << 10, core.MaxTokenLength, core.MaxTokenLength + 1, 1 << 20, 16 << 20} {
			for _, c := range []string{"A", "\x00", "\n", "_", "="} {
				first, second := core.Token(repeat(c, n)), core.Token(repeat(c, n)+"A")
				got := bytesOf(func() { sinkSession = p.Begin(noon, core.Tokens{First: first, Second: second, Count: 2}) })
				if limit := 8*min(n, core.MaxTokenLength) + 4<<10; got > uint64(limit) {
					t.Errorf("%s: %d times %q allocates %d bytes", kind, n, c, got)
				}
			}
		}
	}
	p := policyOf(t, stored)
	s := p.Begin(noon, core.One(craft(t, 1, nil, core.Frame{}, repeat("i", 32))))
	for _, b := range []string{body(teaBody, nil) + repeat("x", 16<<20), repeat("\x01", 16<<20)} {
		rec := core.Record{Revision: 1, Seen: noon, Deadline: noon + hour, Body: b}
		if got := bytesOf(func() { sinkSession = s.Answer(noon, core.Answer{Status: core.Found, Record: rec}) }); got > 4<<10 {
			t.Errorf("a record of %d bytes allocates %d", len(b), got)
		}
	}
}

func bytesOf(work func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	work()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
