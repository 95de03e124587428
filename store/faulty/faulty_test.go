package faulty_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/promises"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/faulty"
	"github.com/satchel-go/satchel/store/storetest"
)

func TestKit(t *testing.T) {
	storetest.Config{
		Small: func(tb testing.TB) store.Store {
			m, err := store.MemoryConfig{MaxRecords: 5}.New()
			if err != nil {
				tb.Fatal(err)
			}
			return faulty.New(m, faulty.Always(faulty.Fault{}))
		},
		Down: func(testing.TB) store.Store {
			return faulty.New(store.NewMemory(), faulty.Always(faulty.Fault{Before: faulty.ErrFault}))
		},
		Stalled: func(testing.TB) store.Store {
			return faulty.New(store.NewMemory(), faulty.Always(faulty.Fault{Delay: faulty.Forever}))
		},
	}.Run(t, func(testing.TB) store.Store { return faulty.New(store.NewMemory(), faulty.Always(faulty.Fault{})) })
}

var rec = core.Record{Revision: 1, Seen: 1, Deadline: 5, Body: "body"}

func next(at uint64) core.Record {
	n := rec
	n.Revision = at + 1
	return n
}

// writes are the methods that change something, at revision 1 of "k", and whether they have.
var writes = []struct {
	method string
	do     func(ctx context.Context, s store.Store) error
	took   func(s store.Store) bool
}{
	{"Create", func(ctx context.Context, s store.Store) error { return s.Create(ctx, "new", rec) }, func(s store.Store) bool { return has(s, "new", rec) }},
	{"Replace", func(ctx context.Context, s store.Store) error { return s.Replace(ctx, "k", 1, next(1)) }, func(s store.Store) bool { return has(s, "k", next(1)) }},
	{"Touch", func(ctx context.Context, s store.Store) error { return s.Touch(ctx, "k", 1, 2, 6) }, func(s store.Store) bool { return !has(s, "k", rec) }},
	{"Delete", func(ctx context.Context, s store.Store) error { return s.Delete(ctx, "k", 1) }, func(s store.Store) bool { return !has(s, "k", rec) }},
	{"Sweep", func(ctx context.Context, s store.Store) error {
		_, _, err := s.(store.Sweeper).Sweep(ctx, 5, 10)
		return err
	}, func(s store.Store) bool { return !has(s, "k", rec) }},
}

func has(s store.Store, key core.Key, want core.Record) bool {
	got, err := s.Load(context.Background(), key)
	return err == nil && got == want
}

// Each write fails without its effect, or with it; in time, or when its context ends.
func TestFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, w := range writes {
			for name, c := range map[string]struct {
				fault faulty.Fault
				want  error
				took  bool
				lasts time.Duration
			}{
				"none":              {faulty.Fault{}, nil, true, 0},
				"before":            {faulty.Fault{Before: faulty.ErrFault}, faulty.ErrFault, false, 0},
				"after":             {faulty.Fault{After: faulty.ErrFault}, faulty.ErrFault, true, 0},
				"late":              {faulty.Fault{Delay: time.Second}, nil, true, time.Second},
				"late and failed":   {faulty.Fault{Delay: time.Second, Before: faulty.ErrFault}, faulty.ErrFault, false, time.Second},
				"the answer late":   {faulty.Fault{Linger: time.Second, After: faulty.ErrFault}, faulty.ErrFault, true, time.Second},
				"never":             {faulty.Fault{Delay: faulty.Forever}, context.DeadlineExceeded, false, time.Minute},
				"the answer never":  {faulty.Fault{Linger: faulty.Forever}, context.DeadlineExceeded, true, time.Minute},
				"another's outcome": {faulty.Fault{After: store.ErrConflict}, store.ErrConflict, true, 0},
			} {
				inner := store.NewMemory()
				if err := inner.Create(t.Context(), "k", rec); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				began := time.Now()
				err := w.do(ctx, faulty.New(inner, faulty.Always(c.fault)))
				cancel()
				if took := w.took(inner); !errors.Is(err, c.want) || took != c.took || time.Since(began) != c.lasts {
					t.Errorf("%s, %s: %v after %v, took effect %v", w.method, name, err, time.Since(began), took)
				}
			}
		}
	})
}

