package observed_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/internal/promises"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/faulty"
	"github.com/satchel-go/satchel/store/observed"
	"github.com/satchel-go/satchel/store/storetest"
)

func TestKit(t *testing.T) {
	around := func(inner store.Store) store.Store {
		return observed.New(inner, func(context.Context, observed.Call) {})
	}
	fault := func(f faulty.Fault) func(testing.TB) store.Store {
		return func(testing.TB) store.Store { return around(faulty.New(store.NewMemory(), faulty.Always(f))) }
	}
	storetest.Config{
		Small: func(testing.TB) store.Store {
			m, err := store.MemoryConfig{MaxRecords: 5}.New()
			if err != nil {
				t.Fatal(err)
			}
			return around(m)
		},
		Down:    fault(faulty.Fault{Before: faulty.ErrFault}),
		Stalled: fault(faulty.Fault{Delay: faulty.Forever}),
	}.Run(t, func(testing.TB) store.Store { return around(store.NewMemory()) })
}

// Each call is told once, with its method, its time and its answer.
func TestEachCall(t *testing.T) {
	clock := time.UnixMilli(0)
	var told []string
	tell := func(_ context.Context, c observed.Call) {
		told = append(told, fmt.Sprintf("%s %v %v %d", c.Method, c.Took, c.Answer, c.Records))
	}
	next := faulty.Fault{}
	slow := faulty.New(store.NewMemory(), func(faulty.Call) faulty.Fault {
		clock = clock.Add(time.Millisecond)
		return next
	})
	s := observed.Config{Observe: tell, Now: func() time.Time { return clock }}.New(slow)
	ctx, cancel := context.WithCancel(context.Background())
	rec := core.Record{Revision: 1, Seen: 1, Deadline: 5}
	for range 3 {
		_ = s.Create(ctx, "k", rec)
		_ = s.Replace(ctx, "k", 2, rec)
	}
	_ = s.Touch(ctx, "k", 1, 2, 6)
	_ = s.Delete(ctx, "none", 1)
	if _, _, err := s.(store.Sweeper).Sweep(ctx, 6, 10); err != nil {
		t.Error(err)
	}
	for _, err := range []error{store.ErrFull, store.ErrGarbled, faulty.ErrFault} {
		next = faulty.Fault{Before: err}
		_, _ = s.Load(ctx, "k")
	}
	next = faulty.Fault{}
	for range s.(store.Lister).List(ctx) {
		t.Error("something is left")
	}
	cancel()
	_, _ = s.Load(ctx, "k")
	want := []string{
		"Create 1ms done 0", "Replace 1ms conflict 0", "Create 1ms exists 0", "Replace 1ms conflict 0", "Create 1ms exists 0", "Replace 1ms conflict 0",
		"Touch 1ms done 0", "Delete 1ms not-found 0", "Sweep 1ms done 1",
		"Load 1ms full 0", "Load 1ms garbled 0", "Load 1ms unavailable 0", "List 1ms done 0", "Load 0s ended 0",
	}
	if fmt.Sprint(told) != fmt.Sprint(want) {
		t.Errorf("told\n%q, want\n%q", told, want)
	}
}

// Answers and errors come through as they are.
func TestErrorsComeThrough(t *testing.T) {
	var seen error
	s := observed.New(faulty.New(store.NewMemory(), faulty.Always(faulty.Fault{Before: faulty.ErrFault})), func(_ context.Context, c observed.Call) { seen = c.Err })
	if _, err := s.Load(context.Background(), "k"); !errors.Is(err, faulty.ErrFault) || seen != err {
		t.Errorf("%v, and %v was told", err, seen)
	}
}

func TestNobodyObserves(t *testing.T) {
	inner := store.NewMemory()
	if s := observed.New(inner, nil); s != store.Store(inner) {
		t.Error("there is something between")
	}
}

func TestAllocNothing(t *testing.T) {
	need.NoRace(t)
	s := observed.New(store.NewMemory(), func(context.Context, observed.Call) {})
	ctx := context.Background()
	if err := s.Create(ctx, "k", core.Record{Revision: 1, Deadline: 5}); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = s.Load(ctx, "k") }); n > 0 {
		t.Errorf("observing a Load allocates %v times", n)
	}
}

func ExampleNew() {
	records := observed.New(store.NewMemory(), func(_ context.Context, c observed.Call) { fmt.Println(c.Method, c.Answer) })
	_, _ = records.Load(context.Background(), "key")
	// Output: Load not-found
}

// With a clock of one's own the durations are exact.
func ExampleConfig_New() {
	clock := time.UnixMilli(0)
	records := observed.Config{
		Observe: func(_ context.Context, c observed.Call) { fmt.Println(c.Method, c.Answer, c.Took) },
		Now: func() time.Time {
			clock = clock.Add(2 * time.Millisecond)
			return clock
		},
	}.New(store.NewMemory())
	_ = records.Create(context.Background(), "key", core.Record{Revision: 1, Seen: 1_000, Deadline: 61_000})
	// Output: Create done 2ms
}

func TestGuarantees(t *testing.T) {
	promises.CheckAround(t, "store/observed", func(inner store.Store) store.Store {
		return observed.New(inner, func(context.Context, observed.Call) {})
	})
}
