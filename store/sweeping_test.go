package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel/store"
)

// sweeps notes when a store's goroutine asks for the instant, which it does once for each sweep.
type sweeps struct {
	mu  sync.Mutex
	all []time.Duration // since the one before
	was time.Time
}

func (s *sweeps) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.all, s.was = append(s.all, now.Sub(s.was)), now
	return now
}

// Stores that began at once do not sweep at once, and none sweeps in step: between sweeps are three quarters of SweepEvery to all of it.
func TestSweepsSpread(t *testing.T) {
	path := t.TempDir()
	for name, begin := range map[string]func(t *testing.T, s *sweeps){
		"memory": func(t *testing.T, s *sweeps) { open(t, store.MemoryConfig{SweepEvery: time.Minute, Now: s.now}) },
		"directory": func(t *testing.T, s *sweeps) {
			openDirectory(t, store.DirectoryConfig{Path: path, Sync: store.SyncNone, SweepEvery: time.Minute, Now: s.now})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const stores, rounds = 10, 20
				firsts, rests := map[time.Duration]bool{}, map[time.Duration]bool{}
				var all [stores]sweeps
				for i := range all {
					all[i].was = time.Now()
					begin(t, &all[i])
				}
				time.Sleep(rounds * time.Minute) // the bubble's clock
				synctest.Wait()
				for i := range all {
					all[i].mu.Lock()
					if n := len(all[i].all); n < rounds || n > rounds*4/3 {
						t.Errorf("%d sweeps in %d minutes", n, rounds)
					}
					firsts[all[i].all[0]] = true
					for _, rest := range all[i].all {
						rests[rest] = true
						if rest < 45*time.Second || rest > time.Minute {
							t.Errorf("%v between two sweeps", rest)
						}
					}
					all[i].mu.Unlock()
				}
				if len(firsts) < stores/2 || len(rests) < stores*rounds/2 {
					t.Errorf("%d stores began to sweep at %d instants, with %d different rests", stores, len(firsts), len(rests))
				}
			})
		})
	}
}

// What expires at one instant goes in bounded batches, with rests of different lengths between them, and at the instant at which the sweep began.
func TestSweepsOfEqualDeadlinesSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const batches = 50
		rests, left := map[time.Duration]bool{}, batches
		began, was := int64(0), time.Now()
		stop := sweeping(t, store.SweepConfig{Every: time.Hour, Limit: 7}, func(_ context.Context, now int64, limit int) (int, bool, error) {
			if left == batches {
				began, was = now, time.Now()
			} else {
				rest := time.Since(was)
				if rest <= 0 || rest > 10*time.Millisecond {
					t.Errorf("%v between two batches", rest)
				}
				rests[rest], was = true, time.Now()
			}
			if now != began || limit != 7 {
				t.Errorf("a batch of at most %d at %d, of a sweep that began at %d", limit, now, began)
			}
			left--
			return limit, left > 0, nil
		})
		time.Sleep(time.Hour + time.Second)
		synctest.Wait()
		if left != 0 || len(rests) < batches/2 {
			t.Errorf("%d batches are left, %d different rests", left, len(rests))
		}
		stop()
	})
}

// A sweep that fails is over, and the next one comes in its time. One that is asked to end does not rest before it does.
func TestSweepsFailAndEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls, failed atomic.Int32
		config := store.SweepConfig{Every: time.Minute, Failed: func(err error) {
			if failed.Add(1); !errors.Is(err, errTorn) {
				t.Errorf("told of %v", err)
			}
		}}
		stop := sweeping(t, config, func(ctx context.Context, _ int64, _ int) (int, bool, error) {
			if calls.Add(1) == 2 {
				<-ctx.Done()
				return 0, true, ctx.Err()
			}
			return 0, true, errTorn
		})
		time.Sleep(time.Minute)
		synctest.Wait()
		if calls.Load() != 1 || failed.Load() != 1 {
			t.Errorf("%d calls, told of %d failures", calls.Load(), failed.Load())
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		began := time.Now()
		stop()
		if time.Since(began) > 0 {
			t.Error("it rests before it ends")
		}
		if calls.Load() != 2 || failed.Load() != 1 {
			t.Errorf("%d calls; that it was to end is told as a failure: %d", calls.Load(), failed.Load())
		}
	})
}

// Everything that is wrong is said at once.
func TestSweepingRefuses(t *testing.T) {
	err := store.Sweeping(t.Context(), nil, store.SweepConfig{Every: -1, Limit: -1})
	for _, name := range []string{"Sweeper", "Every", "Limit"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v says nothing of %s", err, name)
		}
	}
}

// swept is a store's Sweep.
type swept func(ctx context.Context, now int64, limit int) (int, bool, error)

// Sweep implements [store.Sweeper].
func (s swept) Sweep(ctx context.Context, now int64, limit int) (int, bool, error) {
	return s(ctx, now, limit)
}

// sweeping sweeps on a goroutine, until the function that it returns is called.
func sweeping(t *testing.T, config store.SweepConfig, sweep swept) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- store.Sweeping(ctx, sweep, config) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
