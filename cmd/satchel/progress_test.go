//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/store"
)

// slow is a tool whose clock goes on by six seconds each time that it is read, with one buffer for all that it says.
func (d *desk) slow(said *bytes.Buffer) *tool {
	t := d.tool(new(bytes.Buffer), said, said)
	now := d.now
	t.now = func() time.Time {
		now = now.Add(6 * time.Second)
		return now
	}
	return t
}

// Whatever may take long says how far it is.
func TestLongWorkHasProgress(t *testing.T) {
	visit, err := os.ReadFile(filepath.Join(golden(t), "..", "..", "..", "examples", "replay", "testdata", "visit.txt"))
	must(t, err)
	d := newDesk(t)
	d.write("visit", string(visit))
	d.fill(engines["directory"](t))
	for _, x := range []struct{ line, progress string }{
		{"store list kept", "1 records looked at in "},
		{"store stats kept", "1 records looked at in "},
		{"store end kept " + store.Name("over 1"), "1 records looked at in "},
		{"store sweep kept", "2 records removed in "},
		{"store end -all -yes kept", "1 records looked at in "},
		{"replay visit", "1 exchanges done over in "},
	} {
		var said bytes.Buffer
		if code := d.slow(&said).run(t.Context(), strings.Fields(x.line)); code != done || !strings.Contains("\n"+said.String(), "\n"+x.progress) {
			t.Errorf("%s: exit %d, %s", x.line, code, said.String())
		}
	}
}

// On a terminal that shows both, each record of a listing stands on a line of its own.
func TestAListingOnATerminalIsWhole(t *testing.T) {
	d := newDesk(t)
	d.fill(engines["directory"](t))
	for screen, erased := range map[bool]int{true: 7, false: 1} {
		var said bytes.Buffer
		tool := d.slow(&said)
		tool.terminal, tool.screen = true, screen
		if code := tool.run(t.Context(), []string{"store", "list", "kept"}); code != done {
			t.Fatalf("exit %d, %s", code, said.String())
		}
		const clear = "\r\x1b[K"
		if n := strings.Count(said.String(), clear) - strings.Count(said.String(), " records looked at"); n != erased {
			t.Errorf("screen %v: it is erased %d times, want %d: %q", screen, n, erased, said.String())
		}
		for line := range strings.Lines(said.String()) {
			if at := strings.LastIndex(line, clear); screen && strings.Contains(line[at+1:], "looked at") {
				t.Errorf("%q", line)
			}
		}
	}
}
