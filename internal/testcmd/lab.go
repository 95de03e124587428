package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/satchel-go/satchel/internal/mutants"
	"github.com/satchel-go/satchel/internal/walls"
)

// How long tests may take: all of a room as the code is, and those of one mutant beyond twice what all of the room took.
// What takes longer hangs.
const (
	soundLimit = 10 * time.Minute
	hangLimit  = 30 * time.Second
)

// verdict is what became of a test.
type verdict string

const (
	passes verdict = "PASSES"
	skips  verdict = "SKIPS"
	fails  verdict = "fails"
	hangs  verdict = "hangs" // until the limit
	dies   verdict = "dies"  // with its process, and without a word
)

// failed reports whether a test has seen that a rule is gone. To hang and to take the process down is to see it, too.
func (v verdict) failed() bool { return v == fails || v == hangs || v == dies }

// lab builds test binaries of mutated code and runs them. All mutants that change only functions are woven into one code, which
// is built once for each room; the others are built one by one.
type lab struct {
	*house

	dir   string                   // for what is built
	bins  map[string]string        // the test binaries of woven code, by room
	limit map[string]time.Duration // for the tests of one mutant, by room
	alone map[string]bool          // mutants that are built by themselves, by place
	wrong map[string]error         // mutants that do not compile, by place
}

var (
	errUnsound    = errors.New("a test that a mutant names does not pass as the code is")
	errNotCompile = errors.New("THE MUTANT DOES NOT COMPILE, so it shows nothing")
)

// weave builds all mutants, and leaves out those that do not compile.
func (l *lab) weave(ctx context.Context, all []mutants.Mutant) error {
	for round := 0; ; round++ {
		sound := slices.Clone(all)
		for i, m := range sound {
			if l.wrong[m.At] != nil {
				sound[i].Edits = nil
			}
		}
		woven, err := mutants.Weave(l.top, sound)
		if err != nil {
			return err
		}
		for _, i := range woven.Alone {
			l.alone[all[i].At] = true
		}
		overlay, err := l.overlay(fmt.Sprintf("woven-%d", round), woven.Files)
		if err != nil {
			return err
		}
		text, err := l.buildAll(ctx, all, overlay)
		if err == nil {
			return nil
		}
		found := false
		for _, m := range all {
			if strings.Contains(text, m.Mark()+":") {
				found = true
				l.wrong[m.At] = fmt.Errorf("%s: %w: %w\n%s", m.At, errNotCompile, err, text)
			}
		}
		if !found {
			return fmt.Errorf("build the mutants: %w\n%s", err, text)
		}
	}
}

// buildAll builds the woven code of each room.
func (l *lab) buildAll(ctx context.Context, all []mutants.Mutant, overlay string) (text string, err error) {
	for _, room := range roomsOfMutants(all) {
		if l.bins[room], text, err = l.build(ctx, room, "woven-"+strings.ReplaceAll(room, "/", "-"), overlay); err != nil {
			return text, err
		}
	}
	return "", nil
}

func roomsOfMutants(all []mutants.Mutant) []string {
	var rooms []string
	for _, m := range all {
		rooms = append(rooms, m.Rooms()...)
	}
	slices.Sort(rooms)
	return slices.Compact(rooms)
}

// soundAll sees that the tests of all mutants pass as the code is, each room's at once.
func (l *lab) soundAll(ctx context.Context, all []mutants.Mutant) error {
	var errs []error
	for _, room := range roomsOfMutants(all) {
		var names []string
		for _, m := range all {
			names = append(names, m.Tests(room)...)
		}
		slices.Sort(names)
		names = slices.Compact(names)
		began := time.Now()
		l.limit[room] = soundLimit
		got, err := l.run(ctx, room, l.bins[room], 0, names)
		if err != nil {
			return err
		}
		l.limit[room] = hangLimit + 2*time.Since(began)
		for _, name := range names {
			if got[name] != passes {
				errs = append(errs, fmt.Errorf("%w: %s in %s %s", errUnsound, name, room, got[name]))
			}
		}
	}
	return errors.Join(errs...)
}

// try runs the tests of one mutant, whose number counts from 1.
func (l *lab) try(ctx context.Context, number int, m mutants.Mutant) ([]seen, error) {
	if err := l.wrong[m.At]; err != nil {
		return nil, err
	}
	bins := l.bins
	if l.alone[m.At] {
		var err error
		if bins, err = l.buildAlone(ctx, number, m); err != nil {
			return nil, err
		}
	}
	var all []seen
	for _, room := range m.Rooms() {
		got, err := l.run(ctx, room, bins[room], number, m.Tests(room))
		if err != nil {
			return all, err
		}
		for _, test := range m.Tests(room) {
			all = append(all, seen{m, walls.Func{Room: room, Name: test}, got[test]})
		}
	}
	return all, nil
}

// buildAlone builds the tests of one mutant.
func (l *lab) buildAlone(ctx context.Context, number int, m mutants.Mutant) (map[string]string, error) {
	texts, err := m.Mutated(l.top)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("mutant-%d", number)
	overlay, err := l.overlay(name, texts)
	if err != nil {
		return nil, err
	}
	bins := map[string]string{}
	for _, room := range m.Rooms() {
		bin, text, err := l.build(ctx, room, name+"-"+strings.ReplaceAll(room, "/", "-"), overlay)
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %w\n%s", m.At, errNotCompile, err, text)
		}
		bins[room] = bin
	}
	return bins, nil
}

