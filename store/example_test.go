package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

func ExampleNewMemory() {
	ctx := context.Background()
	m := store.NewMemory()
	key := core.Key(strings.Repeat("k", 32)) // a hash; never an ID

	_ = m.Create(ctx, key, core.Record{Revision: 1, Seen: 1_000, Deadline: 61_000, Body: "one"})
	fmt.Println(m.Replace(ctx, key, 1, core.Record{Revision: 2, Seen: 2_000, Deadline: 62_000, Body: "two"}))
	fmt.Println(m.Replace(ctx, key, 1, core.Record{Revision: 2, Seen: 2_000, Deadline: 62_000, Body: "too late"}))
	rec, _ := m.Load(ctx, key)
	fmt.Println(rec.Revision, rec.Body)
	// Output:
	// <nil>
	// store: record has another revision
	// 2 two
}

func ExampleMemoryConfig_New() {
	ctx := context.Background()
	m, err := store.MemoryConfig{MaxRecords: 2}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	for i := range 3 {
		err := m.Create(ctx, core.Key(fmt.Sprint("key ", i)), core.Record{Revision: 1, Seen: 1_000, Deadline: 61_000, Body: "body"})
		fmt.Println(i, errors.Is(err, store.ErrFull))
	}
	removed, more, _ := m.Sweep(ctx, 61_000, 100)
	fmt.Println(removed, more, m.Stats())
	// Output:
	// 0 false
	// 1 false
	// 2 true
	// 2 false {0 0}
}
