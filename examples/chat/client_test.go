package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// terminal is a client with a person in front of it.
type terminal struct {
	t     *testing.T
	keys  *io.PipeWriter
	lines *bufio.Scanner
	ended chan error

	client *client
	ctrlC  func()
}

func (e *table) terminal(path string) *terminal {
	e.t.Helper()
	in, keys := io.Pipe()
	screen, out := io.Pipe()
	c := newClient(e.addr, path, in, out)
	c.pause = time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	x := &terminal{e.t, keys, bufio.NewScanner(screen), make(chan error, 1), c, cancel}
	go func() {
		err := c.run(ctx)
		out.Close()
		in.Close()
		x.ended <- err
	}()
	e.t.Cleanup(func() {
		cancel()
		keys.Close()
		screen.Close()
	})
	return x
}

func (x *terminal) types(line string) {
	x.t.Helper()
	if _, err := io.WriteString(x.keys, line+"\n"); err != nil {
		x.t.Fatal(err)
	}
}

func (x *terminal) shows(want ...string) {
	x.t.Helper()
	for _, line := range want {
		if !x.lines.Scan() || x.lines.Text() != line {
			x.t.Fatalf("%q, want %q", x.lines.Text(), line)
		}
	}
}

const greeting = "Type to speak; /nick NAME, /join ROOM, /leave, /me, /bye. Ctrl-D leaves, and you can come back."

// A person leaves and comes back, the server comes and goes, and the session is the same until they end it.
func TestClient(t *testing.T) {
	e := newTable(t)
	path := filepath.Join(t.TempDir(), "token")
	ann := e.terminal(path)
	ann.shows(greeting, "hello guest")
	ann.types("/nick ann")
	ann.types("/join tea")
	ann.types("anybody here?")
	ann.shows("you are ann", "in tea", "said 1")
	stat, err := os.Stat(path)
	if err != nil || stat.Mode() != 0o600 {
		t.Errorf("%v, %v", stat.Mode(), err)
	}

	e.close()
	ann.shows("(the line is down; trying again)")
	e.open()
	ann.shows("(the line is back)", "hello again ann, in tea, said 1")
	ann.types("still here")
	ann.shows("said 2")
	ann.keys.Close() // Ctrl-D
	if err := <-ann.ended; err != nil {
		t.Error(err)
	}

	ann = e.terminal(path)
	ann.shows(greeting, "hello again ann, in tea, said 2")
	ann.types("/bye")
	ann.shows("bye", "(your session is over: ended)")
	if err := <-ann.ended; err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the token is still there: %v", err)
	}
}

// A line of any length ends nothing, and a token that somebody else has removed is gone all the same.
func TestAClientGoesOn(t *testing.T) {
	e := newTable(t)
	path := filepath.Join(t.TempDir(), "token")
	ann := e.terminal(path)
	ann.shows(greeting, "hello guest")
	ann.types(strings.Repeat("long", 40_000))
	ann.shows("(that line is too long to be said)")
	ann.types("/me")
	ann.shows("you are guest, in no room, said 0")
	must(t, os.Remove(path))
	ann.types("/bye")
	ann.shows("bye", "(your session is over: ended)")
	if err := <-ann.ended; err != nil {
		t.Error(err)
	}
}

// Who has a token file of their own is another person, and who shares one is the same, as the help says.
func TestATokenFileIsAPerson(t *testing.T) {
	e := newTable(t)
	folder := t.TempDir()
	for _, x := range []struct{ file, types, says string }{
		{"ann", "/nick ann\n", "you are ann"},
		{"bob", "/me\n", "hello guest"},
		{"ann", "/me\n", "hello again ann"},
	} {
		var out strings.Builder
		must(t, run(t.Context(), []string{"-connect", e.addr, "-token", filepath.Join(folder, x.file)}, strings.NewReader(x.types), &out))
		if !strings.Contains(out.String(), x.says+"\n") && !strings.Contains(out.String(), x.says+",") {
			t.Errorf("%s: %s", x.file, out.String())
		}
	}
	var help strings.Builder
	if err := run(t.Context(), []string{"-help"}, nil, &help); !errors.Is(err, flag.ErrHelp) || !strings.Contains(help.String(), "a FILE for each person") {
		t.Errorf("%v, %s", err, help.String())
	}
}

func TestRunRefuses(t *testing.T) {
	var out strings.Builder
	for _, args := range [][]string{
		{"-addr", "0.0.0.0:4040"}, {"more"}, {"-fast"}, {"-addr", "localhost:0", "-sessions", filepath.Join(t.TempDir(), "file", "x")},
	} {
		if len(args) == 4 {
			must(t, os.WriteFile(filepath.Dir(args[3]), nil, 0o600))
		}
		if err := run(t.Context(), args, strings.NewReader(""), &out); err == nil {
			t.Errorf("%q", args)
		}
	}
}
