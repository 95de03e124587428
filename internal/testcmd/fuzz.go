package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/satchel-go/satchel/internal/tree"
	"github.com/satchel-go/satchel/internal/walls"
)

// fuzzBudget is about how long all targets together are fuzzed when no time is given, building aside.
const fuzzBudget = 2 * time.Minute

// minimising is how long the fuzzer may look for a shorter input of the same finding, or of the same coverage.
const minimising = time.Minute

// longLook is from when on it pays to count in everything that is linked, the standard library too, which takes some four minutes of a CPU to
// build. A shorter look counts in what is ours and in the decoder of CBOR, and takes a fourth of that.
const longLook = time.Minute

var counted = []string{tree.ModulePath + "/...", "github.com/fxamacker/cbor/..."}

// counters are the flags that build the fuzzer's counters in.
func counters(each time.Duration) (flags []string) {
	if each >= longLook {
		return []string{"-fuzz=."}
	}
	for _, packages := range counted {
		flags = append(flags, "-gcflags="+packages+"=-d=libfuzzer")
	}
	return flags
}

// An input that never ends is a finding only after ten seconds. Where the time of the look is up before that, the fuzzer gives its worker one
// second to leave and one more, kills it and says that all is well. So a look that ended late is followed by one with time for the finding.
// A machine that is merely busy makes a look late too, but hardly each of so many.
const (
	late      = 1500 * time.Millisecond // what the fuzzer says of its time is rounded to seconds
	closer    = 25 * time.Second
	mostLooks = 3
)

var errEndless = fmt.Errorf("its worker had to be killed at the end of each of %d looks: some input takes very long", mostLooks)

// shownFinding bounds how much of a failing input is printed.
const shownFinding = 4 << 10

// share divides the budget among n targets that run so many at once, at least a second and at most five for each.
func share(n, atOnce int) time.Duration {
	each := fuzzBudget * time.Duration(atOnce) / time.Duration(max(n, 1))
	return min(max(each, time.Second), 5*time.Second).Truncate(100 * time.Millisecond)
}

// fuzz runs each target for a while. Their seeds run as ordinary tests, in every ./test.
func (h *house) fuzz(ctx context.Context, each time.Duration) {
	if each == 0 {
		each = share(len(h.source.FuzzTargets()), runtime.NumCPU())
	}
	h.fuzzAll(ctx, each, func(row) {})
}

// fuzzed is what came of a target, or of building those of a room.
type fuzzed struct {
	row  row
	text string
	err  error
}

// fuzzAll fuzzes as many targets at once as there are CPUs, each with one worker: seconds of one worker are seconds of a CPU, whatever
// the machine. To build a target with the fuzzer's counters takes longer than a look with it, so those of a room share one program.
func (h *house) fuzzAll(ctx context.Context, each time.Duration, then func(row)) {
	fmt.Fprintf(h.out, "\n== fuzz each target for %v\n", each)
	dir, err := os.MkdirTemp("", "satchel-fuzz-")
	if err != nil {
		h.done(row{name: "fuzz", failed: true}, err)
		return
	}
	defer os.RemoveAll(dir)
	kept, err := h.quietly(ctx, "go", "env", "GOCACHE")
	if err != nil {
		h.done(row{name: "fuzz", failed: true}, err)
		return
	}
	results := make(chan fuzzed)
	go func() {
		defer close(results)
		h.fuzzEach(ctx, dir, counters(each), func(f walls.Func, bin string) fuzzed {
			cache := filepath.Join(kept, "fuzz", filepath.FromSlash(path.Join(tree.ModulePath, f.Room)))
			return h.fuzzTarget(ctx, f, bin, each, "-test.fuzzcachedir="+cache)
		}, results)
	}()
	for r := range results {
		if ctx.Err() != nil {
			continue
		}
		if r.err != nil {
			h.count.failed++
			r.row.failed = true
			fmt.Fprint(h.out, r.text)
		}
		h.done(r.row, r.err)
		fmt.Fprintln(h.out, r.row)
		then(r.row)
	}
}

