package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/store"
)

// The other process is the test's own binary, which runs TestDirectoryAsChild only. The variables say what it is to do, and
// with which directory.
const (
	childTask = "SATCHEL_STORE_TEST_TASK"
	childPath = "SATCHEL_STORE_TEST_PATH"
)

// TestDirectoryAsChild does nothing unless another test has started it.
func TestDirectoryAsChild(t *testing.T) {
	if task := os.Getenv(childTask); task != "" {
		want(t, runChild(task, os.Getenv(childPath)), nil)
	}
}

func runChild(task, path string) error {
	d, err := store.DirectoryConfig{Path: path, Sync: store.SyncNone}.New()
	if err != nil {
		return err
	}
	defer d.Close()
	switch task {
	case "count":
		return count(d, countTo)
	case "churn": // until it is killed
		fmt.Fprintln(os.Stdout, "begun")
		for i := 0; ; i++ {
			if err := churn(d, i%8); err != nil {
				return err
			}
		}
	}
	return childElsewhere(task, d, path)
}

const countTo = 1000

// count adds one to the number in the record n times, by compare-and-swap, and sweeps and touches in between.
func count(d *store.Directory, n int) error {
	for done := 0; done < n; {
		rec, err := d.Load(ctx, key(1))
		if err != nil {
			return err
		}
		number, err := strconv.Atoi(rec.Body)
		if err != nil {
			return err
		}
		next := rec
		next.Revision, next.Body = rec.Revision+1, strconv.Itoa(number+1)
		switch err := d.Replace(ctx, key(1), rec.Revision, next); {
		case err == nil:
			done++
		case !errors.Is(err, store.ErrConflict):
			return err
		}
		if done%100 == 0 {
			if _, _, err := d.Sweep(ctx, 0, 100); err != nil {
				return err
			}
			if err := d.Touch(ctx, key(1), next.Revision, rec.Seen+1, rec.Deadline+1); err != nil && !errors.Is(err, store.ErrConflict) {
				return err
			}
		}
	}
	return nil
}

// churn creates, changes and removes a record. What another process does with it meanwhile is fine.
func churn(d *store.Directory, i int) error {
	for _, err := range []error{
		d.Create(ctx, key(i), record(1, 1<<40, strings.Repeat("body", 1000))),
		d.Touch(ctx, key(i), 1, 5, 1<<41),
		d.Replace(ctx, key(i), 1, withRevision(2)),
		d.Delete(ctx, key(i), 2),
	} {
		if err != nil && !errors.Is(err, store.ErrExists) && !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

func child(t *testing.T, task, path string) (process *exec.Cmd, output *bufio.Reader) {
	t.Helper()
	self, err := os.Executable()
	want(t, err, nil)
	process = exec.CommandContext(ctx, self, "-test.run=^TestDirectoryAsChild$")
	process.Env = append(os.Environ(), childTask+"="+task, childPath+"="+path)
	process.Stderr = os.Stderr
	pipe, err := process.StdoutPipe()
	want(t, err, nil)
	return process, bufio.NewReader(pipe)
}

// runTo waits for the end of a child that has begun, and shows what it said.
func runTo(t *testing.T, process *exec.Cmd, output *bufio.Reader) {
	t.Helper()
	said, _ := io.ReadAll(output)
	if err := process.Wait(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
}

func TestDirectoryBetweenProcesses(t *testing.T) {
	path := t.TempDir()
	d := openDirectory(t, store.DirectoryConfig{Path: path, Sync: store.SyncNone})
	first := record(1, 1<<40, "0")
	want(t, d.Create(ctx, key(1), first), nil)
	one, output := child(t, "count", path)
	two, output2 := child(t, "count", path)
	want(t, one.Start(), nil)
	want(t, two.Start(), nil)
	want(t, count(d, countTo), nil)
	runTo(t, one, output)
	runTo(t, two, output2)
	rec, err := d.Load(ctx, key(1))
	want(t, err, nil)
	if rec.Body != strconv.Itoa(3*countTo) || rec.Revision != 3*countTo+1 {
		t.Errorf("three processes counted to %d each, and there is %q at revision %d", countTo, rec.Body, rec.Revision)
	}
	onlyFile(t, path)
}

// A killed process leaves nothing that blocks, and no record that cannot be read.
func TestDirectoryAfterKills(t *testing.T) {
	path := t.TempDir()
	d := openDirectory(t, store.DirectoryConfig{Path: path, Sync: store.SyncNone})
	for round := range 10 {
		process, output := child(t, "churn", path)
		want(t, process.Start(), nil)
		if line, err := output.ReadString('\n'); line != "begun\n" {
			t.Fatalf("the child said %q, %v", line, err)
		}
		for i := range 40 + round {
			want(t, churn(d, i%8), nil)
		}
		want(t, process.Process.Kill(), nil)
		_ = process.Wait()
		for i := range 8 {
			rec, err := d.Load(ctx, key(i))
			if err == nil {
				err = d.Delete(ctx, key(i), rec.Revision)
			}
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				t.Fatal(err)
			}
			want(t, d.Create(ctx, key(i), withRevision(1)), nil)
			want(t, d.Delete(ctx, key(i), 1), nil)
		}
	}
	// The leftovers are young by the disk's clock, so the sweep's clock is set far ahead.
	sweepAll(t, d, 1<<42)
	if files := filesIn(t, path); len(files) != 0 {
		t.Errorf("there are %v", files)
	}
}

func sweepAll(t testing.TB, d *store.Directory, now int64) (removed int) {
	t.Helper()
	for more := true; more; {
		n, again, err := d.Sweep(ctx, now, 100)
		want(t, err, nil)
		removed, more = removed+n, again
	}
	return removed
}
