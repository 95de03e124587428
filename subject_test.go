package satchel_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// signIn is a complete exchange in which somebody signs in.
func (w *world) signIn(token core.Token, subject string) core.Token {
	w.t.Helper()
	ex, ctx := w.open(token)
	must(w.t, carts.SignIn(ctx, subject, cart{[]string{subject}}))
	out, err := w.sent(ex)
	if err != nil || out.Action != core.SendToken {
		w.t.Fatalf("%s signs in: %v, %v", subject, out.Action, err)
	}
	w.clock.advance(time.Second)
	return out.Token
}

func (w *world) handle(token core.Token) core.Handle {
	w.t.Helper()
	_, ctx := w.open(token)
	about, err := carts.About(ctx)
	must(w.t, err)
	return about.Handle
}

func (w *world) list(subject string) []satchel.Listed {
	w.t.Helper()
	all, err := carts.Of(w.sessions, subject).List(w.t.Context())
	must(w.t, err)
	return all
}

// reads checks which of some tokens give a session.
func (w *world) reads(want string, tokens ...core.Token) {
	w.t.Helper()
	got := ""
	for _, token := range tokens {
		_, ok := w.items(token)
		got += map[bool]string{true: "+", false: "-"}[ok]
	}
	if got != want {
		w.t.Errorf("the tokens read %s, want %s", got, want)
	}
}

func TestItem31_AListHoldsNoToken(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	one, two := w.signIn("", "ann"), w.signIn(w.begun("tea"), "ann")
	w.signIn("", "bob")
	w.begun("nobody's")
	w.clock.advance(10 * time.Minute)
	w.add(two, "milk")
	all := w.list("ann")
	if len(all) != 2 || all[0].Handle != w.handle(one) || all[1].Handle != w.handle(two) {
		t.Fatalf("%+v", all)
	}
	begin := newClock().now()
	for i, want := range []time.Time{begin, begin.Add(time.Second)} {
		if !all[i].Authenticated.Equal(want) || !all[i].Created.Equal(want) {
			t.Errorf("%d: %v", i, all[i])
		}
	}
	if !all[1].Seen.Equal(w.clock.now()) || !all[1].Expires.Equal(w.clock.now().Add(30*time.Minute)) || !all[0].Seen.Equal(begin) {
		t.Errorf("seen %v, until %v", all[1].Seen, all[1].Expires)
	}
	shown := fmt.Sprintf("%v %+v %#v", all, all, all)
	for _, token := range []core.Token{one, two} {
		if strings.Contains(shown, string(token)) {
			t.Error("a list shows a token")
		}
		_, ctx := w.open(core.Token(w.handle(token)))
		if _, ok, err := carts.Get(ctx); ok || err != nil {
			t.Errorf("a handle opens a session: %v", err)
		}
	}
	if none := w.list("eve"); len(none) != 0 {
		t.Errorf("%+v", none)
	}
}

func TestItem28_EndAll(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	one, two, bob := w.signIn("", "ann"), w.signIn("", "ann"), w.signIn("", "bob")
	two, old := w.rotate(two), two
	other := w.node(satchel.Options{})
	n, err := carts.Of(other, "ann").EndAll(t.Context())
	if n != 2 || err != nil {
		t.Fatal(n, err)
	}
	w.reads("---+", one, two, old, bob)
	w.reads("+", w.signIn("", "ann")) // whoever signs in afterwards is in
	if all := w.list("ann"); len(all) != 1 {
		t.Errorf("%d sessions", len(all))
	}
}

func TestItem29_EndOthers(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	one, two, three, bob := w.signIn("", "ann"), w.signIn("", "ann"), w.signIn("", "ann"), w.signIn("", "bob")
	n, err := carts.Of(w.sessions, "ann").EndOthers(t.Context(), w.handle(two))
	if n != 2 || err != nil {
		t.Fatal(n, err)
	}
	w.reads("-+-+", one, two, three, bob)
}

func TestEndOne(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	one, two, bob := w.signIn("", "ann"), w.signIn("", "ann"), w.signIn("", "bob")
	ann := carts.Of(w.sessions, "ann")
	if was, err := ann.End(t.Context(), w.handle(bob)); was || err != nil {
		t.Errorf("ann ends bob's session: %v, %v", was, err)
	}
	if was, err := ann.End(t.Context(), w.handle(one)); !was || err != nil {
		t.Errorf("%v, %v", was, err)
	}
	if was, err := ann.End(t.Context(), "no handle"); was || err != nil {
		t.Errorf("%v, %v", was, err)
	}
	w.reads("-++", one, two, bob)
}

