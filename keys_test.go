package satchel_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// refresh is the KeyRefresh of a zero Config.
const refresh = 30 * time.Second

// The secrets of two keys, as a keyring's text has them.
const (
	secretA = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
	secretB = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
)

// source is a key source that a test can change, break and count.
type source struct {
	text  atomic.Pointer[string]
	err   error
	reads atomic.Int64
}

func newSource(text string) *source {
	s := new(source)
	s.text.Store(&text)
	return s
}

func (s *source) set(text string) { s.text.Store(&text) }

func (s *source) keys() satchel.Keys {
	return satchel.KeysFromText(func(context.Context) (string, error) {
		s.reads.Add(1)
		if s.err != nil {
			return "", s.err
		}
		return *s.text.Load(), nil
	})
}

// sealed is a program with a client-side kind under a source's keys.
type sealed struct {
	t        *testing.T
	clock    *clock
	seen     *events
	failures []satchel.Event
	sessions *satchel.Sessions
}

func newSealed(t *testing.T, keys satchel.Keys, o satchel.Options) *sealed {
	t.Helper()
	s := &sealed{t: t, clock: newClock(), seen: new(events)}
	observer := s.seen.observer()
	tell := observer.KeysFailed
	observer.KeysFailed = func(ctx context.Context, e satchel.Event) {
		s.failures = append(s.failures, e)
		tell(ctx, e)
	}
	var err error
	s.sessions, err = satchel.Config{Clock: s.clock.now, Observer: observer}.New(carts.ClientSide(keys, satchel.Unrevocable).With(o))
	must(t, err)
	return s
}

// put returns the token of a session that holds an item.
func (s *sealed) put(item string) core.Token {
	return visit(s.t, s.sessions, "", func(ctx ctx) { must(s.t, carts.Set(ctx, cart{[]string{item}})) })
}

// reads says whether a token gives its session.
func (s *sealed) reads(token core.Token) bool {
	s.t.Helper()
	_, ok, err := carts.Get(s.sessions.Open(satchel.Arrived{"cart": token}).Context(s.t.Context()))
	must(s.t, err)
	return ok
}

// A key goes from pending to revoked, and nobody is logged out but whose token was sealed under a revoked key.
func TestKeysRotate(t *testing.T) {
	keys := newSource("a:primary:" + secretA)
	s := newSealed(t, keys.keys(), satchel.Options{})
	first := s.put("tea")
	for _, step := range []struct {
		text   string
		reads  bool // of what a sealed
		reason []string
	}{
		{"a:primary:" + secretA + "\nb:pending:" + secretB, true, nil},
		{"a:retiring:" + secretA + "\nb:primary:" + secretB, true, nil},
		{"a:revoked:" + secretA + "\nb:primary:" + secretB, false, []string{"refused: revoked-key"}},
		{"b:primary:" + secretB, false, []string{"refused: unknown-key"}},
	} {
		s.seen.take()
		before := s.put("milk")
		keys.set(step.text)
		s.clock.advance(refresh - time.Millisecond)
		if !s.reads(before) {
			t.Errorf("%q: keys were read before they were due", step.text)
		}
		s.seen.take()
		s.clock.advance(time.Millisecond)
		if got := s.reads(first); got != step.reads {
			t.Errorf("%q: the first token reads: %v", step.text, got)
		}
		if got := s.seen.take(); !slices.Equal(got, step.reason) {
			t.Errorf("%q: events %q, want %q", step.text, got, step.reason)
		}
		if after := s.put("milk"); !s.reads(after) {
			t.Errorf("%q: a new token does not read", step.text)
		}
	}
}

// A session under a retiring key leaves under the primary one with its next write, and lives on when the old is revoked.
func TestKeysResealAtTheNextWrite(t *testing.T) {
	keys := newSource("a:primary:" + secretA)
	s := newSealed(t, keys.keys(), satchel.Options{})
	token := s.put("tea")
	keys.set("a:retiring:" + secretA + "\nb:primary:" + secretB)
	s.clock.advance(refresh)
	read := visit(t, s.sessions, token, func(ctx ctx) { _, _, err := carts.Get(ctx); must(t, err) })
	if read != token {
		t.Error("a read sent a token")
	}
	written := visit(t, s.sessions, token, func(ctx ctx) { _, err := carts.Update(ctx, add("milk")); must(t, err) })
	keys.set("a:revoked:" + secretA + "\nb:primary:" + secretB)
	s.clock.advance(refresh)
	if s.reads(token) || !s.reads(written) {
		t.Error("old reads:", s.reads(token), "new reads:", s.reads(written))
	}
}

// While the source fails or gives garbage the last keyring serves on, and the observer is told once a refresh.
func TestKeysThatCannotBeRead(t *testing.T) {
	for name, spoil := range map[string]func(*source){
		"failing": func(s *source) { s.err = errors.New("no such vault") },
		"garbage": func(s *source) { s.set("a:primary:" + secretA[1:]) },
		"empty":   func(s *source) { s.set("") },
	} {
		t.Run(name, func(t *testing.T) {
			keys := newSource("a:primary:" + secretA)
			s := newSealed(t, keys.keys(), satchel.Options{})
			token := s.put("tea")
			spoil(keys)
			for round := range 3 {
				s.clock.advance(refresh)
				s.seen.take()
				for range 4 {
					if !s.reads(token) {
						t.Fatal("the last keyring does not serve on")
					}
				}
				if got := s.seen.take(); !slices.Equal(got, []string{"keys failed"}) {
					t.Errorf("round %d: events %q", round, got)
				}
			}
			if n := keys.reads.Load(); n != 4 { // New's, and one a round
				t.Errorf("%d reads", n)
			}
			for _, e := range s.failures {
				if e.Kind != "cart" || e.Err == nil || !strings.Contains(e.At.UTC().Format(time.DateOnly), "2026-11-23") {
					t.Errorf("event %+v", e)
				}
				if strings.Contains(e.Err.Error(), secretA[1:]) {
					t.Error("the error quotes the keys")
				}
			}
			keys.err = nil
			keys.set("b:primary:" + secretB)
			s.clock.advance(refresh)
			if s.reads(token) {
				t.Error("the source is back, and its keys are not used")
			}
		})
	}
}

