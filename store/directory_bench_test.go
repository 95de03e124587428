package store_test

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Each benchmark of a Directory stands beside the bare operations that it cannot do without, through an os.Root of their own.

var syncs = []struct {
	name string
	mode store.Sync
}{{"none", store.SyncNone}, {"file", store.SyncFile}, {"folder", store.SyncFolder}}

func bareRoot(b *testing.B) *os.Root {
	b.Helper()
	root, err := os.OpenRoot(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { root.Close() })
	return root
}

func must(b *testing.B, errs ...error) {
	b.Helper()
	for _, err := range errs {
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDirectoryWrite(b *testing.B) {
	body := strings.Repeat("b", 200)
	for _, sync := range syncs {
		b.Run(sync.name+"/bare", func(b *testing.B) {
			root := bareRoot(b)
			bytes := []byte(body)
			for b.Loop() {
				temp := rand.Text()
				f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
				must(b, err)
				_, err = f.Write(bytes)
				must(b, err)
				if sync.mode != store.SyncNone {
					must(b, f.Sync())
				}
				must(b, f.Close(), root.Rename(temp, "record"))
				if sync.mode == store.SyncFolder {
					dir, err := root.Open(".")
					must(b, err)
					must(b, dir.Sync(), dir.Close())
				}
			}
		})
		b.Run(sync.name+"/Replace", func(b *testing.B) {
			d := openDirectory(b, store.DirectoryConfig{Sync: sync.mode})
			must(b, d.Create(ctx, key(1), record(1, 9, body)))
			rec := record(1, 9, body)
			b.ReportAllocs()
			for b.Loop() {
				rec.Revision++
				must(b, d.Replace(ctx, key(1), rec.Revision-1, rec))
			}
		})
	}
}

func BenchmarkDirectoryLoad(b *testing.B) {
	body := strings.Repeat("b", 200)
	b.Run("bare", func(b *testing.B) {
		root := bareRoot(b)
		must(b, root.WriteFile(strings.Repeat("n", 64), []byte(body), 0o600))
		b.ReportAllocs()
		for b.Loop() {
			f, err := root.Open(strings.Repeat("n", 64))
			must(b, err)
			_, err = io.ReadAll(f)
			must(b, err, f.Close())
		}
	})
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint("of ", n), func(b *testing.B) {
			d := openDirectory(b, store.DirectoryConfig{Sync: store.SyncNone})
			for i := range n {
				must(b, d.Create(ctx, key(i), record(1, 9, body)))
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				_, err := d.Load(ctx, key(i*7919%n))
				must(b, err)
				i++
			}
		})
	}
}

func BenchmarkDirectoryTouch(b *testing.B) {
	b.Run("bare", func(b *testing.B) {
		root, name, instant := bareRoot(b), strings.Repeat("n", 64), time.UnixMilli(0)
		must(b, root.WriteFile(name, make([]byte, 250), 0o600))
		buffer := make([]byte, 250)
		for b.Loop() {
			instant = instant.Add(1_000_001)
			f, err := root.Open(name)
			must(b, err)
			_, err = f.Stat()
			must(b, err)
			_, err = io.ReadFull(f, buffer)
			must(b, err, f.Close(), root.Chtimes(name, time.Time{}, instant))
		}
	})
	b.Run("Touch", benchmarkTouch)
}

func benchmarkTouch(b *testing.B) {
	d := openDirectory(b, store.DirectoryConfig{})
	must(b, d.Create(ctx, key(1), core.Record{Revision: 1, Seen: 0, Deadline: 1800_000, Body: strings.Repeat("b", 200)}))
	seen := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		seen++
		must(b, d.Touch(ctx, key(1), 1, seen, seen+1800_000))
	}
}

// BenchmarkDirectorySweep measures one batch, among records none of which is due but whose deadlines have come before they were touched.
func BenchmarkDirectorySweep(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint("of ", n), func(b *testing.B) {
			d := openDirectory(b, store.DirectoryConfig{Sync: store.SyncNone})
			for i := range n {
				must(b, d.Create(ctx, key(i), record(1, 9, "body")))
			}
			now := int64(2)
			b.ReportAllocs()
			for b.Loop() {
				_, _, err := d.Sweep(ctx, now, 256)
				must(b, err)
			}
		})
	}
}
