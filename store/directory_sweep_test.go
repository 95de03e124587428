package store_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel/store"
)

// A batch is bounded, so that it can run beside requests, however many records there are and whatever the limit.
func TestDirectorySweepIsDoneInBatches(t *testing.T) {
	d := openDirectory(t, store.DirectoryConfig{Sync: store.SyncNone})
	const n = 1500
	for i := range n {
		want(t, d.Create(ctx, key(i), record(1, 100+int64(i%2), "body")), nil)
	}
	batches, removed := 0, 0
	for more := true; more; batches++ {
		var batch int
		var err error
		batch, more, err = d.Sweep(ctx, 100, n)
		want(t, err, nil)
		if batch > 256 {
			t.Fatalf("a batch removed %d", batch)
		}
		removed += batch
	}
	if removed != n/2 || batches < n/256 || batches > 2*n/256 {
		t.Errorf("%d batches removed %d of %d", batches, removed, n/2)
	}
}

// What nobody has to look at costs nothing: where no deadline has come, a sweep opens no file.
func TestDirectorySweepLooksOnlyWhereSomethingIsDue(t *testing.T) {
	path := t.TempDir()
	d := openDirectory(t, store.DirectoryConfig{Path: path, Sync: store.SyncNone})
	for i := range 400 {
		want(t, d.Create(ctx, key(i), record(1, 1000, "body")), nil)
	}
	if removed := sweepAll(t, d, 1); removed != 0 {
		t.Errorf("removed %d", removed)
	}
	// A look would now fail, or end the answer with more.
	for _, file := range filesIn(t, path) {
		want(t, os.Remove(file), nil)
		want(t, os.WriteFile(file, []byte("not looked at"), 0o600), nil)
	}
	removed, more, err := d.Sweep(ctx, 999, 1)
	if removed != 0 || more || err != nil {
		t.Errorf("removed %d, more is %v, %v", removed, more, err)
	}
}

// Whatever other processes write while a sweep is between two batches, nothing that is due is forgotten.
func TestDirectorySweepsOfSeveralProcesses(t *testing.T) {
	path := t.TempDir()
	var d [2]*store.Directory
	for i := range d {
		d[i] = openDirectory(t, store.DirectoryConfig{Path: path, Sync: store.SyncNone})
	}
	const n = 600
	deadlines := map[int]int64{}
	for i := range n {
		deadlines[i] = 1 + rand.Int64N(50)
		want(t, d[i%2].Create(ctx, key(i), record(0, deadlines[i], "body")), nil)
	}
	for now := int64(1); now <= 60; now++ {
		for more := true; more; {
			var err error
			which := rand.IntN(2)
			_, more, err = d[which].Sweep(ctx, now, 1+rand.IntN(40))
			want(t, err, nil)
			if more { // another writes between two batches, also what is due already
				i := rand.IntN(n)
				deadline := now + rand.Int64N(20) - 5
				rec, err := d[1-which].Load(ctx, key(i))
				if errors.Is(err, store.ErrNotFound) {
					deadlines[i] = max(0, deadline)
					want(t, d[1-which].Create(ctx, key(i), record(0, deadlines[i], "body")), nil)
				} else {
					want(t, err, nil)
					next := rec
					next.Revision, next.Deadline = rec.Revision+1, max(0, deadline)
					want(t, d[1-which].Replace(ctx, key(i), rec.Revision, next), nil)
					deadlines[i] = next.Deadline
				}
			}
		}
		for i := range n {
			_, err := d[0].Load(ctx, key(i))
			if deadlines[i] <= now {
				want(t, err, store.ErrNotFound)
			} else {
				want(t, err, nil)
			}
		}
	}
}

// After a loss of power the disk may have what a sweep had entered, and not what it had found.
func TestDirectorySweepTrustsNothingFromBeforeACrash(t *testing.T) {
	path := t.TempDir()
	d := openDirectory(t, store.DirectoryConfig{Path: path, Sync: store.SyncNone})
	want(t, d.Create(ctx, key(1), record(1, 100, "body")), nil)
	want(t, d.Close(), nil)
	lock := filepath.Join(filepath.Dir(onlyFile(t, path)), ".lock")
	want(t, os.WriteFile(lock, []byte("\x7f\xff\xff\xff\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff"), 0o600), nil)
	if removed := sweepAll(t, openDirectory(t, store.DirectoryConfig{Path: path}), 100); removed != 1 {
		t.Errorf("removed %d", removed)
	}
}