// overlay writes mutated files, and the text by which the go command takes them for the real ones.
func (l *lab) overlay(name string, texts map[string]string) (string, error) {
	dir := filepath.Join(l.dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("make room for a mutant: %w", err)
	}
	var overlay struct{ Replace map[string]string }
	overlay.Replace = map[string]string{}
	for file, text := range texts {
		mutated := filepath.Join(dir, strings.ReplaceAll(file, "/", "-"))
		overlay.Replace[l.path(file)] = mutated
		if err := os.WriteFile(mutated, []byte(text), 0o600); err != nil {
			return "", fmt.Errorf("write a mutant: %w", err)
		}
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		return "", fmt.Errorf("write a mutant: %w", err)
	}
	file := filepath.Join(dir, "overlay.json")
	return file, os.WriteFile(file, text, 0o600)
}

// build builds the test binary of a room, and returns what the compiler said.
func (l *lab) build(ctx context.Context, room, name, overlay string) (bin, text string, err error) {
	bin = filepath.Join(l.dir, name+".test")
	module := l.moduleOf(room)
	// Symbols are for debuggers, and half of the time that a link takes.
	args := []string{"test", "-c", "-vet=off", "-ldflags=-s -w", "-o", bin, "-overlay", overlay}
	var out bytes.Buffer
	cmd := l.builder(ctx, module, "go", append(args, inModule(module, room))...)
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	return bin, out.String(), err
}

// run runs tests of a room until each has a verdict: one that takes the process down keeps those behind it from running, and they
// are run again without it; so is one by itself that ran beside others when the process went down.
func (l *lab) run(ctx context.Context, room, bin string, number int, tests []string) (map[string]verdict, error) {
	got := map[string]verdict{}
	for groups := groupsOf(tests); len(groups) > 0; groups = groups[1:] {
		group := groups[0]
		var out bytes.Buffer
		cmd := l.command(ctx, room, bin, "-test.run="+patternOf(group), "-test.v=test2json",
			"-test.timeout="+l.limit[room].String(), "-test.count=1", "-test.paniconexit0")
		cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d", mutants.Variable, number))
		cmd.Stdout, cmd.Stderr = &out, &out
		runErr := cmd.Run()
		if ctx.Err() != nil {
			return nil, fmt.Errorf("stopped: %w", context.Cause(ctx))
		}
		verdicts := verdictsOf(out.String())
		var left []string
		for _, name := range group {
			switch v := verdicts[name]; {
			case v == "":
				left = append(left, name)
			case (v == dies || v == hangs) && strings.Contains(name, "/") && len(group) > 1:
				groups = append(groups, []string{name})
			default:
				got[name] = v
			}
		}
		if len(left) == len(group) {
			return nil, fmt.Errorf("%s: none of %v was run: %w\n%s", room, left, runErr, out.String())
		}
		if len(left) > 0 {
			groups = append(groups, left)
		}
	}
	return got, nil
}

// groupsOf divides tests into those that one pattern can name: those of the top level, and the subtests of each.
func groupsOf(tests []string) [][]string {
	groups := map[string][]string{}
	for _, name := range tests {
		outer, _, isSub := strings.Cut(name, "/")
		if !isSub {
			outer = ""
		}
		groups[outer] = append(groups[outer], name)
	}
	var all [][]string
	for _, outer := range slices.Sorted(maps.Keys(groups)) {
		all = append(all, groups[outer])
	}
	return all
}

// patternOf returns what -run takes for a group.
func patternOf(group []string) string {
	outer, _, isSub := strings.Cut(group[0], "/")
	if !isSub {
		return "^(" + strings.Join(group, "|") + ")$"
	}
	var names []string
	for _, name := range group {
		names = append(names, strings.TrimPrefix(name, outer+"/"))
	}
	return "^" + outer + "$/^(" + strings.Join(names, "|") + ")$"
}

// What a test binary says of a test, as -test.v=test2json marks it.
var (
	runLine     = regexp.MustCompile(`\x16=== RUN {3}(\S+)\n`)
	verdictLine = regexp.MustCompile(`\x16 *--- (PASS|FAIL|SKIP): (\S+) \(`)
	timeoutLine = regexp.MustCompile(`(?m)^panic: test timed out after `)
)

// verdictsOf reads what became of each test that was begun. One that was begun and has no verdict was running when the process
// went down.
func verdictsOf(text string) map[string]verdict {
	lost := dies
	if timeoutLine.MatchString(text) {
		lost = hangs
	}
	got := map[string]verdict{}
	for _, m := range runLine.FindAllStringSubmatch(text, -1) {
		got[m[1]] = lost
	}
	for _, m := range verdictLine.FindAllStringSubmatch(text, -1) {
		got[m[2]] = map[string]verdict{"PASS": passes, "FAIL": fails, "SKIP": skips}[m[1]]
	}
	return got
}
