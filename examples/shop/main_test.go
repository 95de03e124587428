package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
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
