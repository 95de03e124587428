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

// build makes the binary, once, as a user's `go build` makes it: in the root module, without a workspace.
var build = sync.OnceValues(func() (string, error) {
	var err error
	if built, err = os.MkdirTemp("", "satchel-e2e-*"); err != nil {
		return "", err
	}
	binary := filepath.Join(built, "shop")
	cmd := exec.Command("go", "build", "-o", binary, "./examples/shop")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "GOWORK=off")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return binary, cmd.Run()
})

// startShop starts the program with its own keys on a free port of a host, and returns its origin. When the test ends it
// is told to end, and must do so as it should.
func startShop(t *testing.T, host string, args ...string) (origin string) {
	t.Helper()
	startChromium(t)
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(t.TempDir(), "keys")
	cmd := exec.Command(binary, append(args, "-addr", host+":0", "-keys", keys)...)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for origin == "" && lines.Scan() {
		_, origin, _ = strings.Cut(lines.Text(), "The shop is open: ")
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		defer time.AfterFunc(patience, func() { _ = cmd.Process.Kill() }).Stop()
		closing := false
		for lines.Scan() {
			closing = closing || lines.Text() == "Closing."
		}
		if err := cmd.Wait(); err != nil || !closing {
			t.Errorf("the shop ended with %v, closing: %v", err, closing)
		}
	})
	if origin == "" {
		t.Fatal("the shop said no address")
	}
	return origin
}