// A Load whose answer is replaced hands out no record.
func TestLoadTellsNothing(t *testing.T) {
	inner := store.NewMemory()
	if err := inner.Create(t.Context(), "k", rec); err != nil {
		t.Fatal(err)
	}
	for _, fault := range []faulty.Fault{{Before: faulty.ErrFault}, {After: faulty.ErrFault}, {After: store.ErrNotFound}} {
		if got, err := faulty.New(inner, faulty.Always(fault)).Load(t.Context(), "k"); err == nil || got != (core.Record{}) {
			t.Errorf("%+v: %v, %v", fault, got, err)
		}
	}
}

func TestScripts(t *testing.T) {
	other := errors.New("other")
	script := faulty.Only("Load", faulty.Sequence(faulty.Fault{Before: faulty.ErrFault}, faulty.Fault{}, faulty.Fault{Before: other}))
	s := faulty.New(store.NewMemory(), script)
	if err := s.Create(t.Context(), "k", rec); err != nil {
		t.Fatal("the fault was for Load", err)
	}
	for i, want := range []error{faulty.ErrFault, nil, other, nil} {
		if _, err := s.Load(t.Context(), "k"); !errors.Is(err, want) {
			t.Errorf("call %d: %v, want %v", i, err, want)
		}
	}
	var on faulty.Switch
	s = faulty.New(store.NewMemory(), on.Script)
	for _, want := range []error{nil, faulty.ErrFault, nil} {
		on.Set(faulty.Fault{Before: want})
		if err := s.Create(t.Context(), core.Key(fmt.Sprint(want, "a")), rec); !errors.Is(err, want) && want != nil {
			t.Errorf("%v, want %v", err, want)
		}
	}
	var heard []faulty.Call
	s = faulty.New(store.NewMemory(), func(c faulty.Call) faulty.Fault {
		heard = append(heard, c)
		return faulty.Fault{}
	})
	_, _ = s.Load(t.Context(), "a")
	_ = s.Delete(t.Context(), "b", 1)
	if want := []faulty.Call{{0, "Load", "a"}, {1, "Delete", "b"}}; fmt.Sprintf("%#v", heard) != fmt.Sprintf("%#v", want) {
		t.Errorf("%#v", heard)
	}
}

// The first write takes effect and its answer is lost, as when a connection breaks.
func ExampleNew() {
	records := faulty.New(store.NewMemory(), faulty.Only("Create", faulty.Sequence(faulty.Fault{After: faulty.ErrFault})))
	ctx := context.Background()
	rec := core.Record{Revision: 1, Seen: 1_000, Deadline: 61_000, Body: "body"}
	fmt.Println(records.Create(ctx, "key", rec))
	fmt.Println(records.Create(ctx, "key", rec))
	// Output:
	// faulty: the engine does not answer
	// store: record exists
}

// An outage that begins and ends when the test says so.
func ExampleSwitch() {
	var outage faulty.Switch
	records := faulty.New(store.NewMemory(), outage.Script)
	outage.Set(faulty.Fault{Before: faulty.ErrFault})
	_, err := records.Load(context.Background(), "key")
	fmt.Println(err)
	outage.Set(faulty.Fault{})
	_, err = records.Load(context.Background(), "key")
	fmt.Println(err)
	// Output:
	// faulty: the engine does not answer
	// store: no such record
}

func TestGuarantees(t *testing.T) {
	promises.CheckAround(t, "store/faulty", func(inner store.Store) store.Store {
		return faulty.New(inner, faulty.Always(faulty.Fault{}))
	})
}
