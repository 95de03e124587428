package store_test

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/storetest"
)

// Every rule but those about concurrent calls holds over a map, and over files that are written as streams.
func TestLastWriteWins(t *testing.T) {
	for name, storage := range map[string]func(testing.TB) store.Storage{
		"map":   func(testing.TB) store.Storage { return new(inMap) },
		"files": func(tb testing.TB) store.Storage { return store.Streamed(shortNames{inFiles(tb.TempDir())}) },
	} {
		t.Run(name, func(t *testing.T) {
			var inside sync.Map // by the store over it
			storetest.Config{
				Garble: func(tb testing.TB, s store.Store, key core.Key, revision uint64) bool {
					inner, _ := inside.Load(s)
					text := "of somebody else"
					if revision > 0 { // a later layout has its revision at the same place
						text = "\x02" + string(binary.BigEndian.AppendUint64(nil, revision)) + "of a newer program"
					}
					if err := inner.(store.Storage).Write(tb.Context(), hex.EncodeToString([]byte(key)), text); err != nil {
						tb.Fatal(err)
					}
					return true
				},
				Peer: func(_ testing.TB, s store.Store) store.Store {
					inner, _ := inside.Load(s)
					return store.LastWriteWins(inner.(store.Storage))
				},
				Down:    func(testing.TB) store.Store { return store.LastWriteWins(broken{}) },
				Stalled: func(testing.TB) store.Store { return store.LastWriteWins(stalled{}) },
			}.Run(t, func(tb testing.TB) store.Store {
				inner := storage(tb)
				s := store.LastWriteWins(inner)
				inside.Store(s, inner)
				return s
			})
		})
	}
}

// shortNames is for the kit's keys of a thousand bytes, which no file's name can spell. Those of this library have 64 characters.
type shortNames struct{ inFiles }

func shortened(id string) string { return store.Name(core.Key(id)) }

func (s shortNames) Write(ctx context.Context, id string, write func(io.Writer) error) error {
	return s.inFiles.Write(ctx, shortened(id), write)
}

func (s shortNames) Read(ctx context.Context, id string, read func(io.Reader) error) error {
	return s.inFiles.Read(ctx, shortened(id), read)
}

func (s shortNames) Invalidate(ctx context.Context, id string) error {
	return s.inFiles.Invalidate(ctx, shortened(id))
}

var errBroken = errors.New("the storage is broken")

type broken struct{}

func (broken) Write(context.Context, string, string) error  { return errBroken }
func (broken) Read(context.Context, string) (string, error) { return "", errBroken }
func (broken) Invalidate(context.Context, string) error     { return errBroken }

type stalled struct{}

func wait(ctx context.Context) error {
	<-ctx.Done()
	return errors.New("connection closed") // as some clients say it
}

func (stalled) Write(ctx context.Context, _, _ string) error       { return wait(ctx) }
func (stalled) Read(ctx context.Context, _ string) (string, error) { return "", wait(ctx) }
func (stalled) Invalidate(ctx context.Context, _ string) error     { return wait(ctx) }

