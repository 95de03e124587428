package sealed_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/sealed"
)

// Keys follow each other without a restart. A key that is needed and gone makes its records garbled, and not another store's.
func TestRotation(t *testing.T) {
	inner := store.NewMemory()
	clock, asked := time.UnixMilli(0), 0
	current, failing := ring(t, "a"), error(nil)
	var failed []error
	s, err := sealed.Config{
		Keys: func(context.Context) (*crypto.Keyring, error) {
			asked++
			return current, failing
		},
		KeysFailed: func(err error) { failed = append(failed, err) },
		Now:        func() time.Time { return clock },
	}.New(ctx, inner)
	must(t, err)
	must(t, s.Create(ctx, "of a", rec(1, "body")))
	current = ring(t, "ba")
	must(t, s.Create(ctx, "of a too", rec(1, "body")))
	if asked != 1 {
		t.Errorf("asked %d times within the time of Refresh", asked)
	}
	clock = clock.Add(30 * time.Second)
	must(t, s.Create(ctx, "of b", rec(1, "body")))
	must(t, s.Replace(ctx, "of a too", 1, rec(2, "body"))) // which is of b from now on
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
	failing = errors.New("no vault")
	clock = clock.Add(time.Minute)
	for _, key := range []core.Key{"of a", "of b"} {
		if kept, err := s.Load(ctx, key); err != nil || kept != rec(1, "body") {
			t.Errorf("%q while there is no source: %v, %v", string(key), kept, err)
		}
	}
	if len(failed) == 0 || !errors.Is(failed[0], failing) {
		t.Error("nobody was told", failed)
	}
	failing = nil
	current = ring(t, "b")
	clock = clock.Add(time.Minute)
	if kept, err := s.Load(ctx, "of a too"); err != nil || kept != rec(2, "body") {
		t.Error(kept, err)
	}
	clock = clock.Add(time.Second) // until then the source is not asked for the key
	garbled(t, "a record whose key is gone", s, inner, "of a", 1)
}

// A record of a key that another node has learnt of first is read at once; that nobody knows a key is asked once a second.
func TestKeyFromElsewhere(t *testing.T) {
	inner := store.NewMemory()
	clock, asked := time.UnixMilli(0), 0
	current := ring(t, "a")
	s, err := sealed.Config{
		Keys:    func(context.Context) (*crypto.Keyring, error) { asked++; return current, nil },
		Refresh: time.Hour,
		Now:     func() time.Time { return clock },
	}.New(ctx, inner)
	must(t, err)
	must(t, over(t, inner, "b").Create(ctx, "of b", rec(1, "body")))
	must(t, over(t, inner, "c").Create(ctx, "of c", rec(1, "body")))
	current = ring(t, "ba")
	clock = clock.Add(time.Second)
	if kept, err := s.Load(ctx, "of b"); err != nil || kept != rec(1, "body") || asked != 2 {
		t.Errorf("%v, %v, asked %d times", kept, err, asked)
	}
	for range 100 {
		_, err := s.Load(ctx, "of c") // the source may have got it since, and is not asked yet
		outage(t, "a key that the source was not asked for", err)
	}
	if asked != 2 {
		t.Errorf("asked %d times within a second", asked)
	}
	clock = clock.Add(time.Second)
	for range 100 {
		if _, err := s.Load(ctx, "of c"); !errors.Is(err, store.ErrGarbled) {
			t.Fatal(err)
		}
	}
	if asked != 3 {
		t.Errorf("asked %d times within two seconds", asked)
	}
}