// Whatever two callers do at the same moment, no session of the subject is live that its list does not show, and none is
// ended that has become another's.
func TestEndAllRaces(t *testing.T) {
	for _, op := range []string{"load", "create", "replace", "delete"} {
		for name, change := range map[string]struct {
			do   func(context.Context) error
			mine bool // the session that comes of it is ann's
		}{
			"ann signs in again": {func(ctx context.Context) error { return carts.SignIn(ctx, "ann", cart{}) }, true},
			"bob signs in":       {func(ctx context.Context) error { return carts.SignIn(ctx, "bob", cart{}) }, false},
			"rotate":             {carts.Rotate, true},
			"update":             {func(ctx context.Context) error { _, err := carts.Update(ctx, add("milk")); return err }, true},
			"clear":              {carts.Clear, true},
		} {
			for _, first := range []string{"the end runs within the change", "the change runs within the end"} {
				t.Run(op+"/"+name+"/"+first, func(t *testing.T) {
					w := newWorld(t, satchel.Options{})
					anonymous := w.begun("tea")
					tokens := []core.Token{w.signIn(anonymous, "ann"), w.signIn("", "ann")}
					endAll := func() {
						if _, err := carts.Of(w.sessions, "ann").EndAll(t.Context()); err != nil {
							t.Error(err)
						}
					}
					exchange := func() {
						ex, ctx := w.open(tokens[0])
						err := change.do(ctx)
						if err == nil {
							var out satchel.Outcome
							out, err = w.sent(ex)
							tokens = append(tokens, out.Token)
						}
						if err != nil && !errors.Is(err, satchel.ErrEnded) && !errors.Is(err, satchel.ErrConflict) {
							t.Error(err)
						}
					}
					ended := false
					if first == "the end runs within the change" {
						w.store.once(op, func() { endAll(); ended = true })
						exchange()
					} else {
						w.store.once(op, exchange)
						endAll()
						ended = true
					}
					if !ended {
						return // this change has no such step
					}
					listed := map[core.Handle]bool{}
					for _, l := range w.list("ann") {
						listed[l.Handle] = true
					}
					for i, token := range tokens {
						_, ctx := w.open(token)
						about, err := carts.About(ctx)
						must(t, err)
						if about.Subject == "ann" && !listed[about.Handle] {
							t.Errorf("token %d reads a session of ann's that is not listed", i)
						}
						if about.Subject == "ann" && i < 2 {
							t.Errorf("token %d, of before the end, reads", i)
						}
					}
				})
			}
		}
	}
}

// A session that became bob's is not ann's to end or to see.
func TestAnotherSubjectsSession(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.signIn(w.signIn("", "ann"), "bob")
	if all := w.list("ann"); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	if n, err := carts.Of(w.sessions, "ann").EndAll(t.Context()); n != 0 || err != nil {
		t.Error(n, err)
	}
	w.reads("+", token)
	if all := w.list("bob"); len(all) != 1 {
		t.Errorf("%+v", all)
	}
}

// Who is not there any more counts for nothing, and who signs in again counts once.
// The oldest ends first.
// A store that is out of reach ends nothing and lists nothing, and says so; who signs in meanwhile gets no token.
func TestSubjectOutage(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.signIn("", "ann")
	ann := carts.Of(w.sessions, "ann")
	w.store.down.Store(true)
	if _, err := ann.List(t.Context()); !errors.Is(err, satchel.ErrUnavailable) {
		t.Error(err)
	}
	if _, err := ann.EndAll(t.Context()); !errors.Is(err, satchel.ErrUnavailable) {
		t.Error(err)
	}
	_, ctx := w.open("")
	if err := carts.SignIn(ctx, "ann", cart{}); !errors.Is(err, satchel.ErrUnavailable) {
		t.Error(err)
	}
	w.store.down.Store(false)
	w.reads("+", token)
	for _, op := range []string{"load", "create", "replace"} {
		ex, ctx := w.open(token)
		must(t, carts.SignIn(ctx, "ann", cart{}))
		w.store.once(op, func() { w.store.down.Store(true) })
		out, err := w.sent(ex)
		w.store.down.Store(false)
		if !errors.Is(err, satchel.ErrUnavailable) || out.Action != core.SendNothing {
			t.Errorf("%s: %v, %v", op, out.Action, err)
		}
		w.reads("+", token)
		if len(w.list("ann")) != 1 {
			t.Errorf("%s: %+v", op, w.list("ann"))
		}
	}
}

func TestUntracked(t *testing.T) {
	s := satchel.Must(satchel.New(carts.ServerSide(store.NewMemory()).With(satchel.Options{Untracked: true})))
	if _, err := carts.Of(s, "ann").List(t.Context()); !errors.Is(err, satchel.ErrUntracked) {
		t.Error(err)
	}
	if _, err := satchel.NewKind[cart]("other").Of(s, "ann").List(t.Context()); !errors.Is(err, satchel.ErrUnplaced) {
		t.Error(err)
	}
	_, err := satchel.New(carts.ServerSide(store.NewMemory()).With(satchel.Options{Untracked: true, MaxSessions: 1}))
	if err == nil {
		t.Error("sessions that are not tracked are counted")
	}
}

// A list finds a session through every rotation, and notes where it went, so that the next list need not.
func TestListFollowsRotations(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.signIn("", "ann")
	for range 20 {
		token = w.rotate(token)
	}
	before := w.store.calls.Load()
	handles := func() (all []core.Handle) {
		for _, l := range w.list("ann") {
			all = append(all, l.Handle)
		}
		return all
	}
	want := []core.Handle{w.handle(token)}
	if got := handles(); !slices.Equal(got, want) {
		t.Fatalf("%v", got)
	}
	if n := w.store.calls.Load() - before; n < 20 {
		t.Errorf("%d calls", n)
	}
	before = w.store.calls.Load()
	if got := handles(); !slices.Equal(got, want) || w.store.calls.Load()-before != 2 {
		t.Errorf("%v with %d calls", got, w.store.calls.Load()-before)
	}
}

// A sign-in that had begun before all sessions were ended, and commits after, gives none.
// Signing in again, where another exchange was faster, leaves the session as it was: live, and on the list.
// Between the moment at which a session has become bob's and the one at which it comes off ann's roster, ann's end does
// not end it.
// members returns how many sessions the rosters in the store have.
// Whoever logs out, becomes another subject or signs in anew is not left on a roster.
