package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/satchel-go/satchel/internal/tree"
	"github.com/satchel-go/satchel/internal/walls"
)

// tests vets and tests every module, each by itself, and the workspace as a whole if there is one.
//
// Tests run under the race detector, which needs a C compiler. Without one they run without it on a person's machine,
// and CI fails. The detector distorts how often a program allocates, so TestAlloc… run in a pass of their own, and with
// them TestKeysInTime in full, which takes ten times as long under the detector.
//
// Results are never taken from Go's cache: it does not know what e2e drives, which is programs that the tests build from
// another module's sources.
func (h *house) tests(ctx context.Context) {
	if _, err := os.Stat(h.path("go.work")); err == nil {
		h.step(ctx, "vet the workspace", func() (string, error) {
			cmd := h.builder(ctx, ".", "go", "vet", "work")
			cmd.Env = append(cmd.Env, "GOWORK="+h.path("go.work"))
			return "", cmd.Run()
		})
	}
	race := h.race(ctx)
	// The searches are of pure functions on one goroutine, where the detector finds nothing and takes minutes.
	gates := slices.Concat(h.source.TestsNamed("TestAlloc"), h.source.TestsNamed("TestSearch"), h.source.TestsNamed("TestKeysInTime"))
	if race { // what all link, built once, before two modules would build it at once
		h.step(ctx, "build for the race detector", func() (string, error) {
			return "", h.builder(ctx, ".", "go", "build", "-race", "./...").Run()
		})
	}
	h.inLanes(ctx, "test", func(h *house, m tree.Module) { h.testModule(ctx, m, race, gates) })
}

func (h *house) testModule(ctx context.Context, m tree.Module, race bool, gates []walls.Func) {
	h.step(ctx, "vet "+m.Dir, func() (string, error) { return "", h.builder(ctx, m.Dir, "go", "vet", "./...").Run() })
	h.step(ctx, "test "+m.Dir, func() (string, error) {
		if race {
			return h.goTest(ctx, m.Dir, "-race", "-shuffle=on", "-count=1", "-skip=^Test(Alloc|Search)", "./...")
		}
		return h.goTest(ctx, m.Dir, "-shuffle=on", "-count=1", "./...")
	})
	if race && h.has(m.Dir, gates) {
		h.step(ctx, "test without -race "+m.Dir, func() (string, error) {
			return h.goTest(ctx, m.Dir, append([]string{"-run=^Test(Alloc|Search|KeysInTime)"}, h.roomsOf(m.Dir, gates)...)...)
		})
	}
}

var errNoRace = errors.New("the race detector needs cgo and a C compiler, and CI must have it")

// race reports whether tests can run under the race detector here.
func (h *house) race(ctx context.Context) bool {
	cgo, _ := h.quietly(ctx, "go", "env", "CGO_ENABLED")
	cc, _ := h.quietly(ctx, "go", "env", "CC")
	compiler, _, _ := strings.Cut(cc, " ")
	_, err := exec.LookPath(compiler)
	switch {
	case cgo == "1" && err == nil:
		return true
	case h.ci:
		h.step(ctx, "look for a C compiler", func() (string, error) { return "", errNoRace })
	default:
		fmt.Fprintln(h.out, "There is no C compiler here, so the tests run without the race detector.")
	}
	return false
}

// goTest runs go test in a module; the note says how many tests there were. Vet has a step of its own, and would else look through all
// that is built for the race detector once more.
func (h *house) goTest(ctx context.Context, dir string, args ...string) (note string, err error) {
	return h.follow(h.tester(ctx, dir, append([]string{"-json", "-vet=off"}, args...)...))
}

// follow runs a go test -json and counts its tests.
func (h *house) follow(cmd *exec.Cmd) (note string, err error) {
	r, w := io.Pipe()
	cmd.Stdout = w
	type result struct {
		count count
		err   error
	}
	done := make(chan result, 1)
	go func() {
		c, err := readEvents(r, h.out)
		done <- result{c, err}
	}()
	err = cmd.Run()
	w.Close()
	got := <-done
	h.count = h.count.plus(got.count)
	if err != nil && got.count.failed == 0 {
		h.count.failed++ // go test could not even begin
	}
	return got.count.String(), errors.Join(err, got.err)
}

// api writes api.txt anew.
func (h *house) api(ctx context.Context) {
	h.step(ctx, "write api.txt", func() (string, error) {
		return "", h.command(ctx, ".", "go", "test", "-run=^TestExportedAPI$", "-count=1", ".", "-update").Run()
	})
}
