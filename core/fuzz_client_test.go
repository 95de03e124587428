package core_test

import (
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/need"
)

// sent plans what s wants without a store, and returns what is sent.
func sent(t testing.TB, s core.Session, now int64, draw *stream) core.Plan {
	t.Helper()
	v := s.Decide(now)
	p, err := s.Plan(v, now, draw.draw(s.Entropy(v)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// FuzzStamp sends any text beside a client-side token. It says nothing, unless it is the one stamp that was made for this session and
// tenant: not one bit of that can be another.
func FuzzStamp(f *testing.F) {
	c := config(f, sealed)
	c.Lifetime.Idle, c.Lifetime.Touch = 30*minute, minute
	c.Chain = config(f, signed).Chain // which looks at no time, as a seal does
	const used = 45 * minute          // when the stamps say
	p, draw := compile(f, c), &stream{}
	var tokens, stamps [2]core.Token
	for i := range tokens {
		tokens[i] = sent(f, p.Begin(noon, core.Tokens{}).With("tea"), noon, draw).Send.Token
		for _, at := range []int64{noon + 20*minute, noon + used} {
			stamps[i] = sent(f, p.Begin(at, core.Tokens{First: tokens[i], Count: 1, Stamp: stamps[i]}), at, draw).Stamp.Token
		}
	}
	if stamps[0] == "" || stamps[0] == stamps[1] {
		f.Fatal("no stamps")
	}
	mine := string(stamps[0])
	for _, stamp := range []string{
		mine, string(stamps[1]), string(tokens[0]), string(tokens[1]), mine + "=", mine[:len(mine)-1], "\n" + mine, "", "Aw", mine[:9] + "A" + mine[10:],
	} {
		for _, at := range []int64{15 * minute, 40 * minute, used - 5*second - 1, used - 5*second, used, used + 30*minute - 1, used + 30*minute} {
			f.Add(stamp, "", noon+at)
		}
		f.Add(stamp, "acme", noon+used)
	}
	f.Fuzz(func(t *testing.T, stamp, tenant string, now int64) {
		now &= core.MaxInstant
		var with core.Session
		need.Proportion(t, len(stamp)+len(tenant), func() {
			with = p.Begin(now, core.Tokens{First: tokens[0], Count: 1, Stamp: core.Token(stamp), Tenant: tenant})
		})
		without := p.Begin(now, core.Tokens{First: tokens[0], Count: 1, Tenant: tenant})
		if tenant != "" && with.Standing() == core.Live {
			t.Fatal("a token of no tenant is read for one")
		}
		believed := stamp == mine && tenant == "" && noon+used <= now+c.Lifetime.Skew
		if !believed && (with.Standing() != without.Standing() || with.Refusal() != without.Refusal() || with.Decide(now) != without.Decide(now)) {
			t.Fatalf("a stamp that is none makes %v of %v", with, without)
		}
		if idle := now >= noon+used+30*minute; believed && (with.Standing() == core.Live) == idle {
			t.Fatalf("at noon%+d a stamp of noon+45 minutes gives %v", now-noon, with)
		}
	})
}

// FuzzAnchor keeps anything as the anchor of a client-side session. It is total, and lives only by an anchor that is a session's, whose
// times are not over, and that has not gone beyond the token.
func FuzzAnchor(f *testing.F) {
	c := config(f, sealed)
	c.Lifetime.Idle, c.Lifetime.Touch = 30*minute, minute
	c.Anchored, c.Window = true, 5*second
	p, draw := compile(f, c), &stream{}
	first := sent(f, p.Begin(noon, core.Tokens{}).With("tea"), noon, draw)
	token, anchor := first.Send.Token, first.Create.Record
	for _, rec := range []core.Record{
		anchor,
		{Revision: 2, Seen: anchor.Seen, Deadline: anchor.Deadline, Body: anchor.Body},
		{Revision: 1, Seen: noon, Deadline: noon, Body: anchor.Body},
		{Revision: 1, Seen: noon, Deadline: noon + hour, Body: body(teaBody, nil)},
		{Revision: 1, Seen: noon, Deadline: noon + hour, Body: anchor.Body[:20]},
		{Revision: 3, Seen: noon, Deadline: noon + hour, Body: body(core.Body{Family: core.Family{1}, Created: noon, Serial: 2}, nil)},
		{Revision: 1, Seen: noon, Deadline: noon + hour, Body: body(core.Body{Gone: core.RotatedAway, Successor: core.Key(repeat("k", 32))}, nil)},
		{},
	} {
		for _, now := range []int64{noon, noon + 5*second, noon + 30*minute, noon + day} {
			f.Add(rec.Body, rec.Revision, rec.Seen, rec.Deadline, now)
		}
	}
	f.Fuzz(func(t *testing.T, kept string, revision uint64, seen, deadline, now int64) {
		now, seen, deadline = now&core.MaxInstant, seen&core.MaxInstant, deadline&core.MaxInstant
		s := p.Begin(now, core.One(token))
		for asked := 0; s.Standing() == core.Asking; asked++ {
			q, ok := s.Next()
			if !ok || asked > 0 || q.Key == "" {
				t.Fatalf("asks %v, the question %d", q, asked)
			}
			found := core.Answer{Status: core.Found, Record: core.Record{Revision: revision, Seen: seen, Deadline: deadline, Body: kept}}
			asking := s
			need.Proportion(t, len(kept), func() { s = asking.Answer(now, found) })
		}
		everyPlan(t, s, now)
		if now == noon && revision == 0 && s.Refusal() != core.Unknown {
			t.Fatalf("a store that is behind the token makes it %v", s)
		}
		if s.Standing() != core.Live {
			if s.Standing() != core.Refused || s.Refusal() == core.NotRefused {
				t.Fatalf("ends as %v", s)
			}
			return
		}
		b, ok := core.BodyText(kept)
		switch {
		case !ok || b.Gone != 0:
			t.Fatalf("lives by %x", kept)
		case revision == 0 || b.Serial > 1 || revision > 1 && now >= min(b.Issued+c.Window, core.MaxInstant):
			t.Fatalf("the token of serial 1 lives at revision %d from %d on, %d after its making", revision, b.Serial, now-b.Issued)
		case now >= deadline || now >= min(seen+c.Lifetime.Idle, core.MaxInstant) && b.Idle == 0:
			t.Fatalf("lives %d after its last use and %d after its deadline", now-seen, now-deadline)
		case now >= noon+day || now < noon-c.Lifetime.Skew:
			t.Fatalf("lives at noon%+d", now-noon)
		}
		if payload, _ := s.Payload(); payload != "tea" {
			t.Fatalf("reads %q", payload)
		}
	})
}
