package bolt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.etcd.io/bbolt"
	"go.uber.org/goleak"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/bolt"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ctx = context.Background()

const far = int64(4_200_000_000_000)

func live(revision uint64, body string) core.Record {
	return core.Record{Revision: revision, Seen: 10, Deadline: far, Body: body}
}

func key(i int) core.Key { return core.Key(fmt.Sprintf("key %028d", i)) }

// filled creates n records, many at once.
func filled(t *testing.T, s *bolt.Store, n int, body string) {
	t.Helper()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if err := s.Create(ctx, key(i), live(1, body)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// writes are the methods that change something, at revision 1 of "k".
func writes(s *bolt.Store) map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"Create":  func(ctx context.Context) error { return s.Create(ctx, "new", live(1, "body")) },
		"Replace": func(ctx context.Context) error { return s.Replace(ctx, "k", 1, live(2, "next")) },
		"Touch":   func(ctx context.Context) error { return s.Touch(ctx, "k", 1, 11, far+1) },
		"Delete":  func(ctx context.Context) error { return s.Delete(ctx, "k", 1) },
		"Sweep": func(ctx context.Context) error {
			_, _, err := s.Sweep(ctx, far, 10)
			return err
		},
	}
}

func TestConfig(t *testing.T) {
	_, err := bolt.Config{MaxBytes: 9, Wait: -1}.Open()
	for _, wrong := range []string{"no Path", "MaxBytes is 9, outside 65536", "Wait is -1ns"} {
		if err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("no word of %q in: %v", wrong, err)
		}
	}
	if _, err := bolt.Open(t.TempDir() + "/no folder/sessions.db"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// While the disk takes nothing, a caller leaves when its context ends. What had not begun then never does.
func TestHungDisk(t *testing.T) {
	s := open(t, bolt.Config{Path: fresh(t)})
	must(t, s.Create(ctx, "k", live(1, "body")))
	must(t, s.Create(ctx, "dead", core.Record{Revision: 1, Deadline: 1}))
	release := s.Hold() // as a flush that does not return
	begun := 0
	for method, write := range writes(s) {
		leaving, cancel := context.WithCancel(ctx)
		result := make(chan error)
		go func() { result <- write(leaving) }()
		begun++
		s.Queued(begun)
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", method, err)
		}
	}
	if rec, err := s.Load(ctx, "k"); err != nil || rec != live(1, "body") {
		t.Error("a read waits for a writer:", rec, err)
	}
	release()
	must(t, s.Create(ctx, "after", live(1, ""))) // which comes after all of them
	if rec, err := s.Load(ctx, "k"); err != nil || rec != live(1, "body") {
		t.Error(rec, err)
	}
	for k, want := range map[core.Key]error{"new": store.ErrNotFound, "dead": nil} {
		if _, err := s.Load(ctx, k); !errors.Is(err, want) {
			t.Errorf("%q: %v", string(k), err)
		}
	}
}

// A touch that moves nothing waits for no flush.
func TestTouchOfNothing(t *testing.T) {
	s := open(t, bolt.Config{Path: fresh(t)})
	must(t, s.Create(ctx, "k", live(1, "body")))
	before := s.Transactions()
	must(t, s.Touch(ctx, "k", 1, 9, far-1))
	if after := s.Transactions(); after != before {
		t.Error("it was written")
	}
}

// Writes that come during another are flushed together.
func TestTogether(t *testing.T) {
	s := open(t, bolt.Config{Path: fresh(t)})
	release := s.Hold()
	before := s.Transactions()
	var all sync.WaitGroup
	const many = 300
	for i := range many {
		all.Go(func() {
			if err := s.Create(ctx, key(i), live(1, "body")); err != nil {
				t.Error(err)
			}
		})
	}
	s.Queued(many)
	release()
	all.Wait()
	if took := s.Transactions() - before; took > 3 {
		t.Errorf("%d writes took %d flushes", many, took)
	}
}

// What needs more room than there is fails alone: those that were written together with it succeed, and so do deletions.
func TestLargeAmongSmall(t *testing.T) {
	s := open(t, bolt.Config{Path: fresh(t), MaxBytes: 1 << 20})
	must(t, s.Create(ctx, "k", live(1, "body")))
	release := s.Hold()
	var all sync.WaitGroup
	results := make([]error, 4)
	all.Go(func() { results[0] = s.Create(ctx, "small", live(1, "body")) })
	all.Go(func() { results[1] = s.Create(ctx, "large", live(1, strings.Repeat("b", 2<<20))) })
	all.Go(func() { results[2] = s.Delete(ctx, "k", 1) })
	all.Go(func() { results[3] = s.Delete(ctx, "none", 1) })
	s.Queued(4)
	release()
	all.Wait()
	for i, want := range []error{nil, store.ErrFull, nil, store.ErrNotFound} {
		if !errors.Is(results[i], want) {
			t.Errorf("%d: %v, want %v", i, results[i], want)
		}
	}
}

