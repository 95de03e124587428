package store_test

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// A store without a sweeper that is full of the dead takes the living, once their Seen says that the time has come.
func TestMemoryFullOfTheDeadRecovers(t *testing.T) {
	const n = 500
	m := open(t, store.MemoryConfig{MaxRecords: n})
	for i := range n {
		want(t, m.Create(ctx, key(i), record(0, 10, "dead")), nil)
	}
	want(t, m.Create(ctx, key(n), record(9, 20, "live")), store.ErrFull) // an instant early
	for i := n; i < 2*n; i++ {
		want(t, m.Create(ctx, key(i), record(10, 20, "live")), nil)
	}
	want(t, m.Create(ctx, key(2*n), record(19, 30, "live")), store.ErrFull)
	for i := n; i < 2*n; i++ {
		if _, err := m.Load(ctx, key(i)); err != nil {
			t.Fatalf("live record %d: %v", i, err)
		}
	}
}

// Where nobody sweeps, the dead stay a small part of what is kept.
func TestMemoryCreateRemovesTheDead(t *testing.T) {
	const life, made = 20_000, 200_000
	m := store.NewMemory()
	most := 0
	for i := range made {
		now := int64(i)
		want(t, m.Create(ctx, key(i), record(now, now+life, "body")), nil)
		most = max(most, m.Stats().Records)
	}
	if most > life*5/4 {
		t.Errorf("up to %d records were kept for %d living", most, life)
	}
	for i := made - life; i < made; i++ {
		if _, err := m.Load(ctx, key(i)); err != nil {
			t.Fatalf("live record %d: %v", i, err)
		}
	}
}

func TestMemorySweepEvery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		m := open(t, store.MemoryConfig{SweepEvery: time.Minute})
		deadline := began.Add(90 * time.Second).UnixMilli()
		for i := range 3000 {
			want(t, m.Create(ctx, key(i), record(began.UnixMilli(), deadline, "")), nil)
		}
		want(t, m.Create(ctx, key(3000), record(began.UnixMilli(), core.MaxInstant, "")), nil)
		time.Sleep(time.Minute) // the bubble's clock, which stands still while anything runs
		synctest.Wait()
		wantStats(t, m, 3001, 3001*overhead)
		time.Sleep(time.Minute + time.Second) // the second sweep has begun, and is over with its batches
		synctest.Wait()
		wantStats(t, m, 1, overhead)

		want(t, m.Close(), nil)
		want(t, m.Close(), nil)
		want(t, m.Create(ctx, key(1), record(0, 1, "")), nil)
		time.Sleep(time.Hour)
		synctest.Wait()
		wantStats(t, m, 2, 2*overhead)
	})
}

func TestMemorySweepsByTheClockItWasGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := open(t, store.MemoryConfig{SweepEvery: time.Minute, Now: func() time.Time { return time.UnixMilli(500) }})
		want(t, m.Create(ctx, key(1), record(0, 500, "")), nil)
		want(t, m.Create(ctx, key(2), record(0, 501, "")), nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		wantStats(t, m, 1, overhead)
	})
}

func TestMemoryCloseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		m := open(t, store.MemoryConfig{SweepEvery: time.Minute, Now: func() time.Time {
			<-release
			return time.Now()
		}})
		time.Sleep(time.Minute)
		synctest.Wait() // the goroutine is sweeping
		var closed atomic.Bool
		go func() {
			m.Close()
			closed.Store(true)
		}()
		synctest.Wait()
		if closed.Load() {
			t.Error("Close returned before the goroutine had ended")
		}
		close(release)
		synctest.Wait()
		if !closed.Load() {
			t.Error("Close did not return")
		}
	})
}

func TestMemorySweepHoldsNoLockForLong(t *testing.T) {
	const n, most = 100_000, 256
	m := store.NewMemory()
	for i := range n {
		want(t, m.Create(ctx, key(i), record(0, 9, "")), nil)
	}
	counting := &countingContext{Context: ctx}
	_, _, err := m.Sweep(counting, 0, 1)
	want(t, err, nil)
	if counting.asked < n/most {
		t.Errorf("%d records were looked at in %d holds", n, counting.asked)
	}
}

func TestMemorySweepGoesOnWhereItStopped(t *testing.T) {
	const n = 2000
	m := store.NewMemory()
	for i := range n {
		want(t, m.Create(ctx, key(i), record(0, 9, "")), nil)
	}
	counting := &countingContext{Context: ctx}
	for more := true; more; {
		var err error
		_, more, err = m.Sweep(counting, 9, 1)
		want(t, err, nil)
	}
	if counting.asked > 4*n {
		t.Errorf("removing %d records took %d holds", n, counting.asked)
	}
	wantStats(t, m, 0, 0)
}

// A sweep beside writers misses nothing that was past its deadline when it began.
func TestMemorySweepIsCompleteBesideWriters(t *testing.T) {
	const n = 4000
	m := store.NewMemory()
	for i := range n {
		want(t, m.Create(ctx, key(i), record(0, 5+int64(i%2)*100, "")), nil)
	}
	stop := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		for i := n; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			_ = m.Create(ctx, key(i), record(0, 100, ""))
			_ = m.Delete(ctx, key(i-10), 1)
			_ = m.Delete(ctx, key(rand.IntN(n)|1), 1) // a live one, so that positions move
		}
	})
	for more := true; more; {
		var removed int
		var err error
		removed, more, err = m.Sweep(ctx, 5, 100)
		want(t, err, nil)
		if removed > 100 {
			t.Fatalf("removed %d", removed)
		}
	}
	close(stop)
	done.Wait()
	for i := 0; i < n; i += 2 {
		_, err := m.Load(ctx, key(i))
		want(t, err, store.ErrNotFound)
	}
}