// fuzzEach builds the targets room by room, and runs those that are built meanwhile.
func (h *house) fuzzEach(ctx context.Context, dir string, counters []string, run func(f walls.Func, bin string) fuzzed, results chan<- fuzzed) {
	targets := map[string][]walls.Func{}
	var rooms []string
	for _, f := range h.source.FuzzTargets() {
		if targets[f.Room] == nil {
			rooms = append(rooms, f.Room)
		}
		targets[f.Room] = append(targets[f.Room], f)
	}
	free := make(chan struct{}, runtime.NumCPU())
	var running sync.WaitGroup
	defer running.Wait()
	for _, room := range rooms {
		free <- struct{}{}
		bin := filepath.Join(dir, strings.ReplaceAll(room, "/", "-")+".test")
		built := h.buildTargets(ctx, room, bin, counters)
		<-free
		if built.err != nil {
			results <- built
			continue
		}
		for _, f := range targets[room] {
			free <- struct{}{}
			running.Go(func() {
				defer func() { <-free }()
				results <- run(f, bin)
			})
		}
	}
}

// buildTargets builds the tests of a room with the fuzzer's counters. Symbols are for debuggers.
func (h *house) buildTargets(ctx context.Context, room, bin string, counters []string) fuzzed {
	began := time.Now()
	module := h.moduleOf(room)
	var text bytes.Buffer
	args := append([]string{"test", "-c", "-vet=off", "-ldflags=-s -w", "-o", bin}, counters...)
	cmd := h.builder(ctx, module, "go", append(args, inModule(module, room))...)
	cmd.Stdout, cmd.Stderr = &text, &text
	err := cmd.Run()
	return fuzzed{row{name: "build the targets of " + room, took: time.Since(began)}, text.String(), err}
}

// fuzzTarget runs one target. What the fuzzer said is worth reading only if it found something, and with it the input that it wrote:
// the machine that found it may be gone when somebody reads this. A look that ended late is followed by closer ones, whose verdict counts.
func (h *house) fuzzTarget(ctx context.Context, f walls.Func, bin string, each time.Duration, flags ...string) fuzzed {
	began := time.Now()
	text, err := h.look(ctx, f, bin, each, flags)
	for looks := 1; err == nil && ctx.Err() == nil && isLate(text, each); looks++ {
		if looks == mostLooks {
			err = errEndless
			break
		}
		each = max(each, closer)
		text, err = h.look(ctx, f, bin, each, flags)
	}
	if err != nil {
		text += h.finding(f.Room, text)
		err = fmt.Errorf("the fuzzer found something: %w", err)
	}
	return fuzzed{row{name: "fuzz " + f.Room + " " + f.Name, took: time.Since(began), note: lastProgress(text)}, text, err}
}

// look runs one target once, and returns what the fuzzer said.
func (h *house) look(ctx context.Context, f walls.Func, bin string, each time.Duration, flags []string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	var text bytes.Buffer
	cmd := h.command(ctx, f.Room, bin, append([]string{
		"-test.run=^$", "-test.fuzz=^" + f.Name + "$", "-test.fuzztime=" + each.String(),
		"-test.fuzzminimizetime=" + min(each, minimising).String(), "-test.parallel=1", "-test.paniconexit0",
	}, flags...)...)
	cmd.Stdout, cmd.Stderr = &text, &text
	err := cmd.Run()
	if err != nil && ctx.Err() == nil && isLateStop(text.String()) {
		err = nil
	}
	return text.String(), err
}

var findingLine = regexp.MustCompile(`Failing input written to (testdata[/\\]fuzz[/\\]\S+)`)

// finding returns the name and the text of the failing input that the fuzzer says it has written.
func (h *house) finding(room, text string) string {
	m := findingLine.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	name := path.Join(room, filepath.ToSlash(m[1]))
	input, err := os.ReadFile(h.path(name))
	if err != nil {
		return fmt.Sprintf("%s: %v\n", name, errors.Unwrap(err))
	}
	cut := ""
	if len(input) > shownFinding {
		input, cut = input[:shownFinding], "…\n"
	}
	return fmt.Sprintf("commit %s with the mend:\n%s%s", name, input, cut)
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
	elapsedLine  = regexp.MustCompile(`(?m)^fuzz: elapsed: (\S+),`)
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

// isLate reports whether the fuzzer ended so long after its time that it may have killed a worker.
func isLate(text string, each time.Duration) bool {
	all := elapsedLine.FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return false
	}
	took, err := time.ParseDuration(all[len(all)-1][1])
	return err == nil && took >= each+late
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