// What was touched after a sweep has looked, and before it removes, stays.
func TestSweepLooksAgain(t *testing.T) {
	s := open(t, bolt.Config{Path: fresh(t)})
	must(t, s.Create(ctx, "touched", core.Record{Revision: 1, Deadline: 100}))
	must(t, s.Create(ctx, "dead", core.Record{Revision: 1, Deadline: 100}))
	release := s.Hold()
	var all sync.WaitGroup
	all.Go(func() {
		if err := s.Touch(ctx, "touched", 1, 99, 101); err != nil {
			t.Error(err)
		}
	})
	s.Queued(1)
	all.Go(func() {
		if n, more, err := s.Sweep(ctx, 100, 10); n != 1 || more || err != nil {
			t.Error(n, more, err)
		}
	})
	s.Queued(2)
	release()
	all.Wait()
	if _, err := s.Load(ctx, "touched"); err != nil {
		t.Error(err)
	}
}

// A deletion for which there is no room is an outage, and no answer: the caller may be a logout.
func TestDeleteWithoutRoom(t *testing.T) {
	s := open(t, bolt.Config{Path: fresh(t), MaxBytes: 64 << 10})
	must(t, s.Create(ctx, "k", live(1, "body")))
	s.Shrink() // it may not grow from here
	release := s.Pin()
	at := uint64(1)
	for ; ; at++ { // each takes new pages, because the old ones may not be used again
		if err := s.Replace(ctx, "k", at, live(at+1, "body")); errors.Is(err, store.ErrFull) {
			break
		} else if err != nil || at > 1000 {
			t.Fatal(at, err)
		}
	}
	if err := s.Delete(ctx, "k", at); err == nil || errors.Is(err, store.ErrFull) {
		t.Error(err)
	}
	release()
	must(t, s.Delete(ctx, "k", at))
}

func TestFlushes(t *testing.T) {
	if !open(t, bolt.Config{Path: fresh(t)}).Flushes() {
		t.Error("what is acknowledged may not be on the disk")
	}
}

// The last sixteenth is for those who have a session: what Create may not fill, Replace and Delete may use.
func TestFloodLeavesRoom(t *testing.T) {
	s := open(t, bolt.Config{Path: fresh(t), MaxBytes: 4 << 20})
	n := 0
	for ; ; n++ {
		err := s.Create(ctx, key(n), live(1, strings.Repeat("b", 20_000)))
		if errors.Is(err, store.ErrFull) {
			break
		}
		must(t, err)
	}
	for i := range n {
		must(t, s.Replace(ctx, key(i), 1, live(2, strings.Repeat("c", 20_100))))
	}
	must(t, s.Delete(ctx, key(0), 2))
}

// A file that is none, or was cut short or overwritten, is an error and no panic, neither on opening nor later.
func TestDamaged(t *testing.T) {
	path := fresh(t)
	s := open(t, bolt.Config{Path: path})
	filled(t, s, 600, strings.Repeat("body", 50))
	must(t, s.Close())
	whole, err := os.ReadFile(path)
	must(t, err)
	garbage := bytes.Repeat([]byte("garbage "), 512)
	damage := map[string]func() []byte{
		"no file of ours": func() []byte { return bytes.Repeat(garbage, 16) },
		"cut short":       func() []byte { return whole[:9000] },
		"without pages":   func() []byte { return slices.Concat(whole[:8192], bytes.Repeat(garbage, (len(whole)-8192)/4096)) },
	}
	for page := 2; page < 12; page++ {
		damage[fmt.Sprint("page ", page)] = func() []byte { return slices.Concat(whole[:page*4096], garbage, whole[(page+1)*4096:]) }
	}
	for name, bytes := range damage {
		t.Run(name, func(t *testing.T) {
			path := fresh(t)
			must(t, os.WriteFile(path, bytes(), 0o600))
			s, err := bolt.Open(path)
			if err != nil {
				return
			}
			defer s.Close()
			for i := range 600 {
				if rec, err := s.Load(ctx, key(i)); err == nil && rec.Body != strings.Repeat("body", 50) {
					t.Error("another body")
				}
			}
			_, _, _ = s.Sweep(ctx, far+1, 1000)
			_ = s.Create(ctx, "new", live(1, "body"))
		})
	}
}

// The layout is in doc.go, for other programs and for those who mend a file.
func TestLayout(t *testing.T) {
	path := fresh(t)
	s := open(t, bolt.Config{Path: path})
	must(t, s.Create(ctx, "key", core.Record{Revision: 0x0102, Seen: 0x0304, Deadline: 0x050607, Body: "body"}))
	must(t, s.Close())
	db, err := bbolt.Open(path, 0o600, nil)
	must(t, err)
	defer db.Close()
	must(t, db.View(func(tx *bbolt.Tx) error {
		want := "\x01\x00\x00\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x03\x04\x00\x00\x00\x05\x06\x07body"
		if got := tx.Bucket([]byte("satchel records")).Get([]byte("kkey")); string(got) != want {
			t.Errorf("%q, want %q", got, want)
		}
		return nil
	}))
	stat, err := os.Stat(path)
	must(t, err)
	if stat.Mode().Perm() != 0o600 {
		t.Error(stat.Mode())
	}
}
