//go:build unix

package servers

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Rec is a record that stays.
var Rec = core.Record{Revision: 1, Seen: 10, Deadline: core.MaxInstant - 1, Body: "body"}

// Next is Rec at the revision after at.
func Next(at uint64) core.Record {
	n := Rec
	n.Revision = at + 1
	return n
}

// Key is a key of 32 bytes.
func Key(i int) core.Key { return core.Key(fmt.Sprintf("key %028d", i)) }

// Writes are the methods that change something, at revision 1 of "k".
func Writes(s store.Store) map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"Create":  func(ctx context.Context) error { return s.Create(ctx, "new", Rec) },
		"Replace": func(ctx context.Context) error { return s.Replace(ctx, "k", 1, Next(1)) },
		"Touch":   func(ctx context.Context) error { return s.Touch(ctx, "k", 1, 11, core.MaxInstant) },
		"Delete":  func(ctx context.Context) error { return s.Delete(ctx, "k", 1) },
	}
}

// calls are the writes, and the methods that only read or clear away.
func calls(s store.Store) map[string]func(ctx context.Context) error {
	all := Writes(s)
	all["Load"] = func(ctx context.Context) error {
		_, err := s.Load(ctx, Key(1))
		return err
	}
	if sweeper, ok := s.(store.Sweeper); ok {
		all["Sweep"] = func(ctx context.Context) error {
			_, _, err := sweeper.Sweep(ctx, 5, 5)
			return err
		}
	}
	return all
}

// Outage checks that an error is one, and none of a store's answers.
func Outage(tb testing.TB, what string, err error) {
	tb.Helper()
	if err == nil {
		tb.Errorf("%s: no error", what)
	}
	for _, answer := range []error{store.ErrNotFound, store.ErrExists, store.ErrConflict, store.ErrFull, store.ErrGarbled} {
		if errors.Is(err, answer) {
			tb.Errorf("%s takes an outage for an answer: %v", what, err)
		}
	}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// Killed kills the server and brings it back, twice. While it is gone each method is an outage at once. When it is back, every record is as
// it was, and what was deleted is gone. warm fills the client's pool with connections, which are dead after a kill; if it is nil the client
// may need a while to notice.
func Killed(t *testing.T, server *Server, s store.Store, warm func()) {
	t.Helper()
	ctx := t.Context()
	for i := range 20 {
		must(t, s.Create(ctx, Key(i), Rec))
		must(t, s.Replace(ctx, Key(i), 1, Next(1)))
	}
	must(t, s.Delete(ctx, Key(0), 2))
	for range 2 {
		if warm != nil {
			warm()
		}
		server.Kill()
		within, cancel := context.WithTimeout(ctx, Patience)
		for method, do := range calls(s) {
			Outage(t, method, do(within))
		}
		if within.Err() != nil {
			t.Error("the calls waited until their context ended, though the server is gone")
		}
		cancel()
		server.Up()
		if warm != nil { // then the first read is answered though all connections are dead
			warm()
			server.Kill()
			server.Up()
		}
		for i := range 20 {
			recovered(t, s, Key(i), i > 0, warm == nil)
		}
	}
}

// recovered checks that a record is there as it was, or is not there. An outage may go on for a while if waits says so.
func recovered(t *testing.T, s store.Store, key core.Key, there, waits bool) {
	t.Helper()
	var kept core.Record
	var err error
	load := func() bool {
		kept, err = s.Load(t.Context(), key)
		return err == nil || errors.Is(err, store.ErrNotFound)
	}
	if waits {
		Eventually(t, "the store answers", load)
	} else {
		load()
	}
	if !there && !errors.Is(err, store.ErrNotFound) || there && (err != nil || kept != Next(1)) {
		t.Errorf("after the outage: %+v, %v", kept, err)
	}
}

// promptly is how soon after its context a call ends, on a machine that has other work.
const promptly = 2 * time.Second

// Hung stops the server. Each call ends with its context, also those that wait for a connection. When the server goes on, all is as it was.
func Hung(t *testing.T, server *Server, s store.Store) {
	t.Helper()
	must(t, s.Create(t.Context(), "k", Rec))
	server.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	errs := make(chan error, 200)
	for range 200 {
		go func() {
			_, err := s.Load(ctx, "k")
			errs <- err
		}()
	}
	<-ctx.Done()
	late := time.NewTimer(promptly)
	defer late.Stop()
	for range 200 {
		select {
		case err := <-errs:
			Outage(t, "Load", err)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		case <-late.C:
			t.Fatalf("a call goes on %v after its context ended", promptly)
		}
	}
	for method, do := range calls(s) {
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error, 1)
		go func() { result <- do(ctx) }()
		cancel()
		var err error
		select {
		case err = <-result:
		case <-time.After(promptly):
			t.Fatalf("%s goes on %v after its context ended", method, promptly)
		}
		Outage(t, method, err)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", method, err)
		}
	}
	server.Resume()
	Eventually(t, "the store answers", func() bool {
		within, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		kept, err := s.Load(within, "k")
		if err != nil {
			Outage(t, "Load", err)
		}
		return err == nil && kept.Body == Rec.Body
	})
}

