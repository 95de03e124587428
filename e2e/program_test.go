package e2e

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// built is the folder of the shop's binary, once a test has needed it.
var built string

// served is the adapter by which the shop of a test is served.
var served = "nethttp"

// onEach runs a test with the shop on each adapter.
func onEach(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	defer func(before string) { served = before }(served)
	for _, served = range []string{"nethttp", "chi", "fiber"} {
		t.Run(served, test)
	}
}

// build makes the binary, once, as a user's `go build` makes it: in the shop's own module, without a workspace.
var build = sync.OnceValues(func() (string, error) {
	var err error
	if built, err = os.MkdirTemp("", "satchel-e2e-*"); err != nil {
		return "", err
	}
	binary := filepath.Join(built, "shop")
	cmd := exec.Command("go", "build", "-o", binary, ".")
	cmd.Dir = "../examples/shop"
	cmd.Env = append(os.Environ(), "GOWORK=off")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return binary, cmd.Run()
})

// shop is the program, running until close or kill.
type shop struct {
	t      *testing.T
	origin string
	cmd    *exec.Cmd
	lines  *bufio.Scanner
	over   bool
}

// startShop starts the program with its own folders on a free port of a host, and returns its origin. When the test ends
// it is told to end, and must do so as it should.
func startShop(t *testing.T, host string, args ...string) (origin string) {
	t.Helper()
	return runShop(t, t.TempDir(), host+":0", args...).origin
}

// runShop starts the program with its keys and sessions in a folder: those of another run, if there was one.
func runShop(t *testing.T, folder, addr string, args ...string) *shop {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, append(args, "-adapter", served, "-addr", addr, "-keys", filepath.Join(folder, "keys"))...)
	// What would go to the user's own folders after all, stays here too.
	cmd.Env = append(os.Environ(), "HOME="+folder, "XDG_CONFIG_HOME="+folder, "AppData="+folder)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, cmd: cmd, lines: bufio.NewScanner(out)}
	t.Cleanup(s.close)
	for s.origin == "" && s.lines.Scan() {
		_, s.origin, _ = strings.Cut(s.lines.Text(), "The shop is open: ")
	}
	if s.origin == "" {
		t.Fatal("the shop said no address")
	}
	return s
}

// close tells the shop to end, as Ctrl-C does, and waits.
func (s *shop) close() {
	s.t.Helper()
	if s.over {
		return
	}
	s.over = true
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Error(err)
	}
	defer time.AfterFunc(patience, func() { _ = s.cmd.Process.Kill() }).Stop()
	closing := false
	for s.lines.Scan() {
		closing = closing || s.lines.Text() == "Closing."
	}
	if err := s.cmd.Wait(); err != nil || !closing {
		s.t.Errorf("the shop ended with %v, closing: %v", err, closing)
	}
}

// kill ends the shop as kill -9 does: it can neither finish nor say anything.
func (s *shop) kill() {
	s.t.Helper()
	s.over = true
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	for s.lines.Scan() {
		if s.lines.Text() == "Closing." {
			s.t.Error("the shop was closed before it could be killed")
		}
	}
	if err := s.cmd.Wait(); err == nil {
		s.t.Error("the shop that was killed ended well")
	}
}
