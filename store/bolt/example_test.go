package bolt_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store/bolt"
)

// A kind of session in one file.
func ExampleOpen() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)

	records, err := bolt.Open(filepath.Join(folder, "sessions.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer records.Close()
	sessions := satchel.Must(satchel.New(satchel.NewKind[[]string]("cart").ServerSide(records)))
	fmt.Println(len(sessions.Placed()), records.Guarantees().Durability == 2)
	// Output: 1 true
}

// What was kept is there when the program begins again.
func ExampleConfig_Open() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	config := bolt.Config{Path: filepath.Join(folder, "sessions.db"), MaxBytes: 1 << 30}
	ctx := context.Background()
	for run := range 2 {
		records, err := config.Open()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(run, records.Create(ctx, "key", core.Record{Revision: 1, Seen: 1_000, Deadline: 61_000, Body: "body"}))
		_ = records.Close()
	}
	// Output:
	// 0 <nil>
	// 1 store: record exists
}