// Counters lets many count in one record by compare-and-swap, through several stores on the same records. Each count is there once.
func Counters(t *testing.T, stores ...store.Store) {
	t.Helper()
	const callers, each = 16, 20
	must(t, stores[0].Create(t.Context(), "counter", core.Record{Revision: 1, Deadline: core.MaxInstant, Body: "0"}))
	var all sync.WaitGroup
	for i := range callers {
		s := stores[i%len(stores)]
		all.Go(func() {
			for done := 0; done < each; {
				switch err := count(t.Context(), s, "counter"); {
				case err == nil:
					done++
				case !errors.Is(err, store.ErrConflict):
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	kept, err := stores[0].Load(t.Context(), "counter")
	if want := fmt.Sprint(callers * each); err != nil || kept.Body != want || kept.Revision != callers*each+1 {
		t.Errorf("%+v, %v, want %s", kept, err, want)
	}
}

// count adds one to the number that a record has.
func count(ctx context.Context, s store.Store, key core.Key) error {
	kept, err := s.Load(ctx, key)
	if err != nil {
		return err
	}
	var n int
	if _, err := fmt.Sscan(kept.Body, &n); err != nil {
		return err
	}
	at := kept.Revision
	kept.Revision++
	kept.Body = fmt.Sprint(n + 1)
	return s.Replace(ctx, key, at, kept)
}

// CountersThroughRestarts kills and restarts the server under load. No record is lost, and every confirmed change is there. A change that
// was not confirmed may be, once.
func CountersThroughRestarts(t *testing.T, server *Server, s store.Store) {
	t.Helper()
	const many = 8
	var confirmed, unknown atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	var users sync.WaitGroup
	var sure, unsure [many]int
	for i := range many {
		must(t, s.Create(t.Context(), Key(i), core.Record{Revision: 1, Deadline: core.MaxInstant, Body: "0"}))
		users.Go(func() {
			for ctx.Err() == nil {
				err := count(context.Background(), s, Key(i))
				if err == nil {
					sure[i]++
					confirmed.Add(1)
					continue
				}
				Outage(t, "a change", err)
				unsure[i]++
				unknown.Add(1)
			}
		})
	}
	for range 2 {
		done, failed := confirmed.Load(), unknown.Load()
		Eventually(t, "changes are confirmed", func() bool { return confirmed.Load() > done+20 })
		server.Kill()
		Eventually(t, "changes fail", func() bool { return unknown.Load() > failed })
		server.Up()
	}
	done := confirmed.Load()
	Eventually(t, "changes are confirmed again", func() bool { return confirmed.Load() > done+20 })
	cancel()
	users.Wait()
	for i := range many {
		kept, err := s.Load(t.Context(), Key(i))
		var n int
		if _, bad := fmt.Sscan(kept.Body, &n); err != nil || bad != nil || n < sure[i] || n > sure[i]+unsure[i] || kept.Revision != uint64(n+1) {
			t.Errorf("%+v, %v, want %d, and at most %d that were not confirmed", kept, err, sure[i], unsure[i])
		}
	}
	t.Logf("%d confirmed, %d not", confirmed.Load(), unknown.Load())
}