// A key that the source gets within the second after it was asked for another is no reason to take a session for gone; and one question
// is for all the keys that were missed before it.
func TestKeysFromElsewhereTogether(t *testing.T) {
	inner := store.NewMemory()
	clock, asked := time.UnixMilli(0), 0
	current := ring(t, "a")
	s, err := sealed.Config{
		Keys:    func(context.Context) (*crypto.Keyring, error) { asked++; return current, nil },
		Refresh: time.Hour,
		Now:     func() time.Time { return clock },
	}.New(ctx, inner)
	must(t, err)
	for _, id := range []string{"b", "c", "d"} {
		must(t, over(t, inner, id).Create(ctx, core.Key("of "+id), rec(1, "body")))
	}
	if _, err := s.Load(ctx, "of b"); !errors.Is(err, store.ErrGarbled) {
		t.Error("asked for at once, as the first that is missed:", err)
	}
	current = ring(t, "ac")
	for _, key := range []core.Key{"of c", "of d"} {
		_, err := s.Load(ctx, key)
		outage(t, "Load", err)
		outage(t, "Replace", s.Replace(ctx, key, 1, rec(2, "body")))
	}
	clock = clock.Add(time.Second)
	if kept, err := s.Load(ctx, "of c"); err != nil || kept != rec(1, "body") {
		t.Error(kept, err)
	}
	for _, key := range []core.Key{"of b", "of d"} {
		if _, err := s.Load(ctx, key); !errors.Is(err, store.ErrGarbled) {
			t.Error(err)
		}
	}
	if asked != 3 {
		t.Errorf("asked %d times", asked)
	}
}

// Whoever makes up ids of keys makes this process remember no more than so many.
func TestKeysMadeUp(t *testing.T) {
	inner := store.NewMemory()
	clock := time.UnixMilli(0)
	current := ring(t, "a")
	s, err := sealed.Config{
		Keys: func(context.Context) (*crypto.Keyring, error) { return current, nil }, Now: func() time.Time { return clock },
	}.New(ctx, inner)
	must(t, err)
	must(t, over(t, inner, "b").Create(ctx, "of b", rec(1, "body")))
	kept, err := inner.Load(ctx, "of b")
	must(t, err)
	for i := range 3000 {
		forged := kept
		forged.Body = "\x04" + fmt.Sprintf("%04d", i) + kept.Body[2:]
		key := core.Key(fmt.Sprint("forged ", i))
		must(t, inner.Create(ctx, key, forged))
		_, err := s.Load(ctx, key)
		if i == 0 && !errors.Is(err, store.ErrGarbled) {
			t.Error(err)
		} else if i > 0 {
			outage(t, "one of many", err)
		}
	}
	if n := sealed.Sought(3000); n > 1024 {
		t.Errorf("%d ids are remembered", n)
	}
	clock = clock.Add(time.Second)
	if _, err := s.Load(ctx, "of b"); !errors.Is(err, store.ErrGarbled) {
		t.Error("what a question is put for:", err)
	}
}

