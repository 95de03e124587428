package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// program is the shop as main runs it, on a free port.
type program struct {
	t     *testing.T
	lines *bufio.Scanner
	stop  context.CancelFunc
	ended chan error
}

func start(t *testing.T, args ...string) program {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	in, out := io.Pipe()
	p := program{t, bufio.NewScanner(in), stop, make(chan error, 1)}
	go func() {
		err := run(ctx, append(args, "-addr", "localhost:0", "-adapter", served), out)
		out.Close()
		p.ended <- err
	}()
	return p
}

// says holds the program's next line to its beginning, and returns the rest.
func (p program) says(want string) (rest string) {
	p.t.Helper()
	p.lines.Scan()
	rest, found := strings.CutPrefix(p.lines.Text(), want)
	if !found {
		p.t.Fatalf("%q, want %q", p.lines.Text(), want)
	}
	return rest
}

func (p program) close() {
	p.t.Helper()
	p.stop()
	p.says("Closing.")
	if err := <-p.ended; err != nil {
		p.t.Error(err)
	}
}

func TestACartIsThereAfterARestart(t *testing.T) { onEach(t, testACartIsThereAfterARestart) }

func testACartIsThereAfterARestart(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new")
	keys, sessions := filepath.Join(folder, "keys"), filepath.Join(folder, "sessions")
	elsewhere := filepath.Join(t.TempDir(), "two", "levels")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	for _, c := range []struct{ args, keys, sessions, cart string }{
		{"", "Made a new key file: " + keys, "Made a new folder for sessions: " + sessions, `<b class="count">1</b>`},
		{"", "Using the key file: " + keys, "Using the folder of sessions: " + sessions, `<b class="count">2</b>`},
		{"-memory", "Using the key file: " + keys, "Keeping sessions in memory: they end with the shop.", `<b class="count">1</b>`},
		{"-sessions " + elsewhere, "Using the key file: " + keys, "Made a new folder for sessions: " + elsewhere, `<b class="count">1</b>`},
	} {
		p := start(t, append(strings.Fields(c.args), "-keys", keys)...)
		p.says(c.keys)
		p.says(c.sessions)
		address := "http://" + p.says("The shop is open: http://")
		p.says("Press Ctrl-C to close it.")
		res, err := client.PostForm(address+"/cart/add", map[string][]string{"product": {"tote"}})
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != 200 || !strings.Contains(string(page), c.cart) {
			t.Errorf("shop %s: %s (%v), want %q in %s", c.args, res.Status, err, c.cart, page)
		}
		p.close()
	}
	for _, made := range []string{folder, sessions, filepath.Dir(elsewhere), elsewhere} {
		at, err := os.Stat(made)
		if err != nil {
			t.Fatal(err)
		}
		if at.Mode().Perm() != 0o700 && runtime.GOOS != "windows" {
			t.Errorf("the folder %s has mode %v", made, at.Mode())
		}
	}
}

func TestArgumentsThatMakeNoSense(t *testing.T) {
	over, stop := context.WithCancel(t.Context())
	stop() // a shop that opens all the same closes at once
	keys := filepath.Join(t.TempDir(), "keys")
	notOurs := t.TempDir()
	if err := os.WriteFile(filepath.Join(notOurs, "letter"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, want string }{
		{"-addr :8080", "for this machine only"},
		{"-addr 192.0.2.1:8080", "for this machine only"},
		{"please", "unexpected argument"},
		{"-adapter gopher", "nethttp, chi and fiber"},
		{"-https -addr nonsense -keys " + keys, "nonsense"},
		{"-keys " + t.TempDir(), "key file"},
		{"-memory -sessions " + t.TempDir(), "in one place"},
		{"-keys " + keys + " -sessions " + notOurs, "holds other files"},
		{"-keys " + keys + " -sessions " + keys, "-sessions: "},
		{"-keys " + keys + " -sessions " + filepath.Join(keys, "below"), "-sessions: "},
	} {
		err := run(over, strings.Fields(c.args), io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.args, err, c.want)
		}
	}
}
