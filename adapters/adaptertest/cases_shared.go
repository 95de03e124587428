package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/satchel-go/satchel"
)

// parallelChanges: of changes that are made at once none is lost.
func parallelChanges(b *bench) {
	b.pages(nil)
	b.says("ann", "add x", "x")
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if c := b.visit(fmt.Sprint("ann/", i), "add x"); c.status != 200 {
				b.Errorf("a change beside others: %d %s", c.status, c.body)
			}
		})
	}
	all.Wait()
	b.says("ann", "show", strings.TrimSpace(strings.Repeat("x ", 17)))
	if n := b.ledger.Records(); n != 1 {
		b.Errorf("%d records of one session", n)
	}
}

// parallelUse: goroutines of one handler use a session at once.
func parallelUse(b *bench) {
	b.pages(map[string]page{"many": func(v Visit) (string, error) {
		ctx := v.Context()
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if _, err := carts.Update(ctx, func(w Words) Words { return Words{append(w.Words, "x")} }); err != nil {
					b.Error(err)
				}
			})
		}
		all.Wait()
		return show(v)
	}})
	b.says("ann", "add tea", "tea")
	want := "tea" + strings.Repeat(" x", 4)
	b.says("ann", "many", want)
	b.says("ann", "show", want)
}

// keptHandles: what a handler kept of its session shows nothing of anybody when other requests have come.
func keptHandles(b *bench) {
	type held struct {
		ctx      context.Context
		exchange *satchel.Exchange
	}
	var all []held
	b.pages(map[string]page{"hold": func(v Visit) (string, error) {
		ex, _ := v.Context().Value(satchel.ExchangeKey{}).(*satchel.Exchange)
		if ex == nil {
			return "", errors.New("the context has no exchange")
		}
		all = append(all, held{ex.Context(context.Background()), ex})
		return "held", nil // without having used the session
	}})
	people := []string{"ann", "bob", "carl"}
	for _, who := range people {
		b.says(who, "add of-"+who, "of-"+who)
	}
	for range 2 {
		for _, who := range people {
			b.says(who, "hold", "held")
			b.says(who, "show", "of-"+who)
		}
	}
	for i, h := range all {
		if w, ok, err := carts.Get(h.ctx); ok || !errors.Is(err, satchel.ErrClosed) {
			b.Errorf("what was kept of request %d reads %v, %v", i, w, err)
		}
		if err := carts.Set(h.ctx, Words{}); !errors.Is(err, satchel.ErrClosed) {
			b.Errorf("what was kept of request %d writes: %v", i, err)
		}
		if slices.ContainsFunc(all[:i], func(o held) bool { return o.exchange == h.exchange }) {
			b.Errorf("request %d had the exchange of an earlier one", i)
		}
	}
}

// goroutineOutlives: a goroutine that first uses its session at about the time when the handler returns gets its own, or
// is told that the exchange is over, while others' requests fill the buffers of the framework.
func goroutineOutlives(b *bench) {
	var running sync.WaitGroup
	b.pages(map[string]page{"start": func(v Visit) (string, error) {
		mine := strings.Clone(v.Sent(wordField))
		ctx := v.Context().Value(satchel.ExchangeKey{}).(*satchel.Exchange).Context(context.Background())
		read := make(chan struct{})
		running.Go(func() {
			defer close(read)
			w, ok, err := carts.Get(ctx)
			if !errors.Is(err, satchel.ErrClosed) && (err != nil || !ok || !slices.Equal(w.Words, []string{mine})) {
				b.Errorf("the goroutine of %s reads %v, %v", mine, w.Words, err)
			}
		})
		if mine == "bob" { // whose goroutine is always in time
			within(b, read)
		}
		return "started", nil
	}})
	people := []string{"ann", "bob", "carl"}
	for _, who := range people {
		b.says(who, "add "+who, who)
	}
	for range 20 {
		for _, who := range people {
			b.says(who, "start "+who, "started")
		}
	}
	running.Wait()
}
