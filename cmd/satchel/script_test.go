package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden scripts")

// A script is golden text: what is typed, and what the tool says to it.
//
//	$ satchel key new keys        a call; what follows is its output, with "! " before what goes to standard error
//	$ satchel store list URL |    with its lines in order, because a store has an order of its own
//	$ satchel token inspect <f    with a file as its input
//	@ 1h                          the clock goes on
//	[exit 3]                      the exit code, where it is not 0
//	.                             an empty line that it says
//	# a comment

// desk is where a script is typed.
type desk struct {
	t      *testing.T
	now    time.Time
	drawn  byte
	env    map[string]string
	hidden map[string]string // what the golden text has in place of what differs from run to run
}

// newDesk sits in an empty folder, in the year 2099, so that no engine drops by its own clock what the tests keep.
func newDesk(t *testing.T) *desk {
	t.Helper()
	t.Chdir(t.TempDir())
	return &desk{t: t, now: time.UnixMilli(4_100_000_000_000), env: map[string]string{}, hidden: map[string]string{}}
}

// Read draws entropy that is as unlike as it is known.
func (d *desk) Read(b []byte) (int, error) {
	for i := range b {
		d.drawn++
		b[i] = d.drawn
	}
	return len(b), nil
}

func (d *desk) tool(in, out, errs *bytes.Buffer) *tool {
	return &tool{
		in: in, out: out, err: errs, entropy: d,
		now: func() time.Time { return d.now }, getenv: func(name string) string { return d.env[name] },
	}
}

// call is one line of a script done, with what it said.
func (d *desk) call(line string) string {
	d.t.Helper()
	typed := strings.Fields(line)
	sorted := typed[len(typed)-1] == "|"
	if sorted {
		typed = typed[:len(typed)-1]
	}
	var in, out, errs bytes.Buffer
	if last := typed[len(typed)-1]; last[0] == '<' {
		text, err := os.ReadFile(last[1:])
		if err != nil {
			d.t.Fatal(err)
		}
		in.Write(text)
		typed = typed[:len(typed)-1]
	}
	args := typed[1:]
	for i, arg := range args {
		for was, is := range d.hidden {
			arg = strings.ReplaceAll(arg, is, was)
		}
		args[i] = arg
	}
	code := d.tool(&in, &out, &errs).run(d.t.Context(), args)
	said := lines(out.String(), "")
	if sorted {
		slices.Sort(said)
	}
	said = append(said, lines(errs.String(), "! ")...)
	if code != done {
		said = append(said, fmt.Sprintf("[exit %d]\n", code))
	}
	text := strings.Join(said, "")
	for was, is := range d.hidden {
		text = strings.ReplaceAll(text, was, is)
	}
	return text
}

func lines(text, before string) (all []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSuffix(line, "\n"); line == "" {
			line = "."
		}
		all = append(all, before+line+"\n")
	}
	return all
}

// script plays the script of that name, and compares. Its folder is the package's, wherever the test sits.
func (d *desk) script(folder, name string) {
	d.t.Helper()
	path := filepath.Join(folder, name+".txt")
	want, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	var got strings.Builder
	for line := range strings.Lines(string(want)) {
		switch {
		case strings.HasPrefix(line, "$ satchel"):
			got.WriteString(line)
			got.WriteString(d.call(strings.TrimSpace(line[2:])))
		case strings.HasPrefix(line, "@ "):
			step, err := time.ParseDuration(strings.TrimSpace(line[2:]))
			if err != nil {
				d.t.Fatal(err)
			}
			d.now = d.now.Add(step)
			got.WriteString(line)
		case strings.HasPrefix(line, "#"), line == "\n":
			got.WriteString(line)
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o600); err != nil {
			d.t.Fatal(err)
		}
		return
	}
	if got.String() != string(want) {
		d.t.Errorf("%s: the tool says\n%s\nwant\n%s", name, got.String(), want)
	}
}

// golden is the folder of the scripts.
func golden(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return path
}
