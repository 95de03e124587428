package satchel_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/satchel-go/satchel"
)

func TestMakeKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "for", "it", "keys")
	var made atomic.Int64
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			did, err := satchel.MakeKeyFile(path)
			if err != nil {
				t.Error(err)
			}
			if did {
				made.Add(1)
			}
		})
	}
	done.Wait()
	if made.Load() != 1 {
		t.Errorf("%d made the file", made.Load())
	}
	ring, err := satchel.KeysFromFile(path)(t.Context())
	if err != nil || len(ring.Keys()) != 1 {
		t.Fatal(ring, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Error("left behind:", left, err)
	}
	other := filepath.Join(t.TempDir(), "keys")
	if _, err := satchel.MakeKeyFile(other); err != nil {
		t.Fatal(err)
	}
	if again, err := satchel.KeysFromFile(other)(t.Context()); err != nil || again.RevealText() == ring.RevealText() {
		t.Error("two files have one key", err)
	}
	if _, err := satchel.MakeKeyFile(filepath.Join(path, "under-a-file")); err == nil {
		t.Error("a file in a file")
	}
}

// The file is made on the first start, and read on every one.
func ExampleMakeKeyFile() {
	dir, err := os.MkdirTemp("", "shop")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "keys")
	for range 2 {
		made, err := satchel.MakeKeyFile(path)
		fmt.Println(made, err)
	}
	ring, err := satchel.KeysFromFile(path)(context.Background())
	fmt.Println(len(ring.Keys()), err)
	// Output:
	// true <nil>
	// false <nil>
	// 1 <nil>
}
