package satchel_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// told is one event with its name.
type tale struct {
	name string
	satchel.Event
}

// tales keeps every event as it was told.
type tales struct {
	mu  sync.Mutex
	all []tale
}

// watch returns an observer that hands each event, by its name, to f.
func watch(f func(ctx context.Context, name string, e satchel.Event)) satchel.Observer {
	on := func(name string) func(context.Context, satchel.Event) {
		return func(ctx context.Context, e satchel.Event) { f(ctx, name, e) }
	}
	return satchel.Observer{
		Created: on("created"), Saved: on("saved"), Rotated: on("rotated"), Ended: on("ended"), Expired: on("expired"),
		Refused: on("refused"), Conflicted: on("conflicted"), Unavailable: on("unavailable"), KeysFailed: on("keys failed"),
		Renewed: on("renewed"), Reused: on("reused"),
	}
}

func (l *tales) observer() satchel.Observer {
	return watch(func(_ context.Context, name string, e satchel.Event) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.all = append(l.all, tale{name, e})
	})
}

// only returns the one event since the last call, and checks its name and the fields that every event has.
func (l *tales) only(t *testing.T, name string, c *clock) satchel.Event {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.all
	l.all = nil
	if len(all) != 1 || all[0].name != name {
		t.Errorf("told %v, want one %q", names(all), name)
		return satchel.Event{}
	}
	e := all[0].Event
	if e.Kind != "cart" || !e.At.Equal(c.now()) {
		t.Errorf("%s: of kind %q at %v", name, e.Kind, e.At)
	}
	return e
}

func names(all []tale) (list []string) {
	for _, e := range all {
		list = append(list, e.name)
	}
	return list
}

// told makes a world whose events are kept whole.
func toldWorld(t *testing.T, o satchel.Options) (*world, *tales) {
	t.Helper()
	l := new(tales)
	w := &world{t: t, store: newStaged(), clock: newClock(), seen: new(events)}
	var err error
	w.sessions, err = satchel.Config{Clock: w.clock.now, Observer: l.observer()}.New(carts.ServerSide(w.store).With(o))
	must(t, err)
	return w, l
}

// signedIn returns the token of a session of ann's.
func (w *world) signedIn(items ...string) core.Token {
	w.t.Helper()
	return visit(w.t, w.sessions, "", func(ctx ctx) { must(w.t, carts.SignIn(ctx, "ann", cart{items})) })
}

// Item 59: every event of a session's life is told, with when, whose and why.
func TestItem59_EventsOfALife(t *testing.T) {
	w, told := toldWorld(t, satchel.Options{})
	token := w.begun("tea")
	created := told.only(t, "created", w.clock)
	if len(created.Handle) != 22 || created.Subject != "" || created.Reason != core.NotRefused || created.Err != nil {
		t.Errorf("created: %+v", created)
	}
	same := func(name, subject string) {
		t.Helper()
		e := told.only(t, name, w.clock)
		if e.Handle != created.Handle || e.Subject != subject || e.Reason != core.NotRefused || e.Err != nil {
			t.Errorf("%s: %+v", name, e)
		}
	}
	w.clock.advance(time.Second)
	w.add(token, "milk")
	same("saved", "")
	token = visit(t, w.sessions, token, func(ctx ctx) { must(t, carts.SignIn(ctx, "ann", cart{})) })
	same("rotated", "ann")
	w.add(token, "milk")
	same("saved", "ann")
	token = w.rotate(token)
	same("rotated", "ann")
	w.logout(token)
	same("ended", "ann")
}

// A session that another one takes the place of has ended as whose it was.
func TestItem59_EventsOfAReplacement(t *testing.T) {
	w, told := toldWorld(t, satchel.Options{})
	token := w.signedIn("tea")
	first := told.only(t, "created", w.clock)
	if first.Subject != "ann" {
		t.Errorf("created: %+v", first)
	}
	visit(t, w.sessions, token, func(ctx ctx) {
		must(t, carts.Clear(ctx))
		must(t, carts.SignIn(ctx, "bob", cart{}))
	})
	told.mu.Lock()
	defer told.mu.Unlock()
	if len(told.all) != 2 || told.all[0].name != "ended" || told.all[1].name != "created" {
		t.Fatal("told", names(told.all))
	}
	if e := told.all[0]; e.Handle != first.Handle || e.Subject != "ann" {
		t.Errorf("ended: %+v", e)
	}
	if e := told.all[1]; e.Handle == first.Handle || e.Handle == "" || e.Subject != "bob" {
		t.Errorf("created: %+v", e)
	}
}

