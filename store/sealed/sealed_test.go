package sealed_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/internal/promises"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/faulty"
	"github.com/satchel-go/satchel/store/sealed"
	"github.com/satchel-go/satchel/store/storetest"
)

var ctx = context.Background()

// ring returns a keyring whose keys are the letters of a text, of which the first is primary and the others retire.
func ring(tb testing.TB, ids string) *crypto.Keyring {
	tb.Helper()
	var keys []crypto.Key
	for i, id := range ids {
		state := crypto.Primary
		if i > 0 {
			state = crypto.Retiring
		}
		key, err := crypto.NewKey(string(id), state, bytes.Repeat([]byte(string(id)), 32))
		must(tb, err)
		keys = append(keys, key)
	}
	r, err := crypto.NewKeyring(keys...)
	must(tb, err)
	return r
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func over(tb testing.TB, inner store.Store, ids string) store.Store {
	tb.Helper()
	s, err := sealed.New(ctx, inner, satchel.FixedKeys(ring(tb, ids)))
	must(tb, err)
	return s
}

func TestKit(t *testing.T) {
	var inside sync.Map // by the store around it
	open := func(tb testing.TB, inner store.Store) store.Store {
		s := over(tb, inner, "a")
		inside.Store(s, inner)
		return s
	}
	fault := func(f faulty.Fault) func(testing.TB) store.Store {
		return func(tb testing.TB) store.Store { return open(tb, faulty.New(store.NewMemory(), faulty.Always(f))) }
	}
	storetest.Config{
		Small: func(tb testing.TB) store.Store {
			m, err := store.MemoryConfig{MaxRecords: 5}.New()
			must(tb, err)
			return open(tb, m)
		},
		Down:    fault(faulty.Fault{Before: faulty.ErrFault}),
		Stalled: fault(faulty.Fault{Delay: faulty.Forever}),
		Garble: func(tb testing.TB, s store.Store, key core.Key, revision uint64) bool {
			if revision == 0 {
				return false // a revision stands in the clear
			}
			inner, _ := inside.Load(s)
			must(tb, inner.(store.Store).Create(ctx, key, rec(revision, "never sealed")))
			return true
		},
		Peer: func(tb testing.TB, s store.Store) store.Store {
			inner, _ := inside.Load(s)
			return over(tb, inner.(store.Store), "a")
		},
	}.Run(t, func(tb testing.TB) store.Store { return open(tb, store.NewMemory()) })
}

func rec(revision uint64, body string) core.Record {
	return core.Record{Revision: revision, Seen: 1_700_000_000_000, Deadline: 4_200_000_000_000, Body: body}
}

// garbled checks that a record cannot be read, is never overwritten, and can be deleted at its revision.
func garbled(t *testing.T, what string, s, inner store.Store, key core.Key, revision uint64) {
	t.Helper()
	before, err := inner.Load(ctx, key)
	must(t, err)
	got, err := s.Load(ctx, key)
	if !errors.Is(err, store.ErrGarbled) || got != (core.Record{Revision: revision}) {
		t.Errorf("%s: Load: %v, %v", what, got, err)
	}
	if err := s.Create(ctx, key, rec(1, "new")); !errors.Is(err, store.ErrExists) {
		t.Errorf("%s: Create: %v", what, err)
	}
	if err := s.Replace(ctx, key, revision, rec(revision+1, "new")); !errors.Is(err, store.ErrGarbled) {
		t.Errorf("%s: Replace: %v", what, err)
	}
	if err := s.Touch(ctx, key, revision, before.Seen+1, before.Deadline+1); !errors.Is(err, store.ErrGarbled) {
		t.Errorf("%s: Touch: %v", what, err)
	}
	if after, err := inner.Load(ctx, key); err != nil || after != before {
		t.Errorf("%s was changed: %v", what, err)
	}
	for one, err := range s.(store.Lister).List(ctx) {
		if err != nil || one.Name == store.Name(key) && (!one.Garbled || one.Revision != revision) {
			t.Errorf("%s is listed as %+v, %v", what, one, err)
		}
	}
	if err := s.Delete(ctx, key, revision+1); !errors.Is(err, store.ErrConflict) {
		t.Errorf("%s: Delete at another revision: %v", what, err)
	}
	must(t, s.Delete(ctx, key, revision))
}

// What lies in the inner store shows nothing of a body, and nothing of it opens where it was not sealed for.
func TestRowsCannotBeSwapped(t *testing.T) {
	inner := store.NewMemory()
	s := over(t, inner, "a")
	secret := "an address and a card's number"
	must(t, s.Create(ctx, "k", rec(1, secret)))
	first, err := inner.Load(ctx, "k")
	must(t, err)
	if strings.Contains(first.Body, secret[:5]) || len(first.Body) > len(secret)+44 {
		t.Errorf("at rest: %q", first.Body)
	}
	must(t, s.Replace(ctx, "k", 1, rec(2, secret)))
	second, err := inner.Load(ctx, "k")
	must(t, err)
	if strings.Contains(second.Body, first.Body[20:]) {
		t.Error("one nonce for two records")
	}
	flipped := []byte(first.Body)
	flipped[len(flipped)-1] ^= 1
	for what, body := range map[string]string{
		"an older body": first.Body, "a changed body": string(flipped), "a body cut short": first.Body[:30], "no seal": "a plain body", "nothing": "",
	} {
		plant := second
		plant.Body = body
		must(t, inner.Create(ctx, "planted", plant))
		garbled(t, what, s, inner, "planted", 2)
	}
	must(t, s.Create(ctx, "third", rec(1, secret)))
	older, err := inner.Load(ctx, "third")
	must(t, err)
	must(t, inner.Delete(ctx, "third", 1))
	older.Revision = 2
	must(t, inner.Create(ctx, "third", older))
	garbled(t, "its own body, of another revision", s, inner, "third", 2)
	must(t, inner.Create(ctx, "other", second))
	garbled(t, "another row's body", s, inner, "other", 2)
	if kept, err := s.Load(ctx, "k"); err != nil || kept != rec(2, secret) {
		t.Error(kept, err)
	}
}

// noRing has no keyring, and no reason for it.
func noRing(context.Context) (*crypto.Keyring, error) { return nil, nil } //nolint:nilnil // the fault of a source

func TestConfig(t *testing.T) {
	_, err := sealed.Config{Refresh: -1}.New(ctx, nil)
	for _, wrong := range []string{"no store inside", "no Keys", "Refresh is -1ns"} {
		if err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("no word of %q in: %v", wrong, err)
		}
	}
	for _, keys := range []satchel.Keys{satchel.FixedKeys(nil), noRing} {
		if _, err := sealed.New(ctx, store.NewMemory(), keys); err == nil || !strings.Contains(err.Error(), "no keyring") {
			t.Error(err)
		}
	}
}

