package store_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Two nodes with a cache each over one store. The second hears of no change, so it may serve an ended session for a second.
func ExampleNewCache() {
	ctx := context.Background()
	records, clock := store.NewMemory(), time.Unix(0, 0)
	node := func() *store.Cache {
		c, err := store.NewCache(records, store.CacheConfig{MaxStale: time.Second, Now: func() time.Time { return clock }})
		if err != nil {
			panic(err)
		}
		return c
	}
	one, two := node(), node()
	_ = one.Create(ctx, "key", core.Record{Revision: 1, Deadline: 61_000, Body: "body"})

	ask := func(c *store.Cache) string {
		rec, err := c.Load(ctx, "key")
		if errors.Is(err, store.ErrNotFound) {
			return "none"
		}
		return rec.Body
	}
	fmt.Println(ask(one), ask(two))
	_ = one.Delete(ctx, "key", 1)
	fmt.Println(ask(one), ask(two))
	clock = clock.Add(time.Second)
	fmt.Println(ask(one), ask(two))
	// Output:
	// body body
	// none body
	// none none
}

func ExampleNewBus() {
	ctx := context.Background()
	bus := store.NewBus(store.NewMemory())
	feed, _ := bus.Listen(ctx)
	defer feed.Close()

	_ = bus.Create(ctx, "key", core.Record{Revision: 1, Deadline: 61_000, Body: "body"})
	_ = feed.Probe(ctx, 7)
	for range 2 {
		said, _ := feed.Next(ctx)
		fmt.Println(string(said.Key), said.Probe)
	}
	// Output:
	// key 0
	//  7
}
