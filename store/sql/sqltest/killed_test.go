//go:build linux

package sqltest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/sql"
)

// The other process is the test's own binary, which runs TestAsChild only. The variables say which file it is to write to, and how.
const (
	childFile     = "SATCHEL_SQLITE_TEST_FILE"
	childSettings = "SATCHEL_SQLITE_TEST_SETTINGS"
)

// TestAsChild does nothing unless another test has started it.
func TestAsChild(t *testing.T) {
	if path := os.Getenv(childFile); path != "" {
		must(t, churn(t.Context(), share(t, sqlite(t, path, os.Getenv(childSettings)), sql.SQLite, "churned")))
	}
}

// churn counts in a record, after a creation and a touch, and a deletion each second time, and says each number when it is acknowledged, until it is
// killed.
func churn(ctx context.Context, s *sql.Store) error {
	counter, err := s.Load(ctx, "count")
	if errors.Is(err, store.ErrNotFound) {
		counter = counted(0)
		err = s.Create(ctx, "count", counter)
	}
	for err == nil {
		n, _ := strconv.Atoi(counter.Body)
		if err = s.Create(ctx, key(n), long); errors.Is(err, store.ErrExists) {
			err = nil // it was killed just behind this
		}
		err = errors.Join(err, s.Touch(ctx, key(n), 1, rec.Seen+1, rec.Deadline+1))
		if n%2 > 0 {
			err = errors.Join(err, s.Delete(ctx, key(n), 1))
		}
		if err = errors.Join(err, s.Replace(ctx, "count", counter.Revision, counted(n+1))); err == nil {
			counter = counted(n + 1)
			fmt.Fprintln(os.Stdout, "done", counter.Body)
		}
	}
	return err
}

// counted is the record that counts. long is one of several pages of the file, so that a change of it is no single write.
func counted(n int) core.Record {
	return core.Record{Revision: uint64(n + 1), Seen: rec.Seen, Deadline: rec.Deadline, Body: strconv.Itoa(n)}
}

var long = core.Record{Revision: 1, Seen: rec.Seen, Deadline: rec.Deadline, Body: strings.Repeat("body", 5000)}

// A program that is killed at any instant leaves every change in its SQLite file that it had acknowledged, and at most the one that it was at, with
// either journal at synchronous=FULL.
func TestKilledSQLite(t *testing.T) {
	for name, settings := range map[string]string{
		"journal": plain + "&_pragma=synchronous(full)",
		"wal":     plain + wal + "&_pragma=synchronous(full)",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "db")
			acknowledged := 0
			for range 4 {
				acknowledged = killed(t, path, settings, acknowledged)
				keeps(t, path, settings, acknowledged)
			}
		})
	}
}

// killed lets a process write, kills it in the middle, and returns the number that it had acknowledged.
func killed(t *testing.T, path, settings string, acknowledged int) int {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	process := exec.Command(self, "-test.run=^TestAsChild$")
	process.Env = append(os.Environ(), childFile+"="+path, childSettings+"="+settings)
	process.Stderr = os.Stderr
	process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	pipe, err := process.StdoutPipe()
	must(t, err)
	lines := bufio.NewScanner(pipe)
	must(t, process.Start())
	for seen := 0; lines.Scan(); seen++ { // also what it said before it died
		if _, err := fmt.Sscanf(lines.Text(), "done %d", &acknowledged); err != nil {
			t.Fatal(lines.Text())
		}
		if seen == 20 {
			must(t, process.Process.Kill())
		}
	}
	if err := process.Wait(); process.ProcessState.ExitCode() != -1 {
		t.Fatal("it ended by itself:", err)
	}
	return acknowledged
}

// keeps looks whether all is there up to a number.
func keeps(t *testing.T, path, settings string, acknowledged int) {
	t.Helper()
	db := sqlite(t, path, settings)
	s := share(t, db, sql.SQLite, "churned")
	counter, err := s.Load(t.Context(), "count")
	must(t, err)
	if n, _ := strconv.Atoi(counter.Body); n < acknowledged || n > acknowledged+1 || counter != counted(n) {
		t.Errorf("%d was acknowledged, and %q at revision %d is there", acknowledged, counter.Body, counter.Revision)
	}
	touched := long
	touched.Seen, touched.Deadline = touched.Seen+1, touched.Deadline+1
	for n := range acknowledged { // what came before the number was said
		kept, err := s.Load(t.Context(), key(n))
		if n%2 > 0 && !errors.Is(err, store.ErrNotFound) || n%2 == 0 && (err != nil || kept != touched) {
			t.Errorf("record %d: %v", n, err)
		}
	}
	must(t, db.Close())
}