// A key that hangs in its source holds up one caller, until its context ends, and nobody else.
func TestSourceHangs(t *testing.T) {
	inner := store.NewMemory()
	clock, hang := time.UnixMilli(0), false
	inside := make(chan struct{})
	current := ring(t, "a")
	s, err := sealed.Config{
		Keys: func(ctx context.Context) (*crypto.Keyring, error) {
			if hang {
				close(inside)
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return current, nil
		},
		KeysFailed: func(err error) { t.Error("told of a caller who left:", err) },
		Now:        func() time.Time { return clock },
	}.New(ctx, inner)
	must(t, err)
	must(t, s.Create(ctx, "k", rec(1, "body")))
	clock, hang = clock.Add(time.Hour), true
	leaving, leave := context.WithCancel(ctx)
	done := make(chan error)
	go func() {
		_, err := s.Load(leaving, "k")
		done <- err
	}()
	<-inside
	if kept, err := s.Load(ctx, "k"); err != nil || kept != rec(1, "body") {
		t.Error(kept, err)
	}
	leave()
	<-done
}

// A record whose key nobody knows while the source is down may be one of a key that the source has: that is an outage, and not a session
// that is gone. It is one for as long as the failure is the last that was heard, and in each method.
func TestSourceDown(t *testing.T) {
	inner := store.NewMemory()
	clock, asked := time.UnixMilli(0), 0
	current, failing := ring(t, "a"), error(nil)
	s, err := sealed.Config{
		Keys:    func(context.Context) (*crypto.Keyring, error) { asked++; return current, failing },
		Refresh: time.Hour,
		Now:     func() time.Time { return clock },
	}.New(ctx, inner)
	must(t, err)
	must(t, over(t, inner, "b").Create(ctx, "of b", rec(1, "body")))
	// What a source says is not what the store says of the record, whichever words it takes.
	for _, failing = range []error{errors.New("no vault"), store.ErrNotFound, store.ErrGarbled, context.DeadlineExceeded} {
		clock = clock.Add(time.Second)
		asked = 0
		for range 3 {
			_, err := s.Load(ctx, "of b")
			outage(t, "Load", err)
		}
		outage(t, "Replace", s.Replace(ctx, "of b", 1, rec(2, "body")))
		outage(t, "Touch", s.Touch(ctx, "of b", 1, 2, 3))
		for _, err := range s.(store.Lister).List(ctx) {
			outage(t, "List", err)
		}
		if asked != 1 {
			t.Errorf("a source that is down was asked %d times within a second", asked)
		}
	}
	failing = nil
	clock = clock.Add(time.Second)
	if _, err := s.Load(ctx, "of b"); !errors.Is(err, store.ErrGarbled) {
		t.Error("once the source says that it has no such key:", err)
	}
	current = ring(t, "ba")
	clock = clock.Add(time.Second)
	if kept, err := s.Load(ctx, "of b"); err != nil || kept != rec(1, "body") {
		t.Error(kept, err)
	}
}

// The last question failed because it was time for one, and not because of a record: what that means for a record is the same.
func TestSourceDownAtRefresh(t *testing.T) {
	inner := store.NewMemory()
	clock, failing := time.UnixMilli(0), error(nil)
	current := ring(t, "a")
	s, err := sealed.Config{
		Keys: func(context.Context) (*crypto.Keyring, error) { return current, failing },
		Now:  func() time.Time { return clock },
	}.New(ctx, inner)
	must(t, err)
	must(t, s.Create(ctx, "of a", rec(1, "body")))
	must(t, over(t, inner, "b").Create(ctx, "of b", rec(1, "body")))
	failing = errors.New("no vault")
	clock = clock.Add(time.Minute)
	if kept, err := s.Load(ctx, "of a"); err != nil || kept != rec(1, "body") {
		t.Error(kept, err)
	}
	_, err = s.Load(ctx, "of b")
	outage(t, "Load", err)
}

// Whoever leaves while the source is asked, or while another asks it, has no answer, and not that of a record that is gone.
func TestSourceHangsForAnUnknownKey(t *testing.T) {
	inner := store.NewMemory()
	clock, hang := time.UnixMilli(0), false
	inside := make(chan struct{})
	current := ring(t, "a")
	s, err := sealed.Config{
		Keys: func(ctx context.Context) (*crypto.Keyring, error) {
			if hang {
				close(inside)
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return current, nil
		},
		Refresh: time.Hour,
		Now:     func() time.Time { return clock },
	}.New(ctx, inner)
	must(t, err)
	must(t, over(t, inner, "b").Create(ctx, "of b", rec(1, "body")))
	clock, hang = clock.Add(time.Second), true
	first, leave := context.WithCancel(ctx)
	defer leave()
	second, leaveToo := context.WithTimeout(ctx, time.Millisecond)
	defer leaveToo()
	asks, waits := make(chan error), make(chan error)
	go func() {
		_, err := s.Load(first, "of b")
		asks <- err
	}()
	<-inside
	go func() {
		_, err := s.Load(second, "of b")
		waits <- err
	}()
	err = <-waits
	outage(t, "who waits", err)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	leave()
	err = <-asks
	outage(t, "who asks", err)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	hang, current = false, ring(t, "ba")
	if kept, err := s.Load(ctx, "of b"); err != nil || kept != rec(1, "body") { // somebody else asks at once
		t.Error(kept, err)
	}
}

// outage checks that an error is one, and none of a store's answers.
func outage(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", what)
	}
	for _, answer := range []error{store.ErrNotFound, store.ErrExists, store.ErrConflict, store.ErrFull, store.ErrGarbled} {
		if errors.Is(err, answer) {
			t.Errorf("%s takes an outage for an answer: %v", what, err)
		}
	}
}