// Items 10 and 59: a token that gives no session is told once an exchange, with the reason.
func TestItem10_RefusalsAreToldWithTheirReason(t *testing.T) {
	w, told := toldWorld(t, satchel.Options{SignIDs: satchel.FixedKeys(testRing(t))})
	token := w.signedIn("tea")
	ended := w.rotate(token)
	ended, token = token, ended
	unknown := w.begun()
	must(t, w.store.Memory.Delete(t.Context(), w.store.keys[len(w.store.keys)-1], 1))
	foreign := newSealed(t, newSource("z:primary:"+secretB).keys(), satchel.Options{}).put("x")
	told.all = nil
	for name, c := range map[string]struct {
		token    core.Token
		reason   core.Refusal
		event    string
		has      bool // a handle
		advanced time.Duration
	}{
		"malformed":   {"?", core.Malformed, "refused", false, 0},
		"version":     {foreign, core.UnknownVersion, "refused", false, 0},
		"forged":      {token[:50] + "AAAA" + token[54:], core.Forged, "refused", false, 0},
		"unknown":     {unknown, core.Unknown, "refused", false, 0},
		"rotated":     {ended, core.Rotated, "refused", true, 0},
		"ended":       {ended, core.Superseded, "refused", true, time.Minute},
		"idle":        {token, core.Idle, "expired", true, 30 * time.Minute},
		"long unused": {token, core.Expired, "expired", true, 24 * time.Hour},
	} {
		w.clock.advance(c.advanced)
		ex, ctx := w.open(c.token)
		for range 2 {
			if _, ok, err := carts.Get(ctx); ok || err != nil {
				t.Error(name, ok, err)
			}
		}
		if _, err := w.sent(ex); err != nil {
			t.Error(name, err)
		}
		e := told.only(t, c.event, w.clock)
		if e.Reason != c.reason || (e.Handle != "") != c.has || e.Err != nil {
			t.Errorf("%s: %+v", name, e)
		}
		w.clock.advance(-c.advanced)
	}
}

// A token of two that both live is told as ambiguous, a record that cannot be read as undecodable.
func TestRefusedForWhatWasFound(t *testing.T) {
	w, told := toldWorld(t, satchel.Options{})
	tea, milk := w.begun("tea"), w.begun("milk")
	told.all = nil
	_, _, err := carts.Get(w.sessions.Open(twice{tea, milk}).Context(t.Context()))
	must(t, err)
	if e := told.only(t, "refused", w.clock); e.Reason != core.Ambiguous || e.Handle != "" {
		t.Errorf("%+v", e)
	}
	texts := satchel.NewKind[string]("cart")
	s := satchel.Must(satchel.Config{Clock: w.clock.now, Observer: told.observer()}.New(texts.ServerSide(w.store)))
	_, _, err = texts.Get(s.Open(satchel.Arrived{"cart": tea}).Context(t.Context()))
	must(t, err)
	if e := told.only(t, "refused", w.clock); e.Reason != core.Undecodable || e.Handle == "" {
		t.Errorf("%+v", e)
	}
}

// Conflicts and outages are told with their cause.
func TestEventsOfFailures(t *testing.T) {
	w, told := toldWorld(t, satchel.Options{})
	token := w.signedIn("tea")
	ex, ctx := w.open(token)
	must(t, carts.Set(ctx, cart{[]string{"milk"}}))
	w.add(token, "bread")
	told.all = nil
	_, err := w.sent(ex)
	if e := told.only(t, "conflicted", w.clock); !errors.Is(e.Err, satchel.ErrConflict) || !errors.Is(err, satchel.ErrConflict) || e.Subject != "ann" {
		t.Errorf("%+v, %v", e, err)
	}
	w.store.down.Store(true)
	_, ctx = w.open(token)
	for range 2 {
		_, _, err = carts.Get(ctx)
		if !errors.Is(err, satchel.ErrUnavailable) {
			t.Error(err)
		}
	}
	if e := told.only(t, "unavailable", w.clock); !errors.Is(e.Err, errDown) || e.Handle != "" {
		t.Errorf("%+v", e)
	}
	w.store.down.Store(false)
	ex, ctx = w.open(token)
	must(t, carts.Set(ctx, cart{[]string{"milk"}}))
	w.store.down.Store(true)
	_, err = w.sent(ex)
	if e := told.only(t, "unavailable", w.clock); !errors.Is(e.Err, errDown) || !errors.Is(err, errDown) || e.Handle == "" {
		t.Errorf("%+v, %v", e, err)
	}
}

