package satchel_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// distant is a store that takes its time for each load but those of request, and counts how many it is asked for at once, and how many for one key.
type distant struct {
	*store.Memory
	takes time.Duration
	hangs bool // until the caller gives up

	mu       sync.Mutex
	now      int
	most     int
	of       map[core.Key]int
	mostOf   int
	loads    int
	loaded   chan struct{} // holds one for each load that begins, if not nil
	released chan struct{} // a load returns with what it has found only then, if not nil
}

func (d *distant) Load(ctx context.Context, key core.Key) (core.Record, error) {
	record, err := d.Memory.Load(ctx, key)
	if ctx.Value(requestKey{}) != nil {
		return record, err
	}
	d.mu.Lock()
	if d.of == nil {
		d.of = map[core.Key]int{}
	}
	d.loads++
	d.now++
	d.of[key]++
	d.most, d.mostOf = max(d.most, d.now), max(d.mostOf, d.of[key])
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		d.now--
		d.of[key]--
		d.mu.Unlock()
	}()
	if d.hangs {
		<-ctx.Done()
		return core.Record{}, ctx.Err()
	}
	if d.loaded != nil {
		d.loaded <- struct{}{}
		<-d.released
	}
	select {
	case <-time.After(d.takes):
		return record, err
	case <-ctx.Done():
		return core.Record{}, ctx.Err()
	}
}

type requestKey struct{}

// request is a request of one kind, with a token or none, and returns the token that the client has then.
func request(t *testing.T, s *satchel.Sessions, kind string, token core.Token, f func(ctx)) core.Token {
	t.Helper()
	as := context.WithValue(t.Context(), requestKey{}, true)
	ex := s.Open(satchel.Arrived{kind: token})
	f(ex.Context(as))
	outcomes, err := ex.Commit(as)
	must(t, err)
	for _, out := range outcomes {
		token = out.Token
	}
	return token
}

// watching begins n sessions of a kind and watches them.
func watching(t *testing.T, s *satchel.Sessions, kind satchel.Kind[cart], n int) (tokens []core.Token, watches []*satchel.Watch) {
	t.Helper()
	for range n {
		token := request(t, s, kind.Name(), "", func(ctx ctx) { must(t, kind.Set(ctx, cart{})) })
		request(t, s, kind.Name(), token, func(ctx ctx) {
			w, err := kind.Watch(ctx)
			must(t, err)
			t.Cleanup(w.Stop)
			watches = append(watches, w)
		})
		tokens = append(tokens, token)
	}
	return tokens, watches
}

// ends logs out in another program over the same store, or in the same one.
func ends(t *testing.T, s *satchel.Sessions, token core.Token) {
	t.Helper()
	request(t, s, "cart", token, func(ctx ctx) { must(t, carts.Clear(ctx)) })
}

func placedIn(t *testing.T, st store.Store) *satchel.Sessions {
	t.Helper()
	return satchel.Must(satchel.New(carts.ServerSide(st)))
}

// heard returns how long it takes until a watch has ended.
func heard(w *satchel.Watch) time.Duration {
	began := time.Now()
	<-w.Done()
	return time.Since(began)
}

// A thousand watches over a store 20 ms away hear of an end elsewhere within a sweep and what it takes, by a bounded number of loads at once, never
// two of one watch.
func TestWatchManyOverASlowStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &distant{Memory: store.NewMemory(), takes: 20 * time.Millisecond}
		s := placedIn(t, d)
		other := placedIn(t, d.Memory)
		tokens, watches := watching(t, s, carts, 1000)
		time.Sleep(10 * time.Second)
		for _, i := range []int{999, 0, 500} {
			ends(t, other, tokens[i])
			if took := heard(watches[i]); took > 3*time.Second || watches[i].Reason() != satchel.Ended {
				t.Errorf("the end of %d elsewhere was told after %v: %v", i, took, watches[i].Reason())
			}
		}
		if synctest.Wait(); d.most > 32 || d.most < 16 || d.mostOf > 1 {
			t.Errorf("up to %d loads at once, and %d of one watch", d.most, d.mostOf)
		}
	})
}

// What this process ends is told at once, though a thousand others are being looked at.
func TestWatchPokedAmidASweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &distant{Memory: store.NewMemory(), takes: time.Second}
		s := placedIn(t, d)
		tokens, watches := watching(t, s, carts, 1000)
		time.Sleep(10*time.Second + 300*time.Millisecond)
		for _, i := range []int{999, 0, 500} {
			ends(t, s, tokens[i])
			if took := heard(watches[i]); took > 2*d.takes {
				t.Errorf("the end of %d here was told after %v", i, took)
			}
		}
	})
}

// A store that hangs holds up the watches of its own kinds alone.
func TestWatchBesideAStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs := &distant{Memory: store.NewMemory(), hangs: true}
		good := store.NewMemory()
		lists := satchel.NewKind[cart]("list")
		s := satchel.Must(satchel.New(lists.ServerSide(hangs), carts.ServerSide(good)))
		watching(t, s, lists, 100)
		tokens, watches := watching(t, s, carts, 1)
		time.Sleep(10 * time.Second)
		ends(t, placedIn(t, good), tokens[0])
		if took := heard(watches[0]); took > time.Second {
			t.Errorf("told after %v", took)
		}
		if synctest.Wait(); hangs.loads == 0 || hangs.most > 32 {
			t.Errorf("%d loads hang, up to %d at once", hangs.loads, hangs.most)
		}
	})
}

// A look that had its record before the session ended, and that returns after it, is not the last word: the watch is looked at again.
func TestWatchPokedAmidItsLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &distant{Memory: store.NewMemory(), loaded: make(chan struct{}, 100), released: make(chan struct{})}
		s := satchel.Must(satchel.Config{WatchEvery: time.Hour, LoadLimit: time.Hour}.New(carts.ServerSide(d)))
		tokens, watches := watching(t, s, carts, 1)
		<-d.loaded // the first look has what it has found
		ends(t, s, tokens[0])
		close(d.released)
		if took := heard(watches[0]); took > time.Minute || watches[0].Reason() != satchel.Ended {
			t.Errorf("told after %v: %v", took, watches[0].Reason())
		}
	})
}

// Who stops while all looks are under way leaves nothing behind, and the next who watches is looked at.
func TestWatchStoppedAmidLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &distant{Memory: store.NewMemory(), hangs: true}
		s := placedIn(t, d)
		_, watches := watching(t, s, carts, 100)
		synctest.Wait()
		if d.now != 16 || goroutines() != 17 {
			t.Errorf("%d looks by %d goroutines", d.now, goroutines())
		}
		for _, w := range watches {
			w.Stop()
		}
		synctest.Wait()
		if d.now != 0 || goroutines() != 0 {
			t.Errorf("%d looks and %d goroutines are left", d.now, goroutines())
		}
		d.hangs = false
		tokens, again := watching(t, s, carts, 1)
		ends(t, s, tokens[0])
		if heard(again[0]) > time.Second || again[0].Reason() != satchel.Ended {
			t.Error(again[0].Reason())
		}
	})
}
