//go:build linux

package bolt_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/bolt"
)

// The other process is the test's own binary, which runs TestAsChild only. The variables say what it is to do, and in which folder.
const (
	childTask   = "SATCHEL_BOLT_TEST_TASK"
	childFolder = "SATCHEL_BOLT_TEST_FOLDER"
)

// TestAsChild does nothing unless another test has started it.
func TestAsChild(t *testing.T) {
	folder := os.Getenv(childFolder)
	switch os.Getenv(childTask) {
	case "churn":
		must(t, churn(filepath.Join(folder, "sessions.db")))
	case "fill":
		must(t, fill(folder))
	case "hold":
		open(t, bolt.Config{Path: filepath.Join(folder, "sessions.db")})
		fmt.Fprintln(os.Stdout, "held")
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // until the test lets go
	}
}

func child(t *testing.T, task, folder string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	process := exec.Command(self, "-test.run=^TestAsChild$")
	process.Env = append(os.Environ(), childTask+"="+task, childFolder+"="+folder)
	process.Stderr = os.Stderr
	process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	pipe, err := process.StdoutPipe()
	must(t, err)
	return process, bufio.NewScanner(pipe)
}

// churn counts in a record, after a creation or a deletion each time, and says each number when it is acknowledged, until it is killed.
func churn(path string) error {
	s, err := bolt.Open(path)
	if err != nil {
		return err
	}
	rec, err := s.Load(ctx, "count")
	if errors.Is(err, store.ErrNotFound) {
		rec = live(1, "0")
		err = s.Create(ctx, "count", rec)
	}
	for err == nil {
		n, _ := strconv.Atoi(rec.Body)
		other := key(n)
		if err = s.Create(ctx, other, live(1, strings.Repeat("body", 2000))); errors.Is(err, store.ErrExists) {
			err = nil // it was killed just behind this
		}
		err = errors.Join(err, s.Touch(ctx, other, 1, 5, far+1))
		if n%2 > 0 {
			err = errors.Join(err, s.Delete(ctx, other, 1))
		}
		next := live(rec.Revision+1, strconv.Itoa(n+1))
		if err = errors.Join(err, s.Replace(ctx, "count", rec.Revision, next)); err == nil {
			rec = next
			fmt.Fprintln(os.Stdout, "done", rec.Body)
		}
	}
	return err
}

// A process that is killed at any instant leaves every change that it had acknowledged, and at most the one that it was at.
func TestKilled(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "sessions.db")
	for range 5 {
		process, lines := child(t, "churn", folder)
		must(t, process.Start())
		acknowledged := 0
		for seen := 0; seen < 40 && lines.Scan(); seen++ {
			if _, err := fmt.Sscanf(lines.Text(), "done %d", &acknowledged); err != nil {
				t.Fatal(lines.Text())
			}
		}
		must(t, process.Process.Kill())
		for lines.Scan() { // what it said before it died
			if _, err := fmt.Sscanf(lines.Text(), "done %d", &acknowledged); err != nil && lines.Text() != "" {
				break // in the middle of a line
			}
		}
		_ = process.Wait()
		s := open(t, bolt.Config{Path: path})
		rec, err := s.Load(ctx, "count")
		must(t, err)
		if n, _ := strconv.Atoi(rec.Body); n < acknowledged || n > acknowledged+1 || rec.Revision != uint64(n+1) {
			t.Errorf("%d was acknowledged, and %q at revision %d is there", acknowledged, rec.Body, rec.Revision)
		}
		for n := range acknowledged { // what came before the number was said
			_, err := s.Load(ctx, key(n))
			if n%2 > 0 && !errors.Is(err, store.ErrNotFound) || n%2 == 0 && err != nil {
				t.Errorf("record %d: %v", n, err)
			}
		}
		must(t, s.Close())
	}
}

// One process has the file. Another waits for it, and says so when it has waited long enough.
func TestHeld(t *testing.T) {
	folder := t.TempDir()
	process, lines := child(t, "hold", folder)
	in, err := process.StdinPipe()
	must(t, err)
	must(t, process.Start())
	if !lines.Scan() || lines.Text() != "held" {
		t.Fatal(lines.Text())
	}
	config := bolt.Config{Path: filepath.Join(folder, "sessions.db"), Wait: 1}
	if _, err := config.Open(); err == nil || !strings.Contains(err.Error(), "timeout") {
		t.Error("opened what another process has open:", err)
	}
	opened := make(chan error)
	go func() {
		s, err := bolt.Open(config.Path)
		opened <- errors.Join(err, s.Close())
	}()
	must(t, in.Close())
	must(t, <-opened)
	must(t, process.Wait())
}

// fill writes to a disk of its own until there is no room, and answers for what follows.
func fill(folder string) error {
	disk := filepath.Join(folder, "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		return err
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1m,mode=700"); err != nil {
		fmt.Fprintln(os.Stdout, "refused:", err)
		return nil
	}
	s, err := bolt.Open(filepath.Join(disk, "sessions.db"))
	if err != nil {
		return err
	}
	defer s.Close()
	rec, n := live(1, strings.Repeat("b", 10_000)), 0
	for ; n < 1000; n++ {
		if err := s.Create(ctx, key(n), rec); errors.Is(err, store.ErrFull) {
			break
		} else if err != nil {
			return fmt.Errorf("record %d: %w", n, err)
		}
	}
	if n < 10 || n == 1000 {
		return fmt.Errorf("full after %d", n)
	}
	large := live(2, strings.Repeat("c", 1<<20))
	if err := s.Replace(ctx, key(0), 1, large); !errors.Is(err, store.ErrFull) {
		return fmt.Errorf("Replace returned %w", err)
	}
	for i := range n {
		if got, err := s.Load(ctx, key(i)); err != nil || got != rec {
			return fmt.Errorf("record %d: %w", i, err)
		}
	}
	if _, err := s.Load(ctx, key(n)); !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("the refused one: %w", err)
	}
	for i := range n {
		if err := s.Delete(ctx, key(i), 1); err != nil {
			return fmt.Errorf("delete %d: %w", i, err)
		}
	}
	if err := s.Create(ctx, key(0), rec); err != nil {
		return fmt.Errorf("when there is room again: %w", err)
	}
	if err := s.Close(); err != nil {
		return err
	}
	again, err := bolt.Open(filepath.Join(disk, "sessions.db"))
	if err != nil {
		return err
	}
	got, err := again.Load(ctx, key(0))
	if err == nil && got != rec {
		err = errors.New("another record")
	}
	return errors.Join(err, again.Close())
}

// A full disk refuses what needs room, and loses nothing. Sessions can still end, and then there is room again. Where a process may
// not mount a disk of its own, a line says so.
func TestFullDisk(t *testing.T) {
	process, lines := child(t, "fill", t.TempDir())
	servers.Apart(process)
	var said []string
	err := process.Start()
	if err == nil {
		for lines.Scan() {
			said = append(said, lines.Text())
		}
		err = process.Wait()
	}
	if errors.Is(err, syscall.EPERM) || len(said) > 0 && strings.HasPrefix(said[0], "refused: ") {
		t.Logf("no disk can be mounted here: %v %v", err, said)
		need.Long(t) // which a run for hours has to have
	}
	if err != nil {
		t.Errorf("%v: %s", err, strings.Join(said, "\n"))
	}
}