// A touch, a read and a suppressed save are no events.
func TestReadingIsNoEvent(t *testing.T) {
	w, told := toldWorld(t, satchel.Options{})
	token := w.begun("tea")
	told.all = nil
	w.clock.advance(10 * time.Minute)
	visit(t, w.sessions, token, func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })
	if w.store.writes.Load() != 2 || len(told.all) != 0 {
		t.Error(w.store.writes.Load(), "writes; told", names(told.all))
	}
}

// Item 58: no event holds a token, a payload or a secret, in whatever way it is printed.
func TestItem58_EventsHoldNoSecret(t *testing.T) {
	ring := testRing(t)
	var text strings.Builder
	logged := slog.New(slog.NewJSONHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
	log := satchel.LogTo(logged)
	count := 0
	observer := watch(func(ctx context.Context, name string, e satchel.Event) {
		count++
		as, _ := json.Marshal(e)
		fmt.Fprintf(&text, "%s %v %+v %#v %s\n", name, e, e, e, as)
		log.Unavailable(ctx, e)
	})
	secrets := []string{"0123456789abcdef", "darjeeling", "espresso"}
	for _, place := range []satchel.Placement{
		carts.ServerSide(newStaged()).With(satchel.Options{SignIDs: satchel.FixedKeys(ring)}),
		carts.ClientSide(satchel.FixedKeys(ring), satchel.Unrevocable),
		carts.ClientSide(satchel.FixedKeys(ring), satchel.Unrevocable).With(satchel.Options{Readable: true}),
	} {
		s := satchel.Must(satchel.Config{Observer: observer}.New(place))
		token := visit(t, s, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"darjeeling"}})) })
		secrets = append(secrets, string(token))
		for _, bad := range []core.Token{token[:len(token)-8] + "AAAABBBB", token + "A", "!" + token} {
			visit(t, s, bad, func(ctx ctx) { _, _, err := carts.Get(ctx); must(t, err) })
			secrets = append(secrets, string(bad))
		}
		rotated := visit(t, s, token, func(ctx ctx) {
			_, err := carts.Update(ctx, add("espresso"))
			must(t, err)
			must(t, carts.Rotate(ctx))
		})
		visit(t, s, rotated, func(ctx ctx) { must(t, carts.Clear(ctx)) })
		secrets = append(secrets, string(rotated))
	}
	if count < 15 {
		t.Errorf("only %d events", count)
	}
	for _, secret := range secrets {
		for _, part := range []string{secret, secret[:min(len(secret), 16)]} {
			if strings.Contains(text.String(), part) {
				t.Errorf("%q was printed", part)
			}
		}
	}
}

// A nil function is free.
func TestObserverOfNothing(t *testing.T) {
	s := satchel.Must(satchel.Config{Observer: satchel.Observer{Ended: func(context.Context, satchel.Event) {}}}.New(carts.ServerSide(newStaged())))
	token := visit(t, s, "?", func(ctx ctx) { must(t, carts.Set(ctx, cart{})) })
	visit(t, s, token, func(ctx ctx) { must(t, carts.Clear(ctx)) })
}

// The observer is handed the context of the call that caused the event.
func TestObserverContext(t *testing.T) {
	type key struct{}
	var saw []any
	s := satchel.Must(satchel.Config{Observer: watch(func(ctx context.Context, name string, _ satchel.Event) {
		saw = append(saw, name, ctx.Value(key{}), ctx.Err())
	})}.New(carts.ServerSide(newStaged())))
	ctx := context.WithValue(t.Context(), key{}, "request 7")
	ex := s.Open(satchel.Arrived{"cart": "?"})
	must(t, carts.Set(ex.Context(ctx), cart{}))
	_, err := ex.Commit(ctx)
	must(t, err)
	if got := fmt.Sprintln(saw...); got != "refused request 7 <nil> created request 7 <nil>\n" {
		t.Errorf("%q", got)
	}
}