// A custom storage takes seven lines.
func TestStorageInSevenLines(t *testing.T) {
	text, err := os.ReadFile("storage_example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "// The storage begins.\n")
	lines, _, ok := strings.Cut(after, "// The storage ends.\n")
	n := 0
	for line := range strings.Lines(lines) {
		if strings.TrimSpace(line) != "" {
			n++
		}
	}
	if !ok || n != 7 {
		t.Errorf("it has %d lines:\n%s", n, lines)
	}
}

// What a storage has by way of texts that are none of ours is garbled, never overwritten, and can be removed where its revision can be read.
func TestStorageGarbled(t *testing.T) {
	ctx := context.Background()
	m := new(inMap)
	s := store.LastWriteWins(m)
	if err := s.Create(ctx, "k", core.Record{Revision: 7, Deadline: 9, Body: "a body"}); err != nil {
		t.Fatal(err)
	}
	id := "6b" // k
	text, _ := m.Read(ctx, id)
	for cut := 1; cut < len(text); cut++ {
		m.Store(id, text[:cut])
		if _, err := s.Load(ctx, "k"); !errors.Is(err, store.ErrGarbled) {
			t.Fatalf("cut to %d bytes: %v", cut, err)
		}
	}
	for name, c := range map[string]struct {
		text     string
		revision uint64
	}{
		"a foreign text": {"name=value", 0},
		"a bit":          {text[:22] + "A" + text[23:], 0},
		"a newer layout": {"\x02" + text[1:], 7},
	} {
		m.Store(id, c.text)
		rec, err := s.Load(ctx, "k")
		if !errors.Is(err, store.ErrGarbled) || rec != (core.Record{Revision: c.revision}) {
			t.Errorf("%s: Load: %v, %v", name, rec, err)
		}
		if err := s.Create(ctx, "k", core.Record{Revision: 1}); !errors.Is(err, store.ErrExists) {
			t.Errorf("%s: Create: %v", name, err)
		}
		if err := s.Replace(ctx, "k", 7, core.Record{Revision: 8}); !errors.Is(err, store.ErrGarbled) {
			t.Errorf("%s: Replace: %v", name, err)
		}
		if err := s.Touch(ctx, "k", 7, 1, 2); !errors.Is(err, store.ErrGarbled) {
			t.Errorf("%s: Touch: %v", name, err)
		}
		if kept, _ := m.Read(ctx, id); kept != c.text {
			t.Errorf("%s was overwritten", name)
		}
		want := store.ErrGarbled
		if c.revision > 0 {
			want = nil
		}
		if err := s.Delete(ctx, "k", 7); !errors.Is(err, want) {
			t.Errorf("%s: Delete: %v", name, err)
		}
	}
}

// A storage's own errors about absence say nothing of a record where it was to write.
func TestStorageThatCannotWrite(t *testing.T) {
	s := store.LastWriteWins(writeless{new(inMap)})
	err := s.Create(context.Background(), "k", core.Record{Revision: 1})
	if err == nil || errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
}

type writeless struct{ store.Storage }

func (writeless) Write(context.Context, string, string) error { return store.ErrNotFound }

// A storage hears when a text may be dropped.
func TestStorageUntil(t *testing.T) {
	var heard []time.Time
	s := store.LastWriteWins(told{new(inMap), &heard})
	ctx := context.Background()
	for _, err := range []error{
		s.Create(ctx, "k", core.Record{Revision: 1, Seen: 5, Deadline: 1_000}),
		s.Touch(ctx, "k", 1, 6, 2_000),
		s.Replace(ctx, "k", 1, core.Record{Revision: 2, Seen: 7, Deadline: core.MaxInstant}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []time.Time{time.UnixMilli(1_000), time.UnixMilli(2_000), {}}
	for i := range want {
		if !heard[i].Equal(want[i]) {
			t.Errorf("heard %v, want %v", heard[i], want[i])
		}
	}
}

type told struct {
	store.Storage
	heard *[]time.Time
}

func (s told) WriteUntil(ctx context.Context, id, text string, until time.Time) error {
	*s.heard = append(*s.heard, until)
	return s.Write(ctx, id, text)
}

// In one process no update is lost, though nothing is declared.
func TestStorageTakesTurns(t *testing.T) {
	s := store.LastWriteWins(leisurely{new(inMap)})
	ctx := context.Background()
	if err := s.Create(ctx, "k", core.Record{Revision: 1, Deadline: 9}); err != nil {
		t.Fatal(err)
	}
	var won sync.Map
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for {
				rec, err := s.Load(ctx, "k")
				if err != nil || rec.Revision > 200 {
					return
				}
				at := rec.Revision
				rec.Revision++
				if s.Replace(ctx, "k", at, rec) == nil {
					if _, twice := won.LoadOrStore(at, true); twice {
						t.Errorf("two replaced revision %d", at)
					}
				}
			}
		})
	}
	all.Wait()
}

// leisurely lets others go first between what it reads and what is done with it.
type leisurely struct{ store.Storage }

func (s leisurely) Read(ctx context.Context, id string) (string, error) {
	text, err := s.Storage.Read(ctx, id)
	for range 50 {
		runtime.Gosched()
	}
	return text, err
}

// A stream without end is not read into memory.
func TestStreamWithoutEnd(t *testing.T) {
	s := store.LastWriteWins(store.Streamed(endless{inFiles(filepath.Join(t.TempDir(), "none"))}))
	if _, err := s.Load(context.Background(), "k"); !errors.Is(err, store.ErrGarbled) {
		t.Error(err)
	}
}

type endless struct{ inFiles }

func (endless) Read(_ context.Context, _ string, read func(io.Reader) error) error {
	return read(zeros{})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
