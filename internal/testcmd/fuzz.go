package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/satchel-go/satchel/internal/walls"
)

// fuzzBudget is about how long all targets together are fuzzed when no time is given, building aside.
const fuzzBudget = 2 * time.Minute

// share divides the budget among n targets, at least a second and at most five for each.
func share(n int) time.Duration {
	return min(max(fuzzBudget/time.Duration(max(n, 1)), time.Second), 5*time.Second).Truncate(100 * time.Millisecond)
}

// fuzz runs each target for a while. Their seeds run as ordinary tests, in every ./test.
func (h *house) fuzz(ctx context.Context, each time.Duration) {
	targets := h.source.FuzzTargets()
	if each == 0 {
		each = share(len(targets))
	}
	for _, f := range targets {
		h.step(ctx, "fuzz "+f.Room+" "+f.Name, func() (string, error) { return h.fuzzOne(ctx, f, each) })
	}
	if len(targets) == 0 {
		fmt.Fprintln(h.out, "There are no fuzz targets.")
	}
}

func (h *house) fuzzOne(ctx context.Context, f walls.Func, each time.Duration) (note string, err error) {
	text, err := h.fuzzTarget(ctx, h.out, f, each)
	if err != nil && ctx.Err() == nil {
		h.count.failed++
	}
	return lastProgress(text), err
}

// fuzzTarget runs one target and returns what the fuzzer said, also to out.
func (h *house) fuzzTarget(ctx context.Context, out io.Writer, f walls.Func, each time.Duration, flags ...string) (string, error) {
	var text bytes.Buffer
	module := h.moduleOf(f.Room)
	args := append([]string{"test", "-run=^$", "-fuzz=^" + f.Name + "$", "-fuzztime=" + each.String()}, flags...)
	cmd := h.command(ctx, module, "go", append(args, inModule(module, f.Room))...)
	cmd.Stdout = io.MultiWriter(out, &text)
	cmd.Stderr = cmd.Stdout
	err := cmd.Run()
	if err != nil && ctx.Err() == nil && isLateStop(text.String()) {
		err = nil
	}
	return text.String(), err
}

// inModule spells a room as the go command wants it inside its module.
func inModule(module, room string) string {
	if module != "." {
		room = strings.TrimPrefix(strings.TrimPrefix(room, module), "/")
	}
	if room == "" || room == "." {
		return "."
	}
	return "./" + room
}

var (
	progressLine = regexp.MustCompile(`execs: (\d+) .*new interesting: (\d+) \(total: (\d+)\)`)
	errorLine    = regexp.MustCompile(`(?m)^ {4,}(\S.*)$`)
)

// isLateStop recognises a fault of Go 1.26's fuzzing and not of the target (go.dev/issue/75804, mended in 1.27): when the
// time is up, a worker may report the end of the time as its failure. Nothing else is said then, and no failing input is written.
func isLateStop(text string) bool {
	var said []string
	for _, m := range errorLine.FindAllStringSubmatch(text, -1) {
		said = append(said, m[1])
	}
	return slices.Equal(said, []string{context.DeadlineExceeded.Error()}) &&
		!strings.Contains(text, "Failing input") && !strings.Contains(text, "panic:")
}

// lastProgress returns the last count that the fuzzer printed.
func lastProgress(text string) string {
	all := progressLine.FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return ""
	}
	m := all[len(all)-1]
	return fmt.Sprintf("%s runs, corpus %s (%s new)", m[1], m[3], m[2])
}
