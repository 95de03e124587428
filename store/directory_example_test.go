package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

func ExampleNewDirectory() {
	top, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(top)
	path := filepath.Join(top, "sessions")
	ctx := context.Background()
	key := core.Key(strings.Repeat("k", 32)) // a hash; never an ID

	before, err := store.NewDirectory(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(before.Create(ctx, key, core.Record{Revision: 1, Seen: 1_000, Deadline: 61_000, Body: "one"}))
	fmt.Println(before.Touch(ctx, key, 1, 2_000, 62_000))
	_ = before.Close()

	after, err := store.NewDirectory(path) // as a program does that was started again
	if err != nil {
		fmt.Println(err)
		return
	}
	defer after.Close()
	rec, err := after.Load(ctx, key)
	fmt.Println(rec, rec.Body, err) // a record prints its times, and its body only where that is asked for
	// Output:
	// <nil>
	// <nil>
	// record (revision 1, seen 2000, deadline 62000) one <nil>
}

func ExampleDirectoryConfig_New() {
	path, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(path)
	ctx := context.Background()

	d, err := store.DirectoryConfig{Path: path, Sync: store.SyncNone}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer d.Close()
	for i := range 3 {
		_ = d.Create(ctx, core.Key(fmt.Sprint("key ", i)), core.Record{Revision: 1, Seen: 1_000, Deadline: 61_000, Body: "body"})
	}
	removed, more, err := d.Sweep(ctx, 61_000, 100)
	fmt.Println(removed, more, err)
	// Output:
	// 3 false <nil>
}