// A clock that is set back does not make a keyring young again.
func TestItem25_KeysAreReadWhenTheClockGoesBack(t *testing.T) {
	keys := newSource("a:primary:" + secretA)
	s := newSealed(t, keys.keys(), satchel.Options{})
	s.clock.advance(time.Hour)
	s.put("tea")
	s.clock.advance(-50 * time.Minute)
	token := s.put("tea")
	keys.set("a:revoked:" + secretA + "\nb:primary:" + secretB)
	s.clock.advance(refresh)
	if s.reads(token) {
		t.Error("a revoked key is still honoured")
	}
}

// KeyRefresh is what the configuration says, and the source is not asked in between.
func TestKeyRefresh(t *testing.T) {
	keys, clock := newSource("a:primary:"+secretA), newClock()
	sessions := satchel.Must(satchel.Config{Clock: clock.now, KeyRefresh: time.Minute}.New(carts.ClientSide(keys.keys(), satchel.Unrevocable)))
	visitAt := func(d time.Duration, want int64) {
		t.Helper()
		clock.advance(d)
		visit(t, sessions, "", func(ctx ctx) { _, _, err := carts.Get(ctx); must(t, err) })
		if n := keys.reads.Load(); n != want {
			t.Errorf("%d reads, want %d", n, want)
		}
	}
	visitAt(time.Minute-time.Millisecond, 1)
	visitAt(time.Millisecond, 2)
	visitAt(0, 2)
	visitAt(time.Minute-time.Millisecond, 2)
	visitAt(time.Millisecond, 3)
}

// The source is handed a context that does not end with the client, and that ends.
func TestKeysAreReadWithALimit(t *testing.T) {
	ring, clock := testRing(t), newClock()
	var asked context.Context
	sessions := satchel.Must(satchel.Config{Clock: clock.now}.New(carts.ClientSide(func(ctx context.Context) (*crypto.Keyring, error) {
		asked = ctx //nolint:fatcontext // to be looked at
		if _, limited := ctx.Deadline(); limited && ctx.Err() != nil {
			t.Error("the client's end reached the source")
		}
		return ring, nil
	}, satchel.Unrevocable)))
	clock.advance(refresh)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := carts.Get(sessions.Open(satchel.Arrived{}).Context(gone))
	must(t, err)
	if d, limited := asked.Deadline(); !limited || time.Until(d) > time.Second {
		t.Error("the source may take until", d)
	}
}

// Signed IDs follow their source as sealed sessions do.
func TestKeysOfSignedIDs(t *testing.T) {
	keys := newSource("a:primary:" + secretA)
	w := newWorld(t, satchel.Options{SignIDs: keys.keys()})
	token := w.begun("tea")
	w.holds(token, "tea")
	w.store.calls.Store(0)
	keys.set("b:primary:" + secretB)
	w.clock.advance(refresh)
	if _, ok := w.items(token); ok || w.store.calls.Load() != 0 {
		t.Error("an ID under an unknown key reads, or reached the store:", ok, w.store.calls.Load())
	}
}

func TestKeysFromFileAndEnv(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	write := func(text string) { must(t, os.WriteFile(path, []byte(text), 0o600)) }
	write("a:primary:" + secretA)
	t.Setenv("SATCHEL_TEST_KEYS", "a:primary:"+secretA)
	for name, c := range map[string]struct {
		keys   satchel.Keys
		change func(text string)
		remove func()
		lacks  string
	}{
		"file": {satchel.KeysFromFile(path), write, func() { must(t, os.Remove(path)) }, "key file"},
		"env": {
			satchel.KeysFromEnv("SATCHEL_TEST_KEYS"), func(text string) { t.Setenv("SATCHEL_TEST_KEYS", text) },
			func() { must(t, os.Unsetenv("SATCHEL_TEST_KEYS")) }, "SATCHEL_TEST_KEYS",
		},
	} {
		t.Run(name, func(t *testing.T) {
			ring, err := c.keys(t.Context())
			must(t, err)
			if again, err := c.keys(t.Context()); err != nil || again != ring {
				t.Error("unchanged text gave another keyring:", err)
			}
			c.change("b:primary:" + secretB)
			changed, err := c.keys(t.Context())
			if err != nil || changed == ring || changed.Keys()[0].ID() != "b" {
				t.Error("changed text:", changed, err)
			}
			c.change("b:primary:" + secretB + "!")
			if got, err := c.keys(t.Context()); got != nil || err == nil || strings.Contains(err.Error(), secretB) {
				t.Error("garbage:", got, err)
			}
			c.remove()
			if got, err := c.keys(t.Context()); got != nil || err == nil || !strings.Contains(err.Error(), c.lacks) {
				t.Error("nothing to read:", got, err)
			}
		})
	}
}

func TestFixedKeys(t *testing.T) {
	ring := testRing(t)
	if got, err := satchel.FixedKeys(ring)(t.Context()); got != ring || err != nil {
		t.Error(got, err)
	}
	if got, err := satchel.FixedKeys(nil)(t.Context()); got != nil || err == nil {
		t.Error(got, err)
	}
}