// Without entropy nothing is kept.
func TestNoEntropy(t *testing.T) {
	inner := store.NewMemory()
	empty := errors.New("empty")
	s, err := sealed.Config{Keys: satchel.FixedKeys(ring(t, "a")), Entropy: iotest.ErrReader(empty)}.New(ctx, inner)
	must(t, err)
	if err := s.Create(ctx, "k", rec(1, "body")); !errors.Is(err, empty) || inner.Stats().Records > 0 {
		t.Error(err)
	}
}

// A record is sealed under a key of its hour, so a ring that has seen many hours serves as one that has not.
func TestManyHours(t *testing.T) {
	s := over(t, store.NewMemory(), "a")
	for i := range int64(300) {
		key := core.Key(fmt.Sprint(i))
		r := rec(1, "body")
		r.Seen += i * int64(time.Hour/time.Millisecond)
		must(t, s.Create(ctx, key, r))
		if kept, err := s.Load(ctx, key); err != nil || kept != r {
			t.Fatal(kept, err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	s := over(b, store.NewMemory(), "a")
	must(b, s.Create(ctx, "k", rec(1, rand.Text())))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Load(ctx, "k"); err != nil {
			b.Fatal(err)
		}
	}
}

// Records are sealed before they reach the store inside.
func ExampleNew() {
	ring, _ := crypto.ParseKeyring("k1:primary:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE")
	inner := store.NewMemory()
	records, err := sealed.New(ctx, inner, satchel.FixedKeys(ring))
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = records.Create(ctx, "key", core.Record{Revision: 1, Seen: 1_000, Deadline: 61_000, Body: "body"})
	rec, err := records.Load(ctx, "key")
	fmt.Println(rec.Body, err)
	rec, _ = inner.Load(ctx, "key")
	fmt.Println(strings.Contains(rec.Body, "body"), len(rec.Body))
	// Output:
	// body <nil>
	// false 42
}

// With entropy that is given, what lies at rest is the same each time. A program leaves it out.
func ExampleConfig_New() {
	ring, _ := crypto.ParseKeyring("k1:primary:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE")
	inner := store.NewMemory()
	records, err := sealed.Config{Keys: satchel.FixedKeys(ring), Entropy: strings.NewReader("twelve bytes")}.New(ctx, inner)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = records.Create(ctx, "key", core.Record{Revision: 1, Seen: 1_000, Deadline: 61_000, Body: "body"})
	rec, _ := inner.Load(ctx, "key")
	fmt.Printf("%q\n", rec.Body[:22])
	// Output:
	// "\x02k1\x00\x00\x00\x00\x00\x03\xe8twelve bytes"
}

func TestGuarantees(t *testing.T) {
	promises.CheckAround(t, "store/sealed", func(inner store.Store) store.Store { return over(t, inner, "a") })
}
