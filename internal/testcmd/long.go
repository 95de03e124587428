package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/satchel-go/satchel/internal/walls"
)

// long runs what takes long: TestLong… with SATCHEL_LONG=1, the mutants, and each fuzz target for minutes. Each step is written down
// as soon as it ends, in a file of results/ that bears the date, so that a run that was stopped has left what it learnt.
func (h *house) long(ctx context.Context, each time.Duration) {
	if each == 0 {
		each = 10 * time.Minute
	}
	began := time.Now().UTC()
	name := "results/long-" + began.Format(time.DateOnly) + ".txt"
	h.note(name, h.heading(ctx, began))
	rows := len(h.rows)
	noteRows := func() {
		for ; rows < len(h.rows); rows++ {
			h.note(name, h.rows[rows].String()+"\n")
		}
	}
	soaks := h.source.TestsNamed("TestLong")
	for _, m := range h.modules {
		if h.has(m.Dir, soaks) {
			h.step(ctx, "soak "+m.Dir, func() (string, error) { return h.soak(ctx, m.Dir, soaks) })
			noteRows()
		}
	}
	h.mutants(ctx, 0)
	noteRows()
	h.fuzzAll(ctx, each, func(r row) { h.note(name, r.String()+"\n") })
	if ctx.Err() != nil {
		h.note(name, "stopped before the end\n")
	}
}

// measures is the module whose long tests leave figures: these are of programs as they are used, and the short forms of the same tests look
// for races.
const measures = "bench"

func (h *house) soak(ctx context.Context, module string, soaks []walls.Func) (string, error) {
	args := []string{"test", "-json", "-run=^TestLong", "-timeout=0", "-count=1"}
	if module != measures && h.race(ctx) {
		args = append(args, "-race")
	}
	cmd := h.command(ctx, module, "go", append(args, h.roomsOf(module, soaks)...)...)
	cmd.Env = append(cmd.Env, "SATCHEL_LONG=1")
	return h.follow(cmd)
}

// roomsOf returns the packages of a module that hold any of the given tests.
func (h *house) roomsOf(module string, tests []walls.Func) (rooms []string) {
	seen := map[string]bool{}
	for _, f := range tests {
		if h.moduleOf(f.Room) == module && !seen[f.Room] {
			seen[f.Room] = true
			rooms = append(rooms, inModule(module, f.Room))
		}
	}
	return rooms
}

// heading says when, on what and of which commit the results are.
func (h *house) heading(ctx context.Context, began time.Time) string {
	commit, err := h.quietly(ctx, "git", "describe", "--always", "--dirty")
	if err != nil {
		commit = "not in a clone"
	}
	return fmt.Sprintf("%s, commit %s, %s %s/%s, %d CPUs\n\n",
		began.Format("2006-01-02 15:04 UTC"), commit, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
}

// note appends to a file of results; that it could not is a failed step.
func (h *house) note(name, text string) {
	full := h.path(name)
	err := os.MkdirAll(h.path("results"), 0o755)
	if err == nil {
		var f *os.File
		if f, err = os.OpenFile(full, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err == nil {
			_, err = f.WriteString(text)
			err = errors.Join(err, f.Close())
		}
	}
	if err != nil {
		h.rows = append(h.rows, row{name: "write " + name, failed: true, note: strings.TrimSpace(err.Error())})
	}
}
