package satchel_test

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

// wanted is what a request does to the session. An early one reads before any of the batch commits, a late one when those
// before it have committed.
type wanted struct {
	name  string
	early bool
	do    func(ctx context.Context) error
}

var wants = slices.Concat(
	bothWays("read", func(ctx context.Context) error { _, _, err := carts.Get(ctx); return err }),
	bothWays("save", save),
	bothWays("rotate", carts.Rotate),
	bothWays("sign-in", func(ctx context.Context) error { return carts.SignIn(ctx, "ann", cart{[]string{"hers"}}) }),
	bothWays("clear", carts.Clear),
	// An early one is as one that comes first, because Update commits at once where a store has the session.
	[]wanted{{"update", false, func(ctx context.Context) error { _, err := carts.Update(ctx, add("saved")); return err }}},
)

func save(ctx context.Context) error {
	v, _, err := carts.Get(ctx)
	if err != nil {
		return err
	}
	return carts.Set(ctx, add("saved")(v))
}

func bothWays(name string, do func(context.Context) error) []wanted {
	return []wanted{{name, true, do}, {name, false, do}}
}

// home is where the sessions of a batch live.
type home struct {
	place func(t *testing.T, s store.Store) satchel.Placement
	// Readers are handed tokens as well, or changes are: then a rotation can be overtaken on its way (see stranded).
	sends  string
	stored bool // the value is in a store, so a change needs no answer to arrive
}

var homes = map[string]home{
	"server-side": {stored: true, place: func(_ *testing.T, s store.Store) satchel.Placement { return carts.ServerSide(s) }},
	"renewed": {stored: true, sends: "read save update", place: func(_ *testing.T, s store.Store) satchel.Placement {
		return carts.ServerSide(s).With(satchel.Options{Renew: 10 * time.Minute})
	}},
	"anchored": {place: func(t *testing.T, s store.Store) satchel.Placement {
		return carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Anchored(s, time.Minute)).With(satchel.Options{Idle: 30 * time.Minute})
	}},
	"logged": {sends: "save update", place: func(t *testing.T, s store.Store) satchel.Placement {
		revocable := satchel.Revocable(s, satchel.LogOptions{})
		return carts.ClientSide(satchel.FixedKeys(testRing(t)), revocable).With(satchel.Options{Idle: 30 * time.Minute})
	}},
}

// batch are requests that were under way at once, with the cookies of one browser, and their answers.
type batch struct {
	*testing.T

	home     home
	live     bool // there was a session when they set out
	clock    *clock
	sessions *satchel.Sessions
	began    []string    // the lines that the browser has kept already
	was      core.Handle // the session's
	answers  []reply
}

// reply is the answer to one of them.
type reply struct {
	wanted

	err   error
	lines []string // of Set-Cookie
	sent  bool     // a token is among them
	clear bool
}

// run has requests with the same cookies come in and commits them in their order. The session before them is so old.
func run(t *testing.T, s home, age time.Duration, requests []wanted) *batch {
	t.Helper()
	b := &batch{T: t, home: s, clock: newClock()}
	var err error
	b.sessions, err = satchel.Config{Clock: b.clock.now}.New(s.place(t, store.NewMemory()))
	must(t, err)
	b.began = b.answer(b.sessions.Open(arriving{b.browser()}), wanted{do: save}).lines
	about, _, _ := b.look(b.browser(b.began))
	b.was = about.Handle
	b.clock.advance(age)
	_, _, b.live = b.look(b.browser(b.began))

	exchanges := make([]*satchel.Exchange, len(requests))
	for i, w := range requests {
		exchanges[i] = b.sessions.Open(arriving{b.browser(b.began)})
		if w.early {
			err := w.do(exchanges[i].Context(t.Context()))
			requests[i].do = func(context.Context) error { return err }
		}
	}
	for i, w := range requests {
		b.answers = append(b.answers, b.answer(exchanges[i], w))
	}
	return b
}

// answer lets a handler do what it wants, and commits.
func (b *batch) answer(ex *satchel.Exchange, w wanted) reply {
	b.Helper()
	a := reply{wanted: w, err: w.do(ex.Context(b.Context()))}
	outcomes, err := ex.Commit(b.Context())
	if a.err == nil {
		a.err = err
	}
	for _, o := range outcomes {
		if o.Action == core.SendNothing {
			continue
		}
		line, err := answer.SetCookie(&o)
		must(b.T, err)
		a.lines = append(a.lines, line)
		if isStamp := strings.HasSuffix(o.Transport.Kind, "-seen"); !isStamp {
			a.sent, a.clear = o.Action == core.SendToken, o.Action == core.SendClear
		}
	}
	return a
}

var shopAt = &url.URL{Scheme: "https", Host: "shop.example", Path: "/"}

// browser returns a jar that has received answers in that order.
func (b *batch) browser(answers ...[]string) *satcheltest.Jar {
	b.Helper()
	jar := satcheltest.NewJar(b.clock.now)
	for _, lines := range answers {
		for _, line := range lines {
			must(b.T, jar.Receive(shopAt, line))
		}
	}
	return jar
}

// look says what the browser's next request would find. It changes nothing.
func (b *batch) look(jar *satcheltest.Jar) (satchel.About, []string, bool) {
	b.Helper()
	ctx := b.sessions.Open(arriving{jar}).Context(b.Context())
	v, ok, err := carts.Get(ctx)
	must(b.T, err)
	about, err := carts.About(ctx)
	must(b.T, err)
	return about, v.Items, ok
}

// arriving hands over what a browser sends.
type arriving struct{ *satcheltest.Jar }

func (j arriving) Tokens(t satchel.Transport) core.Tokens {
	var pairs []string
	for _, c := range j.Cookies(shopAt) {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	first, second, count := t.Cookie.Find([]string{strings.Join(pairs, "; ")})
	return core.Tokens{First: core.Token(first), Second: core.Token(second), Count: count}
}

// String lists the requests in the order of their commits: an early one has a star, a failed one an exclamation mark, and + and - say
// what the answer does to the cookie.
func (b *batch) String() string {
	var all []string
	for _, a := range b.answers {
		text := a.name
		for _, mark := range []struct {
			text string
			has  bool
		}{{"*", a.early}, {"!", a.err != nil}, {"+", a.sent}, {"-", a.clear}} {
			if mark.has {
				text += mark.text
			}
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}