// What a touch has prolonged stays, and goes when its new deadline has come.
func TestDirectorySweepReadsTheFilesTime(t *testing.T) {
	d := openDirectory(t, store.DirectoryConfig{Sync: store.SyncNone})
	want(t, d.Create(ctx, key(1), record(10, 100, "body")), nil)
	want(t, d.Touch(ctx, key(1), 1, 60, 150), nil)
	if removed := sweepAll(t, d, 149); removed != 0 {
		t.Error("a record was removed before its deadline")
	}
	if removed := sweepAll(t, d, 150); removed != 1 {
		t.Error("a record was not removed at its deadline")
	}
}

// Leftovers go an hour after they were written, and nothing else that lies there goes ever.
func TestDirectorySweepRemovesLeftovers(t *testing.T) {
	path := t.TempDir()
	d := openDirectory(t, store.DirectoryConfig{Path: path, Sync: store.SyncNone})
	written := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	place := func(name string) string {
		file := filepath.Join(path, "1f", name)
		want(t, os.WriteFile(file, []byte("what a crash left"), 0o600), nil)
		want(t, os.Chtimes(file, written, written), nil)
		return file
	}
	leftover := place(".tmp-abcdef")
	others := []string{place("notes"), place(".tmp"), place("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")}
	exists := func(file string) bool {
		_, err := os.Lstat(file)
		return err == nil
	}
	hour := written.Add(time.Hour).UnixMilli()
	if removed := sweepAll(t, d, hour-1); removed != 0 || !exists(leftover) {
		t.Errorf("removed %d, and the leftover is there: %v", removed, exists(leftover))
	}
	if removed := sweepAll(t, d, hour); removed != 0 || exists(leftover) {
		t.Errorf("removed %d records, and the leftover is there: %v", removed, exists(leftover))
	}
	for _, file := range others {
		if !exists(file) {
			t.Errorf("%s is gone", filepath.Base(file))
		}
	}
}

// A sweep that was called off goes on later, and forgets nothing.
func TestDirectorySweepIsCalledOff(t *testing.T) {
	d := openDirectory(t, store.DirectoryConfig{Sync: store.SyncNone})
	for i := range 300 {
		want(t, d.Create(ctx, key(i), record(0, 1, "body")), nil)
	}
	removed := 0
	for range 50 {
		ending, cancel := context.WithCancel(ctx)
		go cancel()
		n, _, err := d.Sweep(ending, 1, 5)
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		removed += n
		cancel()
	}
	if removed += sweepAll(t, d, 1); removed != 300 {
		t.Errorf("removed %d of 300", removed)
	}
}

func TestDirectorySweepsByItself(t *testing.T) {
	path := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		instant := time.Now()
		d := openDirectory(t, store.DirectoryConfig{
			Path: path, Sync: store.SyncNone, SweepEvery: time.Minute,
			Now: func() time.Time { return instant },
		})
		for i := range 1000 {
			want(t, d.Create(ctx, key(i), record(1, instant.UnixMilli()+int64(i%2), "body")), nil)
		}
		time.Sleep(44 * time.Second)
		synctest.Wait()
		if n := len(filesIn(t, path)); n != 1000 {
			t.Errorf("%d records before the first sweep", n)
		}
		time.Sleep(17 * time.Second)
		synctest.Wait()
		if n := len(filesIn(t, path)); n != 500 {
			t.Errorf("%d records after the first sweep", n)
		}
		want(t, d.Close(), nil)
	})
}

// sweepsItself is how the kit opens a Directory that does. It keeps two thousand records there, so there is none where each is flushed.
func sweepsItself(mode store.Sync) func(testing.TB, time.Duration, func() time.Time) store.Store {
	if mode != store.SyncNone {
		return nil
	}
	return func(t testing.TB, pause time.Duration, now func() time.Time) store.Store {
		return openDirectory(t, store.DirectoryConfig{Sync: mode, SweepEvery: pause, Now: now})
	}
}
