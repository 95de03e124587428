package core_test

import (
	"errors"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// exchanges are those whose transcripts are kept. Each works on a world in which the session that it opens has been made
// by an unrecorded exchange.
var exchanges = []struct {
	name, kind, about string
	run               func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func())
}{
	{
		"create", stored, "A visitor without a token puts something into a cart.",
		func(t *testing.T, w *shelf, p *core.Policy, _ core.Token, record func()) {
			record()
			s := w.open(p, noon, core.Tokens{})
			w.v().Next(w.must(t, w.v().With(s, "tea"), noon))
		},
	},
	{
		"read", stored, "A read after two minutes: its use is noted, nothing is sent.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.open(p, noon+2*minute, core.One(first))
			w.v().Next(w.must(t, s, noon+2*minute))
		},
	},
	{
		"save-conflict", stored, "Another request saved first: the change is made again on what is there now.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			other := w.open(p, noon+1, core.One(first))
			record()
			before := w.open(p, noon+2, core.One(first))
			s := w.v().With(before, "tea, milk")
			w.records = carryOther(t, w, other.With("tea, sugar"), noon+2)
			if _, err := w.commit(s, noon+3); err == nil {
				t.Fatal("no conflict")
			}
			s = w.ask(w.v().Reloaded(w.v().Undone(before)), noon+4)
			w.v().Next(w.must(t, w.v().With(s, "tea, sugar, milk"), noon+5))
		},
	},
	{
		"sign-in", stored, "Signing in rotates: a new token, and a tombstone where the old record was.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.open(p, noon+hour/4, core.One(first))
			w.v().Next(w.must(t, w.v().SignedIn(s, core.SignIn{Subject: "ann", Payload: "tea"}), noon+hour/4))
		},
	},
	{
		"logout-old-token", stored, "A logout that arrives with a rotated token ends what lives on.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			w.must(t, w.open(p, noon+1, core.One(first)).Rotated(), noon+1)
			record()
			s := w.open(p, noon+2, core.One(first))
			w.v().Next(w.must(t, w.v().Cleared(s), noon+2))
		},
	},
	{
		"outage", stored, "The store is out of reach: nothing is granted, cleared or sent, and a change says so.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.v().Begin(p, noon+1, core.One(first))
			s = w.v().Answer(s, noon+1, core.Answer{Status: core.Unasked})
			if _, err := w.commit(w.v().With(s, "milk"), noon+1); err == nil {
				t.Fatal("no outage")
			}
		},
	},
	{
		"two-tokens", signed, "Two tokens of one name, one of them forged: the other is the session.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			forged := first[:20] + "A" + first[21:]
			s := w.open(p, noon+1, core.Tokens{First: forged, Second: first, Count: 2, Tenant: ""})
			w.v().Next(w.must(t, w.v().With(s, "milk"), noon+1))
		},
	},
	{
		"set-conflict", stored, "Another request saved first, and the value to be saved was made of what was there before: nothing is done.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			other := w.open(p, noon+1, core.One(first))
			record()
			s := w.v().With(w.open(p, noon+2, core.One(first)), "tea, milk")
			w.records = carryOther(t, w, other.With("tea, sugar"), noon+2)
			if _, err := w.commit(s, noon+3); err == nil {
				t.Fatal("no conflict")
			}
			if s = w.ask(w.v().Reloaded(s), noon+4); !s.Overtaken() {
				t.Fatal("not overtaken")
			}
			if _, err := w.commit(s, noon+4); err == nil {
				t.Fatal("an overtaken change is made")
			}
		},
	},
	{
		"renew", renewed, "A reader whose token is an hour old is given another one.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.open(p, noon+hour, core.One(first))
			w.v().Next(w.must(t, s, noon+hour))
		},
	},
	{
		"renew-race", renewed, "Another request renewed the token first: its successor is handed to this one as well, with what it saves.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			other := w.open(p, noon+hour, core.One(first))
			record()
			s := w.v().With(w.open(p, noon+hour, core.One(first)), "tea, milk")
			w.records = carryOther(t, w, other, noon+hour)
			if _, err := w.commit(s, noon+hour); err == nil {
				t.Fatal("no conflict")
			}
			s = w.ask(w.v().Reloaded(s), noon+hour+1)
			w.v().Next(w.must(t, s, noon+hour+1))
		},
	},
	{
		"adopt", renewed, "A successor is seen for the first time; the answer has begun, and is not there for a token.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			second := w.must(t, w.open(p, noon+hour, core.One(first)), noon+hour).Send.Token
			record()
			s := w.v().Silent(w.open(p, noon+hour+minute, core.One(second)))
			w.v().Next(w.must(t, s, noon+hour+minute))
		},
	},
	{
		"doubted", renewed, "What a cache remembers of a session is set to be what it is: there may be a newer state, so it is saved.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.v().With(w.v().Doubted(w.open(p, noon+minute, core.One(first))), "tea")
			w.v().Next(w.must(t, s, noon+minute))
		},
	},
	{
		"reused", renewed, "A renewed token comes two minutes after its successor was seen: whoever logs out with it ends the session.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			second := w.must(t, w.open(p, noon+hour, core.One(first)), noon+hour).Send.Token
			w.must(t, w.open(p, noon+hour, core.One(second)), noon+hour)
			record()
			s := w.open(p, noon+hour+2*minute, core.One(first))
			w.v().Next(w.must(t, w.v().Cleared(s), noon+hour+2*minute))
		},
	},
	{
		"lasting", renewed, "Whoever wants to be remembered signs in for a month, and later for less, at a lower level.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.v().SignedIn(w.open(p, noon+1, core.One(first)), core.SignIn{Subject: "ann", Payload: "tea", Level: 2, Methods: "pwd otp"})
			s = w.v().Next(w.must(t, w.v().Lasting(s, 7*day, 30*day), noon+1))
			w.v().Next(w.must(t, w.v().Lasting(w.v().Lowered(s, 1), 0, hour), noon+2))
		},
	},
	{
		"seal-rotate", sealed, "A client-side session is rotated and saved.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.open(p, noon+1, core.One(first))
			w.v().Next(w.must(t, w.v().With(w.v().Rotated(s), "dark"), noon+1))
		},
	},
	{
		"log-rotated", logged, "The log says that another request has rotated the token just now: a late save is refused, and a logout ends the session.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.v().Begin(p, noon+minute, core.One(first))
			s = w.v().Answer(s, noon+minute, core.Answer{Status: core.Found, Record: core.Record{Seen: noon + second}})
			if _, err := w.commit(w.v().With(s, "dark"), noon+minute); !errors.Is(err, errEnded) {
				t.Fatal(err)
			}
			w.v().Next(w.must(t, w.v().Cleared(w.v().Undone(s)), noon+minute))
		},
	},
	{
		"undecodable", sealed, "A payload that this program cannot read is left as it is; what was set becomes a new session.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.v().Undecodable(w.open(p, noon+1, core.One(first)))
			w.v().Next(w.must(t, w.v().With(s, "dark \x00\xff\"\\"), noon+1))
		},
	},
	{
		"bare", bare, "A foreign token and record, without envelope.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.open(p, noon+1, core.One(first))
			w.v().Next(w.must(t, w.v().Rotated(s), noon+1))
		},
	},
}

// carryOther lets a session that is not recorded be saved.
func carryOther(t *testing.T, w *shelf, s core.Session, now int64) map[core.Key]core.Record {
	t.Helper()
	silent := *w
	silent.t = nil
	silent.must(t, s, now)
	return silent.records
}
