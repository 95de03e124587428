package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/satchel-go/satchel/crypto"
)

func TestTheProgramOpensAndCloses(t *testing.T) {
	keys := filepath.Join(t.TempDir(), "new", "keys")
	for _, first := range []string{"Made a new key file: " + keys, "Using the key file: " + keys} {
		ctx, stop := context.WithCancel(t.Context())
		in, out := io.Pipe()
		ended := make(chan error, 1)
		go func() {
			err := run(ctx, []string{"-addr", "localhost:0", "-keys", keys}, out)
			out.Close()
			ended <- err
		}()
		lines := bufio.NewScanner(in)
		line := func() string { lines.Scan(); return lines.Text() }
		if got := line(); got != first {
			t.Errorf("%q, want %q", got, first)
		}
		address, found := strings.CutPrefix(line(), "The shop is open: ")
		if !found || !strings.HasPrefix(address, "http://localhost:") {
			t.Fatalf("the address is %q", address)
		}
		res, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if line(); res.StatusCode != 200 {
			t.Errorf("status %d", res.StatusCode)
		}
		stop()
		if got := line(); got != "Closing." {
			t.Errorf("%q", got)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestArgumentsThatMakeNoSense(t *testing.T) {
	over, stop := context.WithCancel(t.Context())
	stop() // a shop that opens all the same closes at once
	for _, c := range []struct{ args, want string }{
		{"-addr :8080", "for this machine only"},
		{"-addr 192.0.2.1:8080", "for this machine only"},
		{"please", "unexpected argument"},
		{"-https -addr nonsense -keys " + filepath.Join(t.TempDir(), "keys"), "nonsense"},
		{"-keys " + t.TempDir(), "key file"},
	} {
		err := run(over, strings.Fields(c.args), io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.args, err, c.want)
		}
	}
}

func TestKeysAreMadeOnceAndWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a", "b", "keys")
	var made atomic.Int32
	var starts sync.WaitGroup
	for range 8 {
		starts.Go(func() {
			mine, err := ensureKeys(path)
			if err != nil {
				t.Error(err)
			}
			if mine {
				made.Add(1)
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Error(err)
			}
			if _, err := crypto.ParseKeyring(string(text)); err != nil {
				t.Error(err)
			}
		})
	}
	starts.Wait()
	if made.Load() != 1 {
		t.Errorf("made %d times", made.Load())
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("beside the keys lies %v (%v)", left, err)
	}
	about, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if about.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("the key file is %v", about.Mode())
	}
}
